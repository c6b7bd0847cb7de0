package testkit

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
)

// Now is noon of a day in which the right configuration is right.
var Now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// EnrolmentRequest is one of a device that nobody has the key of.
func EnrolmentRequest(kommun, alias string) ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return roster.SignEnrolment(kommun, key, []string{"sv", "en"}, alias)
}

// Folder is a folder with a right configuration in it.
type Folder struct {
	Dir    string
	Text   string
	Pins   []string
	Signer note.Signer
}

// RightConfig is a configuration with nothing wrong in it, but for PIN0 and PIN1.
const RightConfig = `redis:
  url: unix:///run/redis.sock
kommuner:
  - id: vidby
    name: Vidby kommun
    visitor: {origin: "https://kontakt.vidby.example", listen: "127.0.0.1:8080"}
    console: {origin: "https://svar.vidby.example", listen: "127.0.0.1:8080"}
    roster: vidby.roster
    pins:
      - PIN0
      - PIN1
    languages: [sv, en]
    hours:
      week: {mon: "08:00-21:00"}
      exceptions: {2026-12-24: closed}
    numbers:
      - national: emergency
      - id: kommun
        number: 08-530 610 00
        label: {sv: Växeln}
        verified: 2026-11-01
    claims:
      no_ip_stored: {by: "Karin Berg, IT-chef", on: 2026-11-01}
    retention: {live: 24h, message: 7d}
    leave: https://www.smhi.se/
    links: {report: "https://vidby.example/oro"}
`

// NewFolder writes a signed, empty roster into a new folder; the configuration is written by whoever has changed it.
func NewFolder(t *testing.T) *Folder {
	t.Helper()
	p := &Folder{Dir: t.TempDir()}
	for i := range 2 {
		private, public, err := note.GenerateKey(rand.Reader, "team.vidby")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if p.Signer, err = note.NewSigner(private); err != nil {
				t.Fatal(err)
			}
		}
		p.Pins = append(p.Pins, public)
	}
	p.Text = strings.NewReplacer("PIN0", p.Pins[0], "PIN1", p.Pins[1]).Replace(RightConfig)
	p.Sign(t, "vidby", Now)
	return p
}

// Sign replaces the roster by an empty one of kommun, signed at a time.
func (p *Folder) Sign(t *testing.T, kommun string, at time.Time) {
	t.Helper()
	r, err := roster.New(kommun).Renew(at)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, p.Signer)
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, "vidby.roster", signed)
}

// Write makes or replaces a file, and returns its path.
func (p *Folder) Write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(p.Dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// WithNorrby adds a second kommun, with its own team, to a place.
func WithNorrby(t *testing.T, first, second string) *Folder {
	t.Helper()
	p, q := NewFolder(t), new(Folder)
	for i := range 2 {
		private, public, err := note.GenerateKey(rand.Reader, "team.norrby")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if q.Signer, err = note.NewSigner(private); err != nil {
				t.Fatal(err)
			}
		}
		q.Pins = append(q.Pins, public)
	}
	q.Dir = t.TempDir()
	q.Sign(t, "norrby", Now)
	_, list, _ := strings.Cut(p.Text, "kommuner:\n")
	other := strings.NewReplacer("id: vidby", "id: norrby", "Vidby kommun", "Norrby kommun", ".vidby.example",
		".norrby.example",
		"vidby.roster", q.Dir+"/vidby.roster", p.Pins[0], q.Pins[0], p.Pins[1], q.Pins[1]).Replace(list)
	p.Text = strings.Replace(p.Text, "    leave:", first+"    leave:", 1) +
		strings.Replace(other, "    leave:", second+"    leave:", 1)
	return p
}

// Leave is the line of the right configuration before which tests put theirs.
const Leave = "    leave: https://www.smhi.se/\n"
