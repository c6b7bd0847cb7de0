package repotest

import (
	"regexp"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range own(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.name())
		}
	}
}

// The patterns are put together here, so that this file does not hold what it looks for.
var (
	unfinished = regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)
	machine    = regexp.MustCompile(`(?:^|[\s"'` + "`" +
		`(=:])/(?:ro` + `ot|ho` + `me|Us` + `ers|wo` + `rk)/[A-Za-z0-9_.]`)
)

func TestNothingIsLeftUnfinished(t *testing.T) {
	textFiles(t, func(name, text string) {
		if strings.HasSuffix(name, "package-lock.json") {
			return
		}
		for i, line := range strings.Split(text, "\n") {
			if unfinished.MatchString(line) {
				t.Errorf("%s:%d: finish it or take it out: %s", name, i+1, strings.TrimSpace(line))
			}
			if machine.MatchString(line) {
				t.Errorf("%s:%d: a path of somebody's own machine: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	})
}

func TestPatternsFindWhatTheyShould(t *testing.T) {
	for _, line := range []string{"// TO" + "DO: later", "FIX" + "ME", "x // HA" + "CK"} {
		if !unfinished.MatchString(line) {
			t.Errorf("%q was not found", line)
		}
	}
	for _, line := range []string{`"/ro` + `ot/x"`, "cd /ho" + "me/karin", "/wo" + "rk/main"} {
		if !machine.MatchString(line) {
			t.Errorf("%q was not found", line)
		}
	}
	for _, line := range []string{"https://example.org/home/x", "/run/utvag/web.sock", "mastodon"} {
		if unfinished.MatchString(line) || machine.MatchString(line) {
			t.Errorf("%q was found", line)
		}
	}
}
