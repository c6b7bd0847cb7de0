package duty

import (
	"slices"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
)

// State is what is known of somebody on duty.
type State uint8

const (
	Missing State = iota // on the rota, and nobody knows where
	Here                 // signed in, or reached by a channel that they have tested
	Paused               // on a break
	Ended                // they ended their shift before its time
)

// Declared is what somebody said of their shift: until when each of it counts. The zero time: it was not said.
type Declared struct{ Begun, Ended, Paused time.Time }

// MaxShift is how long what was said of a shift counts at most.
const MaxShift = 13 * time.Hour

// Facts are what is known at a moment.
type Facts struct {
	Now    time.Time
	Roster *roster.Roster
	// Planned: the kommun has a rota. Rota is nil without one, and while none could be read.
	Planned bool
	Rota    *rota.Rota
	// SignedIn are the devices at which somebody is logged in.
	SignedIn []roster.DeviceID
	// Said is what was said of a shift, by the device at which it was said.
	Said map[roster.DeviceID]Declared
	// Tested are the aliases that a channel reaches which they have tested; see Absent.
	Tested map[string]bool
}

// Person is somebody on duty. Their level is "" where they are not on the rota.
type Person struct {
	rota.Shift
	State State
}

// Snapshot is who is on duty at one moment.
type Snapshot struct {
	Now     time.Time
	Planned bool
	Rota    *rota.Rota
	// People stand in the order first, second, lead, others.
	People []Person
}

// Alias is that of a device that may answer at now; false where it may not.
func Alias(r *roster.Roster, id roster.DeviceID, now time.Time) (string, bool) {
	d := r.Device(id)
	if d == nil || !d.Valid(now) || !d.Role.Intake() {
		return "", false
	}
	return d.Alias, true
}

// here are the aliases that are signed in, and said what each person said, by whichever device.
func (f *Facts) here() (here map[string]bool, said map[string]Declared) {
	here, said = make(map[string]bool), make(map[string]Declared)
	for _, id := range f.SignedIn {
		if alias, ok := Alias(f.Roster, id, f.Now); ok {
			here[alias] = true
		}
	}
	for id, s := range f.Said {
		if alias, ok := Alias(f.Roster, id, f.Now); ok {
			before := said[alias]
			said[alias] = Declared{Begun: later(before.Begun, s.Begun), Ended: later(before.Ended, s.Ended),
				Paused: later(before.Paused, s.Paused)}
		}
	}
	return here, said
}

// Absent are the people on the rota who are neither signed in nor have said that they pause or have ended: whether a
// tested channel reaches them makes the difference.
func (f *Facts) Absent() []string {
	here, said := f.here()
	var absent []string
	for _, t := range f.Rota.At(f.Now) {
		s := said[t.Alias]
		if !here[t.Alias] && !s.Ended.After(f.Now) && !s.Paused.After(f.Now) && !slices.Contains(absent, t.Alias) {
			absent = append(absent, t.Alias)
		}
	}
	return absent
}

// On is who is on duty: who has a shift now, and who has begun a shift without one and is signed in. Without a rota
// whoever is signed in is on duty.
func On(f *Facts) *Snapshot {
	here, said := f.here()
	s := &Snapshot{Now: f.Now, Planned: f.Planned, Rota: f.Rota}
	add := func(t rota.Shift) {
		state := Missing
		switch word := said[t.Alias]; {
		case word.Ended.After(f.Now):
			state = Ended
		case word.Paused.After(f.Now):
			state = Paused
		case here[t.Alias] || f.Tested[t.Alias]:
			state = Here
		}
		s.People = append(s.People, Person{t, state})
	}
	for _, t := range f.Rota.At(f.Now) {
		add(t)
	}
	var extra []string
	for alias := range here {
		if !f.Rota.On(alias, f.Now) && (!f.Planned || said[alias].Begun.After(f.Now)) {
			extra = append(extra, alias)
		}
	}
	slices.Sort(extra)
	for _, alias := range extra {
		add(rota.Shift{Alias: alias})
	}
	return s
}

// Reachable reports whether somebody else than but can be reached now, leads apart.
func (s *Snapshot) Reachable(but string) bool {
	return slices.ContainsFunc(s.People, func(p Person) bool {
		return p.Alias != but && p.Level != rota.Lead && p.State == Here
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
