package oncall

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
	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/live"
)

// escalator makes the calls of escalations: it joins the relay, which knows when, the rota and the roster, which know
// who, and the channels.
type escalator struct {
	log      *slog.Logger
	now      func() time.Time
	alarms   *PersonChannels
	calls    callStore
	kommuner map[string]*live.Kommun
	shifts   map[string]*shifts
}

// callStore joins the calls of several who wait into one.
type callStore interface {
	BeginCall(ctx context.Context, kommun, whom, step string, span time.Duration) (bool, error)
	DropCall(ctx context.Context, kommun, whom, step string) error
}

// step carries out a step. What a channel does not accept is said and left: the next step comes in its own time.
func (e *escalator) step(ctx context.Context, step relay.Step) error {
	k := e.kommuner[step.Kommun]
	calls := k.Config.Escalation.At(step.Number)
	if step.Number >= k.Config.Escalation.Steps() {
		e.log.Error("NOBODY COULD BE REACHED: everybody has been called, and nobody has answered", "kommun",
			step.Kommun)
		for _, name := range alarm.Names {
			calls = append(calls, escalation.Call{Who: escalation.Operator, By: string(name)})
		}
	} else {
		e.log.Warn("SOMEBODY WAITS AND NOBODY HAS ANSWERED", "kommun", step.Kommun)
	}
	on := e.snapshot(ctx, k)
	_, r := k.Roster.Present()
	responders := on.Responders(r, k.Config.Operators)
	var all sync.WaitGroup
	var met atomic.Bool
	for _, call := range calls {
		if call.By == escalation.Console {
			met.Store(true) // the relay has told them
			continue
		}
		for _, alias := range responders.Of(on.Target(call.Who), aliasOf(r, step.Claimer)) {
			all.Go(func() {
				if e.call(ctx, step, alias, alarm.Name(call.By)) {
					met.Store(true)
				}
			})
		}
	}
	all.Wait()
	if !met.Load() && step.Number < k.Config.Escalation.Steps() && ctx.Err() == nil {
		e.log.Error(
			"A STEP OF THE ESCALATION CALLED NOBODY: whom it names has no address on its channel. The next step follows",
			"kommun",
			step.Kommun,
			"kind",
			"escalation",
		)
	}
	return ctx.Err()
}

// call reports whether there was anything to call.
func (e *escalator) call(ctx context.Context, step relay.Step, alias string, name alarm.Name) bool {
	k := e.kommuner[step.Kommun]
	address, there, err := e.alarms.Address(ctx, step.Kommun, alias, name)
	if err != nil {
		e.log.Error("AN ALARM WAS NOT ACCEPTED; the next step follows", "kommun", step.Kommun, "kind", string(name),
			"problem", err)
	}
	if !there {
		return err != nil // that is said already
	}
	whom := whomOf(alias, name, step.Number)
	// Shorter than any escalation's return to the same step, so that no conversation swallows its own call.
	span := min(escalation.Together, k.Config.Escalation.Hold, k.Config.Escalation.Again)
	mine, err := e.calls.BeginCall(ctx, step.Kommun, whom, step.Key, span)
	if err == nil && !mine {
		return true // they are being called for somebody else who waits
	}
	// A store that does not answer is no reason to let somebody sleep.
	if err := e.alarms.channels[name].Call(ctx,
		alarm.Call{Kommun: step.Kommun, Alias: alias, Address: address,
			Key: escalation.Key(step.Key, alias, string(name))}); err != nil {
		e.log.Error("AN ALARM WAS NOT ACCEPTED; the next step follows", "kommun", step.Kommun, "kind", string(name),
			"problem", err.Error())
		if err := e.calls.DropCall(ctx, step.Kommun, whom, step.Key); err != nil {
			e.log.Warn("the store does not answer", "kind", "call", "problem", err)
		}
	}
	return true
}

// whomOf names a person, a channel and a step without saying who it is.
func whomOf(alias string, name alarm.Name, number int) string {
	sum := sha256.Sum256([]byte(alias + "\x00" + string(name) + "\x00" + string(rune(number))))
	return hex.EncodeToString(sum[:8])
}

func aliasOf(r *roster.Roster, device *chat.Device) string {
	if device != nil {
		if d := r.Device(roster.DeviceID(*device)); d != nil {
			return d.Alias
		}
	}
	return ""
}

// snapshot is who is on duty now: as people themselves say, where there is a rota and the store answers, else as the
// rota alone has it. Somebody is called in any case.
func (e *escalator) snapshot(ctx context.Context, k *live.Kommun) *duty.Snapshot {
	_, r := k.Roster.Present()
	planned := &duty.Facts{Now: e.now(), Roster: r, Planned: k.Rota != nil, Rota: k.Rota.Present()}
	if shifts, ok := e.shifts[k.Config.ID]; ok && k.Rota != nil {
		if now, err := shifts.snapshot(ctx); err == nil {
			return now
		}
	}
	return duty.On(planned)
}

// toldFor is how long a warning of one kind is not repeated to the same person by another node, and tellWithin the time
// that it has.
const (
	toldFor    = time.Hour
	tellWithin = 2 * time.Minute
)

// warn tells leads and operators beforehand that nobody can be reached.
func (e *escalator) warn(ctx context.Context, kommun string) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	k := e.kommuner[kommun]
	_, r := k.Roster.Present()
	responders := e.snapshot(ctx, k).Responders(r, k.Config.Operators)
	e.tell(ctx, kommun, "unmanned", append(slices.Clone(responders.Leads), responders.Operators...))
}

// remind tells whoever has to open the console, so that it publishes key packages, before nobody can write to them any
// more.
func (e *escalator) remind(ctx context.Context, kommun, alias string) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	e.tell(ctx, kommun, "key packages", []string{alias})
}

// tell reaches each of them by mail, or where they have none by the first channel that they have.
func (e *escalator) tell(ctx context.Context, kommun, why string, aliases []string) {
	name := rand.Text()
	slices.Sort(aliases)
	for _, alias := range slices.Compact(aliases) {
		for _, by := range append([]alarm.Name{alarm.Mail}, alarm.Names...) {
			address, there, err := e.alarms.Address(ctx, kommun, alias, by)
			if err != nil || !there {
				continue
			}
			mine, err := e.calls.BeginCall(ctx, kommun, whomOf(alias, alarm.Name(why), 0), name, toldFor)
			if err == nil && !mine {
				break // another node has told them
			}
			call := alarm.Call{Kommun: kommun, Alias: alias, Address: address, Key: escalation.Key(name, alias, string(by))}
			if err := e.alarms.channels[by].Call(ctx, call); err != nil {
				e.log.Error("A WARNING WAS NOT ACCEPTED", "kommun", kommun, "kind", string(by), "problem", err.Error())
				continue
			}
			break
		}
	}
}
