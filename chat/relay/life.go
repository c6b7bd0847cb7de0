package relay

import (
	"slices"
	"sync/atomic"

	"github.com/utvag/utvag/chat"
)

// stage is how far an attachment has come.
type stage uint32

const (
	entering   stage = iota // the store has not answered: it collects what comes, and delivers nothing
	seated                  // the store has given it its seat; it does not read yet, after an opening not at all
	catchingUp              // a replay is under way: events only mark that there is more
	live                    // nothing is missing: events are delivered as they come
	over                    // it delivers nothing any more, and no request has its seat
)

// life is where an attachment stands between its request and its end. Each method that changes it reports whether it
// may, and changes nothing where it may not. The lock of the attachment guards it, but for isOver.
type life struct {
	at       atomic.Uint32 // a stage
	missed   bool          // there is more than what is being read; never where it is live
	yielding bool          // the same connection is about to attach anew
	refusal  *chat.Error   // what a later request gets; there is one exactly where it is over
}

func (l *life) stage() stage { return stage(l.at.Load()) }

func (l *life) is(s stage) bool { return l.stage() == s }

// isOver may be asked without the lock.
func (l *life) isOver() bool { return l.is(over) }

func (l *life) move(to stage, from ...stage) bool {
	if !slices.Contains(from, l.stage()) {
		return false
	}
	l.at.Store(uint32(to))
	return true
}

// take gives it its seat.
func (l *life) take() bool { return l.move(seated, entering) }

// catchUp is the beginning of a replay: whoever may, runs it.
func (l *life) catchUp() bool {
	if !l.move(catchingUp, seated, live) {
		return false
	}
	l.missed = false
	return true
}

// read is the beginning of a page, which has all that was missed until then.
func (l *life) read() bool {
	if !l.is(catchingUp) {
		return false
	}
	l.missed = false
	return true
}

// miss notes that there is more than what is being read. What is live has to catch up instead.
func (l *life) miss() bool {
	if l.is(live) || l.is(over) {
		return false
	}
	l.missed = true
	return true
}

// goLive is the end of reading, where nothing was missed meanwhile.
func (l *life) goLive() bool { return !l.missed && l.move(live, seated, catchingUp) }

// end is final: the first refusal stays.
func (l *life) end(refusal *chat.Error) bool {
	if !l.move(over, entering, seated, catchingUp, live) {
		return false
	}
	l.refusal = refusal
	return true
}

// undecided reports whether it cannot be told yet if another attachment of its slot is newer: the store has not
// numbered it, or is about to number another one of the same connection.
func (l *life) undecided() bool { return l.is(entering) || l.yielding && !l.isOver() }

// hearing is what becomes of an event.
type hearing uint8

const (
	dropped   hearing = iota
	marked            // it is read from the store, in order
	delivered         // now
)

func (l *life) hears() hearing {
	switch l.stage() {
	case over:
		return dropped
	case live:
		return delivered
	}
	return marked
}

// refusalAfter is what a request gets on a mailbox that was left for a reason.
func refusalAfter(reason chat.GoneReason, seq uint64) *chat.Error {
	switch reason {
	case chat.GoneByVisitor, chat.GoneByStaff, chat.GoneLeft:
		return chat.Refuse(chat.Ended, reason.Tombstone())
	case chat.GoneClosed:
		return chat.Refuse(chat.SlotClosed, seq)
	case chat.GoneReplaced:
		return chat.Refuse(chat.BadCapability, 0)
	}
	return chat.Refuse(chat.NoMailbox, 0)
}
