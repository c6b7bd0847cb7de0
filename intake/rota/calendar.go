package rota

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/utvag/utvag/intake/hours"
)

// Bounds of one calendar, and of what all of them grow into within the time that is read.
const (
	MaxCalendar = 512 << 10
	maxEvents   = 4000
	maxShifts   = 20_000
	maxPeople   = 200
	longestLine = 8 << 10 // unfolded; the library's work grows with its square
	deepest     = 4       // BEGIN within BEGIN
)

// Before and After are how much is read around the time that is asked about: enough before it for a week's rest, and
// after it for the opening hours that a page looks ahead to.
const (
	Before = 15 * 24 * time.Hour
	After  = 63 * 24 * time.Hour
)

// Read reads calendars, of which a later one overrides the earlier. Clock times without a zone are those of zone. An
// event that is not understood is left out and noted; the error says that a whole calendar cannot be read, and which.
// ctx bounds the work.
func Read(ctx context.Context, around time.Time, zone *time.Location, calendars ...[]byte) (*Rota, error) {
	r := &Rota{Covers: hours.Span{Start: around.Add(-Before), End: around.Add(After)}}
	var events []*event
	for i, text := range calendars {
		c := &reading{rota: r, index: i, zone: known{zone}}
		found, err := c.read(text)
		if err != nil {
			return nil, fmt.Errorf("calendar %d: %w", i+1, err)
		}
		events = append(events, found...)
	}
	if err := r.fill(ctx, events); err != nil {
		return nil, err
	}
	return r, nil
}

// reading is one calendar while it is read.
type reading struct {
	rota  *Rota
	index int
	zone  zone
	zones zones
}

func (r *Rota) note(e *event, problem string) {
	r.Notes = append(r.Notes, Note{e.calendar, e.name, problem})
}

func (c *reading) read(text []byte) ([]*event, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := sound(text); err != nil {
		return nil, err
	}
	calendar, err := ics.ParseCalendarWithOptions(bytes.NewReader(text),
		ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fmt.Errorf("it is not iCalendar: %s", short(err.Error()))
	}
	c.zones = zones{map[string]*ics.VTimezone{}, map[string]zone{}, c.rota.Covers.End.AddDate(1, 0, 0)}
	for _, part := range calendar.Components {
		if z, ok := part.(*ics.VTimezone); ok {
			c.zones.defined[valueOf(&z.ComponentBase, "TZID")] = z
		}
	}
	vevents := calendar.Events()
	if len(vevents) > maxEvents {
		return nil, fmt.Errorf("it has %d events, at most %d: take out those that are over", len(vevents), maxEvents)
	}
	var events []*event
	for i, v := range vevents {
		e, err := c.readEvent(&v.ComponentBase)
		if e.order = i; e.uid == "" {
			e.uid = fmt.Sprintf("%d of calendar %d", i, c.index)
		}
		if err != nil {
			c.rota.note(e, err.Error())
			continue
		}
		events = append(events, e)
	}
	return events, nil
}

// sound looks at what the library would not stand, or not notice: a file that was cut off is half a rota.
func sound(text []byte) error {
	if len(text) > MaxCalendar {
		return fmt.Errorf("it has %d bytes, at most %d", len(text), MaxCalendar)
	}
	line, depth := 0, 0
	for part := range bytes.Lines(text) {
		if line += len(part); part[0] != ' ' && part[0] != '\t' {
			line = len(part)
		}
		if line > longestLine {
			return fmt.Errorf("it has a line of more than %d bytes", longestLine)
		}
		switch word, _, _ := bytes.Cut(bytes.ToUpper(part[:min(len(part), 8)]), []byte(":")); string(word) {
		case "BEGIN":
			depth++
		case "END":
			depth--
		}
		if depth > deepest {
			return errors.New("its parts are nested too deep")
		}
	}
	if !bytes.HasSuffix(bytes.TrimRight(bytes.ToUpper(text), " \t\r\n"), []byte("END:VCALENDAR")) {
		return errors.New("it does not end with END:VCALENDAR: it was cut off, or is no calendar")
	}
	return nil
}

// index has the events that hold by UID, and the changes of single ones by UID and the moment that they stand for.
func index(events []*event) (masters map[string]*event, changes map[string]map[int64]*event) {
	masters, changes = make(map[string]*event), make(map[string]map[int64]*event)
	for _, e := range events {
		if e.replaces != nil {
			continue
		}
		if held := masters[e.uid]; held != nil {
			e = newest(held, e)
		}
		masters[e.uid] = e
	}
	for _, e := range events {
		if e.replaces == nil {
			continue
		}
		at := e.replaces.moment.Unix()
		if master := masters[e.uid]; master != nil && !master.cancelled {
			at = master.meant(*e.replaces).Unix()
		}
		if changes[e.uid] == nil {
			changes[e.uid] = make(map[int64]*event)
		}
		if held := changes[e.uid][at]; held != nil {
			e = newest(held, e)
		}
		changes[e.uid][at] = e
	}
	return masters, changes
}

