package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/live"
)

// climbing makes the calls of the escalations: it joins the relay, which knows when, the rota and the roster, which
// know who, and the channels.
type climbing struct {
	log    *slog.Logger
	now    func() time.Time
	alarms *alarms
	calls  callStore
	duties map[string]*duty
	homes  map[string]hosted
}

// callStore joins the calls of several who wait into one.
type callStore interface {
	BeginCall(ctx context.Context, kommun, whom, step string, span time.Duration) (bool, error)
	DropCall(ctx context.Context, kommun, whom, step string) error
}

func (c *climbing) ladder(kommun string) relay.Ladder { return c.homes[kommun].tenant.Escalation }

// rests gives the next opening while the kommun is closed. Open without anybody on duty is no rest: somebody has to be
// told.
func (c *climbing) rests(kommun string, now time.Time) time.Time {
	h := c.homes[kommun]
	spans := h.plan.Hours(h.tenant).Meant(now, now.AddDate(0, 0, 14))
	if len(spans) == 0 || !spans[0].Start.After(now) {
		return time.Time{}
	}
	return spans[0].Start
}

// step carries out a step. What a channel does not accept is said and left: the next step comes in its own time.
func (c *climbing) step(ctx context.Context, step relay.Step) error {
	h := c.homes[step.Kommun]
	calls := h.tenant.Escalation.At(step.Number)
	if step.Number >= h.tenant.Escalation.Steps() {
		c.log.Error("NOBODY COULD BE REACHED: everybody has been called, and nobody has answered", "kommun",
			step.Kommun)
		for _, name := range alarm.Names {
			calls = append(calls, escalation.Call{Who: escalation.Operator, By: string(name)})
		}
	} else {
		c.log.Warn("SOMEBODY WAITS AND NOBODY HAS ANSWERED", "kommun", step.Kommun)
	}
	duty := c.duty(ctx, h, c.now())
	var all sync.WaitGroup
	var met atomic.Bool
	for _, call := range calls {
		if call.By == escalation.Console {
			met.Store(true) // the relay has told them
			continue
		}
		for _, alias := range duty.Called(whoOf(h, call.Who), c.alias(h, step.Claimer)) {
			all.Go(func() {
				if c.call(ctx, step, alias, alarm.Name(call.By)) {
					met.Store(true)
				}
			})
		}
	}
	all.Wait()
	if !met.Load() && step.Number < h.tenant.Escalation.Steps() && ctx.Err() == nil {
		c.log.Error(
			"A STEP OF THE ESCALATION CALLED NOBODY: whom it names has no address on its channel. The next step follows",
			"kommun",
			step.Kommun,
			"kind",
			"escalation",
		)
	}
	return ctx.Err()
}

// whoOf: without a rota nobody is first or second, and whoever may answer is called.
func whoOf(h hosted, who escalation.Who) escalation.Who {
	if h.plan == nil && (who == escalation.First || who == escalation.Second) {
		return escalation.Everyone
	}
	return who
}

// call tells whether there was anything to call.
func (c *climbing) call(ctx context.Context, step relay.Step, alias string, name alarm.Name) bool {
	h := c.homes[step.Kommun]
	address, there, err := c.alarms.address(ctx, step.Kommun, alias, name)
	if err != nil {
		c.log.Error("AN ALARM WAS NOT ACCEPTED; the next step follows", "kommun", step.Kommun, "kind", string(name),
			"problem", err)
	}
	if !there {
		return err != nil // that is said already
	}
	whom := whomOf(alias, name, step.Number)
	// Shorter than any escalation's return to the same step, so that no conversation swallows its own call.
	span := min(escalation.Together, h.tenant.Escalation.Hold, h.tenant.Escalation.Again)
	mine, err := c.calls.BeginCall(ctx, step.Kommun, whom, step.Key, span)
	if err == nil && !mine {
		return true // they are being called for somebody else who waits
	}
	// A store that does not answer is no reason to let somebody sleep.
	if err := c.alarms.channels[name].Call(ctx,
		alarm.Call{Kommun: step.Kommun, Alias: alias, Address: address,
			Key: escalation.Key(step.Key, alias, string(name))}); err != nil {
		c.log.Error("AN ALARM WAS NOT ACCEPTED; the next step follows", "kommun", step.Kommun, "kind", string(name),
			"problem", err.Error())
		if err := c.calls.DropCall(ctx, step.Kommun, whom, step.Key); err != nil {
			c.log.Warn("the store does not answer", "kind", "call", "problem", err)
		}
	}
	return true
}

