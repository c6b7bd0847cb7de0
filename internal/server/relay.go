package server

import (
	"net/http"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/oncall"
)

// authority answers the relay's questions about devices from the rosters: it joins chat, which knows no rosters, and
// intake, which knows no relay.
type authority map[string]*live.Roster

// Device implements relay.Authority. A roster that has run out still names its devices: nobody new is encrypted to
// them, which each client sees to, but whoever is in a conversation must not lose it because a team lead is late
// (spec/protocol.md §7.2).
func (a authority) Device(kommun string, device chat.Device) (relay.Certificate, bool) {
	held, ok := a[kommun]
	if !ok {
		return relay.Certificate{}, false
	}
	_, r := held.Present()
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
	var all []*live.Kommun
	for _, k := range s.kommuner {
		rosters[k.Config.ID] = k.Roster
		kommun := relay.Kommun{Live: k.Config.Live(), Message: k.Config.Message()}
		for _, partner := range k.Config.Partners {
			kommun.Partners = append(kommun.Partners, partner.ID)
		}
		kommuner[k.Config.ID] = kommun
		all = append(all, k.Kommun)
	}
	s.oncall = oncall.New(oncall.Options{Kommuner: all, Channels: s.channels, Store: s.store, Now: s.now, Log: s.log})
	s.relay = relay.New(relay.Config{
		Store: s.store, Fullness: s.fullness, Authority: rosters, Kommuner: kommuner, Logger: s.log, Now: s.now,
		PersonChannels: s.oncall.PersonChannels(), OnAccess: s.access.note,
		Policy: s.oncall.Policy, OnStep: s.oncall.Step, SnoozedUntil: s.oncall.SnoozedUntil,
		OnLogin: s.oncall.LoggedIn, OnShift: s.oncall.Shift,
	})
	s.oncall.Start(s.relay)
	for _, k := range s.kommuner {
		k.Roster.OnChange(func(before, after *roster.Roster) {
			gone := roster.CutOff(before, after)
			for _, device := range gone {
				s.relay.Revoke(chat.Device(device))
			}
			s.oncall.ForgetDevices(k.Config.ID, gone)
			if after.Serial > before.Serial {
				s.relay.Announce(after.Kommun, after.Serial)
			}
		})
	}
}

func (s *server) relayHandler(k *config.Kommun) http.Handler {
	return s.relay.Handler(k.ID, relay.Origins{Visitor: []string{k.Visitor.Origin}, Console: []string{k.Console.Origin}})
}
