package main

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// withNorrby adds a second kommun, with its own team, to a place.
func withNorrby(t *testing.T, first, second string) *place {
	t.Helper()
	p, q := newPlace(t), new(place)
	for i := range 2 {
		private, public, err := note.GenerateKey(rand.Reader, "team.norrby")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if q.signer, err = note.NewSigner(private); err != nil {
				t.Fatal(err)
			}
		}
		q.pins = append(q.pins, public)
	}
	q.dir = t.TempDir()
	q.sign(t, "norrby", testNow)
	_, list, _ := strings.Cut(p.text, "kommuner:\n")
	other := strings.NewReplacer("id: vidby", "id: norrby", "Vidby kommun", "Norrby kommun", ".vidby.example",
		".norrby.example",
		"vidby.roster", q.dir+"/vidby.roster", p.pins[0], q.pins[0], p.pins[1], q.pins[1]).Replace(list)
	p.text = strings.Replace(p.text, "    leave:", first+"    leave:", 1) +
		strings.Replace(other, "    leave:", second+"    leave:", 1)
	return p
}

func TestPartnersNameEachOther(t *testing.T) {
	p := withNorrby(t, "    partners: [norrby]\n", "    partners: [vidby]\n")
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	page := (&public{tenant: checked.tenants[0], now: func() time.Time { return testNow }}).pageConfig(false)
	norrby := checked.tenants[1]
	if len(page.Partners) != 1 || page.Partners[0].ID != "norrby" || page.Partners[0].Name != "Norrby kommun" ||
		strings.Join(page.Partners[0].Pins, " ") != strings.Join(norrby.pinKeys(), " ") || len(norrby.pins) != 2 {
		t.Errorf("the page has %+v", page.Partners)
	}
	if other := (&public{tenant: norrby,
		now: func() time.Time { return testNow }}).pageConfig(false); len(other.Partners) != 1 ||
		other.Partners[0].ID != "vidby" {
		t.Errorf("the other side has %+v", other.Partners)
	}
}

func TestAPartnerIsNoneByOneSideAlone(t *testing.T) {
	for want, sides := range map[string][2]string{
		"both must agree": {"    partners: [norrby]\n", ""},
		"stands twice":    {"    partners: [norrby, norrby]\n", "    partners: [vidby]\n"},
	} {
		p := withNorrby(t, sides[0], sides[1])
		var wrong mistakes
		if err := p.load(t); !errors.As(err, &wrong) || len(wrong) != 1 || !strings.Contains(wrong[0].text, want) ||
			wrong[0].line != lineOf(p, "partners:") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A page that knows a kommun which is none of its own is a page that could be told to trust it.
func TestWhoHasNoPartnersHasNoneOnThePage(t *testing.T) {
	p := withNorrby(t, "", "")
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	page := (&public{tenant: checked.tenants[0], now: func() time.Time { return testNow }}).pageConfig(false)
	if page.Partners != nil {
		t.Errorf("the page has %+v", page.Partners)
	}
}
