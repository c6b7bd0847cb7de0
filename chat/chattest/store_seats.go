package chattest

import (
	"reflect"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// claims is spec §5.3.4: of several devices one may claim, and only then anybody speaks.
func (b *bench) claims() {
	b.opened(4)
	may := func(want bool, p relay.Appending, closes ...chat.Device) {
		b.Helper()
		p.Closes = closes
		if want {
			b.append(p)
			return
		}
		_, err := b.store.Append(b.ctx, p)
		b.refused(err, chat.Policy, 0)
	}
	end := func(slot uint16, code chat.Code, detail uint64) {
		b.Helper()
		_, err := b.store.End(b.ctx, relay.Ending{Seat: b.seat(slot), Reason: chat.GoneByStaff, Read: b.head, Now: b.now})
		b.refused(err, code, detail)
	}
	of := func(p relay.Appending, epoch uint64) relay.Appending { p.Epoch = epoch; return p }

	may(false, b.appending(1, 1, "an unclaimed word"))
	may(false, b.commit(1, 1, 1))
	may(false, b.commit(1, 1, 1), b.devices[1]) // two others stay
	end(1, chat.Policy, 0)
	may(true, b.commit(1, 1, 1), b.devices[1], b.devices[2]) // device 4 is kept
	may(true, of(b.appending(1, 2, "the claimer's"), 2))
	may(true, b.commit(1, 3, 2))
	may(false, of(b.appending(4, 1, "the kept one's"), 3))
	may(false, b.commit(4, 1, 3), b.devices[0])
	may(false, b.commit(4, 1, 3))
	end(4, chat.Policy, 0)
	may(true, b.commit(0, 2, 3), b.devices[0]) // the visitor removes the claimer
	may(true, b.commit(4, 1, 4))
	may(true, of(b.appending(4, 2, "the new claimer's"), 5))
	_, err := b.store.End(b.ctx, relay.Ending{Seat: b.seat(4), Reason: chat.GoneByStaff, Read: b.head, Now: b.now})
	b.must(err)
}

// early bounds what a visitor leaves before anybody has answered.
func (b *bench) early() {
	b.opened(1)
	big := make([]byte, 18000)
	counter := uint64(2)
	for size := len(Text(b.mailbox, 1, "one")); ; counter++ {
		p := b.appending(0, counter, "")
		p.Message = Message(b.mailbox, 1, chat.Application, big)
		if size += len(p.Message); size > chat.LimitEarlyBytes {
			_, err := b.store.Append(b.ctx, p)
			b.refused(err, chat.Full, 0)
			break
		}
		b.append(p)
	}
	// What both have read counts no more, as far as its bytes go.
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head))
	again := b.appending(0, counter, "")
	again.Message = Message(b.mailbox, 1, chat.Application, big)
	b.append(again)
	counter++
	b.append(b.appending(1, 1, "an answer"))
	for range chat.LimitEarlyEntries {
		b.append(b.appending(0, counter, "more"))
		counter++
	}

	b.mailbox, b.incarnation, b.devices = NewMailbox(), chat.Incarnation{}, nil
	b.opened(1)
	for counter = 2; counter <= chat.LimitEarlyEntries; counter++ {
		b.append(b.appending(0, counter, "x"))
	}
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head)) // to read is not to answer
	_, err := b.store.Append(b.ctx, b.appending(0, counter, "one too many"))
	b.refused(err, chat.Full, 0)
}

// holders requires that what a connection asks for is refused once another has attached its slot.
func (b *bench) holders() {
	b.opened(1)
	attach := func(holder relay.Holder) relay.Attached {
		found, err := b.store.Attach(b.ctx,
			relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Device: &b.devices[0], Holder: holder})
		b.must(err)
		return found
	}
	first := attach(relay.Holder{1}).Seat
	second := attach(relay.Holder{2}).Seat
	p := b.appending(1, 1, "from the first")
	p.Seat = first
	_, err := b.store.Append(b.ctx, p)
	b.refused(err, chat.BadCapability, 0)
	b.refused(b.store.Advance(b.ctx, first, b.head), chat.BadCapability, 0)
	b.refused(b.store.Resolve(b.ctx, first, b.head), chat.BadCapability, 0)
	_, err = b.store.End(b.ctx, relay.Ending{Seat: first, Reason: chat.GoneByStaff, Read: b.head, Now: b.now})
	b.refused(err, chat.BadCapability, 0)
	p.Seat = second
	b.append(p)
	attach(relay.Holder{2}) // anew, by the same
	p = b.appending(1, 2, "still from the second")
	p.Seat = second
	b.append(p)
}

