package rota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/utvag/utvag/intake/hours"
)

// ruleParts are those of RFC 5545 §3.3.10 that a rota can need. Each rule costs a walk of at most 57 ms through all
// years, even where it never fits.
var ruleParts = []string{"FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}

// readRule reads a recurrence that begins at start, on the wall.
func readRule(text string, start time.Time, z zone) (*rrule.RRule, error) {
	if len(text) > 300 {
		return nil, errors.New("the RRULE is too long")
	}
	text = strings.ToUpper(text)
	until := ""
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		if !slices.Contains(ruleParts, name) {
			return nil, fmt.Errorf("RRULE with «%s» is not known here: use %s", short(name), strings.Join(ruleParts, ", "))
		}
		if name == "UNTIL" {
			until = value
		}
	}
	option, err := rrule.StrToROptionInLocation(text, time.UTC)
	if err != nil {
		return nil, fmt.Errorf("the RRULE cannot be read: %s", short(err.Error()))
	}
	switch option.Freq {
	case rrule.YEARLY, rrule.MONTHLY, rrule.WEEKLY, rrule.DAILY:
	default:
		return nil, errors.New("the RRULE repeats more often than daily")
	}
	switch {
	case strings.HasSuffix(until, "Z"):
		option.Until = z.wall(option.Until)
	case len(until) == len(clockDate):
		option.Until = option.Until.Add(24*time.Hour - time.Second)
	}
	option.Dtstart = start
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("the RRULE cannot be used: %s", short(err.Error()))
	}
	return rule, nil
}

// starts are the moments at which an event begins, those of which something lies in the window. Exceptions are taken
// out.
func (e *event) starts(ctx context.Context, window hours.Span) ([]time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, errSlow
	}
	length := e.end.Sub(e.start)
	begin := window.Start.Add(-length - 24*time.Hour) // clocks change
	moments, never := e.moments(e.also), e.moments(e.never)
	if e.rule == "" {
		moments = append(moments, e.zone.at(e.start))
	} else {
		rule, err := readRule(e.rule, e.start, e.zone)
		if err != nil {
			return nil, err
		}
		for next := rule.Iterator(); ; {
			wall, more := next()
			if !more {
				break
			}
			moment := e.zone.at(wall)
			if !moment.Before(window.End) {
				break
			}
			if moment.After(begin) {
				moments = append(moments, moment)
			}
		}
	}
	return slices.DeleteFunc(moments, func(t time.Time) bool {
		return slices.ContainsFunc(never, t.Equal) || !t.Before(window.End) || !t.After(begin)
	}), nil
}

func (e *event) moments(all []listed) []time.Time {
	var moments []time.Time
	for _, one := range all {
		moments = append(moments, e.meant(one))
	}
	return moments
}

// has tells whether the event begins at a moment.
func (e *event) has(ctx context.Context, moment time.Time) (bool, error) {
	if e.cancelled {
		return false, nil
	}
	starts, err := e.starts(ctx, hours.Span{Start: moment, End: moment.Add(time.Second)})
	return slices.ContainsFunc(starts, moment.Equal), err
}

// ends is when what begins at a moment ends: as long on the wall as the event itself.
func (e *event) ends(moment time.Time) time.Time {
	return e.zone.at(e.zone.wall(moment).Add(e.end.Sub(e.start)))
}

// errSlow is for a calendar that is made to take long.
var errSlow = errors.New("the calendar takes too long to work out: it repeats too much")
