package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const root = "../.."

func all(t *testing.T) []*mutant {
	t.Helper()
	mutants, err := readMutants(root)
	if err != nil {
		t.Fatal(err)
	}
	return mutants
}

// A patch that does not apply any more proves nothing: mend it with what has moved it.
func TestEveryPatchApplies(t *testing.T) {
	for _, m := range all(t) {
		if err := applyDiff(root, m.diff, "--check"); err != nil {
			t.Errorf("%s: %v", m.id, err)
		}
	}
}

func TestEveryPatchNamesRulesAndATest(t *testing.T) {
	rules, err := readRules(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all(t) {
		for _, id := range m.breaks {
			if !slices.ContainsFunc(rules, func(r rule) bool { return r.id == id }) {
				t.Errorf("%s breaks «%s», which no document knows", m.id, id)
			}
		}
		if why := missing(m.test); why != "" {
			t.Errorf("%s: %s", m.id, why)
		}
	}
}

// literal is a text with which something is called; hole is what «each» fills in.
var (
	literal = regexp.MustCompile(`\(\s*"((?:[^"\\]|\\.)+)"`)
	hole    = regexp.MustCompile(`%[a-z]|\\\$[a-z]+`)
)

// titled reports whether a name is put together of the titles in a file, with or without one around the other. What
// «each» fills in has to stand in a vector, where it is quoted.
func titled(text, vectors, name string) bool {
	titles := []string{""}
	for _, match := range literal.FindAllStringSubmatch(text, -1) {
		if title, err := strconv.Unquote(`"` + match[1] + `"`); err == nil {
			titles = append(titles, title)
		}
	}
	for _, around := range titles {
		inner, ok := strings.CutPrefix(name, around)
		if !ok {
			continue
		}
		for _, title := range titles[1:] {
			form := hole.ReplaceAllString(regexp.QuoteMeta(title), "(.+)")
			match := regexp.MustCompile("^" + form + "$").FindStringSubmatch(strings.TrimPrefix(inner, " "))
			if match == nil {
				continue
			}
			filled := strings.Trim(strings.Join(match[1:], ""), "'")
			if form != "(.+)" || strings.Contains(vectors+text, strconv.Quote(filled)) {
				return true
			}
		}
	}
	return tabled(text, name)
}

// tabled reports whether a name is put together of a table's key and the name of one of its rows.
func tabled(text, name string) bool {
	for i, char := range name {
		key, row := name[:i], strings.TrimPrefix(name[i:], " ")
		if char == ' ' && regexp.MustCompile(`\[\s*`+regexp.QuoteMeta(strconv.Quote(row))+",").MatchString(text) &&
			(strings.Contains(text, strconv.Quote(key)+": [") || strings.Contains(text, "  "+key+": [")) {
			return true
		}
	}
	return false
}

// missing says why a test cannot be there, as far as its source tells. `make mutants` sees it run.
func missing(n named) string {
	if n.runner == "vitest" {
		text, err := os.ReadFile(filepath.Join(root, "web", n.place))
		if err != nil {
			return "there is no " + n.place
		}
		var vectors strings.Builder
		files, _ := filepath.Glob(filepath.Join(root, "spec/vectors/*.json"))
		for _, file := range files {
			some, _ := os.ReadFile(file)
			vectors.Write(some)
		}
		if !titled(string(text), vectors.String(), n.name) {
			return "no title in " + n.place + " is that of «" + n.name + "»"
		}
		return ""
	}
	first, _, _ := strings.Cut(n.name, "/")
	function := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(first) + `\(`)
	files, _ := filepath.Glob(filepath.Join(root, n.place, "*_test.go"))
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && function.Match(text) {
			return ""
		}
	}
	return "there is no " + first + " in " + n.place
}

