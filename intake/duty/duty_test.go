package duty_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
)

// at is a time of 24 November 2026, in UTC; hours beyond 24 are of the days after.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour, minute, 0, 0, time.UTC) }

func span(from, to int) hours.Span { return hours.Span{Start: at(from, 0), End: at(to, 0)} }

// shifts is a rota of shifts such as «first Sara 8 13», in whole hours of the day.
func shifts(t *testing.T, said ...string) *rota.Rota {
	t.Helper()
	var text strings.Builder
	text.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n")
	for i, s := range said {
		var level, alias string
		var from, to int
		if _, err := fmt.Sscan(s, &level, &alias, &from, &to); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "BEGIN:VEVENT\r\nUID:%d\r\nSUMMARY:%s: %s\r\nDTSTART:%s\r\nDTEND:%s\r\nEND:VEVENT\r\n", i, level,
			alias, at(from, 0).Format("20060102T150405Z"), at(to, 0).Format("20060102T150405Z"))
	}
	text.WriteString("END:VCALENDAR\r\n")
	r, err := rota.Read(t.Context(), at(12, 0), time.UTC, []byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Devices by number: 1 and 2 are Sara's, 3 Amir's, 4 Leyla's, 5 an interpreter's, 6 has expired, 7 the lead's.
func id(n byte) roster.DeviceID { return roster.DeviceID{n} }

func team() *roster.Roster {
	device := func(n byte, alias string, role roster.Role, days int) roster.Device {
		return roster.Device{ID: id(n), Alias: alias, Role: role, Expires: at(0, 0).AddDate(0, 0, days)}
	}
	return &roster.Roster{Kommun: "vidby", Devices: []roster.Device{
		device(1, "Sara", roster.Coordinator, 90), device(2, "Sara", roster.Coordinator, 90),
		device(3, "Amir", roster.Coordinator, 90), device(4, "Leyla", roster.Coordinator, 90),
		device(5, "Ines", roster.Interpreter, 90), device(6, "Gone", roster.Coordinator, -1),
		device(7, "Karin", roster.Lead, 90),
	}}
}

func people(s *duty.Snapshot) string {
	var all []string
	for _, p := range s.People {
		level := string(p.Level)
		if level == "" {
			level = "extra"
		}
		all = append(all, fmt.Sprint(level, " ", p.Alias, " ", []string{"missing", "here", "paused", "ended"}[p.State]))
	}
	return strings.Join(all, ", ")
}

func TestWhoIsOnDuty(t *testing.T) {
	day := shifts(t, "first Sara 8 13", "second Amir 8 18", "first Leyla 13 18", "lead Karin 0 24")
	until := func(hour int) time.Time { return at(hour, 0) }
	for name, c := range map[string]struct {
		facts        duty.Facts
		want, absent string
	}{
		"nobody is signed in": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day},
			"first Sara missing, second Amir missing, lead Karin missing", "Sara Amir Karin"},
		"by any device": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day, SignedIn: []roster.DeviceID{id(2), id(3)}},
			"first Sara here, second Amir here, lead Karin missing", "Karin"},
		"by a tested channel": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day, Tested: map[string]bool{"Amir": true}},
			"first Sara missing, second Amir here, lead Karin missing", "Sara Amir Karin"},
		"a break, though signed in": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day, SignedIn: []roster.DeviceID{id(1)},
			Said: map[roster.DeviceID]duty.Declared{id(1): {Paused: until(10)}}},
			"first Sara paused, second Amir missing, lead Karin missing", "Amir Karin"},
		"a break at another device": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day, SignedIn: []roster.DeviceID{id(1)},
			Said: map[roster.DeviceID]duty.Declared{id(2): {Paused: until(10)}}},
			"first Sara paused, second Amir missing, lead Karin missing", "Amir Karin"},
		"a break that is over": {duty.Facts{Now: at(10, 0), Planned: true, Rota: day, SignedIn: []roster.DeviceID{id(1)},
			Said: map[roster.DeviceID]duty.Declared{id(1): {Paused: until(10)}}},
			"first Sara here, second Amir missing, lead Karin missing", "Amir Karin"},
		"ended, which outdoes a break": {duty.Facts{Now: at(9, 0), Planned: true, Rota: day,
			Said: map[roster.DeviceID]duty.Declared{id(1): {Paused: until(10), Ended: until(13)}}},
			"first Sara ended, second Amir missing, lead Karin missing", "Amir Karin"},
		"the next shift": {duty.Facts{Now: at(13, 0), Planned: true, Rota: day, SignedIn: []roster.DeviceID{id(1), id(4)}},
			"first Leyla here, second Amir missing, lead Karin missing", "Amir Karin"},
		"who has begun one without a shift": {duty.Facts{Now: at(14, 0), Planned: true, Rota: day,
			SignedIn: []roster.DeviceID{id(1)}, Said: map[roster.DeviceID]duty.Declared{id(1): {Begun: until(20)}}},
			"first Leyla missing, second Amir missing, lead Karin missing, extra Sara here", "Leyla Amir Karin"},
		"who has begun one and is gone": {duty.Facts{Now: at(14, 0), Planned: true, Rota: day,
			Said: map[roster.DeviceID]duty.Declared{id(1): {Begun: until(20)}}},
			"first Leyla missing, second Amir missing, lead Karin missing", "Leyla Amir Karin"},
		"devices that may not answer": {duty.Facts{Now: at(9, 0), SignedIn: []roster.DeviceID{id(5), id(6), id(9)}}, "", ""},
		"no rota": {duty.Facts{Now: at(9, 0), SignedIn: []roster.DeviceID{id(3), id(1), id(2)}},
			"extra Amir here, extra Sara here", ""},
		"no rota, and one has ended": {duty.Facts{Now: at(9, 0), SignedIn: []roster.DeviceID{id(3), id(1)},
			Said: map[roster.DeviceID]duty.Declared{id(1): {Ended: until(20)}}},
			"extra Amir here, extra Sara ended", ""},
		"a rota that was never read": {duty.Facts{Now: at(9, 0), Planned: true, SignedIn: []roster.DeviceID{id(3)}}, "", ""},
	} {
		c.facts.Roster = team()
		if got := people(duty.On(&c.facts)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := strings.Join(c.facts.Absent(), " "); got != c.absent {
			t.Errorf("%s: asks for %q, want %q", name, got, c.absent)
		}
	}
}

