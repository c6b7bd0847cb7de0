package i18n_test

import (
	"errors"
	"testing"

	"github.com/utvag/utvag/i18n"
)

// The same cases are read by web/test/i18n: what Go renders and what the pages render must not differ.
func TestRendersTheSharedCases(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 200 {
		t.Fatalf("only %d cases were read", len(cases))
	}
	for _, c := range cases {
		got, err := c.render()
		if err != nil {
			t.Errorf("%s %s: %v", c.Lang, c.Key, err)
		} else if got != c.Want {
			t.Errorf("%s %s:\n got %q\nwant %q", c.Lang, c.Key, got, c.Want)
		}
	}
}

func TestTextRefusesWhatItCannotSay(t *testing.T) {
	for name, c := range map[string]struct {
		tag, key string
		slots    i18n.Slots
	}{
		"unknown key":          {"sv", "start.h2", nil},
		"unknown language":     {"de", "start.h1", nil},
		"a near language":      {"sv-FI", "start.h1", nil},
		"missing slot":         {"sv", "start.p1", nil},
		"slot too many":        {"sv", "start.h1", i18n.Slots{"kommun": "Botkyrka"}},
		"slot of another kind": {"sv", "start.p1", i18n.Slots{"kommun": 1.5}},
		"plural without count": {"sv", "lim.7", i18n.Slots{"hours": "24"}},
	} {
		if text, err := i18n.Text(c.tag, c.key, c.slots); err == nil || text != "" {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
	if _, err := i18n.Text("sv", "start.h2", nil); !errors.Is(err, i18n.ErrUnknown) {
		t.Errorf("unknown key: %v", err)
	}
}

func TestASentenceIsReplacedWhereItsClaimFails(t *testing.T) {
	for _, c := range []struct {
		key   string
		facts i18n.Facts
		want  string
	}{
		{"start.h1", i18n.Facts{}, "start.h1"},
		{"info.ip", i18n.Facts{Claims: []string{"no_ip_stored"}}, "info.ip"},
		{"info.ip", i18n.Facts{Claims: []string{"e2ee_active"}, Slots: []string{"days"}}, "info.ip.alt"},
		{"info.ip", i18n.Facts{}, "info.ip.alt.nodays"},
		{"minor.bris", i18n.Facts{}, ""},
		{"minor.bris", i18n.Facts{Numbers: []string{"children"}}, "minor.bris"},
	} {
		got, err := i18n.Honest(c.key, c.facts)
		if err != nil || got != c.want {
			t.Errorf("%s with %v: got %q, %v, want %q", c.key, c.facts, got, err, c.want)
		}
	}
}

func TestEveryConditionNamesSentencesThatExist(t *testing.T) {
	conditions, err := i18n.Conditions()
	if err != nil {
		t.Fatal(err)
	}
	if len(conditions) == 0 {
		t.Fatal("no condition was read")
	}
	for _, lang := range i18n.Languages() {
		all := everything(t, lang.Tag)
		for key, condition := range conditions {
			if _, ok := all[key]; !ok {
				t.Errorf("%s: claims.json names %s, which is no sentence", lang.Tag, key)
			}
			if condition.Alt != "" {
				if _, ok := all[condition.Alt]; !ok {
					t.Errorf("%s: the alternative %s of %s is no sentence", lang.Tag, condition.Alt, key)
				}
			}
			if condition.Claim == "" && condition.Slot == "" && condition.Number == "" {
				t.Errorf("%s depends on nothing", key)
			}
			if condition.Claim != "" && condition.Alt == "" {
				t.Errorf("%s: a safety claim needs an honest alternative", key)
			}
		}
	}
}
