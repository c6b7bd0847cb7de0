package oncall

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// shiftStore is what duty needs of the memory that nodes share.
type shiftStore interface {
	SignIn(ctx context.Context, kommun string, devices []chat.Device, now, until time.Time) error
	SignedIn(ctx context.Context, kommun string, now time.Time) ([]chat.Device, error)
	PutDeclared(ctx context.Context, kommun string, device chat.Device, s redisstore.Declared, now time.Time) error
	Declared(ctx context.Context, kommun string, now time.Time) (map[chat.Device]redisstore.Declared, error)
}

// shifts keep the duty of one kommun: they gather the facts, tell devices who is on duty, and carry out what people say
// of their shift. It may be used by several goroutines; nowhere is anything decided that intake/duty could.
type shifts struct {
	kommun *live.Kommun
	store  shiftStore
	relay  Relay
	now    func() time.Time
	log    *slog.Logger
	// reachable reports whether a channel that somebody has tested reaches a person who is not signed in. Nil: none does.
	reachable func(ctx context.Context, alias string) bool
	// unmanned is told once of each stretch of opening hours in which nobody can be reached, as it comes near. Nil: nobody
	// is told.
	unmanned func(from, until time.Time)

	mu     sync.Mutex
	told   map[chat.Device][]byte
	warned hours.Span
}

const (
	dutyEvery = 5 * time.Second
	// signedInFor outlives a node that died by as much as staff may be believed to be there.
	signedInFor = 20 * time.Second
	// gapsAhead and warningsAhead are how far a console looks.
	gapsAhead     = 7 * 24 * time.Hour
	warningsAhead = 14 * 24 * time.Hour
)

// facts asks roster, rota and store.
func (s *shifts) facts(ctx context.Context) (*duty.Facts, error) {
	_, r := s.kommun.Roster.Present()
	f := &duty.Facts{Now: s.now(), Roster: r, Planned: s.kommun.Rota != nil, Rota: s.kommun.Rota.Present(),
		Said: make(map[roster.DeviceID]duty.Declared), Tested: make(map[string]bool)}
	signedIn, err := s.store.SignedIn(ctx, s.kommun.Config.ID, f.Now)
	if err != nil {
		return nil, err
	}
	for _, device := range signedIn {
		f.SignedIn = append(f.SignedIn, roster.DeviceID(device))
	}
	said, err := s.store.Declared(ctx, s.kommun.Config.ID, f.Now)
	if err != nil {
		return nil, err
	}
	for device, declared := range said {
		f.Said[roster.DeviceID(device)] = duty.Declared(declared)
	}
	if s.reachable != nil {
		for _, alias := range f.Absent() {
			f.Tested[alias] = s.reachable(ctx, alias)
		}
	}
	return f, nil
}

// snapshot is who is on duty now.
func (s *shifts) snapshot(ctx context.Context) (*duty.Snapshot, error) {
	f, err := s.facts(ctx)
	if err != nil {
		return nil, err
	}
	return duty.On(f), nil
}

// change carries out what a person says of their shift.
func (s *shifts) change(ctx context.Context, device chat.Device, f *chat.Shift) error {
	facts, err := s.facts(ctx)
	if err != nil {
		return err
	}
	alias, ok := duty.Alias(facts.Roster, roster.DeviceID(device), facts.Now)
	if !ok {
		return chat.Refuse(chat.Policy, 0)
	}
	now := duty.On(facts)
	var declared duty.Declared
	switch f.State {
	case chat.ShiftBegun:
		declared = now.Begin()
	case chat.ShiftPaused:
		before := facts.Said[roster.DeviceID(device)]
		if declared, ok = now.Pause(alias, before, time.Duration(f.Minutes)*time.Minute); !ok {
			return chat.Refuse(chat.Policy, 0)
		}
	case chat.ShiftEnded:
		declared = now.End(alias)
	}
	// One person's other devices say what they said last.
	for other := range facts.Said {
		if name, ok := duty.Alias(facts.Roster, other, facts.Now); ok && name == alias && chat.Device(other) != device {
			if err := s.put(ctx, chat.Device(other), duty.Declared{}, facts.Now); err != nil {
				return err
			}
		}
	}
	if err := s.put(ctx, device, declared, facts.Now); err != nil {
		return err
	}
	return s.tell(ctx)
}

func (s *shifts) put(ctx context.Context, device chat.Device, declared duty.Declared, now time.Time) error {
	return s.store.PutDeclared(ctx, s.kommun.Config.ID, device, redisstore.Declared(declared), now)
}

// forget makes the next telling reach this device, whatever it was told before.
func (s *shifts) forget(device chat.Device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.told, device)
}

// tell sends to each device of this node what has changed for it.
func (s *shifts) tell(ctx context.Context) error {
	id := s.kommun.Config.ID
	own := s.relay.LoggedIn(id)
	now := s.now()
	if err := s.store.SignIn(ctx, id, own, now, now.Add(signedInFor)); err != nil {
		return err
	}
	facts, err := s.facts(ctx)
	if err != nil {
		return err
	}
	on := duty.On(facts)
	common := s.frame(on)
	s.mu.Lock()
	defer s.mu.Unlock()
	told := make(map[chat.Device][]byte)
	for _, device := range own {
		alias, ok := duty.Alias(facts.Roster, roster.DeviceID(device), now)
		if !ok {
			continue
		}
		f := *common
		f.Warnings = s.warnings(on, alias)
		encoded, err := chat.Encode(&f)
		if err != nil {
			return err
		}
		if told[device] = encoded; !bytes.Equal(encoded, s.told[device]) {
			s.relay.TellDuty(id, device, &f)
		}
	}
	s.told = told
	s.warn(on)
	return nil
}

// warn says, once for each stretch, that it is open and nobody can be reached, or soon will be.
func (s *shifts) warn(on *duty.Snapshot) {
	if s.kommun.Rota == nil {
		return
	}
	span := on.Unmanned(s.kommun.Hours().Meant(on.Now, on.Now.Add(gapsAhead)))
	// The same stretch begins later each time that it is looked at, once it has begun.
	if span.End.Equal(s.warned.End) {
		return
	}
	s.warned = span
	if span.End.IsZero() {
		s.log.Info("somebody is on duty again", "kommun", s.kommun.Config.ID)
		return
	}
	s.log.Error("NOBODY IS ON DUTY", "kommun", s.kommun.Config.ID, "problem",
		"open, and nobody can be reached: "+span.Text(s.kommun.Config.Hours.Zone()))
	if s.unmanned != nil {
		s.unmanned(span.Start, span.End)
	}
}

// follow tells what changes until ctx ends.
func (s *shifts) follow(ctx context.Context) {
	// The relay complains where the store does not answer.
	w := live.Watch{Every: dutyEvery, Timeout: storeTimeout, Look: s.tell}
	w.Run(ctx)
}
