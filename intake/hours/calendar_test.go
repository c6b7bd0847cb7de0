package hours

import (
	"reflect"
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func spanOf(t *testing.T, from, to string) Span { return Span{at(t, from), at(t, to)} }

func TestHoliday(t *testing.T) {
	for date, want := range map[string]string{
		"2026-12-24": "Julafton", "2026-12-25": "Juldagen", "2026-12-31": "Nyårsafton", "2027-01-06": "Trettondedag jul",
		"2027-03-26": "Långfredagen", "2027-03-28": "Påskdagen", "2027-05-06": "Kristi himmelsfärds dag",
		"2027-05-16": "Pingstdagen",
		"2027-06-06": "Sveriges nationaldag", "2027-06-25": "Midsommarafton", "2027-11-06": "Alla helgons dag",
		"2026-12-23": "", "2027-06-24": "",
	} {
		if got := Holiday(at(t, date+" 00:00")); got != want {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
		if got := Holiday(at(t, date+" 23:59")); got != want {
			t.Errorf("late on %s: %q, want %q", date, got, want)
		}
	}
}

func everyDay(hours string) map[string]string {
	week := make(map[string]string)
	for _, d := range days {
		week[d] = hours
	}
	return week
}

func TestHolidaysAreClosedUnlessSaidOtherwise(t *testing.T) {
	noon := at(t, "2026-12-24 12:00")
	for name, c := range map[string]struct {
		spec     Spec
		calendar Calendar
		within   bool
	}{
		"left out":          {Spec{Week: everyDay("08:00-21:00")}, Calendar{}, false},
		"days as any other": {Spec{Week: everyDay("08:00-21:00"), Holidays: "open"}, Calendar{}, true},
		"said in the file": {Spec{Week: everyDay("08:00-21:00"),
			Exceptions: map[string]string{"2026-12-24": "10:00-14:00"}}, Calendar{}, true},
		"said by the rota": {Spec{Week: everyDay("08:00-21:00")},
			Calendar{Open: []Span{spanOf(t, "2026-12-24 10:00", "2026-12-24 14:00")}}, true},
		"closed by the rota": {Spec{Week: everyDay("08:00-21:00"), Holidays: "open"},
			Calendar{Closed: []Span{spanOf(t, "2026-12-24 00:00", "2026-12-25 00:00")}}, false},
		"both said by the rota": {Spec{},
			Calendar{Open: []Span{spanOf(t, "2026-12-24 10:00", "2026-12-24 14:00")},
				Closed: []Span{spanOf(t, "2026-12-24 11:00", "2026-12-24 13:00")}}, false},
		"shortened by the rota": {Spec{Week: everyDay("08:00-21:00"), Holidays: "open"},
			Calendar{Open: []Span{spanOf(t, "2026-12-24 08:00", "2026-12-24 10:00")}}, false},
		"the night before's end": {Spec{Week: everyDay("08:00-21:00")},
			Calendar{Open: []Span{spanOf(t, "2026-12-23 20:00", "2026-12-24 02:00")}}, false},
	} {
		h := must(t, c.spec)
		if !reflect.DeepEqual(c.calendar, Calendar{}) {
			c.calendar.Staffed = []Span{spanOf(t, "2026-12-01 00:00", "2027-01-01 00:00")}
			h = h.With(c.calendar)
		}
		if got := h.At(noon); got.Within != c.within {
			t.Errorf("%s: within is %v", name, got.Within)
		}
	}
}

func TestOpenMeansThatSomebodyIsThere(t *testing.T) {
	h := must(t, Spec{Week: everyDay("08:00-21:00"), Holidays: "open"}).With(Calendar{Staffed: []Span{
		spanOf(t, "2026-11-23 10:00", "2026-11-23 12:00"), spanOf(t, "2026-11-23 12:00", "2026-11-23 13:00"), spanOf(t,
			"2026-11-25 06:00", "2026-11-25 23:00"),
	}})
	for when, want := range map[string]State{
		"2026-11-23 09:00": {Opens: &Opening{0, 1, "10:00"}},
		"2026-11-23 11:00": {Within: true, Closes: "13:00", Opens: &Opening{2, 3, "08:00"}},
		"2026-11-23 13:00": {Opens: &Opening{2, 3, "08:00"}},
		"2026-11-25 20:59": {Within: true, Closes: "21:00"},
		"2026-11-25 21:00": {},
	} {
		if got := h.At(at(t, when)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %s, want %s", when, show(got), show(want))
		}
	}
	want := []Span{spanOf(t, "2026-11-23 20:00", "2026-11-23 21:00"), spanOf(t, "2026-11-24 08:00", "2026-11-24 09:00")}
	if got := h.Meant(at(t, "2026-11-23 20:00"), at(t, "2026-11-24 09:00")); !reflect.DeepEqual(got, want) {
		t.Errorf("meant %v, want %v", got, want)
	}
}

func TestWithoutWrittenHoursTheRotaDecides(t *testing.T) {
	staffed := []Span{spanOf(t, "2026-11-23 10:00", "2026-11-23 12:00")}
	var none *Hours
	for _, h := range []*Hours{none.With(Calendar{Staffed: staffed}), must(t, Spec{}).With(Calendar{Staffed: staffed})} {
		if !h.At(at(t, "2026-11-23 11:00")).Within || h.At(at(t, "2026-11-23 12:00")).Within {
			t.Error("the hours are not the rota's")
		}
	}
	said := none.With(Calendar{Staffed: staffed, Open: []Span{spanOf(t, "2026-11-23 11:30", "2026-11-23 18:00")}})
	if said.At(at(t, "2026-11-23 11:00")).Within || !said.At(at(t, "2026-11-23 11:45")).Within ||
		said.At(at(t, "2026-11-23 17:00")).Within {
		t.Error("hours that the rota names are not kept, or open without anybody")
	}
}

func TestSpans(t *testing.T) {
	s := func(from, to int) Span { return Span{time.Unix(int64(from), 0), time.Unix(int64(to), 0)} }
	for name, c := range map[string]struct{ got, want []Span }{
		"joined":        {Join([]Span{s(5, 9), s(1, 3), s(3, 4), s(7, 8), s(2, 2)}), []Span{s(1, 4), s(5, 9)}},
		"middle out":    {Without([]Span{s(0, 10)}, []Span{s(6, 7), s(2, 3)}), []Span{s(0, 2), s(3, 6), s(7, 10)}},
		"edges out":     {Without([]Span{s(0, 4), s(6, 9)}, []Span{s(3, 7), s(8, 12)}), []Span{s(0, 3), s(7, 8)}},
		"all out":       {Without([]Span{s(2, 4)}, []Span{s(0, 9)}), nil},
		"nothing out":   {Without([]Span{s(2, 4)}, []Span{s(4, 9), s(0, 2)}), []Span{s(2, 4)}},
		"both":          {Both([]Span{s(0, 5), s(7, 9)}, []Span{s(3, 8), s(20, 30)}), []Span{s(3, 5), s(7, 8)}},
		"never both":    {Both([]Span{s(0, 5)}, []Span{s(5, 8)}), nil},
		"both, unequal": {Both([]Span{s(0, 100)}, []Span{s(1, 2), s(3, 4)}), []Span{s(1, 2), s(3, 4)}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}
