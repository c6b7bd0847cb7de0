package number

import (
	"strings"
	"testing"
	"time"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestHolds(t *testing.T) {
	verified := date("2026-05-01")
	n := Number{Verified: verified}
	short := Number{Verified: verified, Validity: 24 * time.Hour}
	for _, c := range []struct {
		name string
		n    Number
		at   time.Time
		want bool
	}{
		{"on the day", n, verified, true},
		{"just before its end", n, verified.Add(DefaultValidity - time.Second), true},
		{"at its end", n, verified.Add(DefaultValidity), false},
		{"with a validity of its own", short, verified.Add(25 * time.Hour), false},
		{"never verified", Number{}, verified, false},
		{"verified tomorrow, by a zone ahead", n, verified.Add(-23 * time.Hour), true},
		{"verified next week", n, verified.Add(-7 * 24 * time.Hour), false},
		{"112, years later", Number{Lasting: true}, verified.AddDate(20, 0, 0), true},
	} {
		if got := c.n.Holds(c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestReport(t *testing.T) {
	all := []Number{
		{ID: "emergency", Number: "112", Lasting: true},
		{ID: "fresh", Number: "1", Verified: date("2026-11-01")},
		{ID: "soon", Number: "2", Verified: date("2026-06-01")},
		{ID: "over", Number: "3", Verified: date("2025-06-01")},
		{ID: "never", Number: "4"},
	}
	now := date("2026-11-22")
	report := strings.Join(Report(all, now), "\n")
	for _, want := range []string{"soon 2 is shown until 2026-11-28", "over 3 is not shown", "never 4 is not shown"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "fresh") || strings.Contains(report, "112") {
		t.Errorf("the report names what is well:\n%s", report)
	}
	var shown []string
	for _, n := range Current(all, now) {
		shown = append(shown, n.ID)
	}
	if strings.Join(shown, " ") != "emergency fresh soon" {
		t.Errorf("shown: %v", shown)
	}
}

func TestCheck(t *testing.T) {
	good := Number{ID: "kommun", Number: "08-530 610 00", Label: map[string]string{"sv": "Växeln"}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "1", "08 530  610", "tel:112", "112;ext=1", "+", "0800-CHAT", "112 ",
		strings.Repeat("1", 40)} {
		n := good
		n.Number = bad
		if n.Check() == nil {
			t.Errorf("%q was taken for a number", bad)
		}
	}
	for _, change := range []func(*Number){
		func(n *Number) { n.ID = "" }, func(n *Number) { n.ID = "A b" }, func(n *Number) { n.Label = nil },
		func(n *Number) { n.Validity = -1 },
	} {
		n := good
		change(&n)
		if n.Check() == nil {
			t.Errorf("%+v passed", n)
		}
	}
}

func TestNational(t *testing.T) {
	if len(NationalIDs) != len(national()) {
		t.Fatalf("%d ids for %d numbers", len(NationalIDs), len(national()))
	}
	for _, id := range NationalIDs {
		n, ok := National(id)
		if !ok {
			t.Fatalf("%s is missing", id)
		}
		if err := n.Check(); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		if n.Lasting != (id == "emergency") {
			t.Errorf("%s: only 112 lasts", id)
		}
		for _, lang := range []string{"sv", "en"} {
			if n.Label[lang] == "" || n.Hours[lang] == "" {
				t.Errorf("%s lacks a text in %s", id, lang)
			}
		}
	}
}
