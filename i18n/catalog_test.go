package i18n_test

import (
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/utvag/utvag/i18n"
)

// files lists the catalogs in Swedish, by name.
func files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("catalog")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if i18n.TagOf(entry.Name()) == "sv" {
			names = append(names, entry.Name())
		}
	}
	if len(names) < 2 || len(entries) != len(names)*len(i18n.Languages()) {
		t.Fatalf("%d catalogs, of which %d in Swedish, for %d languages", len(entries), len(names), len(i18n.Languages()))
	}
	return names
}

func in(file, tag string) string { return strings.TrimSuffix(file, "sv.json") + tag + ".json" }

func catalog(t *testing.T, file string) map[string]i18n.Forms {
	t.Helper()
	sentences, err := i18n.Catalog(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(sentences) == 0 {
		t.Fatalf("%s is empty", file)
	}
	return sentences
}

func everything(t *testing.T, tag string) map[string]i18n.Forms {
	t.Helper()
	all := map[string]i18n.Forms{}
	for _, file := range files(t) {
		maps.Copy(all, catalog(t, in(file, tag)))
	}
	return all
}

func TestLanguagesSayTheSameThings(t *testing.T) {
	for _, file := range files(t) {
		swedish := catalog(t, file)
		for _, lang := range i18n.Languages()[1:] {
			other := catalog(t, in(file, lang.Tag))
			for _, key := range slices.Sorted(maps.Keys(swedish)) {
				forms, ok := other[key]
				if !ok {
					t.Errorf("%s lacks %s", in(file, lang.Tag), key)
					continue
				}
				want, got := sorted(swedish[key]["other"]), sorted(forms["other"])
				if !slices.Equal(want, got) {
					t.Errorf("%s in %s has placeholders %v, in Swedish %v", key, lang.Tag, got, want)
				}
			}
			for key := range other {
				if _, ok := swedish[key]; !ok {
					t.Errorf("%s lacks %s", file, key)
				}
			}
		}
	}
}

func sorted(sentence string) []string {
	names := i18n.Placeholders(sentence)
	slices.Sort(names)
	return names
}

// categories asks CLDR which plural forms whole numbers take in a language.
func categories(tag string) []string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	used := map[string]bool{}
	for n := range 1000 {
		used[names[plural.Cardinal.MatchPlural(language.MustParse(tag), n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(used))
}

func TestPluralFormsAreComplete(t *testing.T) {
	found := 0
	for _, lang := range i18n.Languages() {
		want := categories(lang.Tag)
		for _, file := range files(t) {
			for key, forms := range catalog(t, in(file, lang.Tag)) {
				if len(forms) == 1 {
					continue
				}
				found++
				if got := slices.Sorted(maps.Keys(forms)); !slices.Equal(got, want) {
					t.Errorf("%s in %s has forms %v, the language has %v", key, lang.Tag, got, want)
				}
				for form, sentence := range forms {
					if !slices.Equal(sorted(sentence), sorted(forms["other"])) {
						t.Errorf("%s in %s: form %s has other placeholders than `other`", key, lang.Tag, form)
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no sentence with plural forms was found")
	}
}

func TestSentencesAreWellFormed(t *testing.T) {
	braces := regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)
	for _, lang := range i18n.Languages() {
		for key, forms := range everything(t, lang.Tag) {
			for _, sentence := range forms {
				switch {
				case !utf8.ValidString(sentence), sentence != strings.TrimSpace(sentence), sentence == "":
					t.Errorf("%s in %s: empty, or blanks at an end", key, lang.Tag)
				case strings.Contains(sentence, "  "):
					t.Errorf("%s in %s: two blanks in a row", key, lang.Tag)
				case strings.ContainsAny(braces.ReplaceAllString(sentence, ""), "{}<>"):
					t.Errorf("%s in %s: a brace or bracket that belongs to no placeholder", key, lang.Tag)
				}
			}
		}
	}
}

// «Avhoppare» is what others call them.
func TestNoSentenceUsesTheForbiddenWord(t *testing.T) {
	word := regexp.MustCompile(`(?i)(^|[^\p{L}])avhoppare(n|ns|s|rna|rnas)?([^\p{L}]|$)`)
	for _, lang := range i18n.Languages() {
		for key, forms := range everything(t, lang.Tag) {
			for _, sentence := range forms {
				if word.MatchString(sentence) {
					t.Errorf("%s in %s: %q", key, lang.Tag, sentence)
				}
			}
		}
	}
}

// longSentences may have more than 14 words; each with its reason.
var longSentences = map[string]string{
	"minor.p2":   "the condition and what follows from it belong together: halved, each half promises too much",
	"pb.secrecy": "lists every exception in one breath, so that none is read without the others",
}

// Public language is to be «vårdat, enkelt och begripligt» (språklagen 11 §): LIX at most 25 over each catalog that visitors read, and
// at most 14 words in a sentence.
func TestSwedishIsEasyToRead(t *testing.T) {
	const mostLIX, mostWords = 25.0, 14
	for _, file := range files(t) {
		if strings.HasPrefix(file, "desk.") {
			continue
		}
		var words, long, sentences int
		for key, forms := range catalog(t, file) {
			for _, text := range forms {
				for _, sentence := range split(text) {
					count, over6 := count(sentence)
					words, long, sentences = words+count, long+over6, sentences+1
					if _, excepted := longSentences[key]; count > mostWords && !excepted {
						t.Errorf("%s: %d words: %q", key, count, sentence)
					}
				}
			}
		}
		lix := float64(words)/math.Max(1, float64(sentences)) + 100*float64(long)/math.Max(1, float64(words))
		if sentences < 20 || lix > mostLIX {
			t.Errorf("%s: LIX %.1f over %d sentences, at most %.0f", file, lix, sentences, mostLIX)
		}
	}
}

var (
	ends  = regexp.MustCompile(`[.?!:]+(\s+|$)`)
	wordy = regexp.MustCompile(`[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*`)
)

func split(text string) []string {
	var parts []string
	for _, part := range ends.Split(text, -1) {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// count returns how many words there are, and how many of them have more than six letters. A placeholder is one short word.
func count(sentence string) (words, long int) {
	sentence = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(sentence, "x")
	for _, word := range wordy.FindAllString(sentence, -1) {
		words++
		if utf8.RuneCountInString(word) > 6 {
			long++
		}
	}
	return words, long
}
