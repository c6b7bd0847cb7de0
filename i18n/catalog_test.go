package i18n_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/i18n/legible"
)

// kinds are the catalogs by their beginning. Staff read Swedish or English, so that the console's own sentences exist
// in those alone.
var kinds = map[string][]string{"": nil, "phrases.": nil, "desk.": {"sv", "en"}}

func tags() []string {
	var all []string
	for _, lang := range i18n.Languages() {
		all = append(all, lang.Tag)
	}
	return all
}

func languagesOf(kind string) []string {
	if only := kinds[kind]; only != nil {
		return only
	}
	return tags()
}

func catalog(t *testing.T, kind, tag string) map[string]i18n.Forms {
	t.Helper()
	sentences, err := i18n.Catalog(kind + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if len(sentences) == 0 {
		t.Fatalf("%s%s.json is empty", kind, tag)
	}
	return sentences
}

var read = map[string]map[string]i18n.Forms{}

// everything is all catalogs of a language together, read once; nobody changes it.
func everything(t *testing.T, tag string) map[string]i18n.Forms {
	t.Helper()
	if all := read[tag]; all != nil {
		return all
	}
	all := map[string]i18n.Forms{}
	for kind := range kinds {
		if slices.Contains(languagesOf(kind), tag) {
			maps.Copy(all, catalog(t, kind, tag))
		}
	}
	read[tag] = all
	return all
}

func TestEveryLanguageHasItsCatalogs(t *testing.T) {
	entries, err := os.ReadDir("catalog")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for kind := range kinds {
		for _, tag := range languagesOf(kind) {
			want = append(want, kind+tag+".json")
		}
	}
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("there are %v, and %v were expected", got, want)
	}
}

// What is missing is printed as one JSON object, which can be handed to whoever translates. Sentences that are new in
// Swedish and English wait in testdata/untranslated.json, by key; a release has none there.
func TestLanguagesSayTheSameThings(t *testing.T) {
	missing := map[string]map[string]i18n.Forms{}
	waiting := untranslated(t)
	met := map[string]bool{}
	for kind := range kinds {
		swedish := catalog(t, kind, "sv")
		for _, tag := range languagesOf(kind) {
			other := catalog(t, kind, tag)
			for _, key := range slices.Sorted(maps.Keys(swedish)) {
				forms, ok := other[key]
				if met[key] = met[key] || !ok; !ok {
					if missing[tag] == nil {
						missing[tag] = map[string]i18n.Forms{}
					}
					missing[tag][key] = swedish[key]
					continue
				}
				if want, got := sorted(swedish[key]["other"]), sorted(forms["other"]); !slices.Equal(want, got) {
					t.Errorf("%s in %s has placeholders %v, in Swedish %v", key, tag, got, want)
				}
				if len(swedish[key]) > 1 != (len(forms) > 1) {
					t.Errorf("%s has plural forms in Swedish or in %s, and not in both", key, tag)
				}
			}
			for key := range other {
				if _, ok := swedish[key]; !ok {
					t.Errorf("%s%s.json has %s, and Swedish has not", kind, tag, key)
				}
			}
		}
	}
	for _, key := range waiting {
		if !met[key] {
			t.Errorf("%s is translated: take it out of testdata/untranslated.json", key)
		}
	}
	text, err := json.MarshalIndent(missing, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	late := false
	for _, sentences := range missing {
		for key := range sentences {
			late = late || !slices.Contains(waiting, key)
		}
	}
	if late {
		t.Errorf("not translated (or name the keys in testdata/untranslated.json), with the Swedish sentences: %s", text)
	} else if len(missing) > 0 {
		t.Logf("waiting to be translated, with the Swedish sentences: %s", text)
	}
}

func untranslated(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/untranslated.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

func sorted(sentence string) []string {
	names := i18n.Placeholders(sentence)
	slices.Sort(names)
	return names
}

func TestPluralFormsAreComplete(t *testing.T) {
	for _, lang := range i18n.Languages() {
		found := 0
		want := slices.Sorted(slices.Values(lang.Categories))
		for key, forms := range everything(t, lang.Tag) {
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
		if found == 0 {
			t.Errorf("no sentence with plural forms was found in %s", lang.Tag)
		}
	}
}

func TestCategoriesAreThoseOfCLDR(t *testing.T) {
	for _, lang := range i18n.Languages() {
		// A category that whole numbers never take stands for fractions, as `other` does in Polish.
		used := map[string]bool{"other": true}
		for n := range 1000 {
			used[categoryOf(lang, n)] = true
		}
		used[categoryOf(lang, 1_000_000)] = true
		if want, got := slices.Sorted(maps.Keys(used)), slices.Sorted(slices.Values(lang.Categories)); !slices.Equal(want,
			got) {
			t.Errorf("%s has the categories %v, CLDR says %v", lang.Tag, got, want)
		}
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

// longSentences may have more than 14 words; each with its reason.
var longSentences = map[string]string{
	"minor.p2":   "the condition and what follows from it belong together: halved, each half promises too much",
	"pb.secrecy": "lists every exception in one breath, so that none is read without the others",
}

// Public language is to be «vårdat, enkelt och begripligt» (språklagen 11 §): LIX at most 25 over each catalog that
// visitors read, and at most 14 words in a sentence.
func TestSwedishIsEasyToRead(t *testing.T) {
	const maxLIX, maxWords = 25.0, 14
	for _, kind := range []string{"", "phrases."} {
		var texts []string
		sentences := 0
		for key, forms := range catalog(t, kind, "sv") {
			for _, text := range forms {
				texts = append(texts, text)
				for _, sentence := range legible.Sentences(text) {
					sentences++
					count, _ := legible.Count(sentence)
					if _, excepted := longSentences[key]; count > maxWords && !excepted {
						t.Errorf("%s: %d words: %q", key, count, sentence)
					}
				}
			}
		}
		lix := legible.LIX(texts...)
		if sentences < 20 || lix > maxLIX {
			t.Errorf("%ssv.json: LIX %.1f over %d sentences, at most %.0f", kind, lix, sentences, maxLIX)
		}
	}
}
