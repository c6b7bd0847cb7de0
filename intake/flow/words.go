package flow

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/utvag/utvag/internal/strictyaml"
)

// Words are the kommun's own texts: by language, then by key.
type Words struct {
	Texts  map[string]map[string]string
	source *strictyaml.Source
	said   map[string]bool
}

// ReadWords reads them. What is wrong with them is said by Lint.
func ReadWords(text []byte) *Words {
	w := &Words{said: map[string]bool{}}
	if len(text) > maxBytes {
		w.source = &strictyaml.Source{}
		w.source.Wrong("", "the file has %d bytes, at most %d are read", len(text), maxBytes)
		return w
	}
	w.source, _ = strictyaml.Read(text, &w.Texts, "write a language, and below it «key: text»")
	return w
}

func (w *Words) wrong(path, format string, args ...any) {
	before := len(w.source.Mistakes)
	w.source.Wrong(path, format, args...)
	if text := w.source.Mistakes[before].Text; w.said[text] {
		w.source.Mistakes = w.source.Mistakes[:before]
	} else {
		w.said[text] = true
	}
}

// Own is what the keys of a kommun's own questions begin with, so that no later release has a text of that name.
const Own = "own."

// Protected are the texts that a kommun cannot change, by key or by what it begins with; each with its reason.
var Protected = []struct{ Key, Why string }{
	{"exit.", "leaving the page at once must look and sound alike everywhere"},
	{"danger.", "112 stands on every screen"},
	{"dng.", "danger is asked and answered in words that were weighed"},
	{"info.", "it says what is true before anybody writes"},
	{"lim.", "it says what the law lets us keep to ourselves"},
	{"code.", "it says how to come back, and who else can"},
	{"minor.", "it says what the law lets us do for somebody under 18"},
	{"age.", "the rules for somebody under 18 hang on these bands"},
	{"rel.age.", "the rules for somebody under 18 hang on this answer"},
	{"scr.", "it says how to be safer with the phone"},
	{"chan.", "it says what the button does"},
	{"common.", "these words answer many questions, and stand on every screen"},
	{"bot.", "it says that no person is asking"},
	{"link.", "it says where the link goes"},
	{"rel.p1", "it asks for no names"},
	{"rel.p3", "it says that nobody learns who has written"},
	{"pro.p1", "it asks for no names"},
	{reported, "the duty to report is the law's"},
}

// exempt from the prefixes above: here a kommun may name its own socialjour.
var exempt = []string{"dng.now.p3"}

// open are texts outside of the questions that a kommun may change.
var open = []string{"start.h1", "start.p2"}

func protection(key string) string {
	for _, p := range Protected {
		if !slices.Contains(exempt, key) && (key == p.Key || strings.HasSuffix(p.Key, ".") && strings.HasPrefix(key, p.Key)) {
			return p.Why
		}
	}
	return ""
}

var (
	slot      = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)
	address   = regexp.MustCompile(`(?i)https?:|www\.|\.(se|com|org|net)(?:$|[^\p{L}])`)
	forbidden = regexp.MustCompile(`(?i)(^|[^\p{L}])avhoppare(n|ns|s|rna|rnas)?([^\p{L}]|$)`)
)

// promised are words of safety and secrecy. A sentence that has one must be true on this server today, which only those
// tied to a claim are.
var promised = map[string]*regexp.Regexp{
	"sv": asked(
		`anonym|garanter|lova(r|s)?(?:$|[^\p{L}])|krypter|hemlig|tystnadsplikt|spåra|ingen (annan )?(kan|får) (se|läsa|veta)|polisen (kan|får|ser|läser|vet)|sparar? (inte|inget|aldrig)|raderas?`),
	"en": asked(
		`anonym|guarant|promis|encrypt|secret|confidential|trace|no ?(one|body) (else )?(can|may) (see|read|know)|(the )?police (can|may|do|see|read|know)|(not|never) (save|store|keep)|delete`),
}

// longestText is more than any screen has room for.
const longestText = 300

// own judges the kommun's words by themselves, and that each may be changed.
func (l *linter) own() {
	used := map[string]bool{}
	// Of a flow that cannot be read nobody knows what it names.
	known := len(l.d.source.Mistakes) == 0
	for _, u := range l.d.Flow.uses() {
		for key := u.key; key != ""; key, _ = l.b.Tied(key) {
			used[key] = true
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(l.w.Texts)) {
		if !slices.Contains(l.b.Languages, tag) {
			l.w.wrong(tag, "this language is not offered: offered are %s", strings.Join(l.b.Languages, ", "))
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(l.w.Texts[tag])) {
			l.override(tag, key, l.w.Texts[tag][key], used[key] || !known)
		}
	}
}

func (l *linter) override(tag, key, text string, used bool) {
	at := tag + "." + key
	ours := l.b.Text(tag, key)
	_, tied := l.b.Tied(key)
	mine := strings.HasPrefix(key, Own)
	switch why := protection(key); {
	case !isID.MatchString(key):
		l.w.wrong(at, "a key has small letters, digits and dots")
	case mine && !used:
		l.w.wrong(at, "no step of the flow names it: take it out")
	case mine:
		l.plain(at, tag, text)
	case ours == "":
		l.w.wrong(at, "unknown key: there is no such text to change. One of your own begins with «%s»", Own)
	case why != "":
		l.w.wrong(at, "this text cannot be changed: %s", why)
	case tied:
		l.w.wrong(at, "this text cannot be changed: it promises something that is checked (i18n/claims.json)")
	case !used && !slices.Contains(open, key):
		l.w.wrong(at, "this text cannot be changed: only the questions, their answers, and %s can",
			strings.Join(open, " and "))
	case !slices.Equal(placeholders(ours), placeholders(text)):
		l.w.wrong(at, "placeholders must be those of the text that it replaces: «%s»", ours)
	case strings.Contains(ours, "112") && !strings.Contains(text, "112"):
		l.w.wrong(at, "112 cannot be taken out")
	default:
		l.plain(at, tag, text)
	}
}

// joined are the joiners that are letters' own in Persian and Sorani. In any other script they only hide a word from
// whoever judges it.
var joined = regexp.MustCompile(`([\p{Arabic}\p{Syriac}])[\x{200c}\x{200d}]`)

// invisible signs can turn a sentence round, so that it reads as another one than was judged.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError
}

// plain judges a text as such.
func (l *linter) plain(at, tag, text string) {
	switch {
	case strings.TrimSpace(text) == "":
		l.w.wrong(at, "an empty text: take the line out")
	case utf8.RuneCountInString(text) > longestText:
		l.w.wrong(at, "%d letters, at most %d", utf8.RuneCountInString(text), longestText)
	case strings.ContainsFunc(joined.ReplaceAllString(text, "$1"), invisible):
		l.w.wrong(at, "one line of text, with no invisible signs")
	case strings.ContainsAny(slot.ReplaceAllString(text, ""), "{}<>"):
		l.w.wrong(at, "a brace or bracket that belongs to no placeholder")
	case address.MatchString(text):
		l.w.wrong(at, "an address on the net: name pages of the kommun under links in the configuration")
	case promised[tag] != nil && promised[tag].MatchString(text):
		l.w.wrong(
			at, "promises something that nothing here checks («%s»): such sentences are the release's, and hang on a claim",
			bare(promised[tag].FindString(text)))
	case forbidden.MatchString(text):
		l.w.wrong(at, "«avhoppare» is what others call them: write of the person")
	}
}
