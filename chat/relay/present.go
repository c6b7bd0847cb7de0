package relay

import (
	"context"
	"time"

	"github.com/utvag/utvag/chat"
)

const (
	presenceFor = 30 * time.Second
	// presenceHolds is how long what was said of a kommun is not said again by a login: after a node has died, all its
	// devices come at once.
	presenceHolds = time.Second
)

// present tells the store in which kommuner this node has an intake device logged in. One at a time does, so that of a
// login and a logout at the same moment the store hears in the order in which the hub did.
type present struct {
	relay     *Relay
	turn      chan struct{} // who has put something in has the turn
	announced map[string]time.Time
}

func newPresent(r *Relay) present {
	return present{relay: r, turn: make(chan struct{}, 1), announced: map[string]time.Time{}}
}

func (p *present) begin(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *present) end() { <-p.turn }

// announce is called once the hub knows the device that has logged in.
func (p *present) announce(ctx context.Context, kommun string) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	defer p.end()
	now := p.relay.now()
	if since, ok := p.announced[kommun]; ok && !now.Before(since) && now.Sub(since) < presenceHolds {
		return nil
	}
	return p.tell(ctx, kommun, now)
}

// tell is called by who has the turn.
func (p *present) tell(ctx context.Context, kommun string, now time.Time) error {
	delete(p.announced, kommun)
	if err := p.relay.store.Present(ctx, kommun, p.relay.node, now, now.Add(presenceFor)); err != nil {
		return err
	}
	p.announced[kommun] = now
	return nil
}

// withdraw takes it back with the last intake device. It is called once the hub no longer knows the one that has gone.
func (p *present) withdraw(ctx context.Context, kommun string) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	defer p.end()
	if p.relay.hasIntake(kommun) {
		return nil
	}
	delete(p.announced, kommun)
	return p.relay.store.Present(ctx, kommun, p.relay.node, p.relay.now(), p.relay.now())
}

func (r *Relay) hasIntake(kommun string) bool {
	for _, d := range r.hub.present() {
		if cert, ok := r.certificate(d.kommun, d.device); d.kommun == kommun && ok && cert.Intake {
			return true
		}
	}
	return false
}

// logOut takes a device's connection away and, with the last intake device, this node's presence.
func (r *Relay) logOut(c *conn, device chat.Device) {
	r.hub.logOut(c, device)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), storeTimeout)
	defer cancel()
	if err := r.present.withdraw(ctx, c.kommun); err != nil {
		r.storeFailed("presence", err)
	}
}

func (r *Relay) sweepPresence(ctx context.Context) error {
	for kommun := range r.config.Kommuner {
		if !r.hasIntake(kommun) {
			continue
		}
		if err := r.present.begin(ctx); err != nil {
			return err
		}
		err := r.present.tell(ctx, kommun, r.now())
		r.present.end()
		if err != nil {
			return err
		}
	}
	return nil
}
