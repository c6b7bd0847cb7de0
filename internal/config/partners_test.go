package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/utvag/utvag/internal/testkit"
)

func TestAPartnerIsNoneByOneSideAlone(t *testing.T) {
	for want, sides := range map[string][2]string{
		"both must agree": {"    partners: [norrby]\n", ""},
		"stands twice":    {"    partners: [norrby, norrby]\n", "    partners: [vidby]\n"},
	} {
		p := testkit.WithNorrby(t, sides[0], sides[1])
		var wrong Mistakes
		if err := loadFolder(t, p); !errors.As(err, &wrong) || len(wrong) != 1 || !strings.Contains(wrong[0].Text, want) ||
			wrong[0].Line != lineOf(p, "partners:") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestPartnersNameEachOther(t *testing.T) {
	p := testkit.WithNorrby(t, "    partners: [norrby]\n", "    partners: [vidby]\n")
	checked, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	vidby, norrby := checked.Kommuner[0], checked.Kommuner[1]
	if len(vidby.Partners) != 1 || vidby.Partners[0] != norrby || len(norrby.Partners) != 1 ||
		norrby.Partners[0] != vidby {
		t.Errorf("%s has %v, %s has %v", vidby.ID, vidby.Partners, norrby.ID, norrby.Partners)
	}
}
