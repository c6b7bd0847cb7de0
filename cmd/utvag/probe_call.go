package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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

// caller calls those who are to know that a probe was missed.
type caller struct {
	tenant   *config.Kommun
	channels map[alarm.Name]alarm.Channel
	now      func() time.Time
	log      *slog.Logger
}

func newCaller(checked *config.Checked, t *config.Kommun, now func() time.Time, log *slog.Logger) *caller {
	channels := channelsOf(&checked.Channels, nil)
	// Where a browser takes its push stands in Redis, which a probe has nothing to do with.
	delete(channels, alarm.Push)
	return &caller{tenant: t, channels: channels, now: now, log: log}
}

// callPatience bounds all calls together; each channel has its own, shorter one.
const callPatience = time.Minute

// call calls each of them on every channel that they have, all at once: none waits for another.
func (c *caller) call(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	var wait sync.WaitGroup
	var mu sync.Mutex
	reached := 0
	for _, alias := range c.who() {
		for name, address := range c.tenant.People[alias] {
			channel, ok := c.channels[name]
			if !ok {
				continue
			}
			wait.Go(func() {
				err := channel.Call(ctx, alarm.Call{Kommun: c.tenant.ID, Alias: alias, Address: address, Key: newCallKey()})
				if err != nil {
					c.log.Error("a call about a missed probe failed", "kommun", c.tenant.ID, "kind", string(name), "problem", err)
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
		c.log.Error(
			"NOBODY COULD BE CALLED about the missed probe: name team leads under people, with an address on a channel",
			"kommun", c.tenant.ID)
		return
	}
	c.log.Info("called about the missed probe", "kommun", c.tenant.ID, "count", reached)
}

// who are the team leads, of roster and rota, and the operators; everybody who can be called where none of them can.
func (c *caller) who() []string {
	leads := make(map[string]bool)
	if signed, err := config.ReadRoster(c.tenant.RosterFile); err == nil {
		if r, err := c.tenant.Pins.Verify(signed, c.tenant.ID, c.now(), 0); err == nil {
			for i := range r.Devices {
				if d := &r.Devices[i]; d.Role == roster.Lead && d.Valid(c.now()) {
					leads[d.Alias] = true
				}
			}
		}
	}
	if p := live.NewRota(c.tenant, c.now, c.log); p != nil {
		ctx, cancel := context.WithTimeout(context.Background(), live.FetchTimeout)
		defer cancel()
		if p.Read(ctx) == nil {
			for _, turn := range p.Present().At(c.now()) {
				if turn.Place == rota.Lead {
					leads[turn.Alias] = true
				}
			}
		}
	}
	for _, alias := range c.tenant.Operators {
		leads[alias] = true
	}
	maps.DeleteFunc(leads, func(alias string, _ bool) bool { return len(c.tenant.People[alias]) == 0 })
	if len(leads) > 0 {
		return slices.Sorted(maps.Keys(leads))
	}
	return slices.Sorted(maps.Keys(c.tenant.People))
}

func newCallKey() string {
	var key [16]byte
	rand.Read(key[:]) // never fails
	return hex.EncodeToString(key[:])
}
