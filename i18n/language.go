package i18n

import (
	_ "embed" // languages.json
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
)

// Language is one that the visitor's page can be offered in.
type Language struct {
	// Tag is a BCP 47 language tag, as in the catalog's file name.
	Tag string `json:"tag"`
	// Name is the language's own name for itself.
	Name string `json:"name"`
	// Dir is the direction of its script: ltr or rtl.
	Dir string `json:"dir"`
	// Plural names the language whose plural rule it takes: itself, or one with the same rule that every browser knows. A
	// browser asked for a rule that it lacks answers with that of the phone's own language.
	Plural string `json:"plural"`
	// Categories are the plural categories of that rule, in the order of CLDR.
	Categories []string `json:"categories"`
	// Status is draft until a person who is named has read every sentence, then reviewed.
	Status     string `json:"status"`
	ReviewedBy string `json:"reviewed_by"`
	// ReviewedOn is an ISO date.
	ReviewedOn string `json:"reviewed_on"`
}

// Draft says that nobody has answered for this translation yet.
func (l Language) Draft() bool { return l.Status != reviewed }

const (
	draft    = "draft"
	reviewed = "reviewed"
)

//go:embed languages.json
var languagesFile []byte

// Languages returns every language that the release has catalogs in, Swedish first.
func Languages() []Language { return slices.Clone(languages()) }

// Find returns the language with this tag.
func Find(tag string) (Language, bool) {
	i := slices.IndexFunc(languages(), func(l Language) bool { return l.Tag == tag })
	if i < 0 {
		return Language{}, false
	}
	return languages()[i], true
}

var languages = sync.OnceValue(func() []Language {
	all, err := parseLanguages(languagesFile)
	if err != nil {
		panic(err) // part of the release; tests read it
	}
	return all
})

func parseLanguages(raw []byte) ([]Language, error) {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	var all []Language
	if err := decoder.Decode(&all); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, l := range all {
		if seen[l.Tag] {
			return nil, fmt.Errorf("%s stands twice", l.Tag)
		}
		seen[l.Tag] = true
		if err := l.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", l.Tag, err)
		}
	}
	if len(all) == 0 || all[0].Tag != "sv" {
		return nil, fmt.Errorf("the first language is not Swedish")
	}
	return all, nil
}

func (l Language) check() error {
	if _, err := language.Parse(l.Tag); err != nil {
		return fmt.Errorf("no language tag")
	}
	if _, err := language.Parse(l.Plural); err != nil {
		return fmt.Errorf("plural: no language tag")
	}
	_, err := time.Parse(time.DateOnly, l.ReviewedOn)
	switch {
	case l.Name == "":
		return fmt.Errorf("no name")
	case l.Dir != "ltr" && l.Dir != rightToLeft:
		return fmt.Errorf("dir is ltr or rtl")
	case !slices.Contains(l.Categories, "other"):
		return fmt.Errorf("no category `other`")
	case l.Status == draft && (l.ReviewedBy != "" || l.ReviewedOn != ""):
		return fmt.Errorf("a draft that somebody has reviewed")
	case l.Status == reviewed && (strings.TrimSpace(l.ReviewedBy) == "" || err != nil):
		return fmt.Errorf("reviewed, and no person's name or no day")
	case l.Status != draft && l.Status != reviewed:
		return fmt.Errorf("status is draft or reviewed")
	}
	return nil
}

const rightToLeft = "rtl"
