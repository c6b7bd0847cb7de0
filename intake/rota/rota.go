package rota

import (
	"slices"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

// Place is what somebody is on duty as.
type Place string

// First answers; Second is called when First does not, and is the other one who is never missing in the evening; Lead
// decides, and is called last.
const (
	First  Place = "first"
	Second Place = "second"
	Lead   Place = "lead"
)

// Turn is one person's time on duty. Alias is that of the roster.
type Turn struct {
	Alias string
	Place Place
	Start time.Time
	End   time.Time
}

func (t Turn) span() hours.Span { return hours.Span{Start: t.Start, End: t.End} }

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

	turns        []Turn // by start, then place and alias
	open, closed []hours.Span
}

func (r *Rota) all() []Turn {
	if r == nil {
		return nil
	}
	return r.turns
}

// At is who is on duty: first, second, lead, in this order.
func (r *Rota) At(now time.Time) []Turn {
	var on []Turn
	for _, t := range r.all() {
		if t.span().Holds(now) {
			on = append(on, t)
		}
	}
	slices.SortStableFunc(on, func(a, b Turn) int { return a.Place.rank() - b.Place.rank() })
	return on
}

// On tells whether this alias is on duty, in any place.
func (r *Rota) On(alias string, now time.Time) bool {
	return slices.ContainsFunc(r.At(now), func(t Turn) bool { return t.Alias == alias })
}

// Next are the turns that begin next: all that begin at the first time after now at which any begins.
func (r *Rota) Next(now time.Time) []Turn {
	var next []Turn
	for _, t := range r.all() {
		if t.Start.After(now) && (len(next) == 0 || t.Start.Equal(next[0].Start)) {
			next = append(next, t)
		}
	}
	return next
}

// Between are the turns of which some part lies between two times, by their start.
func (r *Rota) Between(from, to time.Time) []Turn {
	var some []Turn
	for _, t := range r.all() {
		if t.Start.Before(to) && t.End.After(from) {
			some = append(some, t)
		}
	}
	return some
}

// Staffed is when anybody has this place.
func (r *Rota) Staffed(p Place) []hours.Span {
	var spans []hours.Span
	for _, t := range r.all() {
		if t.Place == p {
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

func (p Place) rank() int { return slices.Index([]Place{First, Second, Lead}, p) }
