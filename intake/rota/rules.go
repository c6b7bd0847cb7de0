package rota

import (
	"cmp"
	"slices"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

// Rule is what a warning is about.
type Rule string

const (
	// Block: first on duty for longer at a stretch than anybody should chat.
	Block Rule = "block"
	// LongShift: from the beginning of a shift to its end.
	LongShift Rule = "shift"
	// DailyRest: no rest long enough in the 24 hours from the beginning of a shift.
	DailyRest Rule = "daily_rest"
	// WeeklyRest: no rest long enough from Monday to Sunday.
	WeeklyRest Rule = "weekly_rest"
	// Alone: nobody else is on duty in the evening.
	Alone Rule = "alone"
)

// Limits are the working-time rules that a rota is held to. A zero takes a rule away.
type Limits struct {
	Block      time.Duration
	Shift      time.Duration
	DailyRest  time.Duration
	WeeklyRest time.Duration
	// Evening is when nobody is alone from, after midnight, until Morning.
	Evening, Morning time.Duration
	NeverAlone       bool
}

// Usual are the rules of AB §13 and working-hours law, and blocks of chat of at most three hours.
var Usual = Limits{
	Block: 3 * time.Hour, Shift: 13 * time.Hour, DailyRest: 11 * time.Hour, WeeklyRest: 36 * time.Hour,
	Evening: 18 * time.Hour, Morning: 6 * time.Hour, NeverAlone: true,
}

const (
	// pause ends a block, but not a shift.
	pause = 15 * time.Minute
	// apart ends a shift.
	apart = 5 * time.Hour
)

// Warning is one way in which a rota breaks a rule. It warns and forbids nothing.
type Warning struct {
	Alias string
	Rule  Rule
	Span  hours.Span
	// Has is what the rota gives, and Limit what the rule says; both zero for Alone.
	Has, Limit time.Duration
}

// Warnings are where the rota breaks a rule between two times, in their order. The lead's time is none of work. Alone
// looks at opening hours only; open are those between the same times.
func (r *Rota) Warnings(l Limits, zone *time.Location, open []hours.Span, from, to time.Time) []Warning {
	var all []Warning
	for _, alias := range r.aliases() {
		all = append(all, r.warningsFor(alias, l, zone)...)
	}
	if l.NeverAlone {
		all = append(all, r.alone(l, zone, open)...)
	}
	all = slices.DeleteFunc(all, func(w Warning) bool { return !w.Span.Start.Before(to) || !w.Span.End.After(from) })
	slices.SortFunc(all, func(a, b Warning) int {
		return cmp.Or(a.Span.Start.Compare(b.Span.Start), cmp.Compare(a.Alias, b.Alias), cmp.Compare(a.Rule, b.Rule))
	})
	return all
}

// aliases are all who have a shift, sorted.
func (r *Rota) aliases() []string {
	var all []string
	for _, t := range r.all() {
		all = append(all, t.Alias)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// work is when somebody has a shift at one of these levels.
func (r *Rota) work(alias string, levels ...Level) []hours.Span {
	var spans []hours.Span
	for _, t := range r.all() {
		if t.Alias == alias && slices.Contains(levels, t.Level) {
			spans = append(spans, t.span())
		}
	}
	return hours.Join(spans)
}

func (r *Rota) warningsFor(alias string, l Limits, zone *time.Location) []Warning {
	var all []Warning
	for _, block := range joinWithin(r.work(alias, First), pause) {
		if l.Block > 0 && block.Length() > l.Block {
			all = append(all, Warning{alias, Block, block, block.Length(), l.Block})
		}
	}
	work := r.work(alias, First, Second)
	for _, shift := range joinWithin(work, apart) {
		if l.Shift > 0 && shift.Length() > l.Shift {
			all = append(all, Warning{alias, LongShift, shift, shift.Length(), l.Shift})
		}
		day := hours.Span{Start: shift.Start, End: shift.Start.Add(24 * time.Hour)}
		if rest := longestRest(day, work); l.DailyRest > 0 && rest < l.DailyRest {
			all = append(all, Warning{alias, DailyRest, day, rest, l.DailyRest})
		}
	}
	if l.WeeklyRest > 0 && len(work) > 0 {
		for week := weekOf(r.Covers.Start, zone, 1); week.End.Before(r.Covers.End); week = weekOf(week.Start, zone, 1) {
			if rest := longestRest(week, work); rest < l.WeeklyRest {
				all = append(all, Warning{alias, WeeklyRest, week, rest, l.WeeklyRest})
			}
		}
	}
	return all
}

// joinWithin joins spans between which there is less than gap.
func joinWithin(spans []hours.Span, gap time.Duration) []hours.Span {
	var all []hours.Span
	for _, s := range spans {
		if last := len(all) - 1; last >= 0 && s.Start.Sub(all[last].End) < gap {
			all[last].End = s.End
			continue
		}
		all = append(all, s)
	}
	return all
}

func longestRest(within hours.Span, work []hours.Span) time.Duration {
	var longest time.Duration
	for _, rest := range hours.Without([]hours.Span{within}, work) {
		longest = max(longest, rest.Length())
	}
	return longest
}

// weekOf is the week from Monday that begins some weeks after that of t.
func weekOf(t time.Time, zone *time.Location, after int) hours.Span {
	t = t.In(zone)
	y, m, d := t.Date()
	monday := d - (int(t.Weekday())+6)%7 + 7*after
	return hours.Span{Start: time.Date(y, m, monday, 0, 0, 0, 0, zone), End: time.Date(y, m, monday+7, 0, 0, 0, 0, zone)}
}

// alone is where one person is on duty, first or second, and nobody else is, in the evening or at night, while it is
// open.
func (r *Rota) alone(l Limits, zone *time.Location, open []hours.Span) []Warning {
	evenings := hours.Both(open, r.evenings(l, zone))
	work := make(map[string][]hours.Span)
	for _, t := range r.all() {
		if t.Level != Lead {
			work[t.Alias] = append(work[t.Alias], t.span())
		}
	}
	var all []Warning
	for alias, own := range work {
		var others []hours.Span
		for other, spans := range work {
			if other != alias {
				others = append(others, spans...)
			}
		}
		for _, s := range hours.Without(hours.Both(own, evenings), others) {
			all = append(all, Warning{Alias: alias, Rule: Alone, Span: s})
		}
	}
	return all
}

func (r *Rota) evenings(l Limits, zone *time.Location) []hours.Span {
	var all []hours.Span
	y, m, d := r.Covers.Start.In(zone).Date()
	for n := 0; ; n++ {
		start := time.Date(y, m, d+n, 0, int(l.Evening.Minutes()), 0, 0, zone)
		if start.After(r.Covers.End) {
			return all
		}
		all = append(all, hours.Span{Start: start, End: time.Date(y, m, d+n+1, 0, int(l.Morning.Minutes()), 0, 0, zone)})
	}
}
