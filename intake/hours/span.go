package hours

import (
	"slices"
	"time"
)

// Span is a stretch of time. End is not in it.
type Span struct{ Start, End time.Time }

// Holds tells whether t is in it.
func (s Span) Holds(t time.Time) bool { return !t.Before(s.Start) && t.Before(s.End) }

// Length is how long it is.
func (s Span) Length() time.Duration { return s.End.Sub(s.Start) }

// Join puts spans in order and joins those that overlap or adjoin; empty ones are left out.
func Join(spans []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return !s.Start.Before(s.End) })
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	var all []Span
	for _, s := range sorted {
		if last := len(all) - 1; last >= 0 && !s.Start.After(all[last].End) {
			if s.End.After(all[last].End) {
				all[last].End = s.End
			}
			continue
		}
		all = append(all, s)
	}
	return all
}

// Without is what of spans is in none of away.
func Without(spans, away []Span) []Span {
	away = Join(away)
	var all []Span
	for _, s := range Join(spans) {
		for _, a := range away {
			if !a.End.After(s.Start) {
				continue
			}
			if !a.Start.Before(s.End) {
				break
			}
			if a.Start.After(s.Start) {
				all = append(all, Span{s.Start, a.Start})
			}
			s.Start = a.End
		}
		if s.Start.Before(s.End) {
			all = append(all, s)
		}
	}
	return all
}

// Both is what is in spans of either list.
func Both(a, b []Span) []Span {
	a, b = Join(a), Join(b)
	var all []Span
	for i, j := 0, 0; i < len(a) && j < len(b); {
		s := Span{a[i].Start, a[i].End}
		if b[j].Start.After(s.Start) {
			s.Start = b[j].Start
		}
		if b[j].End.Before(s.End) {
			s.End = b[j].End
		}
		if s.Start.Before(s.End) {
			all = append(all, s)
		}
		if a[i].End.Before(b[j].End) {
			i++
		} else {
			j++
		}
	}
	return all
}

// Text names a stretch of time as people plan: the date once where it is one.
func (s Span) Text(zone *time.Location) string {
	start, end := s.Start.In(zone), s.End.In(zone)
	text := start.Format("Mon 2006-01-02 15:04") + "-"
	if start.Format(time.DateOnly) == end.Format(time.DateOnly) {
		return text + end.Format("15:04")
	}
	return text + end.Format("Mon 2006-01-02 15:04")
}
