package rota

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// Clock times are kept as times in UTC whose date and hour are those on the wall, until a zone says which moment they
// are: a shift that is repeated at eight is at eight in summer, too.

// zone shifts clock times into moments and back.
type zone interface {
	at(wall time.Time) time.Time
	wall(t time.Time) time.Time
}

// known is a zone of the IANA database.
type known struct{ *time.Location }

func (z known) at(w time.Time) time.Time { return onWall(w, z.Location) }
func (z known) wall(t time.Time) time.Time {
	return onWall(t.In(z.Location), time.UTC)
}

// onWall is the same date and hour in another zone. time.Date resolves what the change of clocks skips or doubles.
func onWall(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone)
}

// defined is a zone that the calendar itself defines, for names that only its maker knows.
type defined struct{ onsets []onset }

// onset is when another offset begins, on the wall as it was before.
type onset struct {
	wall         time.Time
	before, from time.Duration
}

func (z *defined) at(w time.Time) time.Time {
	offset := z.onsets[0].before
	for _, o := range z.onsets {
		if o.wall.After(w) {
			break
		}
		offset = o.from
	}
	return w.Add(-offset)
}

func (z *defined) wall(t time.Time) time.Time {
	offset := z.onsets[0].before
	for _, o := range z.onsets {
		if o.wall.Add(-o.before).After(t) {
			break
		}
		offset = o.from
	}
	return t.UTC().Add(offset)
}

var zonePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

// zones are those that a calendar uses, by name.
type zones struct {
	defined map[string]*ics.VTimezone
	made    map[string]zone
	until   time.Time
}

func (z *zones) find(name string) (zone, error) {
	if known, ok := z.made[name]; ok {
		return known, nil
	}
	found, err := z.make(name)
	if err == nil {
		z.made[name] = found
	}
	return found, err
}

func (z *zones) make(name string) (zone, error) {
	// LoadLocation would take «Local» for the server's own zone.
	if zonePattern.MatchString(name) && name != "Local" {
		if location, err := time.LoadLocation(name); err == nil {
			return known{location}, nil
		}
	}
	block, ok := z.defined[name]
	if !ok {
		return nil, fmt.Errorf("the time zone «%s» is unknown, and the calendar does not define it: write Europe/Stockholm",
			short(name))
	}
	var onsets []onset
	for _, part := range block.Components {
		base, ok := observance(part)
		if !ok {
			continue
		}
		found, err := z.onsets(base)
		if err != nil {
			return nil, fmt.Errorf("the calendar's time zone «%s» cannot be used: %w", short(name), err)
		}
		if onsets = append(onsets, found...); len(onsets) > maxOnsets {
			return nil, fmt.Errorf("the calendar's time zone «%s» changes its clocks too often", short(name))
		}
	}
	if len(onsets) == 0 {
		return nil, fmt.Errorf("the calendar's time zone «%s» has no offsets", short(name))
	}
	slices.SortFunc(onsets, func(a, b onset) int { return a.wall.Compare(b.wall) })
	return &defined{onsets}, nil
}

func observance(c ics.Component) (*ics.ComponentBase, bool) {
	switch c := c.(type) {
	case *ics.Standard:
		return &c.ComponentBase, true
	case *ics.Daylight:
		return &c.ComponentBase, true
	}
	return nil, false
}

const maxOnsets = 2000

// onsets are those of one STANDARD or DAYLIGHT.
func (z *zones) onsets(c *ics.ComponentBase) ([]onset, error) {
	var o onset
	var err error
	if o.before, err = parseOffset(valueOf(c, "TZOFFSETFROM")); err != nil {
		return nil, err
	}
	if o.from, err = parseOffset(valueOf(c, "TZOFFSETTO")); err != nil {
		return nil, err
	}
	if o.wall, err = time.Parse(clockTime, valueOf(c, "DTSTART")); err != nil {
		return nil, errors.New("DTSTART is not a time such as 20261025T030000")
	}
	text := valueOf(c, "RRULE")
	if text == "" {
		return []onset{o}, nil
	}
	if year := o.wall.Year(); year < earliest {
		// Some makers begin in 1601, and the library's steps end 292 years after their beginning.
		o.wall = o.wall.AddDate(earliest-1-year, 0, 0)
	}
	rule, err := readRule(text, o.wall, known{time.UTC})
	if err != nil {
		return nil, err
	}
	if made := rule.OrigOptions; made.Freq != rrule.YEARLY || made.Interval > 1 || made.Count > 0 {
		return nil, errors.New("its clocks change other than every year")
	}
	var all []onset
	for next := rule.Iterator(); len(all) <= maxOnsets; {
		wall, more := next()
		if !more || wall.After(z.until) {
			break
		}
		all = append(all, onset{wall, o.before, o.from})
	}
	return all, nil
}

var offsetPattern = regexp.MustCompile(`^[+-][0-9]{4}([0-9]{2})?$`)

func parseOffset(text string) (time.Duration, error) {
	if !offsetPattern.MatchString(text) {
		return 0, errors.New("an offset is not written as +0100")
	}
	number := func(i int) time.Duration { return time.Duration(text[i]-'0')*10 + time.Duration(text[i+1]-'0') }
	d := number(1)*time.Hour + number(3)*time.Minute
	if len(text) == 7 {
		d += number(5) * time.Second
	}
	if d > 18*time.Hour {
		return 0, errors.New("an offset is larger than any on earth")
	}
	if strings.HasPrefix(text, "-") {
		d = -d
	}
	return d, nil
}
