package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/testkit"
)

// A certificate for another name would be found out by the first visitor.
func TestCertificatesAreForTheOrigins(t *testing.T) {
	p := testkit.NewFolder(t)
	testkit.Certify(t, p.Dir, "a", time.Now(), "kontakt.vidby.example")
	text := strings.NewReplacer("127.0.0.1:8080", "0.0.0.0:8443", "kommuner:",
		"tls:\n  - {cert: a.crt, key: a.key}\nkommuner:").Replace(p.Text)
	_, err := Load(p.Write(t, "utvag.yaml", []byte(text)), testkit.Now)
	var wrong Mistakes
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	missing := slices.DeleteFunc(slices.Clone(wrong), func(m Mistake) bool {
		return !strings.Contains(m.Text, "no certificate under tls is for svar.vidby.example")
	})
	if len(missing) != 1 || strings.Contains(err.Error(), "is for kontakt.vidby.example") {
		t.Errorf("got %v", err)
	}
}
