package repotest

import (
	"fmt"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// serverCrypto is all the cryptography that the module's own code may touch, with the reason. None of it opens a
// ciphertext: what is not here is refused, so that the next such package needs a line and a reason.
var serverCrypto = map[string]string{
	"crypto/ecdh":                       "the public half of the operator's key for Web Push, and whether a browser's is one",
	"crypto/ed25519":                    "signatures of rosters, enrolments and logins",
	"crypto/hmac":                       "signatures of webhooks, references in the access log",
	"crypto/rand":                       "nonces, incarnations and tags",
	"crypto/sha256":                     "device ids, capability hashes, transcripts, asset names",
	"crypto/sha512":                     "subresource hashes",
	"crypto/subtle":                     "comparing capabilities",
	"crypto/tls":                        "the listeners' own transport",
	"crypto/x509":                       "the listeners' own certificates",
	"golang.org/x/crypto/cryptobyte":    "an encoding, no cryptography",
	"golang.org/x/crypto/acme/autocert": "the listeners' own certificates",
	"golang.org/x/mod/sumdb/note":       "signed notes",
}

// libraryCrypto is what libraries bring along that none of our own code may import.
var libraryCrypto = map[string]string{
	"golang.org/x/crypto/hkdf": "webpush-go: encrypts the words of an alarm to a browser; it cannot decrypt",
	"golang.org/x/crypto/md4":  "go-mail: NTLM, a way to log in to mail servers",
}

// teamKeyFile is the one file that may open a ciphertext: the team lead's own key, on the team lead's own machine.
const teamKeyFile = "cmd/utvag/teamkey.go"

var cryptoPattern = regexp.MustCompile(
	`(?i)^crypto/|^golang\.org/x/crypto/|^filippo\.io/|crypt|cipher|[/.-](?:mls|hpke|aead|nacl|age|pgp|openpgp|jose|noise)(?:[/.-]|$)`,
)

// TestServerCannotDecrypt is what the safety claim e2ee_active names: no Go code of this repository can open what a
// visitor wrote, because nothing in it can open anything but a team key.
func TestServerCannotDecrypt(t *testing.T) {
	looked, excepted := 0, 0
	for _, p := range own(t) {
		for _, file := range p.GoFiles {
			path := filepath.Join(p.Dir, file)
			parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(p.name()+"/"+file, "/")
			for _, spec := range parsed.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				looked++
				if !cryptoPattern.MatchString(imported) || serverCrypto[imported] != "" {
					continue
				}
				if name == teamKeyFile && strings.HasPrefix(imported, "filippo.io/age") {
					excepted++
					continue
				}
				t.Errorf("%s imports %s: nothing here may decrypt", name, imported)
			}
		}
	}
	if looked < 100 || excepted == 0 {
		t.Errorf("%d imports were looked at, %d of them the team key's", looked, excepted)
	}
}

// Nor does anything in the binary's dependencies bring a decrypter along, other than what TLS (crypto/…, for the
// transport) and the team key file (filippo.io/age and below) need.
func TestDependenciesCannotDecrypt(t *testing.T) {
	all := make(map[string]*goPackage)
	for _, p := range list(t, "-deps", "./cmd/utvag") {
		all[p.ImportPath] = p
	}
	reached := make(map[string]string)
	var walk func(path, from string)
	walk = func(path, from string) {
		p := all[path]
		if p == nil || p.Standard || reached[path] != "" || strings.HasPrefix(path, "filippo.io/age") {
			return
		}
		reached[path] = from
		for _, next := range p.Imports {
			walk(next, path)
		}
	}
	walk(module+"/cmd/utvag", "-")
	if len(reached) < 20 {
		t.Fatalf("only %d packages were reached", len(reached))
	}
	for path, from := range reached {
		own := strings.HasPrefix(path, module)
		if !own && cryptoPattern.MatchString(path) && serverCrypto[path] == "" && libraryCrypto[path] == "" &&
			!strings.HasPrefix(path, "golang.org/x/crypto/cryptobyte/") {
			t.Errorf("%s comes in through %s: nothing here may decrypt", path, from)
		}
	}
}

// What shows a running process from within shows whom it serves.
func TestNothingShowsTheProcessFromWithin(t *testing.T) {
	deps := list(t, "-deps", "./cmd/utvag")
	if len(deps) < 100 {
		t.Fatalf("only %d packages", len(deps))
	}
	for _, p := range deps {
		if slices.Contains([]string{"net/http/pprof", "runtime/pprof", "runtime/trace", "expvar", "log/syslog"},
			p.ImportPath) {
			t.Errorf("the binary holds %s", p.ImportPath)
		}
	}
}

