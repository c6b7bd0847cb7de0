package oncall

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
)

// MissedProbe calls those who are to know that a probe was missed.
type MissedProbe struct {
	kommun   *config.Kommun
	channels map[alarm.Name]alarm.Channel
	now      func() time.Time
	log      *slog.Logger
}

// NewMissedProbe takes the channels that a probe may use: where a browser takes its push stands in Redis, which a probe
// has nothing to do with.
func NewMissedProbe(set config.Channels, k *config.Kommun, now func() time.Time, log *slog.Logger) *MissedProbe {
	channels := channelsOf(&set, nil)
	delete(channels, alarm.Push)
	return &MissedProbe{kommun: k, channels: channels, now: now, log: log}
}

// callTimeout bounds all calls together; each channel has its own, shorter one.
const callTimeout = time.Minute

// Call calls each of them on every channel that they have, all at once: none waits for another. It returns once all
// were called, within a minute, and logs whom it could not reach.
func (p *MissedProbe) Call(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var wait sync.WaitGroup
	var mu sync.Mutex
	reached := 0
	for _, alias := range p.who() {
		for name, address := range p.kommun.People[alias] {
			channel, ok := p.channels[name]
			if !ok {
				continue
			}
			wait.Go(func() {
				err := channel.Call(ctx, alarm.Call{Kommun: p.kommun.ID, Alias: alias, Address: address, Key: NewKey()})
				if err != nil {
					p.log.Error("a call about a missed probe failed", "kommun", p.kommun.ID, "kind", string(name), "problem", err)
					return
				}
				mu.Lock()
				reached++
				mu.Unlock()
			})
		}
	}
	wait.Wait()
	if reached == 0 {
		p.log.Error(
			"NOBODY COULD BE CALLED about the missed probe: name team leads under people, with an address on a channel",
			"kommun", p.kommun.ID)
		return
	}
	p.log.Info("called about the missed probe", "kommun", p.kommun.ID, "count", reached)
}

// who are the team leads, of roster and rota, and the operators; everybody who can be called where none of them can.
func (p *MissedProbe) who() []string {
	leads := make(map[string]bool)
	if signed, err := config.ReadRoster(p.kommun.RosterFile); err == nil {
		if r, err := p.kommun.Pins.Verify(signed, p.kommun.ID, p.now(), 0); err == nil {
			for i := range r.Devices {
				if d := &r.Devices[i]; d.Role == roster.Lead && d.Valid(p.now()) {
					leads[d.Alias] = true
				}
			}
		}
	}
	if r := live.NewRota(p.kommun, p.now, p.log); r != nil {
		ctx, cancel := context.WithTimeout(context.Background(), live.FetchTimeout)
		defer cancel()
		if r.Read(ctx) == nil {
			for _, shift := range r.Present().At(p.now()) {
				if shift.Level == rota.Lead {
					leads[shift.Alias] = true
				}
			}
		}
	}
	for _, alias := range p.kommun.Operators {
		leads[alias] = true
	}
	maps.DeleteFunc(leads, func(alias string, _ bool) bool { return len(p.kommun.People[alias]) == 0 })
	if len(leads) > 0 {
		return slices.Sorted(maps.Keys(leads))
	}
	return slices.Sorted(maps.Keys(p.kommun.People))
}
