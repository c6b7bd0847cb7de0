package duty_test

import (
	"slices"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
)

func TestWhenNobodyCanBeReached(t *testing.T) {
	sara := []roster.DeviceID{id(1)}
	for name, c := range map[string]struct {
		now      time.Time
		rota     []string
		signedIn []roster.DeviceID
		open     []hours.Span
		want     hours.Span
	}{
		"somebody is here":      {at(9, 0), []string{"first Sara 8 21"}, sara, []hours.Span{span(9, 21)}, hours.Span{}},
		"whoever has it is not": {at(9, 0), []string{"first Sara 8 21"}, nil, []hours.Span{span(9, 21)}, span(9, 21)},
		"until the next has theirs": {at(9, 0), []string{"first Sara 8 13", "first Amir 13 21"}, nil,
			[]hours.Span{span(9, 21)}, span(9, 13)},
		"nobody has a shift":    {at(9, 0), []string{"first Sara 13 21"}, nil, []hours.Span{span(9, 21)}, span(9, 21)},
		"a lead answers nobody": {at(9, 0), []string{"lead Sara 8 21"}, sara, []hours.Span{span(9, 21)}, span(9, 21)},
		"closed":                {at(7, 0), []string{"first Sara 8 21"}, nil, []hours.Span{span(8, 21)}, hours.Span{}},
		"a gap comes near": {at(9, 0), []string{"first Sara 8 18"}, sara, []hours.Span{span(9, 21)},
			hours.Span{Start: at(18, 0), End: at(21, 0)}},
		"a gap is far": {at(9, 0), []string{"first Sara 8 21"}, sara, []hours.Span{span(9, 21), span(32, 45)}, hours.Span{}},
		"in twelve hours": {at(20, 0), []string{"first Sara 8 21"}, sara, []hours.Span{span(20, 21), span(32, 45)},
			hours.Span{}},
		"in less": {at(20, 1), []string{"first Sara 8 21"}, sara, []hours.Span{span(20, 21), span(32, 45)}, span(32, 45)},
	} {
		f := &duty.Facts{Now: c.now, Planned: true, Rota: shifts(t, c.rota...), Roster: team(), SignedIn: c.signedIn}
		if got := duty.On(f).Unmanned(c.open); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		f.Planned, f.Rota = false, nil
		if got := duty.On(f).Unmanned(c.open); got != (hours.Span{}) {
			t.Errorf("%s, without a rota: %v", name, got)
		}
	}
}

func TestWhenItClosesAndOpens(t *testing.T) {
	for name, c := range map[string]struct {
		open            []hours.Span
		closes, snoozed time.Time
	}{
		"open":                   {[]hours.Span{span(9, 21)}, at(21, 0), time.Time{}},
		"open for days":          {[]hours.Span{span(9, 33)}, time.Time{}, time.Time{}},
		"open for nearly a day":  {[]hours.Span{{Start: at(9, 0), End: at(32, 59)}}, at(32, 59), time.Time{}},
		"closed, opens at eight": {[]hours.Span{span(32, 45)}, time.Time{}, at(32, 0)},
		"never open":             {nil, time.Time{}, time.Time{}},
	} {
		closes, ok := duty.Closing(c.open, at(9, 0))
		if ok == c.closes.IsZero() || !closes.Equal(c.closes) {
			t.Errorf("%s: closes %v, %v", name, closes, ok)
		}
		if got := duty.SnoozedUntil(c.open, at(9, 0)); !got.Equal(c.snoozed) {
			t.Errorf("%s: snoozed until %v", name, got)
		}
	}
}

func TestMeantNeedsSomebody(t *testing.T) {
	open := []hours.Span{span(10, 12), span(14, 16)}
	sara := shifts(t, "first Sara 11 15", "second Amir 8 20")
	if got := duty.Meant(open, false, nil); !slices.Equal(got, open) {
		t.Errorf("by hours alone: %v", got)
	}
	if got := duty.Meant(open, true, nil); got != nil {
		t.Errorf("with a rota that was never read: %v", got)
	}
	if got, want := duty.Meant(open, true, sara), []hours.Span{span(11, 12), span(14, 15)}; !slices.Equal(got, want) {
		t.Errorf("with a rota: %v, want %v", got, want)
	}
}

func TestAfterCountsDutyAlone(t *testing.T) {
	now := at(9, 0)
	spans := []hours.Span{span(5, 6), span(7, 10), span(14, 17)}
	for much, want := range map[time.Duration]time.Time{
		0: now, 30 * time.Minute: at(9, 30), time.Hour: at(14, 0), 3 * time.Hour: at(16, 0), 4 * time.Hour: {},
		90 * time.Hour: {},
	} {
		if got := duty.After(spans, now, much); !got.Equal(want) {
			t.Errorf("%v: %v, want %v", much, got, want)
		}
	}
	if got := duty.After(nil, now, 0); !got.IsZero() {
		t.Errorf("without duty: %v", got)
	}
}
