package relay

import (
	"context"
	"time"

	"github.com/utvag/utvag/chat"
)

// unbound is a refusal unless the message names this counter and these slots in its own authenticated data (spec §7.7).
func unbound(h chat.Header, counter uint64, opens, closes []chat.Device) *chat.Error {
	if !h.Bound.Equal(&chat.Bound{Counter: counter, Opens: opens, Closes: closes}) {
		return chat.Refuse(chat.Policy, 0)
	}
	return nil
}

// inspect is step 3 of spec §5.3 as far as the message alone decides it.
func inspect(mailbox chat.Mailbox, message []byte) (chat.Header, *chat.Error) {
	h, err := chat.ParseHeader(message)
	switch {
	case err != nil || h.Mailbox != mailbox:
		return h, chat.Refuse(chat.BadMessage, 0)
	case h.Content != chat.Application && h.Content != chat.Commit:
		return h, chat.Refuse(chat.Policy, 0)
	case h.Content == chat.Application && len(message) > chat.LimitApplication:
		return h, chat.Refuse(chat.TooLarge, chat.LimitApplication)
	}
	return h, nil
}

// knownDevices requires that the newest roster holds every device. An opening takes those of the kommun itself that
// take part in intake; a visitor may later let in partners' as well.
func (c *conn) knownDevices(devices []chat.Device, opening bool) *chat.Error {
	find := c.relay.admissible
	if opening {
		find = c.relay.certificate
	}
	seen := make(map[chat.Device]bool, len(devices))
	for _, d := range devices {
		cert, valid := find(c.kommun, d)
		if !valid {
			return chat.Refuse(chat.UnknownDevice, 0)
		}
		if seen[d] || opening && !cert.Intake {
			return chat.Refuse(chat.Policy, 0)
		}
		seen[d] = true
	}
	return nil
}

func (c *conn) open(ctx context.Context, f *chat.Open) error {
	r := c.relay
	if !c.visitor {
		return chat.Refuse(chat.Malformed, 0)
	}
	if _, staff := c.loggedIn(); staff {
		return chat.Refuse(chat.Policy, 0)
	}
	h, refusal := inspect(f.Mailbox, f.Message)
	switch {
	case refusal != nil:
		return refusal
	case h.Epoch != 1:
		return chat.Refuse(chat.WrongEpoch, 1)
	case h.Content != chat.Application || len(f.Devices) == 0:
		return chat.Refuse(chat.Policy, 0)
	case chat.CheckWireFormat(f.Welcome, chat.WelcomeMessage) != nil:
		return chat.Refuse(chat.BadMessage, 0)
	}
	if refusal := c.knownDevices(f.Devices, true); refusal != nil {
		return refusal
	}
	if refusal := unbound(h, 1, f.Devices, nil); refusal != nil {
		return refusal
	}
	if refusal := c.mayEnter(f.Mailbox); refusal != nil {
		return refusal
	}
	if err := r.ready(ctx); err != nil {
		return err
	}
	kommun := r.config.Kommuner[c.kommun]
	retention := kommun.Live
	if f.Retention == chat.RetentionMessage {
		retention = kommun.Message
	}
	now := r.now()
	unpaid, old := r.judgeOpening(f)
	if unpaid != nil && !old {
		return unpaid
	}
	digest, welcome, message := chat.Digest(f), f.Welcome, f.Message
	if unpaid != nil {
		welcome, message = nil, nil // not to be stored, whatever the answer
	}
	a := c.enter(f.Mailbox)
	opened, err := r.store.Open(ctx, Opening{
		Mailbox: f.Mailbox, Incarnation: newIncarnation(), Tag: newTag(), Kommun: c.kommun, Slot: f.Slot,
		Holder: c.holder, Digest: digest,
		Devices: f.Devices, Welcome: welcome, Message: message,
		Retention: retention, Now: now, Due: r.dueAt(c.kommun, now), Refusal: unpaid,
	})
	if err != nil {
		a.abandon()
		return err
	}
	if !opened.Repeat {
		r.work.count()
	}
	// The connection may write now; it reads once it attaches, from the cursor that it names then.
	c.useful.Store(true)
	a.install(Seat{Mailbox: f.Mailbox, Incarnation: opened.Cursor.Incarnation, Holder: c.holder, Kommun: c.kommun},
		Position{}, opened.Fence)
	c.push(&chat.Accepted{Ref: f.Ref, Counter: 1, Cursor: opened.Cursor})
	c.carryNote(ctx, opened.Note)
	return nil
}

