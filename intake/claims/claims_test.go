package claims

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/i18n"
)

const root = "../.."

// A claim whose test was renamed or deleted is proven by nothing.
func TestNamedTestsExist(t *testing.T) {
	proven := 0
	for _, c := range Registry {
		if len(c.Tests) == 0 && !c.Vouched &&
			slices.Contains(Holding(map[string]Vouch{c.Name: {"Karin", time.Now()}}, time.Now()), c.Name) {
			t.Errorf("%s: holds, with neither a test nor a person behind it", c.Name)
		}
		for _, named := range c.Tests {
			if err := exists(named); err != "" {
				t.Errorf("%s: %s: %s", c.Name, named.File, err)
			}
			proven++
		}
	}
	if proven == 0 {
		t.Error("no test was looked for")
	}
}

func exists(named Test) string {
	path := filepath.Join(root, filepath.FromSlash(named.File))
	if strings.HasSuffix(named.File, ".ts") {
		text, err := os.ReadFile(path)
		if err != nil {
			return "there is no such file"
		}
		title := regexp.MustCompile(`(?m)^\s*(?:test|it)\(\s*["'` + "`]" + regexp.QuoteMeta(named.Name) + "[\"'`]")
		if !title.Match(text) {
			return "there is no test " + named.Name
		}
		return ""
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return "there is no such file"
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && f.Name.Name == named.Name && strings.HasPrefix(named.Name, "Test") &&
			strings.HasSuffix(named.File, "_test.go") {
			return ""
		}
	}
	return "there is no test " + named.Name
}

func TestExistsCanFail(t *testing.T) {
	for _, named := range []Test{
		{"intake/claims/claims_test.go", "TestNoSuchTest"},
		{"intake/claims/no_such_test.go", "TestNamedTestsExist"},
		{"intake/claims/claims_test.go", "exists"},
	} {
		if exists(named) == "" {
			t.Errorf("%v was found", named)
		}
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestVouchEnds(t *testing.T) {
	v := Vouch{By: "Karin Berg, IT-chef", On: day("2026-01-10")}
	for at, want := range map[string]bool{
		"2026-01-08": false, "2026-01-10": true, "2027-01-09": true, "2027-01-10": false, "2030-01-01": false,
	} {
		if got := v.Holds(day(at)); got != want {
			t.Errorf("on %s: %v", at, got)
		}
	}
	for _, v := range []Vouch{{}, {By: "Karin"}, {On: day("2026-01-10")}, {By: " ", On: day("2026-01-10")}} {
		if v.Holds(day("2026-02-01")) {
			t.Errorf("%+v holds", v)
		}
	}
}

func TestHolding(t *testing.T) {
	now := day("2026-11-22")
	for _, name := range Holding(nil, now) {
		if c, _ := Find(name); c.Vouched {
			t.Errorf("%s holds without anybody's word", name)
		}
	}
	word := map[string]Vouch{"no_ip_stored": {"Karin", day("2026-11-01")},
		"no_police_accounts": {"Karin", day("2025-11-01")}}
	holding := Holding(word, now)
	if !slices.Contains(holding, "no_ip_stored") || slices.Contains(holding, "no_police_accounts") {
		t.Errorf("holding: %v", holding)
	}
	report := strings.Join(Report(word, now), "\n")
	if !strings.Contains(report, "no_police_accounts does not hold") || strings.Contains(report, "no_ip_stored") {
		t.Errorf("report: %s", report)
	}
	if got, want := len(Report(nil, now)), len(Registry)-len(Holding(nil, now)); got != want {
		t.Errorf("%d lines for %d claims that do not hold", got, want)
	}
}

// What a sentence hangs on is registered, and what is registered has a sentence.
func TestCatalogsNameTheseClaims(t *testing.T) {
	conditions, err := i18n.Conditions()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for key, c := range conditions {
		if c.Claim == "" {
			continue
		}
		named[c.Claim] = true
		if _, ok := Find(c.Claim); !ok {
			t.Errorf("%s hangs on %s, which is not registered", key, c.Claim)
		}
	}
	for _, c := range Registry {
		if !named[c.Name] {
			t.Errorf("no sentence hangs on %s", c.Name)
		}
	}
}