// snapshot has Sara first, Amir second and Karin lead, each in the state that is named, at nine.
func snapshot(t *testing.T, sara, amir, karin duty.State) *duty.Snapshot {
	t.Helper()
	s := duty.On(&duty.Facts{Now: at(9, 0), Planned: true, Roster: team(),
		Rota: shifts(t, "first Sara 8 13", "second Amir 8 18", "lead Karin 0 24")})
	for i, state := range []duty.State{sara, amir, karin} {
		s.People[i].State = state
	}
	return s
}

func TestABreakNeedsSomebodyElse(t *testing.T) {
	before := duty.Declared{Begun: at(20, 0), Ended: at(13, 0)}
	for name, c := range map[string]struct {
		sara, amir, karin duty.State
		allowed           bool
	}{
		"the second is here":    {duty.Here, duty.Here, duty.Missing, true},
		"the second is missing": {duty.Here, duty.Missing, duty.Missing, false},
		"the second pauses":     {duty.Here, duty.Paused, duty.Missing, false},
		"the second has ended":  {duty.Here, duty.Ended, duty.Missing, false},
		"the lead alone":        {duty.Here, duty.Missing, duty.Here, false},
		"who pauses already":    {duty.Paused, duty.Here, duty.Missing, true},
	} {
		got, allowed := snapshot(t, c.sara, c.amir, c.karin).Pause("Sara", before, 20*time.Minute)
		if allowed != c.allowed {
			t.Errorf("%s: allowed %v", name, allowed)
		}
		if want := (duty.Declared{Begun: at(20, 0), Paused: at(9, 20)}); allowed && got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestUntilWhenAShiftCounts(t *testing.T) {
	with := func(said ...string) *rota.Rota { return shifts(t, said...) }
	for name, c := range map[string]struct {
		rota  *rota.Rota
		alias string
		want  time.Time
	}{
		"to the end of the shift":    {with("first Sara 8 13"), "Sara", at(13, 0)},
		"to that of the longest":     {with("first Sara 8 13", "second Sara 8 15"), "Sara", at(15, 0)},
		"no longer than anything":    {with("first Sara 8 48"), "Sara", at(22, 0)},
		"who has no shift ends none": {with("first Sara 8 13"), "Amir", time.Time{}},
		"without a rota for a while": {nil, "Sara", at(22, 0)},
	} {
		s := &duty.Snapshot{Now: at(9, 0), Planned: c.rota != nil, Rota: c.rota}
		if got := s.End(c.alias); got != (duty.Declared{Ended: c.want}) {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
		}
		if got := s.Begin(); got != (duty.Declared{Begun: at(22, 0)}) {
			t.Errorf("%s: begun %+v", name, got)
		}
	}
}

func TestWhoIsCalled(t *testing.T) {
	operators := []string{"drift"}
	for name, c := range map[string]struct {
		s    *duty.Snapshot
		want escalation.Responders
	}{
		"all": {snapshot(t, duty.Here, duty.Here, duty.Missing), escalation.Responders{First: "Sara", Second: "Amir",
			Leads: []string{"Karin"}, Everyone: []string{"Sara", "Amir"}}},
		"who is missing, too": {snapshot(t, duty.Missing, duty.Missing, duty.Missing), escalation.Responders{
			First:  "Sara",
			Second: "Amir", Leads: []string{"Karin"}, Everyone: []string{"Sara", "Amir"}}},
		"not who pauses": {snapshot(t, duty.Paused, duty.Here, duty.Missing), escalation.Responders{Second: "Amir",
			Leads: []string{"Karin"}, Everyone: []string{"Amir"}}},
		"not who has ended": {snapshot(t, duty.Here, duty.Ended, duty.Missing), escalation.Responders{
			First: "Sara",
			Leads: []string{"Karin"}, Everyone: []string{"Sara"}}},
		"a lead of the roster, where the rota has none who works": {snapshot(t, duty.Here, duty.Here, duty.Paused),
			escalation.Responders{First: "Sara", Second: "Amir", Leads: []string{"Karin"},
				Everyone: []string{"Sara", "Amir"}}},
		"a rota that was never read": {&duty.Snapshot{Now: at(9, 0), Planned: true},
			escalation.Responders{Leads: []string{"Karin"}}},
		"no rota: whoever may answer": {&duty.Snapshot{Now: at(9, 0)}, escalation.Responders{Leads: []string{"Karin"},
			Everyone: []string{"Sara", "Sara", "Amir", "Leyla", "Karin"}}},
	} {
		c.want.Operators = operators
		if got := c.s.Responders(team(), operators); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, *got, c.want)
		}
	}
}

