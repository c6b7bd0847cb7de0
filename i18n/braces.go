package i18n

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// The catalogs write placeholders as {name}, which translators and the TypeScript renderer can read without knowing
// text/template.
var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

// Placeholders lists the names in a sentence, in the order of their first use.
func Placeholders(sentence string) []string {
	var names []string
	seen := map[string]bool{}
	for _, match := range placeholder.FindAllStringSubmatch(sentence, -1) {
		if !seen[match[1]] {
			seen[match[1]] = true
			names = append(names, match[1])
		}
	}
	return names
}

// bracesParser lets go-i18n read our placeholders.
type bracesParser struct{}

func (bracesParser) Cacheable() bool { return true }

func (bracesParser) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	if strings.ContainsAny(placeholder.ReplaceAllString(src, ""), "{}") {
		return nil, fmt.Errorf("a brace that belongs to no placeholder")
	}
	return braces(src), nil
}

type braces string

func (b braces) Execute(values any) (string, error) {
	slots, _ := values.(Slots)
	var missing error
	text := placeholder.ReplaceAllStringFunc(string(b), func(match string) string {
		switch value := slots[match[1:len(match)-1]].(type) {
		case string:
			return value
		case int:
			return strconv.Itoa(value)
		default:
			missing = fmt.Errorf("placeholder %s has no value", match)
			return ""
		}
	})
	return text, missing
}
