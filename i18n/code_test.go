package i18n_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notWords stand in the sources of the pages as they are: what is typed, and addresses.
var notWords = []string{"Enter", "Ctrl+Enter", "utvag roster add", "www.digg.se/tdosanmalan"}

var (
	// Letters between two tags, or in an attribute that people read or hear.
	between   = regexp.MustCompile(`(?:[^=-])>([^<>{}]*\p{L}{2,}[^<>{}]*)</`)
	attribute = regexp.MustCompile(`\b(?:aria-label|title|placeholder|alt)="([^"]*\p{L}{2,}[^"]*)"`)
	filled    = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
)

// everyFile calls f with each file below web/src and web/pages that ends so.
func everyFile(t *testing.T, endings []string, f func(name, text string)) {
	t.Helper()
	for _, folder := range []string{"../web/src", "../web/pages"} {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || !slices.Contains(endings, filepath.Ext(file)) {
				return err
			}
			raw, err := os.ReadFile(file)
			if err == nil {
				f(file, string(raw))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A sentence in the code is one that nobody translates.
func TestNoTextStandsInTheCode(t *testing.T) {
	looked := 0
	everyFile(t, []string{".tsx", ".html"}, func(name, text string) {
		looked++
		text = filled.ReplaceAllString(text, "")
		for _, pattern := range []*regexp.Regexp{between, attribute} {
			for _, match := range pattern.FindAllStringSubmatch(text, -1) {
				if words := strings.TrimSpace(match[1]); !slices.Contains(notWords, words) {
					t.Errorf("%s says %q: put it into the catalogs", name, words)
				}
			}
		}
	})
	if looked < 30 {
		t.Fatalf("only %d files were looked at", looked)
	}
	for text, want := range map[string]bool{
		`<p>Hej du</p>`: true, `<b title="Lämna">{t("x")}</b>`: true, `<p>{t("x")}</p>`: false, `(a) => (b > c)</`: false,
	} {
		if got := between.MatchString(text) || attribute.MatchString(text); got != want {
			t.Errorf("%s: found %v", text, got)
		}
	}
}

// What has a left and a right stands on the wrong side in half of the scripts.
var sided = regexp.MustCompile(
	`(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)(?:-\w+)?|left|right|(?:border|scroll-margin|scroll-padding)-(?:top|bottom)-(?:left|right)(?:-radius)?|float|text-align)\s*:\s*([^;}]+)`)

func TestStylesKnowNoLeftAndRight(t *testing.T) {
	looked := 0
	everyFile(t, []string{".css", ".html"}, func(name, text string) {
		looked++
		for _, match := range sided.FindAllStringSubmatch(text, -1) {
			switch strings.TrimSpace(match[1]) {
			case "start", "end", "center", "inline-start", "inline-end", "none":
			default:
				t.Errorf("%s: %q: use its logical twin, such as margin-inline-start", name, strings.TrimSpace(match[0]))
			}
		}
	})
	if looked < 8 {
		t.Fatalf("only %d files were looked at", looked)
	}
	for text, want := range map[string]bool{"p{margin-left: 1px}": true, "p{text-align:left}": true,
		"p{inset-inline-start: 0}": false, "p {margin-inline-start: 0}": false} {
		if got := sided.MatchString(text); got != want {
			t.Errorf("%s: found %v", text, got)
		}
	}
}
