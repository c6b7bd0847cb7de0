package main

import (
	"context"
	"net/http"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
)

// authority answers the relay's questions about devices from the books: it joins chat, which knows no rosters, and
// intake, which knows no relay.
type authority map[string]*live.Roster

// Device implements relay.Authority. A roster that has run out still names its devices: nobody new is encrypted to
// them, which each client sees to, but whoever is in a conversation must not lose it because a team lead is late
// (spec/protocol.md §7.2).
func (a authority) Device(kommun string, device chat.Device) (relay.Certificate, bool) {
	b, ok := a[kommun]
	if !ok {
		return relay.Certificate{}, false
	}
	_, r := b.Present()
	d := r.Device(roster.DeviceID(device))
	if d == nil {
		return relay.Certificate{}, false
	}
	return relay.Certificate{Key: d.Key, Expires: d.Expires, Intake: d.Role.Intake()}, true
}

// startRelay makes the node that all kommuner of this server share, and cuts off devices as rosters drop them.
func (s *server) startRelay() {
	rosters := make(authority)
	kommuner := make(map[string]relay.Kommun)
	for _, h := range s.hosted {
		rosters[h.tenant.ID] = h.book
		kommun := relay.Kommun{Live: h.tenant.Live(), Message: h.tenant.Message()}
		for _, partner := range h.tenant.Partners {
			kommun.Partners = append(kommun.Partners, partner.ID)
		}
		kommuner[h.tenant.ID] = kommun
	}
	if s.alarms == nil {
		s.alarms = newAlarms(config.Channels{}, s.store, s.now, s.log)
	}
	for _, h := range s.hosted {
		s.alarms.add(h.tenant.ID, h.tenant.People, func() *roster.Roster {
			_, r := h.book.Present()
			return r
		})
	}
	s.makeDuties()
	s.climb = &climbing{log: s.log, now: s.now, alarms: s.alarms, calls: s.store, duties: s.duties,
		homes: make(map[string]hosted)}
	for _, h := range s.hosted {
		s.climb.homes[h.tenant.ID] = h
	}
	s.relay = relay.New(relay.Config{
		OnAccess: s.access.note,
		Alarms:   s.alarms, Store: s.store, Fullness: s.fullness, Authority: rosters, Kommuner: kommuner, Logger: s.log,
		Now:    s.now,
		Ladder: s.climb.ladder, OnStep: s.climb.step, Rests: s.climb.rests,
		OnLogin: s.onLogin, OnShift: s.onPass,
	})
	for kommun, d := range s.duties {
		d.relay = s.relay
		d.unmanned = func(_, _ time.Time) { s.background.Go(func() { s.climb.warn(kommun) }) }
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stopDuty = stop
	s.startDuty(ctx)
	for _, h := range s.hosted {
		h.book.OnChange(func(before, after *roster.Roster) {
			gone := roster.CutOff(before, after)
			for _, device := range gone {
				s.relay.Revoke(chat.Device(device))
			}
			if len(gone) > 0 {
				go s.alarms.forget(h.tenant.ID, gone)
			}
			if after.Serial > before.Serial {
				s.relay.Announce(after.Kommun, after.Serial)
			}
		})
	}
}

func (s *server) relayHandler(t *config.Kommun) http.Handler {
	return s.relay.Handler(t.ID, relay.Origins{Visitor: []string{t.Visitor.Origin}, Console: []string{t.Console.Origin}})
}
