package duty

import (
	"cmp"
	"slices"
	"time"

	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/rota"
)

// UnmannedAhead is how long before it begins it is told that nobody is on the rota.
const UnmannedAhead = 12 * time.Hour

// Unmanned is the stretch of opening hours in which nobody can be reached: now, or that which begins within
// UnmannedAhead and for which nobody is first on the rota. open are the hours from now on that are meant. The zero
// Span: there is none. Of one stretch the end stays the same, while its beginning moves on with the clock.
func (s *Snapshot) Unmanned(open []hours.Span) hours.Span {
	switch gaps := s.Rota.Gaps(open); {
	case !s.Planned:
	case len(open) > 0 && open[0].Holds(s.Now) && !s.Reachable(""):
		span := open[0]
		if shifts := s.Rota.At(s.Now); len(shifts) > 0 {
			// Who is on the rota may come: it ends with their shift at the latest.
			span.End = slices.MinFunc(shifts, func(a, b rota.Shift) int { return cmp.Compare(a.End.Unix(), b.End.Unix()) }).End
		}
		return span
	case len(gaps) > 0 && gaps[0].Start.Before(s.Now.Add(UnmannedAhead)):
		return gaps[0]
	}
	return hours.Span{}
}

// Closing is when the opening hours end that are now, if that is within a day. open are those from now on.
func Closing(open []hours.Span, now time.Time) (time.Time, bool) {
	if len(open) == 0 || !open[0].Holds(now) || !open[0].End.Before(now.Add(24*time.Hour)) {
		return time.Time{}, false
	}
	return open[0].End, true
}

// SnoozedUntil is until when the escalation of a left message waits: the next opening while the kommun is closed, else
// the zero time. Open without anybody on duty is no reason to wait: somebody has to be told.
func SnoozedUntil(open []hours.Span, now time.Time) time.Time {
	if len(open) == 0 || !open[0].Start.After(now) {
		return time.Time{}
	}
	return open[0].Start
}

// Meant is when somebody is meant to answer: the opening hours, and of them, where there is a rota, those for which
// somebody is first on duty: none while it could not be read.
func Meant(open []hours.Span, planned bool, r *rota.Rota) []hours.Span {
	if !planned {
		return open
	}
	return hours.Both(open, r.Staffed(rota.First))
}

// After is the time at which so much of these spans has passed since now; the zero time where there is not as much.
func After(spans []hours.Span, now time.Time, much time.Duration) time.Time {
	for _, s := range spans {
		if s.Start.Before(now) {
			s.Start = now
		}
		length := max(0, s.Length())
		if much < length {
			return s.Start.Add(much)
		}
		much -= length
	}
	return time.Time{}
}
