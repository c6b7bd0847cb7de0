package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/internal/testkit"
)

func TestRightConfig(t *testing.T) {
	p := testkit.NewFolder(t)
	checked, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	k := checked.Kommuner[0]
	if k.Live() != 24*time.Hour || k.Message() != 7*24*time.Hour || len(k.Pins) != 2 || len(k.Numbers) != 2 ||
		k.Hours == nil ||
		k.Visitor.Host != "kontakt.vidby.example" || k.Vouches["no_ip_stored"].By == "" || !filepath.IsAbs(k.RosterFile) {
		t.Errorf("read as %+v", k)
	}
}

// A draft is offered only because the configuration names it, and the log of each start says so.
func TestDraftsAreReported(t *testing.T) {
	p := testkit.NewFolder(t)
	checked, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Join(checked.Kommuner[0].Report(testkit.Now), "\n")
	if !strings.Contains(lines, "drafts that nobody has reviewed") || !strings.HasSuffix(lines, ": sv, en") {
		t.Errorf("the report says:\n%s", lines)
	}
}

// Each case changes one thing; the line that is named is that of the change, and the sentence says what to do.
func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	_, foreign, err := note.GenerateKey(rand.Reader, "team.annanby")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, line, want string }{
		{"unknown field", "    leave: https", "    laeve: x\n    leave: https", "laeve", "unknown field"},
		{"unknown field in a short form", "listen: \"127.0.0.1:8080\"}\n    console",
			"lisen: x, listen: \"127.0.0.1:8080\"}\n    console", "lisen", "known here: listen, origin"},
		{"a key twice", "    name: Vidby kommun", "    name: Vidby kommun\n    name: Vidby", "    name: Vidby\n", "twice"},
		{"no language", "    languages: [sv, en]\n", "", "  - id", "drafts that nobody has reviewed"},
		{"a language that is none", "[sv, en]", "[sv, english]", "languages", "no such language; known are sv, en"},
		{"a language twice", "[sv, en]", "[sv, en, en]", "languages", "en stands twice"},
		{"Swedish is not first", "[sv, en]", "[en, sv]", "languages", "write sv first"},
		{"no redis", "redis:\n  url: unix:///run/redis.sock\n", "", "", "no url"},
		{"wrong redis", "unix:///run", "http://run", "  url:", "redis://"},
		{"redis without a path", "unix:///run/redis.sock", "unix://", "  url:", "no path"},
		{"no id", "  - id: vidby\n    name", "  - name", "  - name:", "no id"},
		{"bad id", "id: vidby", "id: Vidby!", "id: Vidby!", "not a kommun id"},
		{"no name", "    name: Vidby kommun\n", "", "", "no name"},
		{"name of spaces", "name: Vidby kommun", "name: ' '", "", "no name"},
		{"one pin", "      - PIN1\n", "", "pins:", "at least two"},
		{"the same pin twice", "- PIN1", "- PIN0", "#2 PIN0", "pinned twice"},
		{"pin of another kommun", "- PIN1", "- " + foreign, foreign, "named «team.annanby»"},
		{"pin cut short", "- PIN1", "- team.vidby+12345678+AAAA", "- team.vidby+12345678", "not a verifier key"},
		{"no roster", "    roster: vidby.roster\n", "", "", "no roster"},
		{"roster missing", "roster: vidby.roster", "roster: no.roster", "no.roster", "utvag roster add"},
		{"other origin than https", "https://kontakt.vidby.example", "http://kontakt.vidby.example", "kontakt", "not https"},
		{"origin with a path", "https://kontakt.vidby.example", "https://kontakt.vidby.example/", "kontakt", "not an origin"},
		{"origin in capitals", "https://kontakt.vidby.example", "https://Kontakt.vidby.example", "Kontakt", "not an origin"},
		{"origin with the usual port", "https://kontakt.vidby.example", "https://kontakt.vidby.example:443", "kontakt",
			"usual port"},
		{"same origin for both", "https://svar.vidby.example", "https://kontakt.vidby.example", "console", "its own"},
		{"beyond loopback without TLS", `svar.vidby.example", listen: "127.0.0.1:8080"`,
			`svar.vidby.example", listen: "0.0.0.0:8080"`, "0.0.0.0", "without TLS"},
		{"beyond loopback, IPv6", `svar.vidby.example", listen: "127.0.0.1:8080"`, `svar.vidby.example", listen: "[::]:8080"`,
			"[::]", "without TLS"},
		{"listen without a port", `svar.vidby.example", listen: "127.0.0.1:8080"`, `svar.vidby.example", listen: "127.0.0.1"`,
			"console", "not address:port"},
		{"listen on a name", `svar.vidby.example", listen: "127.0.0.1:8080"`, `svar.vidby.example", listen: "localhost:8080"`,
			"console", "not address:port"},
		{"listen on port 0", `svar.vidby.example", listen: "127.0.0.1:8080"`, `svar.vidby.example", listen: "127.0.0.1:0"`,
			"console", "not address:port"},
		{"socket with a short path", `svar.vidby.example", listen: "127.0.0.1:8080"`,
			`svar.vidby.example", listen: "unix:web.sock"`, "console", "absolute"},
		{"no certificate there", "kommuner:", "tls:\n  - {cert: a.pem, key: b.pem}\nkommuner:", "a.pem",
			"certificate cannot be used"},
		{"certificate without a key", "kommuner:", "tls:\n  - {cert: a.pem}\nkommuner:", "a.pem", "both"},
		{"bad zone", "    hours:\n", "    hours:\n      zone: Europe/Vidby\n", "zone", "IANA"},
		{"bad day", "week: {mon:", "week: {monday:", "monday", "not a day"},
		{"bad hours", `mon: "08:00-21:00"`, `mon: 8-21`, "mon: 8-21", "08:00-12:00"},
		{"bad exception", "2026-12-24: closed", "2026-12-32: closed", "2026-12-32", "not a date"},
		{"112 missing", "      - national: emergency\n", "", "numbers:", "112"},
		{"unknown national number", "national: emergency", "national: emergency\n      - national: orostelefonen",
			"orostelefonen", "national list"},
		{"texts beside a national number", "national: emergency", "national: emergency\n        number: 113",
			"national: emergency", "only verified"},
		{"bad number", "08-530 610 00", "08/530", "08/530", "telephone number"},
		{"number never verified", "        verified: 2026-11-01\n", "", "- id: kommun", "no verified"},
		{"bad date", "verified: 2026-11-01", "verified: 1 nov", "1 nov", "not a date"},
		{"number without a Swedish label", "label: {sv: Växeln}", "label: {en: Office}", "label: {en", "Swedish"},
		{"bad validity", "verified: 2026-11-01", "verified: 2026-11-01\n        valid: 900d", "900d", "366d"},
		{"unknown claim", "no_ip_stored:", "no_cookies:", "no_cookies", "unknown claim"},
		{"claim that tests prove", "no_ip_stored:", "e2ee_active:", "e2ee_active", "leave it out"},
		{"nobody vouches", `by: "Karin Berg, IT-chef", `, "", "no_ip_stored", "no by"},
		{"vouched without a day", ", on: 2026-11-01}", "}", "no_ip_stored", "no on"},
		{"vouched in the future", ", on: 2026-11-01}", ", on: 2027-11-01}", "2027-11-01", "still to come"},
		{"bad retention", "live: 24h", "live: 90m", "90m", "whole hours"},
		{"retention too long", "message: 7d", "message: 90d", "90d", "1d to 30d"},
		{"retention without a unit", "live: 24h", "live: 24", "live: 24", "whole hours"},
		{"no retention", "    retention: {live: 24h, message: 7d}\n", "", "", "no live"},
		{"no leave", "    leave: https://www.smhi.se/\n", "", "", "no leave"},
		{"leave by script", "leave: https://www.smhi.se/", "leave: 'javascript:alert(1)'", "javascript", "not a link"},
		{"link without https", "https://vidby.example/oro", "http://vidby.example/oro", "report", "not a link"},
		{"partner of oneself", "    leave: https", "    partners: [vidby]\n    leave: https", "partners",
			"the kommun itself"},
		{"partner that is not here", "    leave: https", "    partners: [norrby]\n    leave: https", "partners",
			"no kommun of this file"},
		{"not YAML", "kommuner:", "kommuner: [", "kommuner", "not YAML"},
		{"a list where a value belongs", "name: Vidby kommun", "name: [a, b]", "name: [a", "one value"},
		{"a value where a list belongs", "      - national: emergency", "      emergency", "numbers:", "list"},
		{"an anchor", "name: Vidby kommun", "name: &a Vidby", "name: &a", "anchors"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := testkit.NewFolder(t)
			fill := strings.NewReplacer("PIN0", p.Pins[0], "PIN1", p.Pins[1], "#2 PIN0", "")
			if c.name == "a value where a list belongs" {
				start, end := strings.Index(p.Text, "      - national"), strings.Index(p.Text, "    claims:")
				p.Text = p.Text[:start] + "      emergency\n" + p.Text[end:]
			} else {
				changed := strings.Replace(p.Text, fill.Replace(c.old), fill.Replace(c.new), 1)
				if changed == p.Text {
					t.Fatal("nothing was changed")
				}
				p.Text = changed
			}
			err := loadFolder(t, p)
			var wrong Mistakes
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			for _, m := range wrong {
				if strings.Contains(m.Text, c.want) && (c.line == "" || m.Line == lineOf(p, c.line)) {
					return
				}
			}
			t.Errorf("no mistake says %q at line %d:\n%s", c.want, lineOf(p, c.line), wrong)
		})
	}
}