func TestWithoutARotaNobodyIsFirst(t *testing.T) {
	for who, want := range map[escalation.Who]escalation.Who{
		escalation.First: escalation.Everyone, escalation.Second: escalation.Everyone, escalation.Lead: escalation.Lead,
		escalation.Operator: escalation.Operator, escalation.Everyone: escalation.Everyone,
	} {
		if got := (&duty.Snapshot{}).Target(who); got != want {
			t.Errorf("%s without a rota: %s, want %s", who, got, want)
		}
		if got := (&duty.Snapshot{Planned: true}).Target(who); got != who {
			t.Errorf("%s with one: %s", who, got)
		}
	}
}

func TestWhoOnTheRotaCannotAnswer(t *testing.T) {
	day := shifts(t, "first Sara 8 12", "first Nora 12 16", "second Nora 16 20", "first Ines 9 10", "lead Boss 0 24",
		"second Gone 8 9")
	var got []string
	for _, s := range duty.Strangers(day, team(), at(0, 0), at(24, 0)) {
		got = append(got, fmt.Sprint(s.Shift.Alias, " ", s.Shift.Start.Hour(), " ", s.Until.IsZero()))
	}
	if want := "Gone 8 false, Ines 9 true, Nora 12 true"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ", "), want)
	}
	soon := team()
	for i := range soon.Devices {
		soon.Devices[i].Expires = at(11, 0)
	}
	if all := duty.Strangers(shifts(t, "first Sara 8 12", "first Amir 8 11"), soon, at(0, 0), at(24, 0)); len(all) != 1 ||
		all[0].Shift.Alias != "Sara" || !all[0].Until.Equal(at(11, 0)) {
		t.Errorf("at eleven all devices expire: %+v", all)
	}
}
