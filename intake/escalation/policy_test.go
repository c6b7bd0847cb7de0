package escalation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/escalation"
)

const s = time.Second

// walk goes through a policy from its beginning and says at which second what happens, until it has failed and begins
// again.
func walk(l *escalation.Policy, claimed bool) map[time.Duration]string {
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

func TestTheUsualPolicy(t *testing.T) {
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
			l := escalation.Default(test.soft, test.loud)
			got := walk(l, test.claimed)
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
	l, faults := escalation.New(escalation.Spec{Steps: []escalation.Call{
		{Who: escalation.Everyone, By: "console"}, {Who: escalation.First, By: "push"}, {Who: escalation.First, By: "sms",
			After: 2 * s}, {Who: escalation.Operator, By: "mail", After: 2 * s},
	}, Fails: 3 * s, Hold: 4 * s, Claimed: 5 * s, Again: 6 * s}, []string{"push", "sms", "mail"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := map[time.Duration]string{0: "everyone console, first push", 2 * s: "first sms, operator mail", 3 * s: "fails",
		9 * s: "again"}
	got := walk(l, false)
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
	good := func() escalation.Spec {
		return escalation.Spec{Steps: []escalation.Call{{Who: escalation.First, By: "push", After: s},
			{Who: escalation.Lead, By: "sms", After: 2 * s}}}
	}
	if _, faults := escalation.New(good(), []string{"push", "sms"}); len(faults) > 0 {
		t.Fatal(faults)
	}
	many := slices.Repeat([]escalation.Call{{Who: escalation.First, By: "push"}}, 17)
	for i := range many {
		many[i].After = time.Duration(i) * s
	}
	for _, test := range []struct {
		name, at, says string
		change         func(*escalation.Spec)
	}{
		{"no steps", "steps", "no steps", func(l *escalation.Spec) { l.Steps = nil }},
		{"too many", "steps", "at most 16", func(l *escalation.Spec) { l.Steps = many }},
		{"nobody", "steps[1]", "no who", func(l *escalation.Spec) { l.Steps[1].Who = "" }},
		{"an unknown part", "steps[1].who", "«boss»", func(l *escalation.Spec) { l.Steps[1].Who = "boss" }},
		{"a console of one", "steps[0].who", "write everyone", func(l *escalation.Spec) { l.Steps[0].By = "console" }},
		{"no channel", "steps[0]", "no by", func(l *escalation.Spec) { l.Steps[0].By = "" }},
		{"an unknown channel", "steps[0].by", "known are console, push, sms",
			func(l *escalation.Spec) { l.Steps[0].By = "fax" }},
		{"backwards", "steps[1].after", "earlier", func(l *escalation.Spec) { l.Steps[0].After = 3 * s }},
		{"too late", "steps[1].after", "60m", func(l *escalation.Spec) { l.Steps[1].After = 61 * time.Minute }},
		{"negative", "steps[0].after", "0s to", func(l *escalation.Spec) { l.Steps[0].After = -s }},
		{"twice", "steps[1]", "twice", func(l *escalation.Spec) { l.Steps[1] = l.Steps[0] }},
		{"fails before its last step", "fails", "later than", func(l *escalation.Spec) { l.Fails = 2 * s }},
		{"holds for ever", "hold", "60m", func(l *escalation.Spec) { l.Hold = 2 * time.Hour }},
		{"holds for no time", "hold", "1s", func(l *escalation.Spec) { l.Hold = time.Millisecond }},
		{"waits for ever", "claimed", "60m", func(l *escalation.Spec) { l.Claimed = 2 * time.Hour }},
		{"never again", "again", "240m", func(l *escalation.Spec) { l.Again = 5 * time.Hour }},
		{"consoles alone", "steps", "no step reaches", func(l *escalation.Spec) {
			l.Steps = []escalation.Call{{Who: escalation.Everyone, By: "console"},
				{Who: escalation.Operator, By: "sms", After: s}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := good()
			test.change(&spec)
			_, faults := escalation.New(spec, []string{"push", "sms"})
			if !slices.ContainsFunc(faults,
				func(f escalation.Fault) bool { return f.At == test.at && strings.Contains(f.Problem, test.says) }) {
				t.Errorf("%v, want %s: %s", faults, test.at, test.says)
			}
		})
	}
}

func TestWhoIsCalled(t *testing.T) {
	full := escalation.Responders{First: "Sara", Second: "Amir", Leads: []string{"Karin"},
		Everyone: []string{"Sara", "Amir", "Lo", "Sara"}, Operators: []string{"Drift"}}
	for _, test := range []struct {
		responders escalation.Responders
		who        escalation.Who
		claimer    string
		want       string
	}{
		{full, escalation.First, "", "Sara"},
		{full, escalation.Second, "", "Amir"},
		{full, escalation.Lead, "", "Karin"},
		{full, escalation.Operator, "", "Drift"},
		{full, escalation.Everyone, "", "Amir Lo Sara"},
		// The claimer first, then the second, then the lead; nobody twice.
		{full, escalation.First, "Lo", "Lo"},
		{full, escalation.Second, "Lo", "Sara"},
		{full, escalation.Second, "Sara", "Amir"},
		{full, escalation.Second, "Amir", "Sara"},
		{full, escalation.Lead, "Lo", "Karin"},
		{escalation.Responders{Second: "Amir", Leads: []string{"Karin"}}, escalation.Second, "Amir", "Karin"},
		// The first one has a break, or has gone home: whoever is there with them answers, and the lead sleeps until somebody
		// else is to be called.
		{escalation.Responders{Second: "Amir", Leads: []string{"Karin"}, Everyone: []string{"Amir"}},
			escalation.First, "", "Amir"},
		{escalation.Responders{Second: "Amir", Leads: []string{"Karin"}, Everyone: []string{"Amir"}},
			escalation.Second, "", "Karin"},
		{escalation.Responders{Leads: []string{"Karin"}, Everyone: []string{"Lo"}}, escalation.First, "", "Lo"},
		{escalation.Responders{Leads: []string{"Karin"}, Everyone: []string{"Lo"}}, escalation.Second, "", "Karin"},
		// Two who are first, and nobody second.
		{escalation.Responders{First: "Sara", Leads: []string{"Karin"}, Everyone: []string{"Sara", "Lo"}},
			escalation.Second, "", "Lo"},
		// Holes in the rota.
		{escalation.Responders{Leads: []string{"Karin"}}, escalation.First, "", "Karin"},
		{escalation.Responders{First: "Sara", Leads: []string{"Karin"}}, escalation.Second, "", "Karin"},
		{escalation.Responders{Operators: []string{"Drift"}}, escalation.Everyone, "", "Drift"},
		{escalation.Responders{Operators: []string{"Drift"}}, escalation.Lead, "", "Drift"},
		{escalation.Responders{}, escalation.First, "", ""},
		{escalation.Responders{First: "Sara", Leads: []string{"Karin"}}, escalation.Operator, "", ""},
	} {
		if got := strings.Join(test.responders.Of(test.who, test.claimer), " "); got != test.want {
			t.Errorf("%s with %q of %+v: %q, want %q", test.who, test.claimer, test.responders, got, test.want)
		}
	}
}

func TestKeysTellAlarmsApart(t *testing.T) {
	seen := make(map[string]bool)
	for _, step := range []string{"a", "b"} {
		for _, alias := range []string{"Sara", "Amir"} {
			for _, channel := range []string{"push", "sms"} {
				key := escalation.Key(step, alias, channel)
				if key != escalation.Key(step, alias, channel) || len(key) != 32 || strings.Contains(key, step+alias) {
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
