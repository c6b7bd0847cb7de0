package relay

import (
	"errors"
	"time"

	"github.com/utvag/utvag/chat"
)

// Whoever has logged in or been answered is known. All others share two paces on a node for what costs it most:
// messages, openings that are not paid for, and long frames. What they send beyond it waits in their own sockets, so
// that a flood takes neither processor nor memory from those who talk to somebody. Who has a conversation that nobody
// has answered paid for it, and does not wait behind those who have none.
const (
	// NewcomerRate is the bytes a second that frames of either kind of newcomers may cost a node: some thousand short
	// ones, or 128 long.
	NewcomerRate = 4 << 20
	// newcomerBurst is what a quiet node lets through at once.
	newcomerBurst = 256 << 10
	shortCost     = smallFrame
	longCost      = 32 << 10
	// longestTurn is how long a page waits gladly: it takes a connection for dead that says nothing for twice that.
	longestTurn = 8 * time.Second
	// turnEvery is how often somebody who waits looks whether their connection is over.
	turnEvery = 250 * time.Millisecond
	// maxPriorities is how often an opening whose work is done goes first: the page may have lost the answer, and a
	// flood has the same again and again.
	maxPriorities = 3
	// maxPassed bounds what a node remembers of them until the puzzle is renewed.
	maxPassed = 10_000
)

var errNotNow = errors.New("too many newcomers")

type standing uint8

const (
	stranger   standing = iota
	unanswered          // has a seat in a mailbox in which nobody else has written
	known               // somebody else has let the connection in: a roster, or a device by its answer
)

func (c *conn) standing() standing {
	if c.relay.tuning.Lenient {
		return known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.device != nil {
		return known
	}
	found := stranger
	for _, a := range c.seats {
		switch {
		case a.life.isOver():
		case a.answered.Load():
			return known
		default:
			found = unanswered
		}
	}
	return found
}

// admit waits until a frame that begins so may be read on and answered, and gives how many bytes all connections
// together may hold for it. It fails with errNotNow, or errNoRoom for a frame that is not here as a whole, where it
// would have to wait too long. Once the connection ends there is no waiting: a last request may stand behind the frame,
// and without one nothing is answered any more.
func (c *conn) admit(beginning []byte) (most int64, err error) {
	r := c.relay
	most = r.incoming.most
	standing := c.standing()
	if standing == known || r.paid(beginning) {
		return most, nil
	}
	cost, late := shortCost, errNotNow
	switch kind := chat.Kind(beginning[0]); {
	case len(beginning) >= smallFrame:
		cost, late = longCost, errNoRoom
	case kind != chat.KindSend && kind != chat.KindOpen:
		return most, nil
	}
	pace := r.strangers
	if standing == unanswered {
		pace = r.unanswered
	}
	if c.ended() {
		return most, nil
	}
	// Looked at before, since a turn that is given back is not always to be had by another.
	if missing := float64(cost) - pace.TokensAt(r.now()); missing > float64(pace.Limit())*longestTurn.Seconds() {
		return 0, late
	}
	turn := pace.ReserveN(r.now(), cost)
	for wait := turn.DelayFrom(r.now()); wait > 0 && !c.ended(); wait = turn.DelayFrom(r.now()) {
		time.Sleep(min(wait, turnEvery))
	}
	c.heard.Store(r.now().UnixNano())
	return most / 2, nil
}

// refuseForNow refuses a request for which it is not the time.
func (c *conn) refuseForNow(frame []byte) {
	request, err := chat.DecodeRequest(frame)
	if err != nil {
		c.refuseFormat(err)
		return
	}
	time.Sleep(c.bucket.earned()) // as for whoever is over its rate
	c.push(refused(request.Number(), chat.Refuse(chat.Busy, uint64(longestTurn/time.Second))))
}

// paid reports whether a frame begins as an opening whose work is done and which may go before others for it.
func (r *Relay) paid(beginning []byte) bool {
	mailbox, work, ok := chat.OpenWork(beginning)
	if !ok || r.tuning.WorkBits < 0 {
		return false
	}
	p, taken := r.work.find(work, r.now())
	return taken && p.Solves(mailbox, work) && r.work.prioritize(mailbox)
}

// prioritize counts an opening that goes before others; false where it has done so too often.
func (w *puzzles) prioritize(mailbox chat.Mailbox) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.passed == nil {
		w.passed = map[chat.Mailbox]int{}
	}
	n := w.passed[mailbox]
	if n == maxPriorities || n == 0 && len(w.passed) == maxPassed {
		return false
	}
	w.passed[mailbox] = n + 1
	return true
}
