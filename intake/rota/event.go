package rota

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
)

const (
	clockTime = "20060102T150405"
	clockDate = "20060102"
	// longest bounds a shift: somebody may be the lead for a month.
	longest = 32 * 24 * time.Hour
)

// earliest is the first year in which anything may begin: what repeats since then is walked through day by day.
const earliest = 2000

// event is one VEVENT, with its own times on the wall.
type event struct {
	calendar, order int
	uid             string
	sequence        int
	says            saying
	name            string // for notes
	zone            zone
	start, end      time.Time // on the wall
	wholeDay        bool
	rule            string
	also, never     []listed
	replaces        *listed // the one that it stands for
	cancelled       bool
}

// listed is one time of a list: an EXDATE, RDATE or RECURRENCE-ID.
type listed struct {
	moment time.Time
	day    time.Time // on the wall
	date   bool      // a date and no time
}

// meant is the moment that a listed time names among those at which the event begins. Some makers write a date where
// the event has a time, or a time for a whole day: it is the one of that day.
func (e *event) meant(l listed) time.Time {
	if l.date == e.wholeDay {
		return l.moment
	}
	day := l.day
	if !l.date {
		day = e.zone.wall(l.moment)
	}
	y, m, d := day.Date()
	return e.zone.at(time.Date(y, m, d, e.start.Hour(), e.start.Minute(), e.start.Second(), 0, time.UTC))
}

func valueOf(c *ics.ComponentBase, name string) string {
	if p := propertyOf(c, name); p != nil {
		return p.Value
	}
	return ""
}

func propertyOf(c *ics.ComponentBase, name string) *ics.IANAProperty {
	for i := range c.Properties {
		if strings.EqualFold(c.Properties[i].IANAToken, name) {
			return &c.Properties[i]
		}
	}
	return nil
}

func parameter(p *ics.IANAProperty, name string) string {
	for key, values := range p.ICalParameters {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// short makes what a stranger wrote fit to be shown in a line of a log.
func short(text string) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(clean); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return clean
}

// readEvent reads one event. Its name is right even where there is an error.
func (c *reading) readEvent(v *ics.ComponentBase) (*event, error) {
	e := &event{calendar: c.index, uid: valueOf(v, "UID"),
		name: fmt.Sprintf("«%s», %s", short(valueOf(v, "SUMMARY")), short(valueOf(v, "DTSTART")))}
	e.cancelled = strings.EqualFold(valueOf(v, "STATUS"), "CANCELLED")
	e.sequence, _ = strconv.Atoi(valueOf(v, "SEQUENCE"))
	var categories []string
	for i := range v.Properties {
		if strings.EqualFold(v.Properties[i].IANAToken, "CATEGORIES") {
			categories = append(categories, strings.Split(v.Properties[i].Value, ",")...)
		}
	}
	if e.says = read(valueOf(v, "SUMMARY"), categories); e.says.reason != "" && !e.cancelled {
		return e, errors.New(e.says.reason)
	}
	// What is called off needs no times of its own.
	if err := c.readTimes(e, v); err != nil && !e.cancelled {
		return e, err
	}
	for i := range v.Properties {
		p := &v.Properties[i]
		var list *[]listed
		switch strings.ToUpper(p.IANAToken) {
		case "RRULE":
			if e.rule != "" {
				return e, errors.New("two RRULEs: write an event for each")
			}
			e.rule = p.Value
			continue
		case "EXDATE":
			list = &e.never
		case "RDATE":
			list = &e.also
		case "EXRULE":
			return e, errors.New("EXRULE is not known here: write the dates as EXDATE")
		default:
			continue
		}
		for text := range strings.SplitSeq(p.Value, ",") {
			one, err := c.readListed(p, text)
			if err != nil {
				return e, err
			}
			if *list = append(*list, one); len(*list) > maxDates {
				return e, errors.New("too many dates are listed")
			}
		}
	}
	if p := propertyOf(v, "RECURRENCE-ID"); p != nil {
		if parameter(p, "RANGE") != "" {
			return e, errors.New(
				"a change of one shift and all that follow (RANGE) is not known here: end the series, and begin a new one")
		}
		one, err := c.readListed(p, p.Value)
		if err != nil {
			return e, err
		}
		e.replaces = &one
	}
	return e, nil
}

func (c *reading) readListed(p *ics.IANAProperty, text string) (listed, error) {
	t, z, date, err := c.readTime(p, text)
	if err != nil {
		return listed{}, err
	}
	return listed{z.at(t), t, date}, nil
}

// maxDates bounds EXDATE and RDATE of one event.
const maxDates = 1000

func (c *reading) readTimes(e *event, v *ics.ComponentBase) error {
	p := propertyOf(v, "DTSTART")
	if p == nil {
		return errors.New("no DTSTART")
	}
	start, z, date, err := c.readTime(p, p.Value)
	if err != nil {
		return err
	}
	e.start, e.zone, e.wholeDay = start, z, date
	switch p, d := propertyOf(v, "DTEND"), valueOf(v, "DURATION"); {
	case p != nil && d != "":
		return errors.New("both DTEND and DURATION: write one")
	case p != nil:
		end, ends, _, err := c.readTime(p, p.Value)
		if err != nil {
			return err
		}
		e.end = z.wall(ends.at(end))
	case d != "":
		length, err := parseLength(d)
		if err != nil {
			return err
		}
		e.end = start.Add(length)
	case date:
		e.end = start.AddDate(0, 0, 1)
	default:
		return errors.New("no end: write DTEND or DURATION")
	}
	switch length := e.end.Sub(e.start); {
	case length <= 0:
		return errors.New("it ends before it begins")
	case length > longest:
		return errors.New("it is longer than a month: repeat it instead")
	case e.start.Year() < earliest:
		return fmt.Errorf("it begins before the year %d", earliest)
	}
	return nil
}

// readTime reads a date or a time. Without a zone of its own it is the kommun's.
func (c *reading) readTime(p *ics.IANAProperty, text string) (wall time.Time, z zone, date bool, err error) {
	z = c.zone
	if name := parameter(p, "TZID"); name != "" {
		if z, err = c.zones.find(name); err != nil {
			return wall, nil, false, err
		}
	}
	text = strings.TrimSpace(text)
	if strings.EqualFold(parameter(p, "VALUE"), "PERIOD") {
		return wall, nil, false, errors.New("periods (VALUE=PERIOD) are not known here: write DTSTART and DTEND")
	}
	if zulu, ok := strings.CutSuffix(text, "Z"); ok {
		text, z = zulu, known{time.UTC}
	}
	if wall, err = time.Parse(clockTime, text); err == nil {
		return wall, z, false, nil
	}
	if wall, err = time.Parse(clockDate, text); err == nil {
		return wall, z, true, nil
	}
	return wall, nil, false, fmt.Errorf("«%s» is no time such as 20261224T080000", short(text))
}

var lengthPattern = regexp.MustCompile(
	`^\+?P(?:([0-9]{1,3})W|(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})S)?)?)$`)

func parseLength(text string) (time.Duration, error) {
	m := lengthPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("«%s» is no length such as PT3H", short(text))
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1])
		d += time.Duration(n) * unit
	}
	return d, nil
}

// newest chooses, of events with one name and no RECURRENCE-ID, the one that holds: that of the later calendar, then
// the higher sequence, then the later in the file. Changes of single shifts from an older one hold on, as long
// as it still has those shifts.
func newest(a, b *event) *event {
	if slices.Compare([]int{a.calendar, a.sequence, a.order}, []int{b.calendar, b.sequence, b.order}) > 0 {
		return a
	}
	return b
}
