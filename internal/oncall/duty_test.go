package oncall

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// desks is a node's relay as duty sees it: who is logged in on it, and what they were told last.
type desks struct {
	in   []chat.Device
	told map[chat.Device]*chat.Duty
}

func (d *desks) LoggedIn(string) []chat.Device { return d.in }
func (d *desks) TellDuty(_ string, device chat.Device, f *chat.Duty) {
	d.told[device] = f
}

// onDuty is a kommun with a rota, on two nodes with one store and one clock.
type onDuty struct {
	*testing.T
	now     time.Time
	zone    *time.Location
	devices map[string]chat.Device
	nodes   [2]*shifts
	desks   [2]*desks
	log     *testkit.Log
}

func newOnDuty(t *testing.T, events ...string) *onDuty {
	url, server := redistest.Mini(t)
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	s := &onDuty{T: t, zone: zone, now: time.Date(2026, 11, 24, 9, 0, 0, 0, zone), devices: map[string]chat.Device{},
		log: new(testkit.Log)}
	open := map[string]string{"tue": "08:00-21:00", "wed": "08:00-21:00"}
	week, faults := hours.New(hours.Spec{Week: open})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	k := &config.Kommun{ID: "vidby", Hours: week, Duty: config.UsualDuty}
	clock := func() time.Time { return s.now }
	log := quietlog.New(s.log)
	var devices []roster.Device
	for _, alias := range []string{"Sara", "Amir", "Leyla", "Karin"} {
		key, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		id := roster.IDOf(key)
		devices = append(devices,
			roster.Device{ID: id, Key: key, Alias: alias, Role: roster.Coordinator, Languages: []string{"sv"},
				Expires: s.now.AddDate(0, 6, 0)})
		s.devices[alias] = chat.Device(id)
	}
	signed, pins := testkit.Roster(t, k.ID, s.now, devices...)
	k.Pins = pins
	held := live.NewRoster(k, clock, log)
	if err := held.Put(signed); err != nil {
		t.Fatal(err)
	}
	var p *live.Rota
	if len(events) > 0 {
		file := filepath.Join(t.TempDir(), "vidby.ics")
		if err := os.WriteFile(file, testkit.Calendar(events...), 0o600); err != nil {
			t.Fatal(err)
		}
		k.Rota = &config.Rota{Calendars: []string{file}, Limits: rota.Usual}
		p = live.NewRota(k, clock, log)
		if err := p.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.nodes {
		s.desks[i] = &desks{told: map[chat.Device]*chat.Duty{}}
		s.nodes[i] = &shifts{
			kommun: &live.Kommun{Config: k, Roster: held, Rota: p},
			store:  store,
			relay:  s.desks[i],
			now:    clock,
			log:    log,
		}
	}
	server.SetTime(s.now)
	return s
}

// tell lets both nodes tell, twice, as they do within seconds.
func (s *onDuty) tell() {
	s.Helper()
	for range 2 {
		for _, node := range s.nodes {
			if err := node.tell(s.Context()); err != nil {
				s.Fatal(err)
			}
		}
	}
}

// on is who is on duty as a device was told.
func (s *onDuty) on(node int, alias string) string {
	s.Helper()
	f := s.desks[node].told[s.devices[alias]]
	if f == nil {
		return "nothing was told"
	}
	states := []string{"missing", "here", "paused", "ended"}
	levels := []string{"extra", "first", "second", "lead"}
	var all []string
	for _, t := range f.On {
		all = append(all, levels[t.Level]+" "+t.Alias+" "+states[t.State])
	}
	return strings.Join(all, ", ")
}

func (s *onDuty) want(node int, alias, want string) {
	s.Helper()
	if got := s.on(node, alias); got != want {
		s.Errorf("at %s %s sees %q, want %q", s.now.Format("15:04"), alias, got, want)
	}
}

func (s *onDuty) say(node int, alias string, state chat.ShiftState, minutes uint16) error {
	return s.nodes[node].change(s.Context(), s.devices[alias], &chat.Shift{Ref: 1, State: state, Minutes: minutes})
}

func utc(day, from, to string) string {
	return "DTSTART;TZID=Europe/Stockholm:" + day + "T" + from + "00\nDTEND;TZID=Europe/Stockholm:" + day + "T" + to + "00"
}

// Two shifts, on two nodes: who is on, who is missing, who is next, and what the escalation is told.
func TestTwoShifts(t *testing.T) {
	s := newOnDuty(t,
		"UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "1300"),
		"UID:2\nSUMMARY:second: Amir\n"+utc("20261124", "0800", "1800"),
		"UID:3\nSUMMARY:first: Leyla\n"+utc("20261124", "1300", "1800"),
		"UID:4\nSUMMARY:lead: Karin\n"+utc("20261124", "0000", "2359"))
	s.desks[0].in = []chat.Device{s.devices["Sara"]}
	s.tell()
	s.want(0, "Sara", "first Sara here, second Amir missing, lead Karin missing")
	f := s.desks[0].told[s.devices["Sara"]]
	if f.Plan != chat.DutyPlanned || len(f.Next) != 1 || f.Next[0].Alias != "Leyla" ||
		f.Closes != uint64(time.Date(2026, 11, 24, 21, 0, 0, 0, s.zone).Unix()) || f.Closes-f.LastStart != 25*60 {
		t.Errorf("told %+v", f)
	}
	if len(f.Warnings) != 1 || f.Warnings[0].Rule != chat.RuleBlock {
		t.Errorf("Sara chats for five hours: %+v", f.Warnings)
	}
	if len(f.Gaps) == 0 || f.Gaps[0].Start != uint64(time.Date(2026, 11, 24, 18, 0, 0, 0, s.zone).Unix()) {
		t.Errorf("gaps %+v", f.Gaps)
	}

	// Amir logs in on the other node; his warnings are his own.
	s.desks[1].in = []chat.Device{s.devices["Amir"]}
	s.tell()
	for node, alias := range map[int]string{0: "Sara", 1: "Amir"} {
		s.want(node, alias, "first Sara here, second Amir here, lead Karin missing")
	}
	if w := s.desks[1].told[s.devices["Amir"]].Warnings; len(w) != 0 {
		t.Errorf("Amir is warned of what is Sara's: %+v", w)
	}
	called := func() escalation.Responders {
		on, err := s.nodes[1].snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, r := s.nodes[1].kommun.Roster.Present()
		return *on.Responders(r, nil)
	}
	if got, want := called(), (escalation.Responders{First: "Sara", Second: "Amir", Leads: []string{"Karin"},
		Everyone: []string{"Sara", "Amir"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("called %+v, want %+v", got, want)
	}

	// A break after a hard one, while a second is on.
	if err := s.say(0, "Sara", chat.ShiftPaused, 20); err != nil {
		t.Fatal(err)
	}
	s.tell()
	s.want(1, "Amir", "first Sara paused, second Amir here, lead Karin missing")
	if got := called(); got.First != "" || got.Second != "Amir" {
		t.Errorf("who pauses is called: %+v", got)
	}
	// Nobody would be left: refused.
	var refused *chat.Error
	if err := s.say(1, "Amir", chat.ShiftPaused, 20); !errors.As(err, &refused) || refused.Code != chat.Policy {
		t.Errorf("the last one pauses: %v", err)
	}
	s.now = s.now.Add(21 * time.Minute)
	s.tell()
	s.want(1, "Amir", "first Sara here, second Amir here, lead Karin missing")

	// The second shift. Sara ended before; Leyla is missing until she comes, and Sara is not on the rota any more.
	if err := s.say(0, "Sara", chat.ShiftEnded, 0); err != nil {
		t.Fatal(err)
	}
	s.tell()
	s.want(1, "Amir", "first Sara ended, second Amir here, lead Karin missing")
	s.now = time.Date(2026, 11, 24, 13, 0, 0, 0, s.zone)
	s.tell()
	s.want(0, "Sara", "first Leyla missing, second Amir here, lead Karin missing")
	s.desks[0].in = []chat.Device{s.devices["Sara"], s.devices["Leyla"]}
	s.tell()
	s.want(0, "Leyla", "first Leyla here, second Amir here, lead Karin missing")
	// Sara stays to help.
	if err := s.say(0, "Sara", chat.ShiftBegun, 0); err != nil {
		t.Fatal(err)
	}
	s.tell()
	s.want(1, "Amir", "first Leyla here, second Amir here, lead Karin missing, extra Sara here")
	// She logs out: within seconds she counts no longer.
	s.desks[0].in = s.desks[0].in[1:]
	s.now = s.now.Add(signedInFor + time.Second)
	s.tell()
	s.want(1, "Amir", "first Leyla here, second Amir here, lead Karin missing")
	if !strings.Contains(s.log.String(), "NOBODY IS ON DUTY") ||
		!strings.Contains(s.log.String(), "Tue 2026-11-24 18:00-21:00") {
		t.Errorf("the gap from 18 to 21 was not told of: %s", s.log)
	}
}

// What was told already is not told again: a device hears of a change, not of each round.
func TestDutyIsToldOnChange(t *testing.T) {
	s := newOnDuty(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "1300"))
	s.desks[0].in = []chat.Device{s.devices["Sara"]}
	s.tell()
	s.desks[0].told = map[chat.Device]*chat.Duty{}
	s.tell()
	s.want(0, "Sara", "nothing was told")
	s.nodes[0].forget(s.devices["Sara"])
	s.tell()
	s.want(0, "Sara", "first Sara here")
}

func TestNobodyReachableIsToldOnceOfEachStretch(t *testing.T) {
	s := newOnDuty(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "2100"),
		"UID:2\nSUMMARY:first: Sara\n"+utc("20261125", "1000", "2100"))
	var told []string
	s.nodes[0].unmanned = func(from, until time.Time) {
		told = append(told, fmt.Sprint(from.In(s.zone).Format("02 15:04"), " to ", until.In(s.zone).Format("02 15:04")))
	}
	s.nodes[1] = s.nodes[0]
	step := func(at string, in ...string) {
		t.Helper()
		now, err := time.ParseInLocation("2006-01-02 15:04", at, s.zone)
		if err != nil {
			t.Fatal(err)
		}
		s.now = now
		s.desks[0].in = nil
		for _, alias := range in {
			s.desks[0].in = append(s.desks[0].in, s.devices[alias])
		}
		s.tell()
	}
	step("2026-11-24 09:00", "Sara")
	step("2026-11-24 12:00")         // she is gone
	step("2026-11-24 12:05")         // still
	step("2026-11-24 12:30", "Sara") // back
	step("2026-11-24 20:30", "Sara") // tomorrow's gap comes near
	step("2026-11-25 07:00")
	if want := []string{"24 12:00 to 24 21:00", "25 08:00 to 25 10:00"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	// On a channel that she has tested she is reachable.
	told = nil
	s.nodes[0].reachable = func(_ context.Context, alias string) bool { return alias == "Sara" }
	step("2026-11-25 11:00")
	if len(told) != 0 {
		t.Errorf("who can be reached counts as gone: %v", told)
	}
}

func TestWithoutARotaWhoeverIsSignedInIsOnDuty(t *testing.T) {
	s := newOnDuty(t)
	s.desks[0].in = []chat.Device{s.devices["Sara"], s.devices["Amir"]}
	s.tell()
	s.want(0, "Sara", "extra Amir here, extra Sara here")
	if f := s.desks[0].told[s.devices["Sara"]]; f.Plan != chat.DutyUnplanned || f.Gaps != nil || f.Warnings != nil {
		t.Errorf("told %+v", f)
	}
	if err := s.say(0, "Sara", chat.ShiftEnded, 0); err != nil {
		t.Fatal(err)
	}
	s.tell()
	s.want(0, "Amir", "extra Amir here, extra Sara ended")
}

// The console is told what was set: the hour by the relay, the rest by its page, and the visitor's page nothing of it.
func TestTheConsoleIsToldWhatIsAsked(t *testing.T) {
	s := newOnDuty(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "2100"))
	s.desks[0].in = []chat.Device{s.devices["Sara"]}
	k := s.nodes[0].kommun.Config
	for _, before := range []time.Duration{40 * time.Minute, 0} {
		k.Duty = config.Duty{AtOnce: 3, LastStart: before, Breaks: []time.Duration{15 * time.Minute}}
		s.tell()
		f := s.desks[0].told[s.devices["Sara"]]
		want := f.Closes - uint64(before/time.Second)
		if before == 0 {
			want = 0
		}
		if f.Closes == 0 || f.LastStart != want {
			t.Errorf("%v before closing at %d: told %d", before, f.Closes, f.LastStart)
		}
	}
}
