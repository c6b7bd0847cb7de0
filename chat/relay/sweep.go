package relay

import (
	"context"
	"time"

	"github.com/utvag/utvag/chat"
)

// longRounds is how many rounds pass between looks at what rarely goes wrong.
const longRounds = 6

// sweepLoop is the one goroutine that watches over time: a timer for each connection would cost more than all of them.
func (r *Relay) sweepLoop() {
	ticker := time.NewTicker(r.tuning.Sweep)
	defer ticker.Stop()
	for round := 0; ; round++ {
		select {
		case <-r.ctx.Done():
			return
		case <-ticker.C:
		}
		r.attempt("connections", r.sweepConnections)
		r.attempt("presence", r.sweepPresence)
		r.attempt("age", r.sweepAge)
		r.attempt("work", r.sweepWork)
		r.attempt("outbox", r.sweepOutbox)
		if round%longRounds == 0 {
			r.attempt("heads", r.sweepHeads)
			r.attempt("key packages", r.sweepPackages)
		}
		r.storeTrouble.look(r.now())
		r.crowd.look(r.now())
		r.cramped.look(r.now())
		r.stepTrouble.look(r.now())
	}
}

func (r *Relay) attempt(what string, sweep func(context.Context) error) {
	ctx, cancel := context.WithTimeout(r.ctx, storeTimeout)
	defer cancel()
	defer r.rescue()
	if err := sweep(ctx); err != nil {
		r.storeFailed(what, err)
	}
}

// sweepConnections closes what has been silent for too long, and devices that are no longer valid.
func (r *Relay) sweepConnections(context.Context) error {
	oldest := r.now().Add(-chat.IdleAfter).UnixNano()
	all := r.connections()
	r.sweepUseless(all)
	for _, c := range all {
		if c.heard.Load() < oldest {
			c.finish(chat.CloseIdle)
			continue
		}
		if device, ok := c.loggedIn(); ok {
			if _, valid := r.certificate(c.kommun, device); !valid {
				c.finish(chat.CloseRevoked)
			}
		}
	}
	return nil
}

// sweepAge remembers since when the store has not been emptied. Into an empty one the key packages go back at once:
// whoever lost a conversation with it cannot open another before.
func (r *Relay) sweepAge(ctx context.Context) error {
	born, err := r.store.Born(ctx, r.now(), r.longest())
	if err != nil || born.Equal(r.born) {
		return err
	}
	r.born = born
	return r.sweepPackages(ctx)
}

// sweepOutbox settles what a node left behind that died between two steps.
func (r *Relay) sweepOutbox(ctx context.Context) error {
	notes, err := r.store.Pending(ctx, r.now().Add(-r.tuning.PendingAfter))
	if err != nil {
		return err
	}
	for _, n := range notes {
		if err := r.store.Settle(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// headsAtATime bounds one question to the store.
const headsAtATime = 256

// sweepHeads compares what readers have had with what the store has: a mailbox may have expired, been lost, been set
// back, or been appended to while no event came.
func (r *Relay) sweepHeads(ctx context.Context) error {
	all := r.hub.all()
	for len(all) > 0 {
		batch := all[:min(headsAtATime, len(all))]
		all = all[len(batch):]
		ids := make([]chat.Mailbox, len(batch))
		for i, a := range batch {
			ids[i] = a.mailbox
		}
		heads, err := r.store.Heads(ctx, ids)
		if err != nil {
			return err
		}
		for i, a := range batch {
			if a.astray(heads[i]) {
				a.refresh()
			}
		}
	}
	return nil
}

func (r *Relay) sweepPackages(ctx context.Context) error {
	for kommun := range r.config.Kommuner {
		if err := r.restorePackages(ctx, kommun); err != nil {
			return err
		}
	}
	return nil
}
