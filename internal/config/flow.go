package config

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/intake/number"
)

// shippedFlow is what the release's own flow is called in a mistake.
const shippedFlow = "intake/flow/flow.yaml"

// maxOwn bounds what a kommun's own questions and words may weigh in the page, which everybody loads, on any network.
const maxOwn = 24_000

// checkFlow judges what the page will ask, whether it is the kommun's own or the release's.
func (s *source) checkFlow(at string, k *KommunConfig, t *Kommun) {
	document, name := flow.Shipped(), shippedFlow
	if k.Flow != "" {
		name = s.path(k.Flow)
		text, err := os.ReadFile(name)
		if err != nil {
			s.wrong(at+".flow", "cannot be read: %s", WithoutPath(err))
			return
		}
		document = flow.Read(text)
	}
	var words *flow.Words
	if k.Words != "" {
		text, err := os.ReadFile(s.path(k.Words))
		if err != nil {
			s.wrong(at+".words", "cannot be read: %s", WithoutPath(err))
			return
		}
		words = flow.ReadWords(text)
	}
	inFlow, inWords := flow.Lint(document, words, bookOf(t))
	s.take(name, inFlow)
	s.take(s.path(k.Words), inWords)
	if len(inFlow)+len(inWords) > 0 {
		return
	}
	weight := 0
	if k.Flow != "" {
		compact, err := document.Flow.JSON()
		if err != nil {
			s.wrong(at+".flow", "%v", err)
		}
		t.Flow, weight = compact, len(compact)
	}
	if words != nil {
		t.Words = words.Texts
		if text, err := json.Marshal(words.Texts); err == nil {
			weight += len(text)
		}
	}
	if weight > maxOwn {
		s.wrong(at, "flow and words make %d bytes of the page, at most %d: everybody loads them", weight, maxOwn)
	}
}

// bookOf is what a kommun's flow is judged against. Without a kommun: every language and number of the release.
func bookOf(t *Kommun) flow.Book {
	book := flow.Book{Languages: t.Languages, Text: PlainText, Tied: tied, Numbers: slices.Clone(number.NationalIDs)}
	if len(book.Languages) == 0 {
		book.Languages = AllLanguages()
	}
	for i := range t.Numbers {
		book.Numbers = append(book.Numbers, t.Numbers[i].ID)
	}
	slices.Sort(book.Numbers)
	book.Numbers = slices.Compact(book.Numbers)
	return book
}

// PlainText is a sentence of the visitor's catalog as it stands there, if it has no plural forms.
func PlainText(tag, key string) string {
	if forms := visitorTexts()[tag][key]; len(forms) == 1 {
		return forms["other"]
	}
	return ""
}

var visitorTexts = sync.OnceValue(func() map[string]map[string]i18n.Forms {
	all := map[string]map[string]i18n.Forms{}
	for _, l := range i18n.Languages() {
		// A catalog that cannot be read is part of the release, and its sentences are missed by name.
		all[l.Tag], _ = i18n.Catalog(l.Tag + ".json")
	}
	return all
})

func tied(key string) (alt string, is bool) {
	conditions, err := i18n.Conditions()
	if err != nil {
		return "", true
	}
	if c, ok := conditions[key]; ok {
		return c.Alt, true
	}
	for c := range maps.Values(conditions) {
		is = is || c.Alt == key
	}
	return "", is
}
