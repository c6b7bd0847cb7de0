// Package i18n holds the sentences of both pages, and renders those that Go shows.
//
// The catalogs in catalog/ are shared with the TypeScript clients, which carry their own small renderer;
// testdata/render.json holds both to the same results.
package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed catalog/*.json
var catalogs embed.FS

// Slots gives the placeholders of a sentence their values: a string or an int each. A sentence with plural forms takes
// the form of its first placeholder, which must be an int.
type Slots map[string]any

// ErrUnknown says that there is no such sentence in that language. Nothing is ever shown in another language instead.
var ErrUnknown = errors.New("no such sentence")

// Text renders the sentence key in the language tag. A missing slot is an error, and so is one that the sentence does
// not have.
func Text(tag, key string, slots Slots) (string, error) {
	book, err := load()
	if err != nil {
		return "", err
	}
	forms, ok := book.forms[tag][key]
	if !ok {
		return "", fmt.Errorf("%w: %s in %q", ErrUnknown, key, tag)
	}
	if err := checkSlots(forms, slots); err != nil {
		return "", fmt.Errorf("%s in %q: %w", key, tag, err)
	}
	spoken := book.spoken[tag]
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: slots, TemplateParser: bracesParser{}}
	if spoken.Dir == rightToLeft {
		config.TemplateData = slots.isolated()
	}
	if forms.plural() {
		config.PluralCount = slots[forms.count()]
	}
	text, err := spoken.localizer.Localize(config)
	if err != nil {
		return "", fmt.Errorf("%s in %q: %w", key, tag, err)
	}
	return text, nil
}

// Fill renders a sentence that is not in a catalog, such as a kommun's own, as Text would.
func Fill(tag, sentence string, slots Slots) (string, error) {
	if err := checkSlots(Forms{"other": sentence}, slots); err != nil {
		return "", err
	}
	if lang, ok := Find(tag); ok && lang.Dir == rightToLeft {
		sentence, slots = isolateNumbers(sentence), slots.isolated()
	}
	return braces(sentence).Execute(slots)
}

// Forms is a sentence as it stands in a catalog: by plural category, `other` alone where it has no plural forms.
type Forms map[string]string

func (f Forms) plural() bool { return len(f) > 1 }

// count names the placeholder that chooses the form: the first of `other`.
func (f Forms) count() string {
	names := Placeholders(f["other"])
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func checkSlots(forms Forms, slots Slots) error {
	wanted := Placeholders(forms["other"])
	for _, name := range wanted {
		switch slots[name].(type) {
		case string, int:
		default:
			return fmt.Errorf("slot %q has no value that can be shown", name)
		}
	}
	for name := range slots {
		if !slices.Contains(wanted, name) {
			return fmt.Errorf("there is no slot %q", name)
		}
	}
	if forms.plural() {
		if _, ok := slots[forms.count()].(int); !ok {
			return fmt.Errorf("slot %q chooses the plural form and must be an int", forms.count())
		}
	}
	return nil
}

// Catalog reads one file of catalog/, such as `phrases.sv.json`.
func Catalog(file string) (map[string]Forms, error) {
	raw, err := catalogs.ReadFile("catalog/" + file)
	if err != nil {
		return nil, err
	}
	return ParseCatalog(raw)
}

// ParseCatalog reads a catalog: an object whose values are sentences, or objects with a sentence for each plural
// category.
func ParseCatalog(raw []byte) (map[string]Forms, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, err
	}
	sentences := make(map[string]Forms, len(values))
	for key, value := range values {
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			sentences[key] = Forms{"other": plain}
			continue
		}
		var forms Forms
		if err := json.Unmarshal(value, &forms); err != nil {
			return nil, fmt.Errorf("%s: neither a sentence nor plural forms", key)
		}
		if forms["other"] == "" {
			return nil, fmt.Errorf("%s: no form `other`", key)
		}
		sentences[key] = forms
	}
	return sentences, nil
}

// library is every catalog, parsed once.
type library struct {
	forms  map[string]map[string]Forms
	spoken map[string]spoken
}

// spoken is a language with what renders it. Each has a bundle of its own, named by the language whose plural rule it
// takes: go-i18n has none for some of ours, and must choose the same forms as a browser.
type spoken struct {
	Language
	bundle    *i18n.Bundle
	localizer *i18n.Localizer
}

func (s spoken) add(key string, forms Forms) error {
	text := make(Forms, len(forms))
	for form, sentence := range forms {
		if s.Dir == rightToLeft {
			sentence = isolateNumbers(sentence)
		}
		text[form] = sentence
	}
	return s.bundle.AddMessages(language.MustParse(s.Plural), &i18n.Message{
		ID: key, Zero: text["zero"], One: text["one"], Two: text["two"], Few: text["few"], Many: text["many"],
		Other: text["other"],
	})
}

var load = sync.OnceValues(func() (*library, error) {
	book := &library{forms: map[string]map[string]Forms{}, spoken: map[string]spoken{}}
	for _, lang := range languages() {
		bundle := i18n.NewBundle(language.MustParse(lang.Plural))
		book.spoken[lang.Tag] = spoken{lang, bundle, i18n.NewLocalizer(bundle, lang.Plural)}
		book.forms[lang.Tag] = map[string]Forms{}
	}
	files, err := catalogs.ReadDir("catalog")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		tag := TagOf(file.Name())
		spoken, known := book.spoken[tag]
		if !known {
			return nil, fmt.Errorf("%s: languages.json has no %q", file.Name(), tag)
		}
		sentences, err := Catalog(file.Name())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		for key, forms := range sentences {
			if _, twice := book.forms[tag][key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another catalog too", file.Name(), key)
			}
			book.forms[tag][key] = forms
			if err := spoken.add(key, forms); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file.Name(), key, err)
			}
		}
	}
	return book, nil
})

// TagOf returns the language of a catalog by its file name: `sv` of `desk.sv.json`.
func TagOf(file string) string {
	parts := strings.Split(strings.TrimSuffix(file, ".json"), ".")
	return parts[len(parts)-1]
}
