package flow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/internal/strictyaml"
)

// book is the release's own, in two languages.
func book(t testing.TB) flow.Book {
	t.Helper()
	texts := map[string]map[string]string{}
	for _, l := range i18n.Languages() {
		texts[l.Tag] = catalog(t, l.Tag)
	}
	return flow.Book{
		Languages: []string{"sv", "en"},
		Text:      func(tag, key string) string { return texts[tag][key] },
		Tied:      tied(t),
		Numbers:   []string{"emergency", "police", "children", "suicide", "kommun"},
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func said(file string, found []strictyaml.Mistake) []string {
	var lines []string
	for _, m := range found {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", file, m.Line, m.Text))
	}
	return lines
}

func TestTheFlowThatShipsIsRight(t *testing.T) {
	d := flow.Shipped()
	if len(d.Flow.Steps) < 20 {
		t.Errorf("%d steps", len(d.Flow.Steps))
	}
	all := book(t)
	all.Languages = nil
	for _, l := range i18n.Languages() {
		all.Languages = append(all.Languages, l.Tag)
	}
	found, _ := flow.Lint(d, nil, all)
	for _, line := range said("flow.yaml", found) {
		t.Error(line)
	}
}

var want = regexp.MustCompile(`(?m)^# want (.*)$`)

// Each file in testdata/bad breaks one rule, and says in a comment which line is named, and how. A file NAME.words.yaml
// beside it holds the kommun's words to it.
func TestEachRuleRefuses(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".words.yaml") {
			continue
		}
		ran++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text := read(t, file)
			d := flow.Read(text)
			var w *flow.Words
			if beside, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".words.yaml"); err == nil {
				w = flow.ReadWords(beside)
				text = append(text, beside...)
			}
			flowFound, wordsFound := flow.Lint(d, w, book(t))
			got := slices.Concat(said("flow", flowFound), said("words", wordsFound))
			var wanted []string
			for _, match := range want.FindAllStringSubmatch(string(text), -1) {
				wanted = append(wanted, match[1])
			}
			if len(wanted) == 0 {
				t.Fatalf("the file does not say what is wrong with it:\n%s", strings.Join(got, "\n"))
			}
			if !slices.Equal(got, wanted) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
			}
		})
	}
	if ran < 30 {
		t.Errorf("only %d files", ran)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(read(f, "flow.yaml"))
	f.Add([]byte(
		"version: 1\nfirst: a\nsteps: {a: {kind: one, ask: a.h1, choices: [{key: a.x, pages: [a], path: p}]}}\npaths: {p: [a, a]}"))
	f.Add([]byte("steps:\n  ? a\n  : b"))
	f.Add([]byte("a: &x [*x]"))
	f.Add([]byte(": :\n<<: {}"))
	b := book(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		d := flow.Read(text)
		found, _ := flow.Lint(d, flow.ReadWords(text), b)
		if len(found) > 0 {
			return
		}
		// Whatever is accepted can be walked to an end, by the first choice as by the last.
		for _, last := range []bool{false, true} {
			answers := flow.Answers{}
			for range 200 {
				place, err := d.Flow.Walk(answers)
				if err != nil {
					t.Fatal(err)
				}
				if place.Exit != "" {
					break
				}
				choices := d.Flow.Steps[place.Step].Choices
				i := 0
				if last {
					i = len(choices) - 1
				}
				answers[place.Step] = []string{choices[i].Key}
			}
			if place, _ := d.Flow.Walk(answers); place.Exit == "" {
				t.Fatalf("%v leads nowhere", answers)
			}
		}
	})
}

// docs/flow.md tells whoever writes the words what cannot be changed.
func TestTheDocumentNamesWhatIsProtected(t *testing.T) {
	text := string(read(t, "../../docs/flow.md"))
	for _, p := range flow.Protected {
		if !strings.Contains(text, "`"+p.Key+"`") || p.Why == "" {
			t.Errorf("docs/flow.md does not name `%s`", p.Key)
		}
	}
}