// lives requires that a seat of one incarnation is nothing to another.
func (b *bench) lives() {
	b.opened(1)
	seat := b.seat(1)
	seat.Incarnation[0]++
	p := b.appending(1, 1, "to another life")
	p.Seat = seat
	_, err := b.store.Append(b.ctx, p)
	b.refused(err, chat.CursorMismatch, 0)
	b.refused(b.store.Advance(b.ctx, seat, b.head), chat.CursorMismatch, 0)
	b.refused(b.store.Resolve(b.ctx, seat, b.head), chat.CursorMismatch, 0)
	_, err = b.store.End(b.ctx, relay.Ending{Seat: seat, Reason: chat.GoneByStaff, Read: b.head, Now: b.now})
	b.refused(err, chat.CursorMismatch, 0)
	_, err = b.store.Read(b.ctx, seat, relay.Position{})
	b.refused(err, chat.CursorMismatch, 0)
}

// attaching is what whoever has a slot asks.
func (b *bench) attaching(slot uint16) relay.Attaching {
	t := relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}}
	if slot == 0 {
		t.Capability = &b.slot
	} else {
		t.Device = &b.devices[slot-1]
	}
	return t
}

// firstPages: what comes with an attachment is what Read gives at that moment.
func (b *bench) firstPages() {
	b.opened(2)
	reads := func(slot uint16, cursor chat.Cursor) relay.Page {
		b.Helper()
		t := b.attaching(slot)
		t.Cursor = cursor
		found, err := b.store.Attach(b.ctx, t)
		b.must(err)
		page, err := b.store.Read(b.ctx, found.Seat, relay.Position{Seq: found.After})
		b.must(err)
		first := found.Page
		if len(first.Entries) == 0 && len(page.Entries) > 0 || len(first.Entries) > len(page.Entries) {
			b.Fatalf("slot %d: %d entries come with the attachment, %d are read", slot, len(first.Entries), len(page.Entries))
		}
		all := len(page.Entries)
		page.Entries = page.Entries[:len(first.Entries)]
		if len(first.Entries) == 0 {
			page.Entries, first.Entries = nil, nil
		}
		if !reflect.DeepEqual(first, page) {
			b.Fatalf("slot %d: with the attachment came %+v, read is %+v", slot, first, page)
		}
		if all <= 3 && len(first.Entries) != all {
			b.Fatalf("slot %d: %d of %d entries come with the attachment", slot, len(first.Entries), all)
		}
		return first
	}
	one := b.head
	reads(0, chat.Cursor{})
	reads(1, chat.Cursor{})
	b.append(b.appending(0, 2, "two \x00\r\n"))
	two := b.head
	claim := b.commit(1, 1, 1)
	claim.Closes = b.devices[1:]
	b.append(claim)
	for slot := range uint16(2) {
		if page := reads(slot, one); len(page.Entries) != 2 || page.Head != 3 || page.Entries[0].Tag != two.Tag {
			b.Fatalf("slot %d behind the opening: %+v", slot, page)
		}
		reads(slot, two)
		reads(slot, b.head)
	}
	if page := reads(2, two); len(page.Entries) != 1 || page.Closed != 3 || page.Alarm != chat.OnIt {
		b.Fatalf("a closed slot: %+v", page)
	}
	said := b.appending(1, 2, "after the claim")
	said.Epoch = 2
	b.append(said)
	if page := reads(2, one); len(page.Entries) != 2 {
		b.Fatalf("a closed slot gets %d entries, of which it may read 2", len(page.Entries))
	}
	for n := range uint64(100) {
		more := b.appending(1, 3+n, "more")
		more.Epoch = 2
		b.append(more)
	}
	reads(0, one)
}

// slotsBounded requires that a mailbox has no more slots over its life than it may, however many of them are closed.
func (b *bench) slotsBounded() {
	b.opened(1)
	epoch, counter, slots := uint64(1), uint64(2), 2
	inside := b.devices
	commit := func(opens int) relay.Appending {
		p := b.commit(0, counter, epoch)
		p.Closes, p.Welcome = inside, Welcome(7)
		for n := range opens {
			p.Opens = append(p.Opens, chat.Device{byte(epoch), 7: byte(n)})
		}
		return p
	}
	for slots < chat.LimitSlots {
		p := commit(min(chat.LimitDevices, chat.LimitSlots-slots))
		b.append(p)
		inside, slots = p.Opens, slots+len(p.Opens)
		epoch, counter = epoch+1, counter+1
	}
	_, err := b.store.Append(b.ctx, commit(1))
	b.refused(err, chat.TooLarge, chat.LimitSlots)
}
