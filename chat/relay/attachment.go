package relay

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/utvag/utvag/chat"
)

// attachment is a connection that reads a mailbox. While it catches up, events only mark it: what they announce is read
// from the store in order. Once nothing is missing it is live, and events go straight to the connection.
type attachment struct {
	conn    *conn
	mailbox chat.Mailbox
	// answered tells that somebody else has written in the mailbox. It only becomes true.
	answered atomic.Bool

	mu           sync.Mutex
	life         life
	asked        bool // what it says goes out with the answer to a request that is being carried out
	seat         Seat
	fence        uint64              // 0 until the store has answered
	last         Position            // what was delivered last
	parting      *Event              // the newest entry of an event that was missed: an end with a message is in no store
	held         *Event              // the newest word on presence that came meanwhile
	fences       map[uint16]uint64   // attachments that came while it was undecided
	before       *attachment         // which the connection had until this one is seated
	told         *chat.PresenceState // what the reader was told last
	alarm        chat.AlarmState     // the same
	precondition *Precondition       // of its last message; nil where it is not known
}

// seats are the attachments of a connection, one for each mailbox. A visitor has one: a map would take as much memory
// as all else that an idle connection holds.
type seats []*attachment

func (s seats) of(mailbox chat.Mailbox) *attachment {
	for _, a := range s {
		if a.mailbox == mailbox {
			return a
		}
	}
	return nil
}

func (s *seats) put(a *attachment) {
	for i, before := range *s {
		if before.mailbox == a.mailbox {
			(*s)[i] = a
			return
		}
	}
	*s = append(*s, a)
}

func (s *seats) drop(a *attachment) {
	*s = slices.DeleteFunc(*s, func(other *attachment) bool { return other == a })
}

// enter makes an attachment that collects events but delivers nothing yet. One that the connection has already gives
// way: what the store says of the new one must not end the connection's own.
func (c *conn) enter(mailbox chat.Mailbox) *attachment {
	c.mu.Lock()
	before := c.seats.of(mailbox)
	c.mu.Unlock()
	if before != nil {
		before.yield(true)
	}
	a := &attachment{conn: c, mailbox: mailbox, before: before}
	c.relay.hub.add(a)
	return a
}

// abandon takes back enter after a refusal: what the connection had before goes on.
func (a *attachment) abandon() {
	a.quit()
	if a.before != nil {
		a.before.yield(false)
	}
}

func (a *attachment) yield(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.life.yielding = on
	if !on && !a.life.isOver() && a.fences[a.seat.Slot] > a.fence {
		a.leave(chat.GoneReplaced, 0) // by another connection, meanwhile
	}
}

// install gives the attachment its seat and makes it the connection's. Reading starts with start.
func (a *attachment) install(seat Seat, after Position, fence uint64) {
	c := a.conn
	c.mu.Lock()
	c.seats.put(a)
	over := c.over
	c.mu.Unlock()
	if a.before != nil {
		a.before.quit()
		a.before = nil
	}
	a.mu.Lock()
	a.life.take()
	a.seat, a.last, a.fence = seat, after, fence
	a.mu.Unlock()
	if over && a.quit() {
		c.detach([]Seat{seat}) // the end of the connection did not know of it
	}
}

// start delivers what the store has read with the attachment, and reads on if something is missing. The answer to the
// request is queued before.
func (a *attachment) start(first Page) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.life.isOver() && a.fences[a.seat.Slot] > a.fence {
		a.leave(chat.GoneReplaced, 0)
		return
	}
	a.fences = nil
	a.asked = true
	defer func() { a.asked = false }()
	if a.conn.hasRoom() && a.take(first) {
		a.conn.relay.caughtUp.Add(1)
		return
	}
	a.catchUp()
}

// catchUp is called with mu held.
func (a *attachment) catchUp() {
	if a.life.catchUp() {
		go a.replay()
	}
}

// refresh reads from the store again, because events may have been missed.
func (a *attachment) refresh() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.life.miss() {
		a.catchUp()
	}
}

// astray reports whether a mailbox's newest entry is not what has come to this attachment: there is more, the store was
// set back, or the mailbox is another one.
func (a *attachment) astray(h Head) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.life.is(live) && (h.Incarnation != a.seat.Incarnation || h.Seq != a.last.Seq || a.last.Tag != (chat.Tag{}) &&
		h.Tag != a.last.Tag)
}

