package roster

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"
)

// Diff is what has changed from one roster to another. Each device stands in one of the first three, or in Changed.
type Diff struct {
	Added, Revoked []Device
	// Rekeyed are people who got a new device in the place of an old one: same alias, another key, and with it another id.
	Rekeyed []Replaced
	// Changed are devices of one key of which something else differs.
	Changed []Replaced
}

// Replaced is one device as it was and as it is.
type Replaced struct{ Before, After Device }

// Prolonged gives the certificate's end before and after; false where it is the same.
func (r Replaced) Prolonged() (before, after time.Time, differs bool) {
	return r.Before.Expires, r.After.Expires, !r.Before.Expires.Equal(r.After.Expires)
}

// Same reports whether nothing that a line of the roster says differs.
func (r Replaced) Same() bool { return sameDevice(&r.Before, &r.After) }

// Compare says what has changed from before to after, in the order of the ids.
func Compare(before, after *Roster) Diff {
	var d Diff
	for _, is := range after.Devices {
		was := before.Device(is.ID)
		switch {
		case was == nil:
			d.Added = append(d.Added, is)
		case !sameDevice(was, &is):
			d.Changed = append(d.Changed, Replaced{*was, is})
		}
	}
	for _, was := range before.Devices {
		if after.Device(was.ID) == nil {
			d.Revoked = append(d.Revoked, was)
		}
	}
	d.pairRekeyed()
	return d
}

// pairRekeyed takes out of Added and Revoked whoever stands once in each. Where an alias stands twice nobody can tell
// who is whose.
func (d *Diff) pairRekeyed() {
	for _, was := range slices.Clone(d.Revoked) {
		same := func(o Device) bool { return strings.EqualFold(o.Alias, was.Alias) }
		if count(d.Revoked, same) != 1 || count(d.Added, same) != 1 {
			continue
		}
		is := d.Added[slices.IndexFunc(d.Added, same)]
		d.Rekeyed = append(d.Rekeyed, Replaced{was, is})
		d.Added = slices.DeleteFunc(d.Added, same)
		d.Revoked = slices.DeleteFunc(d.Revoked, same)
	}
}

func count(devices []Device, is func(Device) bool) (n int) {
	for _, d := range devices {
		if is(d) {
			n++
		}
	}
	return n
}

func sameDevice(a, b *Device) bool {
	return a.Role == b.Role && a.Alias == b.Alias && a.Expires.Equal(b.Expires) && slices.Equal(a.Languages, b.Languages)
}

// ErrForked is that of a roster with the serial of the present one that says something else: clients could not tell
// which of the two is the newer.
var ErrForked = errors.New(
	"the roster has the serial of the present one, but says something else: sign it again, so that its serial rises")

// Forked reports whether two rosters with one serial say different things.
func Forked(a, b *Roster) bool {
	if a.Serial != b.Serial {
		return false
	}
	x, errX := a.Text()
	y, errY := b.Text()
	return errX != nil || errY != nil || !bytes.Equal(x, y)
}

// CutOff are the devices that a new roster drops, or gives another key: who has the old key is not to be believed any
// more.
func CutOff(before, after *Roster) []DeviceID {
	var gone []DeviceID
	for i := range before.Devices {
		d := &before.Devices[i]
		if now := after.Device(d.ID); now == nil || !now.Key.Equal(d.Key) {
			gone = append(gone, d.ID)
		}
	}
	return gone
}
