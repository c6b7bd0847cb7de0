package i18n_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/i18n/legible"
)

// said is every sentence that a visitor may read in a language: the catalogs', and the texts of the national telephone
// numbers.
func said(t *testing.T, tag string) map[string]i18n.Forms {
	t.Helper()
	all := catalog(t, "", tag)
	maps.Copy(all, catalog(t, "phrases.", tag))
	raw, err := os.ReadFile("../intake/number/national.json")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []struct {
		ID           string
		Label, Hours map[string]string
	}
	if err := json.Unmarshal(raw, &numbers); err != nil {
		t.Fatal(err)
	}
	if len(numbers) < 4 {
		t.Fatalf("only %d national numbers", len(numbers))
	}
	for _, number := range numbers {
		for name, texts := range map[string]map[string]string{"label": number.Label, "hours": number.Hours} {
			if texts[tag] == "" {
				t.Errorf("the national number %s has no %s in %s", number.ID, name, tag)
				continue
			}
			all["national."+number.ID+"."+name] = i18n.Forms{"other": texts[tag]}
		}
	}
	return all
}

// forbidden words stand in no sentence, as whole words: «avhopparsamordning» is the name of an office. What each means
// is what others call those who want out, or takes them for informers; in Swedish, and in the languages in which a
// translator would reach for it.
var forbidden = map[string]string{
	"":   `avhoppar(e|es|en|ens|na|nas)|livsstilskriminell(a|t)?|gängmedlem(men|mar|marna)?`,
	"en": `defectors?|snitch(es)?|informants?|gangsters?`,
	"fi": `loikkari(t|n|a)?|vasikka|ilmiantaja`,
	"tr": `itirafçı|muhbir`,
	"es": `desertor(es)?|soplón|chivato`,
	"pl": `dezerter(zy)?|kapuś|donosiciel`,
	"ar": `مخبر|واشٍ|منشق`,
}

