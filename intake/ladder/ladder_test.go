package ladder_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/ladder"
)

const s = time.Second

// climb walks a ladder from its beginning and tells at which second what happens, until it has failed and begins again.
func climb(l *ladder.Ladder, claimed bool) map[time.Duration]string {
	said := make(map[time.Duration]string)
	step, at := l.First(claimed)
	for ; ; step++ {
		if step == l.Steps() {
			said[at] = "fails"
			said[at+l.Next(step)] = "again"
			return said
		}
		var calls []string
		for _, c := range l.At(step) {
			calls = append(calls, string(c.Who)+" "+c.By)
		}
		said[at] = strings.Join(calls, ", ")
		at += l.Next(step)
	}
}

func TestTheUsualLadder(t *testing.T) {
	for _, test := range []struct {
		name       string
		soft, loud string
		claimed    bool
		want       map[time.Duration]string
	}{
		{"of an opening, whose consoles are told by it", "push", "sms", false, map[time.Duration]string{
			20 * s: "first push", 60 * s: "first sms", 180 * s: "second sms", 360 * s: "lead sms", 480 * s: "fails",
			1080 * s: "again"}},
		{"of a claimed conversation", "push", "sms", true, map[time.Duration]string{
			300 * s: "everyone console", 320 * s: "first push", 360 * s: "first sms", 480 * s: "second sms", 660 * s: "lead sms",
			780 * s: "fails", 1380 * s: "again"}},
		{"with one channel", "", "sms", false, map[time.Duration]string{
			20 * s: "first sms", 60 * s: "first sms", 180 * s: "second sms", 360 * s: "lead sms", 480 * s: "fails",
			1080 * s: "again"}},
		{"without any", "", "", false, map[time.Duration]string{
			60 * s: "everyone console", 180 * s: "everyone console", 300 * s: "fails", 900 * s: "again"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := ladder.Default(test.soft, test.loud)
			got := climb(l, test.claimed)
			for at, want := range test.want {
				if got[at] != want {
					t.Errorf("at %v: %q, want %q", at, got[at], want)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
			if lacks := l.Lacks(); (lacks == "") != (test.soft+test.loud != "") {
				t.Errorf("it lacks %q", lacks)
			}
			if l.Longest() < 10*time.Minute {
				t.Errorf("longest %v", l.Longest())
			}
		})
	}
}

func TestCallsAtTheSameTimeAreOneStep(t *testing.T) {
	l, faults := ladder.New(ladder.Spec{Steps: []ladder.Call{
		{Who: ladder.Everyone, By: "console"}, {Who: ladder.First, By: "push"}, {Who: ladder.First, By: "sms",
			After: 2 * s}, {Who: ladder.Operator, By: "mail", After: 2 * s},
	}, Fails: 3 * s, Hold: 4 * s, Claimed: 5 * s, Again: 6 * s}, []string{"push", "sms", "mail"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := map[time.Duration]string{0: "everyone console, first push", 2 * s: "first sms, operator mail", 3 * s: "fails",
		9 * s: "again"}
	got := climb(l, false)
	for at, calls := range want {
		if got[at] != calls {
			t.Errorf("at %v: %q, want %q", at, got[at], calls)
		}
	}
	if len(got) != len(want) || l.Held() != 4*s {
		t.Errorf("%v, held %v", got, l.Held())
	}
	if step, after := l.First(true); step != 0 || after != 5*s {
		t.Errorf("claimed: step %d after %v", step, after)
	}
	if l.Longest() != 6*s {
		t.Errorf("longest %v", l.Longest())
	}
	for _, step := range []int{-1, 2, 3} {
		if calls := l.At(step); calls != nil {
			t.Errorf("step %d has %v", step, calls)
		}
	}
}

func TestFaults(t *testing.T) {
	good := func() ladder.Spec {
		return ladder.Spec{Steps: []ladder.Call{{Who: ladder.First, By: "push", After: s},
			{Who: ladder.Lead, By: "sms", After: 2 * s}}}
	}
	if _, faults := ladder.New(good(), []string{"push", "sms"}); len(faults) > 0 {
		t.Fatal(faults)
	}
	many := slices.Repeat([]ladder.Call{{Who: ladder.First, By: "push"}}, 17)
	for i := range many {
		many[i].After = time.Duration(i) * s
	}
	for _, test := range []struct {
		name, at, says string
		change         func(*ladder.Spec)
	}{
		{"no steps", "steps", "no steps", func(l *ladder.Spec) { l.Steps = nil }},
		{"too many", "steps", "at most 16", func(l *ladder.Spec) { l.Steps = many }},
		{"nobody", "steps[1]", "no who", func(l *ladder.Spec) { l.Steps[1].Who = "" }},
		{"an unknown part", "steps[1].who", "«boss»", func(l *ladder.Spec) { l.Steps[1].Who = "boss" }},
		{"a console of one", "steps[0].who", "write everyone", func(l *ladder.Spec) { l.Steps[0].By = "console" }},
		{"no channel", "steps[0]", "no by", func(l *ladder.Spec) { l.Steps[0].By = "" }},
		{"an unknown channel", "steps[0].by", "known are console, push, sms", func(l *ladder.Spec) { l.Steps[0].By = "fax" }},
		{"backwards", "steps[1].after", "earlier", func(l *ladder.Spec) { l.Steps[0].After = 3 * s }},
		{"too late", "steps[1].after", "60m", func(l *ladder.Spec) { l.Steps[1].After = 61 * time.Minute }},
		{"negative", "steps[0].after", "0s to", func(l *ladder.Spec) { l.Steps[0].After = -s }},
		{"twice", "steps[1]", "twice", func(l *ladder.Spec) { l.Steps[1] = l.Steps[0] }},
		{"fails before its last step", "fails", "later than", func(l *ladder.Spec) { l.Fails = 2 * s }},
		{"holds for ever", "hold", "60m", func(l *ladder.Spec) { l.Hold = 2 * time.Hour }},
		{"holds for no time", "hold", "1s", func(l *ladder.Spec) { l.Hold = time.Millisecond }},
		{"waits for ever", "claimed", "60m", func(l *ladder.Spec) { l.Claimed = 2 * time.Hour }},
		{"never again", "again", "240m", func(l *ladder.Spec) { l.Again = 5 * time.Hour }},
		{"consoles alone", "steps", "no step reaches", func(l *ladder.Spec) {
			l.Steps = []ladder.Call{{Who: ladder.Everyone, By: "console"}, {Who: ladder.Operator, By: "sms", After: s}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := good()
			test.change(&spec)
			_, faults := ladder.New(spec, []string{"push", "sms"})
			if !slices.ContainsFunc(faults,
				func(f ladder.Fault) bool { return f.At == test.at && strings.Contains(f.Problem, test.says) }) {
				t.Errorf("%v, want %s: %s", faults, test.at, test.says)
			}
		})
	}
}

func TestWhoIsCalled(t *testing.T) {
	full := ladder.Duty{First: "Sara", Second: "Amir", Leads: []string{"Karin"},
		Everyone: []string{"Sara", "Amir", "Lo", "Sara"}, Operators: []string{"Drift"}}
	for _, test := range []struct {
		duty    ladder.Duty
		who     ladder.Who
		claimer string
		want    string
	}{
		{full, ladder.First, "", "Sara"},
		{full, ladder.Second, "", "Amir"},
		{full, ladder.Lead, "", "Karin"},
		{full, ladder.Operator, "", "Drift"},
		{full, ladder.Everyone, "", "Amir Lo Sara"},
		// The claimer first, then the second, then the lead; nobody twice.
		{full, ladder.First, "Lo", "Lo"},
		{full, ladder.Second, "Lo", "Sara"},
		{full, ladder.Second, "Sara", "Amir"},
		{full, ladder.Second, "Amir", "Sara"},
		{full, ladder.Lead, "Lo", "Karin"},
		{ladder.Duty{Second: "Amir", Leads: []string{"Karin"}}, ladder.Second, "Amir", "Karin"},
		// The first one has a break, or has gone home: whoever is there with them answers, and the lead sleeps until somebody
		// else is to be called.
		{ladder.Duty{Second: "Amir", Leads: []string{"Karin"}, Everyone: []string{"Amir"}}, ladder.First, "", "Amir"},
		{ladder.Duty{Second: "Amir", Leads: []string{"Karin"}, Everyone: []string{"Amir"}}, ladder.Second, "", "Karin"},
		{ladder.Duty{Leads: []string{"Karin"}, Everyone: []string{"Lo"}}, ladder.First, "", "Lo"},
		{ladder.Duty{Leads: []string{"Karin"}, Everyone: []string{"Lo"}}, ladder.Second, "", "Karin"},
		// Two who are first, and nobody second.
		{ladder.Duty{First: "Sara", Leads: []string{"Karin"}, Everyone: []string{"Sara", "Lo"}}, ladder.Second, "", "Lo"},
		// Holes in the rota.
		{ladder.Duty{Leads: []string{"Karin"}}, ladder.First, "", "Karin"},
		{ladder.Duty{First: "Sara", Leads: []string{"Karin"}}, ladder.Second, "", "Karin"},
		{ladder.Duty{Operators: []string{"Drift"}}, ladder.Everyone, "", "Drift"},
		{ladder.Duty{Operators: []string{"Drift"}}, ladder.Lead, "", "Drift"},
		{ladder.Duty{}, ladder.First, "", ""},
		{ladder.Duty{First: "Sara", Leads: []string{"Karin"}}, ladder.Operator, "", ""},
	} {
		if got := strings.Join(test.duty.Called(test.who, test.claimer), " "); got != test.want {
			t.Errorf("%s with %q of %+v: %q, want %q", test.who, test.claimer, test.duty, got, test.want)
		}
	}
}

func TestKeysTellAlarmsApart(t *testing.T) {
	seen := make(map[string]bool)
	for _, step := range []string{"a", "b"} {
		for _, alias := range []string{"Sara", "Amir"} {
			for _, channel := range []string{"push", "sms"} {
				key := ladder.Key(step, alias, channel)
				if key != ladder.Key(step, alias, channel) || len(key) != 32 || strings.Contains(key, step+alias) {
					t.Errorf("key %q", key)
				}
				seen[key] = true
			}
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d keys for 8 alarms", len(seen))
	}
}
