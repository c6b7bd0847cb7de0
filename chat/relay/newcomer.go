package relay

import (
	"time"

	"github.com/utvag/utvag/chat"
)

// Whoever has logged in or been answered is known. All others share one pace on a node for what costs it most: messages, openings that are not paid
// for, and long frames. What they send beyond it waits in their own sockets, so that a flood takes neither processor nor memory from those who
// talk to somebody. Nobody is closed for it.
const (
	// NewcomerRate is the bytes a second that frames of newcomers may cost a node: some two thousand short ones, or 250 long.
	NewcomerRate = 8 << 20
	// newcomerBurst is what a quiet node lets through at once.
	newcomerBurst = 256 << 10
	shortCost     = smallFrame
	longCost      = 32 << 10
	// turnEvery is how often somebody who waits looks whether their connection is over.
	turnEvery = 250 * time.Millisecond
)

// known tells whether somebody else has let the connection in: a roster, or a device by its answer.
func (c *conn) known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.device != nil {
		return true
	}
	for _, a := range c.seats {
		if a.answered.Load() {
			return true
		}
	}
	return false
}

// awaitTurn waits until a frame that begins so may be read and answered; false where that would take longer than a frame may, or the
// connection ends.
func (c *conn) awaitTurn(beginning []byte) bool {
	cost := shortCost
	switch kind := chat.Kind(beginning[0]); {
	case c.relay.config.Lenient || c.known() || c.relay.paid(beginning):
		return true
	case len(beginning) >= smallFrame:
		cost = longCost
	case kind != chat.KindSend && kind != chat.KindOpen:
		return true
	}
	turn := c.relay.newcomers.ReserveN(time.Now(), cost)
	if turn.Delay() > frameTimeout {
		turn.Cancel()
		return false
	}
	for wait := turn.Delay(); wait > 0; wait = turn.Delay() {
		if c.ended() {
			turn.Cancel()
			return false
		}
		time.Sleep(min(wait, turnEvery))
	}
	return true
}

// paid tells whether a frame begins as an opening whose work is done: it owes nothing more.
func (r *Relay) paid(beginning []byte) bool {
	mailbox, work, ok := chat.OpenWork(beginning)
	if !ok || r.config.WorkBits < 0 {
		return false
	}
	p, taken := r.work.find(work, r.now())
	return taken && p.Solves(mailbox, work)
}