// carryNote settles a note after the answer; what fails here is a leftover that a sweep settles.
func (c *conn) carryNote(ctx context.Context, n Note) {
	if n.Empty() {
		return
	}
	if err := c.relay.store.Settle(ctx, n); err != nil {
		c.relay.storeFailed("note", err)
	}
}

func (c *conn) attach(ctx context.Context, f *chat.Attach) error {
	r := c.relay
	t := Attaching{Mailbox: f.Mailbox, Kommuner: []string{c.kommun}, Holder: c.holder, Cursor: f.Cursor}
	device, staff := c.loggedIn()
	switch {
	case len(f.Capability) == 0 && !staff:
		return chat.Refuse(chat.NotLoggedIn, 0)
	case len(f.Capability) == 0:
		t.Device, t.Kommuner = &device, r.actsIn(c.kommun)
	case staff:
		return chat.Refuse(chat.BadCapability, 0)
	default:
		hash := hashOf(f.Capability)
		t.Capability = &hash
	}
	if refusal := c.mayEnter(f.Mailbox); refusal != nil {
		return refusal
	}
	if err := r.ready(ctx); err != nil {
		return err
	}
	a := c.enter(f.Mailbox)
	found, err := r.store.Attach(ctx, t)
	if err != nil {
		a.abandon()
		if staff {
			c.forgetIfGone(ctx, device, f.Mailbox, err)
		}
		return err
	}
	c.useful.Store(true)
	after := Position{Seq: found.After}
	if f.Cursor.Seq == found.After {
		after.Tag = f.Cursor.Tag
	}
	// A visitor who has counted every entry has been alone so far.
	a.answered.Store(found.Slot != 0 || found.Counter != found.Head.Seq)
	a.install(found.Seat, after, found.Fence)
	c.accessed(DidRead, f.Mailbox)
	c.pushBeside(&chat.Attached{
		Ref: f.Ref, Mailbox: f.Mailbox, Slot: found.Slot, Head: found.Head, Epoch: found.Epoch, Counter: found.Counter,
	})
	a.start(found.Page)
	return nil
}

func (c *conn) send(ctx context.Context, f *chat.Send) error {
	r := c.relay
	a, seat, refusal := c.attachmentFor(f.Mailbox)
	if refusal != nil {
		return refusal
	}
	now := r.now()
	p := Appending{
		Seat: seat, Precondition: a.expected(), Counter: f.Counter, Digest: chat.Digest(f), Tag: newTag(), Opens: f.Opens,
		Closes: f.Closes, Welcome: f.Welcome, Message: f.Message,
		Now: now, Due: r.dueAt(seat.Kommun, now),
	}
	h, bad := inspect(f.Mailbox, f.Message)
	p.Epoch, p.Commit, p.Refusals.Message = h.Epoch, h.Content == chat.Commit, bad
	p.Refusals.Policy = c.policy(f, seat, h)
	appended, err := r.store.Append(ctx, p)
	if err != nil {
		return err
	}
	a.learn(appended.Precondition)
	c.sent(seat, p.Commit, f)
	c.reply(&chat.Accepted{Ref: f.Ref, Counter: f.Counter, Cursor: appended.Cursor})
	c.carryNote(ctx, appended.Note)
	return nil
}

// intake reports whether the connection's device may claim.
func (c *conn) intake() bool {
	device, _ := c.loggedIn()
	cert, valid := c.relay.certificate(c.kommun, device)
	return valid && cert.Intake
}

// policy is step 4 of spec §5.3 as far as it can be decided without the slots.
func (c *conn) policy(f *chat.Send, seat Seat, h chat.Header) *chat.Error {
	commit := h.Content == chat.Commit
	if refusal := unbound(h, f.Counter, f.Opens, f.Closes); refusal != nil {
		return refusal
	}
	changes := len(f.Opens)+len(f.Closes)+len(f.Welcome) > 0
	opening := len(f.Opens)+len(f.Welcome) > 0
	switch {
	case commit && seat.Slot != 0 && !c.intake():
		return chat.Refuse(chat.Policy, 0) // it may neither claim nor, then, anything else
	case changes && !commit, opening && seat.Slot != 0, len(f.Opens) > 0 != (len(f.Welcome) > 0):
		return chat.Refuse(chat.Policy, 0)
	case opening && chat.CheckWireFormat(f.Welcome, chat.WelcomeMessage) != nil:
		return chat.Refuse(chat.BadMessage, 0)
	}
	return c.knownDevices(f.Opens, false)
}

