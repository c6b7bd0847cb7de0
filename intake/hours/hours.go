// Package hours knows when a kommun says that somebody answers: opening hours for each weekday, with exceptions by
// date, in the kommun's own time zone, closed on Swedish holidays unless it is said otherwise, and true only while
// somebody is on duty where there is a rota (calendar.go). It has no clock; callers pass the time. The zones are built
// in, so that a server without a zone database keeps the same hours.
package hours

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // see the package comment
)

// Zone is used where a specification names none.
const Zone = "Europe/Stockholm"

// horizon bounds the search for the next opening, and how long adjoining hours are followed.
const horizon = 60

// Hours are opening hours. The nil Hours are never open.
type Hours struct {
	zone       *time.Location
	week       [7][]span // by time.Weekday
	exceptions map[string][]span
	holidays   bool // ordinary days
	calendar   *Calendar
}

// span is in minutes since midnight, on the clock on the wall; end is exclusive and at most 24 hours.
type span struct{ start, end int }

// Opening is when the next hours begin. InDays counts calendar days from today; Weekday is 0 for Sunday, as in
// JavaScript; Time is such as 08:00.
type Opening struct {
	InDays  int    `json:"inDays"`
	Weekday int    `json:"weekday"`
	Time    string `json:"time"`
}

// State is what holds at one moment.
type State struct {
	Within bool
	// Closes is when the present hours end, such as 21:00; empty outside hours, and where they go on for more than a day.
	Closes string
	// Opens is nil where no later hours are known.
	Opens *Opening
}

// Spec is what a configuration says. Days are mon to sun, dates such as 2026-12-24; a value is «closed» or one or more
// spans, such as «08:00-12:00, 13:00-24:00». A day that is left out is closed.
type Spec struct {
	Zone       string
	Week       map[string]string
	Exceptions map[string]string
	// Holidays is «closed» or «open»: whether a Swedish holiday is closed, or a day of the week as any other. Closed if
	// left out.
	Holidays string
}

var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Fault says what is wrong with one value of a Spec. Key is such as zone, week.mon or exceptions.2026-12-24.
type Fault struct {
	Key     string
	Problem error
}

// New reads a specification, and returns every fault in it, sorted by key.
func New(s Spec) (*Hours, []Fault) {
	var faults []Fault
	h := &Hours{exceptions: make(map[string][]span)}
	name := s.Zone
	if name == "" {
		name = Zone
	}
	var err error
	// LoadLocation would take «Local» for the server's own zone.
	if h.zone, err = time.LoadLocation(name); err != nil || name == "Local" {
		faults = append(faults, Fault{"zone", errors.New("not an IANA time zone such as Europe/Stockholm")})
	}
	switch s.Holidays {
	case "", "closed":
	case "open":
		h.holidays = true
	default:
		faults = append(faults, Fault{"holidays", errors.New("write closed, or open where holidays are days as any other")})
	}
	for day, value := range s.Week {
		n := slices.Index(days, day)
		if n < 0 {
			faults = append(faults, Fault{"week." + day, errors.New("not a day: write mon, tue, wed, thu, fri, sat or sun")})
			continue
		}
		if h.week[n], err = parseSpans(value); err != nil {
			faults = append(faults, Fault{"week." + day, err})
		}
	}
	for date, value := range s.Exceptions {
		if t, err := time.Parse(time.DateOnly, date); err != nil || t.Format(time.DateOnly) != date {
			faults = append(faults, Fault{"exceptions." + date, errors.New("not a date such as 2026-12-24")})
			continue
		}
		if h.exceptions[date], err = parseSpans(value); err != nil {
			faults = append(faults, Fault{"exceptions." + date, err})
		}
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Key, b.Key) })
		return nil, faults
	}
	return h, nil
}

var spanPattern = regexp.MustCompile(`^([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])$`)

func parseSpans(s string) ([]span, error) {
	if s == "closed" {
		return nil, nil
	}
	var spans []span
	for part := range strings.SplitSeq(s, ",") {
		m := spanPattern.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, errors.New("write closed, or hours such as 08:00-12:00, 13:00-21:00")
		}
		p := span{minutes(m[1], m[2]), minutes(m[3], m[4])}
		switch {
		case p.start >= 24*60 || p.end > 24*60:
			return nil, errors.New("the day ends at 24:00")
		case p.end <= p.start:
			return nil, errors.New(
				"the hours end before they begin: where they go on past midnight, write until 24:00, and from 00:00 on the next day")
		case len(spans) > 0 && p.start < spans[len(spans)-1].end:
			return nil, errors.New("the spans overlap or are out of order")
		}
		spans = append(spans, p)
	}
	return spans, nil
}

func minutes(h, m string) int {
	hh, _ := strconv.Atoi(h)
	mm, _ := strconv.Atoi(m)
	return hh*60 + mm
}

// At tells what holds at now.
func (h *Hours) At(now time.Time) State {
	if h == nil {
		return State{}
	}
	now = now.In(h.zone)
	var s State
	for _, i := range h.from(now, horizon) {
		switch {
		case !i.End.After(now):
		case i.Start.After(now):
			s.Opens = h.opening(now, i.Start)
			return s
		default:
			s.Within = true
			// «Until 21:00» would be read as today's.
			if i.End.Sub(now) <= 24*time.Hour {
				s.Closes = i.End.In(h.zone).Format("15:04")
			}
		}
	}
	return s
}

func (h *Hours) opening(now, start time.Time) *Opening {
	start = start.In(h.zone)
	return &Opening{
		InDays:  int(day(start).Sub(day(now)).Hours() / 24),
		Weekday: int(start.Weekday()),
		Time:    start.Format("15:04"),
	}
}

// day is the calendar day of t as midnight UTC, so that days are 24 hours apart.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// written are the hours of the configuration from the day before now to days later, in order, with those that adjoin
// joined.
func (h *Hours) written(now time.Time, days int) []Span {
	var all []Span
	y, m, d := now.Date()
	for n := -1; n <= days; n++ {
		date := time.Date(y, m, d+n, 12, 0, 0, 0, h.zone)
		for _, p := range h.on(date) {
			// time.Date resolves times that the change of clocks skips or doubles.
			all = append(all, Span{time.Date(y, m, d+n, 0, p.start, 0, 0, h.zone), time.Date(y, m, d+n, 0, p.end, 0, 0, h.zone)})
		}
	}
	return Join(all)
}

// on are the hours of one date.
func (h *Hours) on(date time.Time) []span {
	if spans, ok := h.exceptions[date.Format(time.DateOnly)]; ok {
		return spans
	}
	if !h.holidays && Holiday(date) != "" {
		return nil
	}
	return h.week[date.Weekday()]
}

// String names the zone, for the operator.
func (h *Hours) String() string {
	if h == nil {
		return "no hours"
	}
	return fmt.Sprintf("hours in %s", h.zone)
}
