package hours

import "time"

// Calendar is what a rota's own calendar says about hours.
type Calendar struct {
	// Open are hours in addition to the configuration's, or instead of them: a date on which one of them begins has no
	// others, holiday or not.
	Open []Span
	// Closed is taken away, whoever says open.
	Closed []Span
	// Staffed is when somebody is first on duty. Outside it nothing is open.
	Staffed []Span
}

// With returns the hours as this calendar changes them; h is as it was. The nil Hours with a calendar are open whenever
// somebody is on duty, or where the calendar says so itself.
func (h *Hours) With(c Calendar) *Hours {
	changed := &Hours{zone: h.Zone()}
	if h != nil {
		*changed = *h
	}
	changed.calendar = &c
	return changed
}

// Meant are the hours between two times whether anybody is on duty or not: what a rota has to fill.
func (h *Hours) Meant(from, to time.Time) []Span {
	if h == nil || !from.Before(to) {
		return nil
	}
	days := int(to.Sub(from).Hours()/24) + 2
	return Both(h.meant(from.In(h.zone), days), []Span{{from, to}})
}

// Zone is where the clock on the wall hangs.
func (h *Hours) Zone() *time.Location {
	if h != nil {
		return h.zone
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return time.UTC // never: it is built in
	}
	return zone
}

// from are the hours that hold, from the day before now to days later.
func (h *Hours) from(now time.Time, days int) []Span {
	meant := h.meant(now, days)
	if h.calendar == nil {
		return meant
	}
	return Both(meant, h.calendar.Staffed)
}

func (h *Hours) meant(now time.Time, days int) []Span {
	if h.calendar == nil {
		return h.written(now, days)
	}
	c := h.calendar
	said := make(map[string]bool)
	for _, s := range c.Open {
		said[s.Start.In(h.zone).Format(time.DateOnly)] = true
	}
	var replaced []Span
	y, m, d := now.In(h.zone).Date()
	for n := -1; n <= days; n++ {
		if date := time.Date(y, m, d+n, 0, 0, 0, 0, h.zone); said[date.Format(time.DateOnly)] {
			replaced = append(replaced, Span{date, time.Date(y, m, d+n+1, 0, 0, 0, 0, h.zone)})
		}
	}
	all := append(Without(h.written(now, days), replaced), c.Open...)
	if h.wordless() && len(c.Open) == 0 {
		all = c.Staffed
	}
	return Without(all, c.Closed)
}

// wordless tells whether the configuration says nothing about hours.
func (h *Hours) wordless() bool {
	if len(h.exceptions) > 0 {
		return false
	}
	for _, spans := range h.week {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}