func TestNoSentenceUsesAForbiddenWord(t *testing.T) {
	for _, lang := range i18n.Languages() {
		words := forbidden[""]
		if own, ok := forbidden[lang.Tag]; ok {
			words += "|" + own
		}
		word := regexp.MustCompile(`(?i)(^|[^\p{L}])(` + words + `)([^\p{L}]|$)`)
		for key, forms := range everything(t, lang.Tag) {
			for _, sentence := range forms {
				if word.MatchString(sentence) {
					t.Errorf("%s in %s: %q", key, lang.Tag, sentence)
				}
			}
		}
	}
	for text, want := range map[string]bool{"En avhoppare.": true, "Avhopparna ringer": true,
		"avhopparsamordningen": false} {
		if got := regexp.MustCompile(`(?i)(^|[^\p{L}])(` + forbidden[""] + `)([^\p{L}]|$)`).MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// terms stay as they are in every language, where an explanation may stand beside them: they are what to say on the
// telephone, what stands on the door and in a letter, or what to dial. Longer ones may have a Swedish ending.
var terms = []string{
	"112", "114 14", "116 111", "90101", "020-50 50 50", "socialtjänst", "socialjour", "socialsekreterare",
	"avhopparsamordning", "orosanmälan",
	"Kriminalvården", "Självmordslinjen", "Bris", "Mind", "SiS", "IP",
}

// has looks for a term as a word of its own, or, of the longer ones, as the beginning of one; in any case of its
// letters.
func has(sentence, term string) bool {
	if pattern := patterns[term]; pattern != nil {
		return pattern.MatchString(sentence)
	}
	end := `([^0-9]|$)`
	if utf8.RuneCountInString(term) <= 4 && !unicode.IsDigit([]rune(term)[0]) {
		end = `([^\p{Latin}0-9]|$)`
	}
	patterns[term] = regexp.MustCompile(`(?i)(^|[^\p{Latin}0-9])` + regexp.QuoteMeta(term) + end)
	return patterns[term].MatchString(sentence)
}

var patterns = map[string]*regexp.Regexp{}

func TestTermsOfTheDomainStaySwedish(t *testing.T) {
	met := map[string]bool{}
	swedish := said(t, "sv")
	for _, lang := range i18n.Languages() {
		other := said(t, lang.Tag)
		for key, forms := range swedish {
			for _, term := range terms {
				if !has(forms["other"], term) {
					continue
				}
				met[term] = true
				for form, sentence := range other[key] {
					if !has(sentence, term) {
						t.Errorf("%s in %s (%s) has lost «%s»: %q", key, lang.Tag, form, term, sentence)
					}
				}
			}
		}
	}
	if len(met) < 10 {
		t.Errorf("only these terms stand in any sentence: %v", met)
	}
}

// Numbers are dialled and counted with: each translation has those of the Swedish sentence, in digits that a telephone
// has.
func TestNumbersAreUnchanged(t *testing.T) {
	digits := regexp.MustCompile(`\p{Nd}+`)
	numbers := func(sentence string) []string {
		found := digits.FindAllString(sentence, -1)
		slices.Sort(found)
		return found
	}
	swedish := said(t, "sv")
	for _, lang := range i18n.Languages() {
		for key, forms := range said(t, lang.Tag) {
			for form, sentence := range forms {
				if want, got := numbers(swedish[key]["other"]), numbers(sentence); !slices.Equal(want, got) {
					t.Errorf("%s in %s (%s) has the numbers %v, in Swedish %v", key, lang.Tag, form, got, want)
				}
				if strings.ContainsAny(sentence, "\u2066\u2067\u2068\u2069\u200e\u200f\u202a\u202b\u202c") {
					t.Errorf("%s in %s: directions are set where it is shown, not in the catalog", key, lang.Tag)
				}
			}
		}
	}
}

// scripts are those of the languages that are not written in Latin letters.
var scripts = map[string]*unicode.RangeTable{
	"ar": unicode.Arabic, "ckb": unicode.Arabic, "fa": unicode.Arabic, "prs": unicode.Arabic, "syr": unicode.Syriac,
	"ti": unicode.Ethiopic,
}

// namesOfKeys and others that stay in Latin letters, beside the terms.
var latinWords = []string{"Ctrl", "Enter", "Shift", "IP", "JavaScript", "WCAG", "AA", "Digg"}

// A sentence that somebody forgot to translate is in another script, or the same as the English or Swedish one.
func TestEverySentenceIsInItsLanguage(t *testing.T) {
	latin := regexp.MustCompile(`\p{Latin}+`)
	placeholders := regexp.MustCompile(`\{[a-z0-9_]+\}`)
	others := map[string]map[string]i18n.Forms{"sv": said(t, "sv"), "en": said(t, "en")}
	for _, lang := range i18n.Languages() {
		script := scripts[lang.Tag]
		for key, forms := range said(t, lang.Tag) {
			for _, sentence := range forms {
				own := placeholders.ReplaceAllString(sentence, "")
				for other, sentences := range others {
					if words, _ := legible.Count(sentence); other != lang.Tag && words > 2 && sentence == sentences[key]["other"] {
						t.Errorf("%s in %s is the same as in %s: %q", key, lang.Tag, other, sentence)
					}
				}
				if script == nil {
					for _, r := range own {
						if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
							t.Errorf("%s in %s has the letter %q: %q", key, lang.Tag, r, sentence)
						}
					}
					continue
				}
				if strings.ContainsFunc(own, unicode.IsLetter) &&
					!strings.ContainsFunc(own, func(r rune) bool { return unicode.Is(script, r) }) {
					t.Errorf("%s in %s is in another script: %q", key, lang.Tag, sentence)
				}
				for _, word := range latin.FindAllString(own, -1) {
					if !slices.Contains(latinWords, word) &&
						!slices.ContainsFunc(terms, func(term string) bool { return has(word, term) }) {
						t.Errorf("%s in %s has the word «%s»: %q", key, lang.Tag, word, sentence)
					}
				}
			}
		}
	}
}

// maxWords bounds a sentence in the languages that are not measured as Swedish is: some take more words for the same,
// none as many as a sentence that is read twice.
const maxWords = 19

func TestNoSentenceIsLong(t *testing.T) {
	ends := regexp.MustCompile(`[.?!:؟።፧܀]+(\s+|$)`)
	for _, lang := range i18n.Languages() {
		for key, forms := range said(t, lang.Tag) {
			if _, excepted := longSentences[key]; excepted {
				continue
			}
			for _, text := range forms {
				for _, sentence := range ends.Split(text, -1) {
					if words := len(strings.Fields(sentence)); words > maxWords {
						t.Errorf("%s in %s: %d words: %q", key, lang.Tag, words, sentence)
					}
				}
			}
		}
	}
}