// on takes an event of the subscription. It must not block.
func (a *attachment) on(e Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.follow(e)
	hears := a.life.hears()
	switch {
	case hears == dropped:
	case e.Kind == EventAttached && e.Holder == a.conn.holder:
		// Its own: the connection attached anew, or the store's answer to that was lost.
	case e.Kind == EventAttached && a.life.undecided():
		if a.fences == nil {
			a.fences = map[uint16]uint64{}
		}
		a.fences[e.Slot] = max(a.fences[e.Slot], e.Fence)
	case e.Kind == EventAttached:
		if e.Slot == a.seat.Slot && e.Fence > a.fence && e.Incarnation == a.seat.Incarnation {
			a.leave(chat.GoneReplaced, 0)
		}
	case hears == marked && e.Kind == EventPresence:
		held := e // so that not every event is put on the heap
		a.held = &held
	case hears == marked:
		a.life.miss()
		if e.Kind == EventEntry {
			parting := e // the same
			a.parting = &parting
		}
	case e.Incarnation != a.seat.Incarnation:
		a.catchUp()
	case e.Kind == EventPresence:
		a.tell(e.Presence)
	case e.Kind == EventAlarm:
		a.tellAlarm(e.Alarm)
	case e.Kind == EventEnded:
		a.leave(e.Reason, 0)
	case e.Kind == EventEntry && a.follows(e):
		a.deliver(e.Entry)
		if slices.Contains(e.ClosedSlots, a.seat.Slot) {
			a.leave(chat.GoneClosed, e.Entry.Seq)
		}
	case e.Kind == EventEntry && (e.Entry.Seq > a.last.Seq || e.Entry.Seq == a.last.Seq && e.Entry.Tag != a.last.Tag):
		a.catchUp()
	}
}

// follows reports whether an event brings the entry that comes next. One of its number behind another entry than ours
// is of a store that was set back. Called with mu held.
func (a *attachment) follows(e Event) bool {
	return e.Entry.Seq == a.last.Seq+1 && (a.last.Tag == (chat.Tag{}) || e.Before == a.last.Tag)
}

// push queues a frame for the reader. Called with mu held.
func (a *attachment) push(f chat.Frame) { a.conn.pushEncoded(a.conn.relay.encode(f), a.asked) }

// tell says what has changed about the other side. Called with mu held.
func (a *attachment) tell(p Presence) {
	state := p.Visitor
	if a.seat.Slot == 0 {
		state = p.Staff
	}
	if a.told == nil || *a.told != state {
		a.told = &state
		a.push(&chat.Presence{Mailbox: a.mailbox, State: state})
	}
}

// tellAlarm says what has changed about the alarm. That somebody is on it is for colleagues: who waits would count on
// it. Called with mu held.
func (a *attachment) tellAlarm(state chat.AlarmState) {
	if a.seat.Slot == 0 && state == chat.OnIt {
		state = chat.Quiet
	}
	if a.alarm != state {
		a.alarm = state
		a.push(&chat.Alarm{Mailbox: a.mailbox, State: state})
	}
}

// deliver is called with mu held.
func (a *attachment) deliver(e Entry) {
	a.last = Position{e.Seq, e.Tag}
	frame := e.frame
	if frame == nil {
		frame = a.conn.relay.entryFrame(a.mailbox, e)
	}
	if e.Slot != a.seat.Slot {
		a.answered.Store(true)
	}
	own := a.life.is(live) && e.Slot == a.seat.Slot // the answer comes at the same moment
	a.conn.pushEncoded(frame, a.asked || own)
}

// entryFrame is encode for an entry.
func (r *Relay) entryFrame(mailbox chat.Mailbox, e Entry) []byte {
	frame, err := chat.EncodeEntry(&chat.Entry{Mailbox: mailbox, Seq: e.Seq, Tag: e.Tag, Slot: e.Slot, Counter: e.Counter},
		e.Message)
	return r.sound(frame, err, chat.KindEntry)
}

// replay delivers from the store until nothing is missing.
func (a *attachment) replay() {
	defer a.conn.rescue()
	r := a.conn.relay
	r.replays <- struct{}{}
	defer func() { <-r.replays }()
	r.caughtUp.Add(1)
	for a.conn.awaitRoom() {
		a.mu.Lock()
		if !a.life.read() {
			a.mu.Unlock()
			return
		}
		seat, after := a.seat, a.last
		a.held = nil
		a.mu.Unlock()

		ctx, cancel := context.WithTimeout(r.ctx, storeTimeout)
		page, err := r.store.Read(ctx, seat, after)
		cancel()
		var refusal *chat.Error
		switch {
		case errors.As(err, &refusal):
			a.finish(refusal)
			return
		case err != nil:
			if !a.pause() {
				return
			}
			continue
		}
		if a.took(page) {
			return
		}
	}
}

func (a *attachment) took(page Page) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.take(page)
}

