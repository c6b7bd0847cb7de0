package main

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

type flowCommands struct {
	Lint    flowLintCommand    `cmd:"" help:"Say what is wrong with a flow, with file, line and reason."`
	Preview flowPreviewCommand `cmd:"" help:"Walk through a flow in the terminal. Nothing is sent."`
}

// shippedFlow is what the release's own flow is called in a mistake.
const shippedFlow = "intake/flow/flow.yaml"

// mostOwn bounds what a kommun's own questions and words may weigh in the page, which everybody loads, on any network.
const mostOwn = 24_000

// flowRefused is everything that is wrong with a flow, where that was all that was asked.
type flowRefused struct{ mistakes }

// checkFlow judges what the page will ask, whether it is the kommun's own or the release's.
func (s *source) checkFlow(at string, k *KommunConfig, t *tenant) {
	document, name := flow.Shipped(), shippedFlow
	if k.Flow != "" {
		name = s.path(k.Flow)
		text, err := os.ReadFile(name)
		if err != nil {
			s.wrong(at+".flow", "cannot be read: %s", plain(err))
			return
		}
		document = flow.Read(text)
	}
	var words *flow.Words
	if k.Words != "" {
		text, err := os.ReadFile(s.path(k.Words))
		if err != nil {
			s.wrong(at+".words", "cannot be read: %s", plain(err))
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
		t.flow, weight = compact, len(compact)
	}
	if words != nil {
		t.words = words.Texts
		if text, err := json.Marshal(words.Texts); err == nil {
			weight += len(text)
		}
	}
	if weight > mostOwn {
		s.wrong(at, "flow and words make %d bytes of the page, at most %d: everybody loads them", weight, mostOwn)
	}
}

// bookOf is what a kommun's flow is judged against. Without a kommun: every language and number of the release.
func bookOf(t *tenant) flow.Book {
	book := flow.Book{Languages: t.languages, Text: plainText, Tied: tied, Numbers: slices.Clone(number.NationalIDs)}
	if len(book.Languages) == 0 {
		book.Languages = tagsOf(func(i18n.Language) bool { return true })
	}
	for i := range t.numbers {
		book.Numbers = append(book.Numbers, t.numbers[i].ID)
	}
	slices.Sort(book.Numbers)
	book.Numbers = slices.Compact(book.Numbers)
	return book
}

// plainText is a sentence of the visitor's catalog as it stands there, if it has no plural forms.
func plainText(tag, key string) string {
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

type flowLintCommand struct {
	File   string `arg:"" optional:"" help:"A flow to judge by itself; without one and without --config, that of this release."`
	Words  string `placeholder:"FILE" help:"Words of the kommun to it."`
	Config string `placeholder:"FILE" help:"Judge what this configuration would show."`
}

// Run says nothing but that all is well, or everything that is not.
func (c *flowLintCommand) Run(t terminal) error {
	if _, err := chooseFlows(t, c.Config, c.File, c.Words); err != nil {
		return err
	}
	_, err := t.stdout.Write([]byte("The flow is right.\n"))
	return err
}
