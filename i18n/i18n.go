// Package i18n holds the sentences of both pages, and renders those that Go shows.
//
// The catalogs in catalog/ are shared with the TypeScript clients, which carry their own small renderer; testdata/render.json
// holds both to the same results.
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

// Language is one that both pages are offered in.
type Language struct {
	// Tag is a BCP 47 language tag, as in the catalog's file name.
	Tag string
	// Name is the language's own name for itself.
	Name string
}

// Languages returns what is offered, the default first.
func Languages() []Language {
	return []Language{{"sv", "Svenska"}, {"en", "English"}}
}

// Slots gives the placeholders of a sentence their values: a string or an int each. A sentence with plural forms takes the
// form of its first placeholder, which must be an int.
type Slots map[string]any

// ErrUnknown says that there is no such sentence in that language. Nothing is ever shown in another language instead.
var ErrUnknown = errors.New("no such sentence")

// Text renders the sentence key in the language tag. A missing slot is an error, and so is one that the sentence does not have.
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
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: slots, TemplateParser: bracesParser{}}
	if forms.plural() {
		config.PluralCount = slots[forms.count()]
	}
	text, err := book.localizers[tag].Localize(config)
	if err != nil {
		return "", fmt.Errorf("%s in %q: %w", key, tag, err)
	}
	return text, nil
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

// ParseCatalog reads a catalog: an object whose values are sentences, or objects with a sentence for each plural category.
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
	forms      map[string]map[string]Forms
	localizers map[string]*i18n.Localizer
}

var load = sync.OnceValues(func() (*library, error) {
	bundle := i18n.NewBundle(language.MustParse(Languages()[0].Tag))
	book := &library{forms: map[string]map[string]Forms{}, localizers: map[string]*i18n.Localizer{}}
	files, err := catalogs.ReadDir("catalog")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		raw, err := catalogs.ReadFile("catalog/" + file.Name())
		if err != nil {
			return nil, err
		}
		sentences, err := ParseCatalog(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		tag := TagOf(file.Name())
		if book.forms[tag] == nil {
			book.forms[tag] = map[string]Forms{}
		}
		for key, forms := range sentences {
			if _, twice := book.forms[tag][key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another catalog too", file.Name(), key)
			}
			book.forms[tag][key] = forms
		}
		if _, err := bundle.ParseMessageFileBytes(raw, file.Name()); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	for tag := range book.forms {
		book.localizers[tag] = i18n.NewLocalizer(bundle, tag)
	}
	return book, nil
})

// TagOf returns the language of a catalog by its file name: `sv` of `desk.sv.json`.
func TagOf(file string) string {
	parts := strings.Split(strings.TrimSuffix(file, ".json"), ".")
	return parts[len(parts)-1]
}
