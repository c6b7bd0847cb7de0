package main

import (
	"path"
	"regexp"
	"testing"

	"github.com/utvag/utvag/web/internal/manifest"
)

// A property that is read by a name in quotes would not be found under its short one.
func TestNoInnerNameIsReadInQuotes(t *testing.T) {
	built := rebuild(t)
	for page, names := range built.release.Pages {
		for name := range names.Entries {
			if path.Ext(name) != ".js" {
				continue
			}
			script := built.files[path.Join(string(page), name)]
			for _, one := range inner {
				if regexp.MustCompile("[\"'`]" + one + "[\"'`]").Match(script) {
					t.Errorf("%s: %s stands in quotes", page, one)
				}
				if page == manifest.Visitor && regexp.MustCompile(`\.`+one+`\b`).Match(script) {
					t.Errorf("%s keeps its long name", one)
				}
			}
		}
	}
}