func lineOf(p *testkit.Folder, part string) int {
	skip := 0
	if rest, ok := strings.CutPrefix(part, "#2 "); ok {
		part, skip = strings.Replace(rest, "PIN0", p.Pins[0], 1), 1
	}
	for i, line := range strings.SplitAfter(p.Text, "\n") {
		if strings.Contains(line, part) {
			if skip == 0 {
				return i + 1
			}
			skip--
		}
	}
	return 0
}

func TestAllMistakesAtOnce(t *testing.T) {
	p := testkit.NewFolder(t)
	for _, change := range [][2]string{
		{"id: vidby", "id: vidby\n    colour: red"}, {"live: 24h", "live: soon"}, {"leave: https", "leave: ftp"}, {"mon:",
			"moon:"},
	} {
		p.Text = strings.Replace(p.Text, change[0], change[1], 1)
	}
	var wrong Mistakes
	if err := loadFolder(t, p); !errors.As(err, &wrong) || len(wrong) != 4 {
		t.Fatalf("%d mistakes:\n%v", len(wrong), err)
	}
	for i := 1; i < len(wrong); i++ {
		if wrong[i-1].Line > wrong[i].Line {
			t.Errorf("the mistakes are not in the order of their lines:\n%s", wrong)
		}
	}
	if !strings.HasPrefix(wrong[0].String(), filepath.Join(p.Dir, "utvag.yaml")+":5: ") {
		t.Errorf("the first does not begin with file and line: %s", wrong[0])
	}
}