// fill works out what the events mean in the time that is covered.
func (r *Rota) fill(ctx context.Context, events []*event) error {
	masters, changes := index(events)
	var found []happening
	for _, uid := range slices.Sorted(maps.Keys(masters)) {
		e := masters[uid]
		if e.cancelled {
			continue
		}
		starts, err := e.starts(ctx, r.Covers)
		if errors.Is(err, errSlow) {
			return err
		}
		if err != nil {
			r.note(e, err.Error())
			continue
		}
		for _, start := range starts {
			if changes[uid][start.Unix()] == nil {
				found = append(found, happening{e, hours.Span{Start: start, End: e.ends(start)}})
			}
		}
		if len(found) > maxShifts {
			return fmt.Errorf("the calendars grow into more than %d events within %d days", maxShifts,
				int((Before+After)/(24*time.Hour)))
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(changes)) {
		for _, at := range slices.Sorted(maps.Keys(changes[uid])) {
			e := changes[uid][at]
			if e.cancelled {
				continue
			}
			if master := masters[uid]; master != nil && master.calendar > e.calendar {
				held, err := master.has(ctx, time.Unix(at, 0))
				if errors.Is(err, errSlow) {
					return err
				}
				if err == nil && !held {
					r.note(e, "it changes nothing: a later calendar has other shifts under this UID")
					continue
				}
			}
			start := e.zone.at(e.start)
			found = append(found, happening{e, hours.Span{Start: start, End: e.ends(start)}})
		}
	}
	return r.settle(ctx, found)
}

// happening is one time at which an event happens.
type happening struct {
	*event
	span hours.Span
}

// settle makes shifts and hours of what happens, and carries out changes in their order: a later calendar's last.
func (r *Rota) settle(ctx context.Context, found []happening) error {
	var changes []happening
	for _, h := range found {
		if !h.span.Start.Before(h.span.End) || !h.span.End.After(r.Covers.Start) || !h.span.Start.Before(r.Covers.End) {
			continue
		}
		level, shift := h.says.word.level()
		switch {
		case shift:
			r.shifts = append(r.shifts, Shift{h.says.alias, level, h.span.Start, h.span.End})
		case h.says.word == wordOpen:
			r.open = append(r.open, h.span)
		case h.says.word == wordClosed:
			r.closed = append(r.closed, h.span)
		default:
			changes = append(changes, h)
		}
	}
	slices.SortStableFunc(changes, func(a, b happening) int {
		return cmp.Or(cmp.Compare(a.calendar, b.calendar), cmp.Compare(a.order, b.order), a.span.Start.Compare(b.span.Start))
	})
	for _, c := range changes {
		if ctx.Err() != nil {
			return errSlow
		}
		if !r.change(c) {
			r.note(c.event, "it changes nothing: "+c.says.alias+" has no shift then")
		}
	}
	r.open, r.closed = hours.Join(r.open), hours.Join(r.closed)
	slices.SortFunc(r.shifts, func(a, b Shift) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Level.rank(), b.Level.rank()), cmp.Compare(a.Alias, b.Alias),
			a.End.Compare(b.End))
	})
	r.shifts = slices.Compact(r.shifts)
	if n := len(r.aliases()); n > maxPeople {
		return fmt.Errorf("the calendars name %d people, at most %d", n, maxPeople)
	}
	return nil
}

// change carries out a swap or a leave, and tells whether it met any shift.
func (r *Rota) change(c happening) bool {
	met := false
	var shifts []Shift
	for _, t := range r.shifts {
		if t.Alias != c.says.alias || !t.Start.Before(c.span.End) || !c.span.Start.Before(t.End) {
			shifts = append(shifts, t)
			continue
		}
		met = true
		within := hours.Both([]hours.Span{t.span()}, []hours.Span{c.span})
		for _, rest := range hours.Without([]hours.Span{t.span()}, []hours.Span{c.span}) {
			shifts = append(shifts, Shift{t.Alias, t.Level, rest.Start, rest.End})
		}
		if c.says.word == wordSwap {
			shifts = append(shifts, Shift{c.says.to, t.Level, within[0].Start, within[0].End})
		}
	}
	r.shifts = shifts
	return met
}