// whomOf names a person, a channel and a step without saying who it is.
func whomOf(alias string, name alarm.Name, number int) string {
	sum := sha256.Sum256([]byte(alias + "\x00" + string(name) + "\x00" + string(rune(number))))
	return hex.EncodeToString(sum[:8])
}

func (c *climbing) alias(h hosted, device *chat.Device) string {
	if device == nil {
		return ""
	}
	_, r := h.book.Present()
	if d := r.Device(roster.DeviceID(*device)); d != nil {
		return d.Alias
	}
	return ""
}

// duty is who plays which part now: as people themselves say, where there is a rota. Without one whoever may answer is
// on duty. Leads are those of the rota, or else of the roster.
func (c *climbing) duty(ctx context.Context, h hosted, now time.Time) *escalation.Duty {
	d := new(escalation.Duty)
	if known, ok := c.duties[h.tenant.ID]; ok && h.plan != nil {
		scene, err := known.look(ctx)
		if err == nil {
			*d = scene.called()
		} else {
			*d = planned(h.plan, now) // the store does not know who pauses
		}
	}
	d.Operators = h.tenant.Operators
	_, r := h.book.Present()
	leads := len(d.Leads) > 0
	for i := range r.Devices {
		device := &r.Devices[i]
		if !device.Valid(now) {
			continue
		}
		if h.plan == nil && device.Role.Intake() {
			d.Everyone = append(d.Everyone, device.Alias)
		}
		if device.Role == roster.Lead && !leads {
			d.Leads = append(d.Leads, device.Alias)
		}
	}
	return d
}

// planned is duty as the rota alone has it.
func planned(p *live.Rota, now time.Time) (d escalation.Duty) {
	held := p.Present()
	if held == nil {
		return d
	}
	for _, turn := range held.At(now) {
		switch turn.Place {
		case rota.First:
			d.First = turn.Alias
		case rota.Second:
			d.Second = turn.Alias
		case rota.Lead:
			d.Leads = append(d.Leads, turn.Alias)
			continue
		}
		d.Everyone = append(d.Everyone, turn.Alias)
	}
	return d
}

// toldFor is how long a warning of one kind is not repeated to the same person by another node, and tellWithin the time
// that it has.
const (
	toldFor    = time.Hour
	tellWithin = 2 * time.Minute
)

// warn tells leads and operators beforehand that nobody can be reached.
func (c *climbing) warn(kommun string) {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	d := c.duty(ctx, c.homes[kommun], c.now())
	c.tell(ctx, kommun, "unmanned", append(slices.Clone(d.Leads), d.Operators...))
}

// remind tells whoever has to open the console, so that it publishes key packages, before nobody can write to them any
// more.
func (c *climbing) remind(kommun, alias string) {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	c.tell(ctx, kommun, "key packages", []string{alias})
}

// tell reaches each of them by mail, or where they have none by the first channel that they have.
func (c *climbing) tell(ctx context.Context, kommun, why string, aliases []string) {
	name := rand.Text()
	slices.Sort(aliases)
	for _, alias := range slices.Compact(aliases) {
		for _, by := range append([]alarm.Name{alarm.Mail}, alarm.Names...) {
			address, there, err := c.alarms.address(ctx, kommun, alias, by)
			if err != nil || !there {
				continue
			}
			mine, err := c.calls.BeginCall(ctx, kommun, whomOf(alias, alarm.Name(why), 0), name, toldFor)
			if err == nil && !mine {
				break // another node has told them
			}
			if err := c.alarms.channels[by].Call(ctx,
				alarm.Call{Kommun: kommun, Alias: alias, Address: address, Key: escalation.Key(name, alias, string(by))}); err != nil {
				c.log.Error("A WARNING WAS NOT ACCEPTED", "kommun", kommun, "kind", string(by), "problem", err.Error())
				continue
			}
			break
		}
	}
}