func TestTitlesAreFound(t *testing.T) {
	const text = `describe("a device", () => {
  test("is \"ours\"", () => {});
  test.each([1])("after %i it comes back", () => {});
  test.each(cases("work", []))("$name", (c) => {});
});
const rows = {
  "once or": [["twice", 1]],
  never: [["again", 1]],
};`
	for name, want := range map[string]bool{
		`a device is "ours"`: true, `is "ours"`: true, "a device after 7 it comes back": true, "a device 'with one'": true,
		"once or twice": true, "never again": true, "never twice or": false,
		"a device is theirs": false, "a device 'with two'": false,
		"a device": true, "another is \"ours\"": false,
	} {
		if got := titled(text, `{"name": "with one"}`, name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEachInvariantHasThreeFaults(t *testing.T) {
	rules, err := readRules(root)
	if err != nil {
		t.Fatal(err)
	}
	mutants, looked := all(t), 0
	for _, r := range rules {
		if r.group != invariants || r.id == "invariant 11" { // the eleventh is this package
			continue
		}
		looked++
		count := 0
		for _, m := range mutants {
			if slices.Contains(m.breaks, r.id) {
				count++
			}
		}
		if count < 3 {
			t.Errorf("%s has %d faults", r.id, count)
		}
	}
	if looked != 10 {
		t.Errorf("%d invariants were found", looked)
	}
}

func TestTheTableIsCurrent(t *testing.T) {
	rules, err := readRules(root)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(root, "docs/rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != table(rules, all(t)) {
		t.Error("docs/rules.md is out of date: go generate ./faults/mutants")
	}
}

func TestRulesAreFound(t *testing.T) {
	got := specRules(`# The protocol
## 2. Encoding
A parser MUST refuse.
It MUST NOT guess.
### 3.3 Refusals
| code | name | meaning |
| 1 | malformed | broken; the limit | say so |
## 5. The mailbox
### 5.3 Appending
1. The mailbox.
2. The counter.
## 8. Inside
**Claim.** A device claims.
` + "```\n1. no rule\n### 8.1 no section\n```\n### 8.1 The code\n## 9. Limits\n1. beyond\n")
	var ids []string
	for _, r := range got {
		ids = append(ids, r.id)
	}
	want := []string{"§2", "§2 MUST 1", "§2 MUST 2", "§3.3", "refusal malformed", "§5", "§5.3", "§5.3 rule 1",
		"§5.3 rule 2", "§8", "§8 Claim", "§8.1", "§9"}
	if !slices.Equal(ids, want) {
		t.Errorf("found %q, want %q", ids, want)
	}
}

const good = "breaks: §5.3 rule 1; invariant 2\nfault: It does.\ntest: go chat TestX/a b\n\n--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n"

func TestPatchesAreReadStrictly(t *testing.T) {
	m, err := parse("a-1", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.breaks, []string{"§5.3 rule 1", "invariant 2"}) || m.test != (named{"go", "chat", "TestX/a b"}) ||
		!slices.Equal(m.files, []string{"x.go"}) {
		t.Errorf("read as %+v", m)
	}
	for name, text := range map[string]string{
		"no breaks":    strings.Replace(good, "breaks", "break", 1),
		"no fault":     strings.Replace(good, "It does.", "", 1),
		"no test":      strings.Replace(good, "test: go chat TestX", "test: TestX", 1),
		"another line": strings.Replace(good, "fault:", "note: x\nfault:", 1),
		"no file":      strings.Replace(good, "+++", "++", 1),
		"a test":       strings.Replace(good, "b/x.go", "b/x_test.go", 1),
		"a vector":     strings.Replace(good, "b/x.go", "b/spec/vectors/x.json", 1),
	} {
		if _, err := parse("a-1", []byte(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := parse("A_1", []byte(good)); err == nil {
		t.Error("an id of another form: read")
	}
}

func TestASampleHangsOnItsSeedAlone(t *testing.T) {
	var all []*mutant
	for _, id := range strings.Fields("a b c d e f g h i j") {
		all = append(all, &mutant{id: id})
	}
	ids := func(chosen []*mutant) (ids string) {
		for _, m := range chosen {
			ids += m.id
		}
		return ids
	}
	one := ids(choose(all, "", 4, "one"))
	slices.Reverse(all)
	if again := ids(choose(all, "", 4, "one")); again != one || len(one) != 4 {
		t.Errorf("chosen %s, then %s", one, again)
	}
	met := map[string]bool{}
	for seed := range 200 {
		for _, m := range choose(all, "", 4, string(rune(seed+32))) {
			met[m.id] = true
		}
	}
	if len(met) != len(all) {
		t.Errorf("only %d of %d had their turn", len(met), len(all))
	}
	three := []*mutant{{id: "put-a"}, {id: "put-b"}, {id: "get"}}
	if got := ids(choose(three, "get,put-", 0, "")); got != "put-aput-bget" {
		t.Errorf("by id: %s", got)
	}
}

func TestJudgingGo(t *testing.T) {
	line := func(action, test, output string) string {
		return `{"Action":"` + action + `","Test":"` + test + `","Output":"` + output + `"}` + "\n"
	}
	ends := line("fail", "TestX", "")
	for name, c := range map[string]struct {
		stream string
		want   verdict
	}{
		"passes":                    {line("run", "TestX", "") + line("pass", "TestX", ""), passed},
		"skipped":                   {line("skip", "TestX", ""), absent},
		"not there":                 {line("pass", "TestY", ""), absent},
		"an assertion":              {line("output", "TestX", `    x_test.go:7: got 1\n`) + ends, failed},
		"an assertion of a subtest": {line("output", "TestX/a", `        x_test.go:7: got 1\n`) + ends, failed},
		"another test's assertion":  {line("output", "TestY", `    x_test.go:7: got 1\n`) + ends, broken},
		"a wait in vain":            {line("output", "TestX", `    x_test.go:7: context deadline exceeded\n`) + ends, broken},
		"a timeout":                 {line("output", "TestX", `panic: test timed out after 1s\n`) + ends, broken},
		"a panic": {line("output", "TestX", `    x_test.go:7: got 1\n`) +
			line("output", "TestX", `panic: boom\n`) + ends, broken},
		"a script that does not compile": {
			line("output", "TestX", `    x_test.go:7: ERR Error compiling script (new)\n`) + ends,
			broken},
		"no build": {`{"Action":"build-output","Output":"x.go:1: undefined\n"}` + "\n" + `{"Action":"build-fail"}` + "\n" +
			`{"Action":"fail","FailedBuild":"x"}` + "\n", broken},
		"nothing": {"", absent},
	} {
		if got, why := judgeGo([]byte(c.stream), "TestX"); got != c.want {
			t.Errorf("%s: %v (%s), want %v", name, got, why, c.want)
		}
	}
}

func TestJudgingVitest(t *testing.T) {
	of := func(name, status, message string) string {
		return `{"testResults":[{"assertionResults":[{"fullName":"` + name + `","status":"` + status +
			`","failureMessages":["` + message + `"]}]}]}`
	}
	for name, c := range map[string]struct {
		report string
		want   verdict
	}{
		"passes":         {of("a b", "passed", ""), passed},
		"skipped":        {of("a b", "skipped", ""), absent},
		"not there":      {of("a c", "failed", "AssertionError: x"), absent},
		"an assertion":   {of("a b", "failed", `AssertionError: expected 1 to be 2\n at x`), failed},
		"no rejection":   {of("a b", "failed", `Error: promise resolved \"1\" instead of rejecting\n at x`), failed},
		"an exception":   {of("a b", "failed", "TypeError: x is not a function"), broken},
		"a wait in vain": {of("a b", "failed", "Error: Test timed out in 5000ms."), broken},
		"does not load":  {`{"testResults":[{"message":"SyntaxError","assertionResults":[]}]}`, broken},
		"no report":      {"", broken},
	} {
		if got, why := judgeVitest([]byte(c.report), "a b"); got != c.want {
			t.Errorf("%s: %v (%s), want %v", name, got, why, c.want)
		}
	}
}

// A module of its own, whose one rule is kept by one test.
func TestFaultsAreTriedForReal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module x\n\ngo 1.25\n")
	write("p/p.go", "package p\n\nfunc Two() int {\n\treturn 2\n}\n")
	write("p/p_test.go", "package p\n\nimport \"testing\"\n\nfunc TestTwo(t *testing.T) {\n\tif n := Two(); n != 2 {\n"+
		"\t\tt.Errorf(\"two is %d\", n)\n\t}\n}\n\nfunc TestNever(t *testing.T) { t.Error(\"never\") }\n")
	write("web/node_modules/kept", "")
	var mutants []*mutant
	for _, c := range []struct{ id, test, line string }{
		{"caught", "TestTwo", "return 3"}, {"survives", "TestTwo", "return 1 + 1"}, {"crashes", "TestTwo", "panic(2)"},
		{"builds-not", "TestTwo", "return two"}, {"not-there", "TestThree", "return 3"},
		{"red-before", "TestNever", "return 3"},
	} {
		m, err := parse(c.id, []byte("breaks: x\nfault: x\ntest: go p "+c.test+
			"\n\n--- a/p/p.go\n+++ b/p/p.go\n@@ -3,3 +3,3 @@\n func Two() int {\n-\treturn 2\n+\t"+c.line+"\n }\n"))
		if err != nil {
			t.Fatal(err)
		}
		mutants = append(mutants, m)
	}
	moved := *mutants[0]
	moved.id, moved.diff = "moved", bytes.Replace(moved.diff, []byte("return 2"), []byte("return 4"), 1)
	mutants = append(mutants, &moved)
	var out bytes.Buffer
	bad, err := try(context.Background(), dir, mutants, 1, time.Minute*5, true, &out)
	if err != nil {
		t.Fatal(err)
	}
	for id, why := range map[string]string{
		"caught": "two is 3", "survives": "THE TEST PASSES", "crashes": "crashes", "builds-not": "does not build",
		"not-there": "did not run", "red-before": "does not pass without the fault", "moved": "does not apply any more",
	} {
		word := "NOT CAUGHT"
		if id == "caught" {
			word = "caught"
		}
		if !regexp.MustCompile(`(?m)^` + word + ` .*  ` + id + `  by .*\n.*` + regexp.QuoteMeta(why)).
			MatchString(out.String()) {
			t.Errorf("%s is not %s for %q:\n%s", id, word, why, out.String())
		}
	}
	if bad != len(mutants)-1 {
		t.Errorf("%d were not caught, want %d", bad, len(mutants)-1)
	}
	text, err := os.ReadFile(filepath.Join(dir, "p/p.go"))
	if err != nil || !strings.Contains(string(text), "return 2") {
		t.Errorf("the tree itself was changed: %s, %v", text, err)
	}
}
