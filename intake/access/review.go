package access

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

// Count is what one device did in a month, as far as a review has to see it. Conversations are counted by their
// references: one that went on over a restart of the server is counted once before and once after.
type Count struct {
	Device, Alias string
	// Hours are those in which it signed in.
	Hours int
	// Conversations it did that to, in the order of Kinds[1:].
	Opened, Joined, Read, Claimed, Left, Ended int
	Days                                       int
	// Closed are hours of use outside the opening hours, and Unplanned those outside their shifts; -1 where that was
	// not looked at.
	Closed, Unplanned int
}

// Against is what uses are held against; what is nil is not looked at.
type Against struct {
	Zone *time.Location
	// Open gives the opening hours between two times.
	Open func(from, to time.Time) []hours.Span
	// Shifts gives when somebody was on duty.
	Shifts func(alias string, from, to time.Time) []hours.Span
}

// Review counts per device, in the order of aliases: it ranks nobody. A line that stands twice counts once. «left» is
// what a visitor did, and no use of the device.
func Review(logs []*Log, a Against) []Count {
	seen := make(map[Event]bool)
	by := make(map[string][]Event)
	for _, l := range logs {
		for _, e := range l.Events {
			if !seen[e] {
				seen[e] = true
				by[e.Device] = append(by[e.Device], e)
			}
		}
	}
	counts := make([]Count, 0, len(by))
	for device, events := range by {
		slices.SortFunc(events, compare)
		counts = append(counts, count(device, events, a))
	}
	slices.SortFunc(counts, func(x, y Count) int {
		return cmp.Or(strings.Compare(x.Alias, y.Alias), strings.Compare(x.Device, y.Device))
	})
	return counts
}

func count(device string, events []Event, a Against) Count {
	c := Count{Device: device, Alias: nobody, Closed: -1, Unplanned: -1}
	distinct := make(map[string]map[string]bool) // by kind: references, or hours
	for _, kind := range Kinds {
		distinct[kind] = make(map[string]bool)
	}
	days, used := make(map[string]bool), make(map[string]bool)
	for _, e := range events {
		if e.Alias != nobody {
			c.Alias = e.Alias // the newest
		}
		key := e.Reference
		if e.What == SignIn {
			key = e.Hour
		}
		distinct[e.What][key] = true
		if e.What != "left" {
			used[e.Hour] = true
			days[e.Hour[:len(time.DateOnly)]] = true
		}
	}
	for i, n := range []*int{&c.Hours, &c.Opened, &c.Joined, &c.Read, &c.Claimed, &c.Left, &c.Ended} {
		*n = len(distinct[Kinds[i]])
	}
	c.Days = len(days)
	if a.Open != nil {
		c.Closed = outside(used, a.Zone, a.Open)
	}
	if a.Shifts != nil {
		c.Unplanned = outside(used, a.Zone, func(from, to time.Time) []hours.Span { return a.Shifts(c.Alias, from, to) })
	}
	return c
}

// outside counts the hours of which no part lies within. The log knows no minute, so that the benefit of the doubt is
// the person's; the hour that the clock strikes twice in autumn is taken as both.
func outside(used map[string]bool, zone *time.Location, within func(from, to time.Time) []hours.Span) int {
	n := 0
	for hour := range used {
		from, err := time.ParseInLocation(hourLayout, hour, zone)
		if err != nil {
			continue // never: it was parsed before
		}
		to := from.Add(time.Hour)
		if to.In(zone).Format(hourLayout) == hour {
			to = to.Add(time.Hour)
		}
		if before := from.Add(-time.Hour); before.In(zone).Format(hourLayout) == hour {
			from = before
		}
		if len(within(from, to)) == 0 {
			n++
		}
	}
	return n
}
