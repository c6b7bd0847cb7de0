package config

import (
	"slices"
	"strings"

	"github.com/utvag/utvag/i18n"
)

// checkLanguages takes what is named, drafts included: naming a draft is how an operator answers for offering it.
func (s *source) checkLanguages(at string, k *KommunConfig, t *Kommun) {
	at += ".languages"
	if len(k.Languages) == 0 {
		t.Languages = tagsOf(func(l i18n.Language) bool { return !l.Draft() })
		if !slices.Contains(t.Languages, swedish) {
			s.wrong(
				at,
				"no languages: the translations of this release are drafts that nobody has reviewed, Swedish too. Name those that you accept, such as languages: [sv, en, fi]",
			)
		}
		return
	}
	known := AllLanguages()
	for i, tag := range k.Languages {
		switch {
		case !slices.Contains(known, tag):
			s.wrong(index(at, i), "no such language; known are %s", strings.Join(known, ", "))
		case slices.Contains(t.Languages, tag):
			s.wrong(index(at, i), "%s stands twice: keep one", tag)
		default:
			t.Languages = append(t.Languages, tag)
		}
	}
	if k.Languages[0] != swedish {
		s.wrong(at, "write sv first: the page begins in Swedish, and what you write in no other language is shown in it")
	}
}

// AllLanguages are the tags of every language of the release, drafts among them.
func AllLanguages() []string { return tagsOf(func(i18n.Language) bool { return true }) }

const swedish = "sv"

// Drafts are the offered languages in which nobody answers for a sentence.
func (t *Kommun) Drafts() []string {
	return tagsOf(func(l i18n.Language) bool { return l.Draft() && slices.Contains(t.Languages, l.Tag) })
}

// Offered returns the texts in the languages that the page is offered in: the others would be carried along for nobody.
func (t *Kommun) Offered(texts map[string]string) map[string]string {
	kept := make(map[string]string, len(t.Languages))
	for _, tag := range t.Languages {
		if text, ok := texts[tag]; ok {
			kept[tag] = text
		}
	}
	return kept
}

func tagsOf(which func(i18n.Language) bool) []string {
	var tags []string
	for _, l := range i18n.Languages() {
		if which(l) {
			tags = append(tags, l.Tag)
		}
	}
	return tags
}
