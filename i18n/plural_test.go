package i18n_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/utvag/utvag/i18n"
)

const renderFile = "testdata/render.json"

// renderCase says what a sentence is with these slots; web/test/i18n reads the same file.
type renderCase struct {
	Lang  string         `json:"lang"`
	Key   string         `json:"key"`
	Slots map[string]any `json:"slots"`
	Want  string         `json:"want"`
}

func (c renderCase) render() (string, error) {
	slots := i18n.Slots{}
	for name, value := range c.Slots {
		if number, ok := value.(float64); ok && number == float64(int(number)) {
			value = int(number)
		}
		slots[name] = value
	}
	return i18n.Text(c.Lang, c.Key, slots)
}

func readCases(t *testing.T) []renderCase {
	t.Helper()
	raw, err := os.ReadFile(renderFile)
	if err != nil {
		t.Fatal(err)
	}
	var cases []renderCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

var categoryNames = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few",
	plural.Many: "many", plural.Other: "other"}

// categoryOf asks CLDR as x/text knows it, which is older than browsers are: Spanish had no `many` for millions then.
func categoryOf(lang i18n.Language, n int) string {
	if lang.Plural == "es" && n > 0 && n%1_000_000 == 0 {
		return "many"
	}
	return categoryNames[plural.Cardinal.MatchPlural(language.MustParse(lang.Plural), n%10_000_000, 0, 0, 0, 0)]
}

// counts are the numbers that a language is judged by: for each of its categories the first two that it takes, and one
// that is larger.
func counts(lang i18n.Language) []int {
	found := map[string][]int{}
	for _, n := range slices.Concat(upTo(130), []int{1001, 1_000_000}) {
		category := categoryOf(lang, n)
		if len(found[category]) < 2 || n > 20 && found[category][len(found[category])-1] <= 20 {
			found[category] = append(found[category], n)
		}
	}
	return slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(found))...)))
}

func upTo(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}

// pluralKeys are those that a number decides the form of, in the pages that visitors read.
func pluralKeys(t *testing.T) []string {
	t.Helper()
	all := catalog(t, "", "sv")
	maps.Copy(all, catalog(t, "phrases.", "sv"))
	var keys []string
	for key, forms := range all {
		if len(forms) > 1 {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

var update = flag.Bool("update", false,
	"write the plural cases of testdata/render.json anew, from the catalogs; read the difference")

// Every sentence with plural forms is rendered in every category of every language: the cases say so, and none is
// missing.
func TestEveryPluralFormIsRendered(t *testing.T) {
	keys := pluralKeys(t)
	cases := readCases(t)
	if *update {
		cases = slices.DeleteFunc(cases, func(c renderCase) bool { return slices.Contains(keys, c.Key) })
		for _, lang := range i18n.Languages() {
			for _, key := range keys {
				cases = append(cases, pluralCases(t, lang, key)...)
			}
		}
		writeCases(t, cases)
	}
	covered := map[string]bool{}
	for _, c := range cases {
		lang, known := i18n.Find(c.Lang)
		if count, ok := c.Slots[countOf(t, c.Lang, c.Key)].(float64); known && ok && slices.Contains(keys, c.Key) {
			covered[fmt.Sprintln(c.Lang, c.Key, categoryOf(lang, int(count)))] = true
		}
	}
	met := 0
	for _, lang := range i18n.Languages() {
		for _, key := range keys {
			for _, category := range lang.Categories {
				// Polish takes `other` for fractions alone.
				if lang.Plural == "pl" && category == "other" || everything(t, lang.Tag)[key] == nil {
					continue
				}
				met++
				if !covered[fmt.Sprintln(lang.Tag, key, category)] {
					t.Errorf("no case renders %s in %s as %s: go test ./i18n -run TestEveryPluralFormIsRendered -update", key,
						lang.Tag, category)
				}
			}
		}
	}
	if met < 2*len(keys)*len(i18n.Languages()) || len(keys) < 5 {
		t.Errorf("only %d forms of %d sentences were looked for", met, len(keys))
	}
}

func countOf(t *testing.T, tag, key string) string {
	t.Helper()
	names := i18n.Placeholders(everything(t, tag)[key]["other"])
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func pluralCases(t *testing.T, lang i18n.Language, key string) []renderCase {
	t.Helper()
	names := i18n.Placeholders(everything(t, lang.Tag)[key]["other"])
	if len(names) == 0 {
		return nil
	}
	var cases []renderCase
	for _, n := range counts(lang) {
		c := renderCase{Lang: lang.Tag, Key: key, Slots: map[string]any{names[0]: float64(n)}}
		for _, name := range names[1:] {
			c.Slots[name] = "8:00"
		}
		text, err := c.render()
		if err != nil {
			t.Fatal(err)
		}
		c.Want = text
		cases = append(cases, c)
	}
	return cases
}

// writeCases writes a case on each line, so that a difference shows the sentences that changed.
func writeCases(t *testing.T, cases []renderCase) {
	t.Helper()
	var lines []string
	for _, c := range cases {
		var line strings.Builder
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(c); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, " "+strings.TrimSpace(line.String()))
	}
	if err := os.WriteFile(renderFile, []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
