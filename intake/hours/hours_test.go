package hours

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, s Spec) *Hours {
	t.Helper()
	h, faults := New(s)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return h
}

var office = Spec{
	Week: map[string]string{
		"mon": "08:00-12:00, 13:00-21:00", "tue": "08:00-21:00", "wed": "08:00-21:00", "thu": "08:00-21:00",
		"fri": "08:00-24:00",
		"sat": "00:00-02:00, 18:00-22:00", "sun": "closed",
	},
	Exceptions: map[string]string{"2026-12-24": "closed", "2026-12-31": "10:00-14:00"},
	Holidays:   "open",
}

func TestAt(t *testing.T) {
	h := must(t, office)
	for _, c := range []struct {
		name, at, closes, opens string
		within                  bool
		inDays, weekday         int
	}{
		{"in the morning", "2026-11-23T09:00:00+01:00", "12:00", "13:00", true, 0, 1},
		{"the first minute", "2026-11-23T08:00:00+01:00", "12:00", "13:00", true, 0, 1},
		{"the minute of closing", "2026-11-23T12:00:00+01:00", "", "13:00", false, 0, 1},
		{"before opening", "2026-11-23T07:59:59+01:00", "", "08:00", false, 0, 1},
		{"asked from another zone", "2026-11-23T08:00:00Z", "12:00", "13:00", true, 0, 1},
		{"at night", "2026-11-23T23:00:00+01:00", "", "08:00", false, 1, 2},
		{"past midnight, hours that go on", "2026-11-28T01:00:00+01:00", "02:00", "18:00", true, 0, 6},
		{"before midnight, hours that go on", "2026-11-27T23:00:00+01:00", "02:00", "18:00", true, 1, 6},
		{"saturday night, over sunday", "2026-11-28T22:30:00+01:00", "", "08:00", false, 2, 1},
		{"an exception closes", "2026-12-24T10:00:00+01:00", "", "08:00", false, 1, 5},
		{"an exception shortens", "2026-12-31T13:59:00+01:00", "14:00", "08:00", true, 1, 5},
		{"the evening before the clocks change", "2027-03-27T23:00:00+01:00", "", "08:00", false, 2, 1},
	} {
		now, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		want := State{Within: c.within, Closes: c.closes, Opens: &Opening{c.inDays, c.weekday, c.opens}}
		if got := h.At(now); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s", c.name, show(got), show(want))
		}
	}
}

func show(s State) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestChangeOfClocks(t *testing.T) {
	h := must(t, Spec{Week: map[string]string{"sun": "01:00-04:00"}})
	// On 29 March 2026 the clock goes from 02:00 to 03:00: the hours are two hours long, and end at four on the wall.
	for at, within := range map[string]bool{
		"2026-03-28T23:59:59Z": false, "2026-03-29T00:00:00Z": true, "2026-03-29T01:59:59Z": true,
		"2026-03-29T02:00:00Z": false,
	} {
		now, _ := time.Parse(time.RFC3339, at)
		if got := h.At(now).Within; got != within {
			t.Errorf("%s: within is %v", at, got)
		}
	}
}

func TestAlwaysOpenNamesNoEnd(t *testing.T) {
	week := map[string]string{}
	for _, d := range days {
		week[d] = "00:00-24:00"
	}
	got := must(t, Spec{Week: week, Holidays: "open"}).At(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if !got.Within || got.Closes != "" || got.Opens != nil {
		t.Errorf("got %s", show(got))
	}
}

func TestNoHours(t *testing.T) {
	var h *Hours
	if got := h.At(time.Now()); got.Within || got.Opens != nil {
		t.Errorf("nil hours are open: %s", show(got))
	}
	if got := must(t, Spec{}).At(time.Now()); got.Within || got.Opens != nil {
		t.Errorf("empty hours are open: %s", show(got))
	}
}

func TestFaults(t *testing.T) {
	_, faults := New(Spec{
		Zone: "Europe/Botkyrka", Holidays: "yes",
		Week: map[string]string{"monday": "08:00-12:00", "tue": "8-12", "wed": "12:00-08:00",
			"thu": "08:00-12:00,11:00-13:00", "fri": "08:00-25:00", "sat": ""},
		Exceptions: map[string]string{
			"2026-02-30": "closed", "24/12": "closed", "2026-12-24": "Closed",
		},
	})
	var got []string
	for _, f := range faults {
		got = append(got, f.Key)
	}
	want := "exceptions.2026-02-30 exceptions.2026-12-24 exceptions.24/12 holidays week.fri week.monday week.sat week.thu week.tue week.wed zone"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if _, faults := New(Spec{Zone: "Local"}); len(faults) != 1 {
		t.Error("the server's own zone was taken")
	}
}