func TestCryptoPatternFindsWhatItShould(t *testing.T) {
	for path, want := range map[string]bool{
		"crypto/aes": true, "crypto/cipher": true, "crypto/hpke": true, "golang.org/x/crypto/nacl/box": true,
		"golang.org/x/crypto/chacha20poly1305": true,
		"filippo.io/age":                       true, "filippo.io/hpke": true, "github.com/someone/go-mls": true,
		"github.com/cloudflare/circl/hpke": true, "github.com/emersion/mls/v2": true,
		"net/http": false, "github.com/redis/go-redis/v9": false, "golang.org/x/text/language": false,
		"github.com/nicksnyder/go-i18n/v2/internal/plural": false,
	} {
		if got := cryptoPattern.MatchString(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// rule says what the packages under a path may import of this module and of others. The longest path that fits counts.
type rule struct {
	path   string
	own    []string // of this module, each with what is below it
	others []string // not of this module and not of the standard library
	never  []string // of the standard library
	why    string
}

// outside is what rules without I/O do without.
var outside = []string{"net", "net/http", "os", "os/exec", "syscall", "log", "log/slog", "database/sql"}

// rules is what those do without that have no clock and keep nothing, either.
var rules = append([]string{"context", "sync", "io", "bufio", "math/rand", "crypto/rand", "testing"}, outside...)

// The import table of the design. A new package needs a line here, with a reason.
var table = []rule{
	{"cmd/utvag", []string{"intake", "i18n", "internal/config", "internal/garbage", "internal/live", "internal/oncall",
		"internal/prober", "internal/quietlog", "internal/server"},
		[]string{"github.com/alecthomas/kong", "filippo.io/age", "golang.org/x/mod/sumdb/note", "golang.org/x/term"},
		[]string{"net/http", "database/sql"}, "parses, calls, prints; knows neither relay, store nor pages"},
	{"chat", nil, []string{"golang.org/x/crypto/cryptobyte"}, outside, "the protocol: no I/O, knows nobody"},
	{"chat/internal", []string{"chat"}, nil, nil, "writes the twins of Go's tables for TypeScript"},
	{"chat/internal/tuning", nil, nil, nil, "what tests alone change in a relay"},
	{"chat/relay", []string{"chat", "chat/internal/tuning"},
		[]string{"github.com/gorilla/websocket", "golang.org/x/time/rate"}, nil,
		"moves ciphertext; never knows intake, nor which store it has"},
	{"chat/chattest", []string{"chat", "chat/internal/tuning", "chat/relay", "internal/redisstore", "internal/redistest"},
		[]string{"github.com/gorilla/websocket", "pgregory.net/rapid",
			"github.com/alicebob/miniredis/v2"}, nil, "tests relays"},
	{"intake", []string{"intake"}, []string{"golang.org/x/mod/sumdb/note"}, outside, "rules: no I/O, never chat"},
	{"intake/duty", []string{"intake/escalation", "intake/hours", "intake/roster", "intake/rota"}, nil, rules,
		"who is on duty, who is called, when a break is allowed: facts in, answers out"},
	{"intake/escalation", nil, nil, rules, "who is called after how long: no I/O, no clock"},
	{"intake/alarm", []string{"intake", "i18n"}, nil, outside, "what an alarm is and says: no I/O"},
	{"intake/alarm/internal", []string{"intake/alarm"}, nil, []string{"os", "os/exec", "log", "log/slog"},
		"the channels' HTTP"},
	{"intake/alarm/ntfy", []string{"intake/alarm"}, nil, []string{"os", "os/exec", "log", "log/slog"},
		"a channel: it reaches out"},
	{"intake/alarm/sms", []string{"intake/alarm"}, nil, []string{"os", "os/exec", "log", "log/slog"},
		"a channel: it reaches out"},
	{"intake/alarm/smtp", []string{"intake/alarm"}, []string{"github.com/wneessen/go-mail"},
		[]string{"os", "os/exec", "log", "log/slog"}, "a channel: it reaches out"},
	{"intake/alarm/webhook", []string{"intake/alarm"}, nil, []string{"os", "os/exec", "log", "log/slog"},
		"a channel: it reaches out"},
	{"intake/alarm/webpush", []string{"intake/alarm"}, []string{"github.com/SherClockHolmes/webpush-go"},
		[]string{"os", "os/exec", "log", "log/slog"}, "a channel: it reaches out"},
	{"intake/hours", nil, []string{"github.com/rickar/cal"}, outside, "opening hours and holidays: no I/O"},
	{"intake/rota", []string{"intake/hours", "intake/roster"},
		[]string{"github.com/arran4/golang-ical",
			"github.com/teambition/rrule-go"}, outside, "who is on duty: no I/O; files from strangers"},
	{"intake/flow", []string{"intake", "i18n/legible", "internal/strictyaml"}, nil, outside,
		"the questions as data: no I/O"},
	{"intake/flow/internal", []string{"intake/flow", "i18n"}, nil, []string{"net", "net/http"},
		"writes the questions for TypeScript"},
	{"i18n", nil, []string{"github.com/nicksnyder/go-i18n/v2", "golang.org/x/text"},
		[]string{"net", "net/http", "os/exec"}, "texts"},
	{"web", []string{"i18n"}, []string{"github.com/andybalholm/brotli"}, nil, "pages; never knows chat or intake"},
	{"web/internal", []string{"web", "i18n", "intake/flow"},
		[]string{"github.com/evanw/esbuild", "github.com/andybalholm/brotli"}, nil, "builds the pages"},
	{"internal/redisstore", []string{"chat", "chat/relay"},
		[]string{"github.com/redis/go-redis/v9", "github.com/alicebob/miniredis/v2"}, nil, "the only importer of go-redis"},
	{"internal/prober", nil, []string{"github.com/chromedp/chromedp"}, nil,
		"drives the visitor's page in a Chromium; knows nothing of the server"},
	{"internal/config", []string{"chat", "intake", "i18n", "internal/strictyaml"}, nil,
		[]string{"net/http", "os/exec", "syscall", "log", "log/slog"},
		"reads files and judges them; knows neither relay, store nor pages, and talks to nobody"},
	{"internal/live", []string{"intake", "internal/config"}, nil, []string{"net", "os/exec", "syscall"},
		"reads again what ages; knows neither relay, store nor pages"},
	{"internal/oncall", []string{"chat", "chat/relay", "intake", "internal/config", "internal/live",
		"internal/redisstore"},
		nil, []string{"net", "net/http", "os", "syscall"},
		"the loop of duty and escalation: alarms, channels, key packages; knows no web"},
	{"internal/server", []string{"chat", "chat/relay", "i18n", "intake", "web", "internal/config", "internal/live",
		"internal/oncall", "internal/quietlog", "internal/redisstore"},
		[]string{"golang.org/x/mod/sumdb/note", "github.com/alicebob/miniredis/v2"}, []string{"os/exec", "database/sql"},
		"joins pages, relay and on call into what serve and demo run"},
	{"internal/testkit", []string{"intake"}, []string{"golang.org/x/mod/sumdb/note"}, nil,
		"what tests share; below internal/config, whose tests use it"},
	{"internal/mailtest", nil, nil, nil, "a mail server for tests"},
	{"internal/redistest", nil, []string{"github.com/alicebob/miniredis/v2"}, nil, "Redis servers for tests"},
	{"internal/strictyaml", nil, []string{"github.com/goccy/go-yaml"}, outside, "YAML that people write by hand"},
	{"internal/quietlog", nil, nil, nil, "logs; knows nobody"},
	{"internal/garbage", nil, nil, nil, "the pace at which Go collects"},
	{"internal/repotest", nil, nil, nil, "these tests"},
	{"internal/junitsum", nil, nil, nil, "adds up what the test runners report"},
	{"internal/clockshift", nil, nil, nil, "runs tests on another day"},
	{"faults", []string{"chat", "chat/chattest", "intake/roster", "internal/redistest"},
		[]string{"golang.org/x/mod/sumdb/note"}, nil, "drives real processes and judges what came; makes a roster for them"},
	{"bench", []string{"chat", "chat/relay", "chat/chattest", "internal/garbage", "internal/redisstore"}, []string{
		"github.com/gorilla/websocket", "github.com/redis/go-redis/v9",
	}, nil, "measures the relay beside bare references, which have a Redis client of their own"},
}

// exceptions are single imports that the table forbids, with the reason.
var exceptions = map[string]string{}

func ruleFor(name string) *rule {
	var best *rule
	for i := range table {
		if under(name, table[i].path) && (best == nil || len(table[i].path) > len(best.path)) {
			best = &table[i]
		}
	}
	return best
}

func under(name, path string) bool { return name == path || strings.HasPrefix(name, path+"/") }

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// breaks says why a package may not import another, or "".
func breaks(name, imported string) string {
	r := ruleFor(name)
	if r == nil {
		return "the package has no line in the import table"
	}
	inside, own := strings.CutPrefix(imported, module+"/")
	switch {
	case exceptions[name+" "+imported] != "":
		return ""
	case own:
		// A rule names chat alone where it means the protocol alone.
		if slices.ContainsFunc(r.own, func(p string) bool { return inside == p || under(inside, p) && p != "chat" }) ||
			under(inside, r.path) && r.path != "chat" {
			return ""
		}
	case standard(imported):
		// What is below a forbidden package is forbidden too, but net/url and net/netip are no I/O.
		if !slices.ContainsFunc(r.never, func(p string) bool { return imported == p || p != "net" && under(imported, p) }) {
			return ""
		}
	default:
		if slices.ContainsFunc(r.others, func(p string) bool { return under(imported, p) }) {
			return ""
		}
	}
	return fmt.Sprintf("%s: %s", r.path, r.why)
}

func TestImportTable(t *testing.T) {
	looked := 0
	for _, p := range own(t) {
		for _, imported := range p.Imports {
			looked++
			if why := breaks(p.name(), imported); why != "" {
				t.Errorf("%s may not import %s (%s)", p.name(), imported, why)
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d imports were looked at", looked)
	}
}

func TestImportTableCanBreak(t *testing.T) {
	for _, c := range []struct {
		name, imported string
		allowed        bool
	}{
		{"chat", module + "/intake/roster", false}, {"chat", "net/http", false}, {"chat", "net/http/pprof", false}, {"chat",
			"net/netip", true}, {"chat", module + "/chat/relay", false},
		{"chat/relay", module + "/intake/roster", false}, {"chat/relay", module + "/internal/redisstore",
			false}, {"chat/relay", module + "/chat", true},
		{"chat/relay", "github.com/redis/go-redis/v9", false}, {"intake/roster", module + "/chat", false}, {"intake/claims",
			"os", false},
		{"intake/claims", module + "/intake/roster", true}, {"web", module + "/chat", false}, {"web",
			module + "/intake/claims", false}, {"web", module + "/i18n", true},
		{"internal/redisstore", "github.com/redis/go-redis/v9/internal", true}, {"cmd/utvag", "github.com/redis/go-redis/v9",
			false}, {"cmd/utvag", module + "/chat/chattest", false},
		{"cmd/utvag", module + "/chat/relay", false}, {"cmd/utvag", module + "/internal/redisstore", false},
		{"cmd/utvag", module + "/web", false}, {"cmd/utvag", module + "/internal/testkit", false},
		{"cmd/utvag", module + "/internal/server", true}, {"cmd/utvag", "net/http", false},
		{"intake/duty", "os", false}, {"intake/duty", "net", false}, {"intake/duty", "sync", false},
		{"intake/duty", "context", false}, {"intake/duty", module + "/chat", false}, {"intake/duty", "time", true},
		{"intake/duty", module + "/intake/rota", true}, {"intake/escalation", module + "/intake/duty", false},
		{"internal/oncall", module + "/web", false}, {"internal/oncall", "net/http", false},
		{"internal/oncall", "net", false}, {"internal/oncall", module + "/internal/server", false},
		{"internal/oncall", module + "/chat/relay", true}, {"internal/live", module + "/internal/oncall", false},
		{"internal/server", module + "/web", true}, {"internal/server", module + "/internal/testkit", false},
		{"internal/config", module + "/web", false}, {"internal/config", module + "/chat/relay", false},
		{"internal/config", module + "/internal/redisstore", false}, {"internal/config", "net/http", false},
		{"internal/config", module + "/intake/roster", true}, {"internal/testkit", module + "/internal/config", false},
		{"internal/live", module + "/internal/config", true}, {"internal/live", module + "/web", false},
		{"internal/live", module + "/internal/redisstore", false}, {"internal/config", module + "/internal/live", false},
		{"newcomer", "fmt", false}, {"internal/quietlog", "log/slog", true},
	} {
		if got := breaks(c.name, c.imported) == ""; got != c.allowed {
			t.Errorf("%s importing %s: allowed %v", c.name, c.imported, got)
		}
	}
}
