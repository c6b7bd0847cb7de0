package repotest

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	widestCode = 120
	// besides is how much may stand on a long line beside the one thing that cannot be broken.
	besides = 60
)

var (
	sources     = regexp.MustCompile(`\.(?:go|ts|tsx|mjs|css|sh)$|(?:^|/)Makefile$|^\.ci/run$`)
	generated   = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	unbreakable = regexp.MustCompile("^[`/].*[`/][),;]*$|\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`|'(?:\\\\.|[^'\\\\])*'|/(?:\\\\.|[^/\\\\\\s])+/|[^\\s\"'`]+")
)

// tooWide reports whether a line is longer than it may be, and not for the sake of one string, pattern or address.
func tooWide(line string) bool {
	line = strings.TrimSpace(line)
	longest := 0
	for _, one := range unbreakable.FindAllString(line, -1) {
		longest = max(longest, utf8.RuneCountInString(one))
	}
	return utf8.RuneCountInString(line)-longest > besides
}

func TestNoLineIsTooLong(t *testing.T) {
	looked := 0
	textFiles(t, func(name, text string) {
		if !sources.MatchString(name) || generated.MatchString(text) || strings.Contains(name, "/testdata/") {
			return
		}
		looked++
		for i, line := range strings.Split(text, "\n") {
			if utf8.RuneCountInString(line) > widestCode && tooWide(line) {
				t.Errorf("%s:%d: longer than %d: %s", name, i+1, widestCode, strings.TrimSpace(line))
			}
		}
	})
	if looked < 300 {
		t.Errorf("only %d files were looked at", looked)
	}
}

func TestTooWideFindsWhatItShould(t *testing.T) {
	for line, want := range map[string]bool{
		strings.Repeat("word ", 30):                                                true,
		"	t.Error(\"" + strings.Repeat("one sentence ", 12) + "\")":                false,
		"// " + strings.Repeat("word ", 5) + "https://" + strings.Repeat("x", 120): false,
		"call(" + strings.Repeat(`"a", `, 40) + ")":                                true,
	} {
		if got := tooWide(line); got != want {
			t.Errorf("%v for %q", got, line)
		}
	}
}

// widestProse is of Markdown, where each sentence has a line; tables apart, whose rows cannot be broken.
const widestProse = 160

func TestNoSentenceIsTooLong(t *testing.T) {
	looked := 0
	textFiles(t, func(name, text string) {
		if !strings.HasSuffix(name, ".md") {
			return
		}
		looked++
		for i, line := range strings.Split(text, "\n") {
			row := strings.HasPrefix(strings.TrimSpace(line), "|")
			if length := utf8.RuneCountInString(line); !row && length > widestProse {
				t.Errorf("%s:%d: %d characters, at most %d: %s", name, i+1, length, widestProse, line)
			}
		}
	})
	if looked < 10 {
		t.Errorf("only %d files were looked at", looked)
	}
}