// take delivers a page; true when the attachment is live or over. Called with mu held.
func (a *attachment) take(page Page) bool {
	if a.life.isOver() {
		return true
	}
	if a.held != nil {
		// It may be older than the page; what has changed since comes behind it.
		page.Presence = a.held.Presence
		if a.held.Incarnation != a.seat.Incarnation {
			a.life.miss()
		}
	}
	if page.Closed == 0 {
		a.tell(page.Presence)
		a.tellAlarm(page.Alarm)
	}
	for _, e := range page.Entries {
		if e.Seq == a.last.Seq+1 {
			a.deliver(e)
		}
	}
	if page.Closed > 0 && a.last.Seq >= page.Closed {
		a.leave(chat.GoneClosed, page.Closed)
		return true
	}
	if a.last.Seq < page.Head || !a.life.goLive() {
		return false
	}
	a.parting = nil
	return true
}

// finish ends the attachment as the store's refusal says.
func (a *attachment) finish(refusal *chat.Error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.life.isOver() {
		return
	}
	switch refusal.Code {
	case chat.Ended:
		if a.parting != nil && a.follows(*a.parting) && a.parting.Incarnation == a.seat.Incarnation {
			a.deliver(a.parting.Entry)
		}
		a.leave(chat.GoneBy(refusal.Detail), 0)
	case chat.SlotClosed:
		a.leave(chat.GoneClosed, refusal.Detail)
	case chat.CursorMismatch:
		// that there is a mailbox is not what the client attached: it is another one, or an older state of it
		a.leaveWith(refusal, chat.GoneLost)
	default:
		a.leave(chat.GoneLost, 0)
	}
}

// pause waits while the store does not answer; false when there is nothing left to wait for.
func (a *attachment) pause() bool {
	select {
	case <-a.conn.relay.ctx.Done():
		return false
	case <-time.After(500 * time.Millisecond):
		return !a.conn.ended()
	}
}

// leave ends the attachment and says so. Called with mu held.
func (a *attachment) leave(reason chat.GoneReason, seq uint64) {
	a.leaveWith(refusalAfter(reason, seq), reason)
}

// leaveWith is leave with what a later request gets. Called with mu held.
func (a *attachment) leaveWith(refusal *chat.Error, reason chat.GoneReason) {
	if a.end(refusal) {
		a.push(&chat.Gone{Mailbox: a.mailbox, Reason: reason})
	}
}

// quit ends the attachment without a word: its connection has left, or attached anew. It reports whether there was
// something to end.
func (a *attachment) quit() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.end(chat.Refuse(chat.BadCapability, 0))
}

// end is called with mu held.
func (a *attachment) end(refusal *chat.Error) bool {
	if !a.life.end(refusal) {
		return false
	}
	a.conn.relay.hub.remove(a)
	return true
}

// detach tells the store that the connection is no longer in these seats.
func (c *conn) detach(seats []Seat) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.relay.ctx), storeTimeout)
	defer cancel()
	for _, seat := range seats {
		if err := c.relay.store.Detach(ctx, seat); err != nil {
			c.relay.storeFailed("presence", err)
			return
		}
	}
}

// seatFor returns the seat that a request uses, or why it has none.
func (c *conn) seatFor(mailbox chat.Mailbox) (Seat, *chat.Error) {
	_, seat, refusal := c.attachmentFor(mailbox)
	return seat, refusal
}

// attachmentFor is seatFor, with the attachment.
func (c *conn) attachmentFor(mailbox chat.Mailbox) (*attachment, Seat, *chat.Error) {
	c.mu.Lock()
	a := c.seats.of(mailbox)
	c.mu.Unlock()
	if a == nil {
		return nil, Seat{}, chat.Refuse(chat.BadCapability, 0)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a, a.seat, a.life.refusal
}

// mayEnter reports whether another mailbox may be attached; what is over is forgotten when it has become many.
func (c *conn) mayEnter(mailbox chat.Mailbox) *chat.Error {
	limit := chat.LimitVisitorMailboxes
	c.mu.Lock()
	if c.device != nil {
		limit = chat.LimitDeviceMailboxes
	}
	held := slices.Clone(c.seats) // an attachment locks before its connection: never the other way round
	c.mu.Unlock()
	open := 0
	for _, a := range held {
		switch {
		case !a.life.isOver():
			if a.mailbox != mailbox {
				open++
			}
		case len(held) > 2*limit:
			c.mu.Lock()
			c.seats.drop(a)
			c.mu.Unlock()
		}
	}
	if open >= limit {
		return chat.Refuse(chat.TooLarge, uint64(limit))
	}
	return nil
}