func TestRosterIsJudged(t *testing.T) {
	for want, spoil := range map[string]func(*testkit.Folder){
		"roster renew":   func(p *testkit.Folder) { p.Sign(t, "vidby", testkit.Now.AddDate(0, 0, -8)) },
		"another kommun": func(p *testkit.Folder) { p.Sign(t, "annanby", testkit.Now) },
		"clock":          func(p *testkit.Folder) { p.Sign(t, "vidby", testkit.Now.AddDate(0, 0, 3)) },
		"malformed":      func(p *testkit.Folder) { p.Write(t, "vidby.roster", []byte("hello")) },
		"pinned team key": func(p *testkit.Folder) {
			q := testkit.NewFolder(t)
			p.Signer = q.Signer
			p.Sign(t, "vidby", testkit.Now)
		},
		"larger than 16384 ": func(p *testkit.Folder) { p.Write(t, "vidby.roster", make([]byte, 1<<20)) },
	} {
		p := testkit.NewFolder(t)
		spoil(p)
		var wrong Mistakes
		if err := loadFolder(t, p); !errors.As(err, &wrong) || len(wrong) != 1 || !strings.Contains(wrong[0].Text, want) ||
			wrong[0].Line != lineOf(p, "roster:") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestTwoKommuner(t *testing.T) {
	p := testkit.NewFolder(t)
	_, list, _ := strings.Cut(p.Text, "kommuner:\n")
	second := strings.NewReplacer("id: vidby", "id: norrby", "team.vidby", "team.norrby").Replace(list)
	p.Text += second
	var wrong Mistakes
	if err := loadFolder(t, p); !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), "has this origin already") {
		t.Errorf("two kommuner with one origin: %v", err)
	}
	p.Text = strings.Replace(p.Text, "id: norrby", "id: vidby", 1)
	if err := loadFolder(t, p); !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), "is named «vidby» already") {
		t.Errorf("two kommuner with one id: %v", err)
	}
}

func TestPasswordStaysOutOfMistakes(t *testing.T) {
	p := testkit.NewFolder(t)
	p.Text = strings.Replace(p.Text, "unix:///run/redis.sock", "redis://:hunter2@", 1)
	if err := loadFolder(t, p); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(testkit.RightConfig)
	for _, seed := range []string{"", "a: b", "kommuner: [{}]", "kommuner:\n  - <<: *x", "? a\n: b", "- a", "!!binary x",
		"a: &a [*a]", "redis: {url: [}", "---\n---\n", "kommuner: {a: b}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		config, s := decode("f", []byte(text))
		if (config == nil) && len(s.mistakes) == 0 {
			t.Error("nothing was read, and nothing is wrong")
		}
		for _, m := range s.mistakes {
			if m.Line < 1 || m.Text == "" {
				t.Errorf("a mistake without a place or a text: %q", fmt.Sprint(m))
			}
		}
		if config != nil {
			// No text of a fuzzer's names files to read.
			s.inMemory, config.Redis.PasswordFile, config.TLS = true, "", nil
			s.check(config, testkit.Now)
		}
	})
}

// loadFolder is the error of the place's configuration.
func loadFolder(t *testing.T, p *testkit.Folder) error {
	t.Helper()
	_, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	return err
}
