package rota

import (
	"slices"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

// Level is what somebody is on duty as.
type Level string

// First answers; Second is called when First does not, and is the other one who is never missing in the evening; Lead
// decides, and is called last.
const (
	First  Level = "first"
	Second Level = "second"
	Lead   Level = "lead"
)

// Shift is one person's time on duty. Alias is that of the roster.
type Shift struct {
	Alias string
	Level Level
	Start time.Time
	End   time.Time
}

func (t Shift) span() hours.Span { return hours.Span{Start: t.Start, End: t.End} }

// Note is what somebody should look at in a calendar: an event that is not understood, which was left out, or a change
// that changes nothing.
type Note struct {
	// Calendar counts from 0, in the order given to Read.
	Calendar int
	// Event is how a person finds it: what it says, and when.
	Event   string
	Problem string
}

// Rota is what the calendars say of one stretch of time. The nil Rota has nobody on duty.
type Rota struct {
	// Covers is the time for which it was read; outside it nothing is known.
	Covers hours.Span
	Notes  []Note

	shifts       []Shift // by start, then level and alias
	open, closed []hours.Span
}

func (r *Rota) all() []Shift {
	if r == nil {
		return nil
	}
	return r.shifts
}

// At is who is on duty: first, second, lead, in this order.
func (r *Rota) At(now time.Time) []Shift {
	var on []Shift
	for _, t := range r.all() {
		if t.span().Holds(now) {
			on = append(on, t)
		}
	}
	slices.SortStableFunc(on, func(a, b Shift) int { return a.Level.rank() - b.Level.rank() })
	return on
}

// On tells whether this alias is on duty, at any level.
func (r *Rota) On(alias string, now time.Time) bool {
	return slices.ContainsFunc(r.At(now), func(t Shift) bool { return t.Alias == alias })
}

// Next are the shifts that begin next: all that begin at the first time after now at which any begins.
func (r *Rota) Next(now time.Time) []Shift {
	var next []Shift
	for _, t := range r.all() {
		if t.Start.After(now) && (len(next) == 0 || t.Start.Equal(next[0].Start)) {
			next = append(next, t)
		}
	}
	return next
}

// Between are the shifts of which some part lies between two times, by their start.
func (r *Rota) Between(from, to time.Time) []Shift {
	var some []Shift
	for _, t := range r.all() {
		if t.Start.Before(to) && t.End.After(from) {
			some = append(some, t)
		}
	}
	return some
}

// Staffed is when anybody has this level.
func (r *Rota) Staffed(p Level) []hours.Span {
	var spans []hours.Span
	for _, t := range r.all() {
		if t.Level == p {
			spans = append(spans, t.span())
		}
	}
	return hours.Join(spans)
}

// Gaps is what of the opening hours has nobody first on duty.
func (r *Rota) Gaps(open []hours.Span) []hours.Span {
	return hours.Without(open, r.Staffed(First))
}

// Hours is what the calendars say of opening hours.
func (r *Rota) Hours() hours.Calendar {
	if r == nil {
		return hours.Calendar{}
	}
	return hours.Calendar{Open: r.open, Closed: r.closed, Staffed: r.Staffed(First)}
}

func (p Level) rank() int { return slices.Index([]Level{First, Second, Lead}, p) }
