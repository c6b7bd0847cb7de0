package relay

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/utvag/utvag/chat"
)

// proof names a blob and the hash of the capability with which a connection has put it.
type proof struct {
	locator    chat.Locator
	capability chat.CapabilityHash
}

// maxProofs bounds what a connection is remembered for; a visitor needs two or three.
const maxProofs = 2 * chat.LimitBlobs

// asVisitor refuses what only a visitor's page asks for.
func (c *conn) asVisitor() *chat.Error {
	if !c.visitor {
		return chat.Refuse(chat.Malformed, 0)
	}
	if _, staff := c.loggedIn(); staff {
		return chat.Refuse(chat.Policy, 0)
	}
	return nil
}

// ownSeat returns the seat in slot 0 that the connection has attached.
func (c *conn) ownSeat() (Seat, bool) {
	c.mu.Lock()
	held := slices.Clone(c.seats)
	c.mu.Unlock()
	for _, a := range held {
		if seat, refusal := c.seatFor(a.mailbox); refusal == nil && seat.Slot == 0 {
			return seat, true
		}
	}
	return Seat{}, false
}

// lookup counts what somebody who guesses could learn from, before the store looks (spec §5.9).
func (c *conn) lookup(ctx context.Context, get *chat.Locator) error {
	wait, err := c.relay.store.Lookup(ctx, get)
	if err != nil {
		return err
	}
	if wait > 0 {
		return chat.Refuse(chat.Busy, uint64(wait/time.Second))
	}
	return nil
}

func (c *conn) put(ctx context.Context, f *chat.Put) error {
	r := c.relay
	if refusal := c.asVisitor(); refusal != nil {
		return refusal
	}
	seat, attached := c.ownSeat()
	if !attached {
		return chat.Refuse(chat.Policy, 0)
	}
	p := Putting{
		Seat: seat, Locator: f.Locator, Capability: hashOf(f.Capability[:]), Version: f.Version,
		Digest: sha256.Sum256(f.Blob), Blob: f.Blob, Retention: chat.HalfKeyFor,
	}
	if f.Keep == chat.KeepState {
		p.Retention = r.config.Kommuner[c.kommun].Message
	}
	// A flood of guesses must not keep those from storing who have stored before.
	own := proof{f.Locator, p.Capability}
	if !c.proven[own] {
		if err := c.lookup(ctx, nil); err != nil {
			return err
		}
	}
	if err := r.store.Put(ctx, p); err != nil {
		return err
	}
	if c.proven == nil || len(c.proven) >= maxProofs {
		c.proven = map[proof]bool{}
	}
	c.proven[own] = true
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

func (c *conn) get(ctx context.Context, f *chat.Get) error {
	r := c.relay
	if refusal := c.asVisitor(); refusal != nil {
		return refusal
	}
	if err := c.lookup(ctx, &f.Locator); err != nil {
		return err
	}
	emptied, err := r.emptied(ctx, c.kommun)
	if err != nil {
		return err
	}
	blob, err := r.store.Get(ctx, f.Locator)
	var refusal *chat.Error
	if errors.As(err, &refusal) && refusal.Code == chat.NoBlob {
		return chat.Refuse(chat.NoBlob, emptied)
	}
	if err != nil {
		return err
	}
	if c.awaitRoom() {
		c.push(&chat.Blob{Ref: f.Ref, Version: blob.Version, Blob: blob.Bytes})
	}
	return nil
}

// emptied tells when the store was last emptied, in Unix seconds; 0 where nothing could still lie there that lay there
// before.
func (r *Relay) emptied(ctx context.Context, kommun string) (uint64, error) {
	now := r.now()
	born, err := r.store.Born(ctx, now, r.longest())
	if err != nil {
		return 0, err
	}
	k := r.config.Kommuner[kommun]
	if now.Sub(born) > max(k.Live, k.Message) {
		return 0, nil
	}
	return uint64(born.Unix()), nil
}

// longest is the longest retention of any kommun.
func (r *Relay) longest() (longest time.Duration) {
	for _, k := range r.config.Kommuner {
		longest = max(longest, k.Live, k.Message)
	}
	return longest
}

func (c *conn) drop(ctx context.Context, f *chat.Drop) error {
	if refusal := c.asVisitor(); refusal != nil {
		return refusal
	}
	if err := c.relay.store.Drop(ctx, f.Locator, hashOf(f.Capability[:])); err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}