func (c *conn) advance(ctx context.Context, f *chat.Advance) error {
	seat, refusal := c.seatFor(f.Mailbox)
	if refusal != nil {
		return refusal
	}
	if err := c.relay.store.Advance(ctx, seat, f.Cursor); err != nil {
		return err
	}
	c.reply(&chat.Ready{Ref: f.Ref})
	return nil
}

func (c *conn) resolve(ctx context.Context, f *chat.Resolve) error {
	seat, refusal := c.seatFor(f.Mailbox)
	if refusal != nil {
		return refusal
	}
	if seat.Slot == 0 {
		return chat.Refuse(chat.Policy, 0)
	}
	if err := c.relay.store.Resolve(ctx, seat, f.Cursor); err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

func (c *conn) end(ctx context.Context, f *chat.End) error {
	r := c.relay
	seat, refusal := c.seatFor(f.Mailbox)
	if refusal != nil {
		ended, err := r.store.Tombstone(ctx, f.Mailbox)
		if err != nil {
			return err
		}
		if !ended {
			return refusal
		}
		// Whoever ended it may have died before the inboxes were cleared; the sweep of its leftover does that.
		c.push(&chat.Ready{Ref: f.Ref})
		return nil
	}
	e := Ending{Seat: seat, Reason: chat.GoneByVisitor, Read: f.Read, Message: f.Message, Counter: f.Counter,
		Tag: newTag(), Now: r.now()}
	if seat.Slot != 0 {
		e.Reason = chat.GoneByStaff
	}
	if len(f.Message) > 0 {
		h, bad := inspect(f.Mailbox, f.Message)
		e.Epoch, e.Refusals.Message = h.Epoch, bad
		e.Refusals.Policy = unbound(h, f.Counter, nil, nil)
	}
	note, err := r.store.End(ctx, e)
	if err != nil {
		return err
	}
	c.accessed(DidEnd, f.Mailbox)
	if !note.Empty() {
		if err := r.store.Settle(ctx, note); err != nil {
			return err
		}
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

// leaveMailbox carries out leave (spec §5.10).
func (c *conn) leaveMailbox(ctx context.Context, f *chat.Leave) error {
	r := c.relay
	if refusal := c.asVisitor(); refusal != nil {
		return refusal
	}
	seat, refusal := c.seatFor(f.Mailbox)
	switch {
	case refusal != nil && refusal.Code == chat.Ended:
		c.push(&chat.Ready{Ref: f.Ref})
		return nil
	case refusal != nil:
		return refusal
	case seat.Slot != 0:
		return chat.Refuse(chat.Policy, 0)
	}
	if f.Erase == 1 {
		note, err := r.store.End(ctx, Ending{Seat: seat, Reason: chat.GoneLeft, Now: r.now()})
		if err != nil {
			return err
		}
		if !note.Empty() {
			if err := r.store.Settle(ctx, note); err != nil {
				return err
			}
		}
	} else {
		if err := r.store.Leave(ctx, seat); err != nil {
			return err
		}
		c.mu.Lock()
		a := c.seats.of(f.Mailbox)
		c.mu.Unlock()
		a.quit()
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

// keep carries out keep (spec §5.7).
func (c *conn) keep(ctx context.Context, f *chat.Keep) error {
	r := c.relay
	if refusal := c.asVisitor(); refusal != nil {
		return refusal
	}
	seat, refusal := c.seatFor(f.Mailbox)
	if refusal != nil {
		return refusal
	}
	if seat.Slot != 0 {
		return chat.Refuse(chat.Policy, 0)
	}
	note, err := r.store.Keep(ctx, seat, r.config.Kommuner[c.kommun].Message, r.now())
	if err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	c.carryNote(ctx, note)
	return nil
}

func dayOf(t time.Time) uint32 { return uint32(t.Unix() / (24 * 60 * 60)) }
