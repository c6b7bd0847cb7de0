package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (b *bench) ending() {
	b.settle(b.opened(2).Note)
	claim := b.commit(1, 1, 1)
	claim.Closes = b.devices[1:]
	b.settle(b.append(claim).Note)

	end := relay.Ending{Seat: b.seat(2), Reason: chat.GoneByStaff, Read: b.head, Tag: benchTag(), Now: b.now}
	_, err := b.store.End(b.ctx, end)
	b.refused(err, chat.SlotClosed, 2)
	end.Seat, end.Message, end.Counter, end.Epoch = b.seat(1), Text(b.mailbox, 1, "bye"), 2, 1
	_, err = b.store.End(b.ctx, end)
	b.refused(err, chat.WrongEpoch, 2)
	for _, step := range []struct {
		counter uint64
		code    chat.Code
		detail  uint64
	}{{3, chat.CounterGap, 2}, {1, chat.CounterReused, 0}, {0, chat.CounterOld, 0}} {
		end.Epoch, end.Counter = 2, step.counter
		_, err = b.store.End(b.ctx, end)
		b.refused(err, step.code, step.detail)
	}
	end.Counter, end.Refusals = 2, relay.Refusals{Message: chat.Refuse(chat.BadMessage, 0),
		Policy: chat.Refuse(chat.Policy, 0)}
	_, err = b.store.End(b.ctx, end)
	b.refused(err, chat.BadMessage, 0)
	end.Refusals.Message = nil
	_, err = b.store.End(b.ctx, end)
	b.refused(err, chat.Policy, 0)
	end.Refusals.Policy = nil

	// A device ends nothing that it has not read.
	claimed := b.head
	word := b.appending(0, 2, "wait")
	word.Epoch = 2
	b.append(word)
	for _, read := range []chat.Cursor{{}, claimed} {
		end.Read = read
		_, err = b.store.End(b.ctx, end)
		b.refused(err, chat.Behind, 3)
	}
	for _, spoil := range []func(*chat.Cursor){
		func(c *chat.Cursor) { c.Incarnation[0]++ }, func(c *chat.Cursor) { c.Seq++ }, func(c *chat.Cursor) { c.Tag[0]++ },
	} {
		end.Read = b.head
		spoil(&end.Read)
		_, err = b.store.End(b.ctx, end)
		b.refused(err, chat.CursorMismatch, 0)
	}
	end.Read = b.head
	if ended, err := b.store.Tombstone(b.ctx, b.mailbox); ended || err != nil {
		b.Fatalf("a tombstone before the end: %v", err)
	}
	note, err := b.store.End(b.ctx, end)
	b.must(err)
	again, err := b.store.End(b.ctx, end)
	b.must(err)
	if !slices.Equal(note.Closed, b.devices) || !slices.Equal(again.Closed, b.devices) {
		b.Fatalf("the end closes %v, its repeat %v", note.Closed, again.Closed)
	}
	b.settle(note)
	if again, err = b.store.End(b.ctx, end); err != nil || !again.Empty() {
		b.Fatalf("ending what has ended: %v, %+v", err, again)
	}
	b.inbox(b.devices[0])
	_, err = b.store.Append(b.ctx, b.appending(0, 2, "after the end"))
	b.refused(err, chat.Ended, 2)
	_, err = b.store.Read(b.ctx, b.seat(0), relay.Position{})
	b.refused(err, chat.Ended, 2)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun},
		Capability: &b.slot})
	b.refused(err, chat.Ended, 2)
	_, err = b.store.Open(b.ctx, b.openingOf(benchTag()))
	b.refused(err, chat.Exists, 0)
	if alarms, _, err := b.store.DueSteps(b.ctx, b.now.Add(time.Hour), 2*time.Hour); err != nil || len(alarms) > 0 {
		b.Fatalf("an alarm of an ended mailbox: %v, %v", alarms, err)
	}
}

func (b *bench) settle(n relay.Note) {
	b.Helper()
	b.must(b.store.Settle(b.ctx, n))
}

// inbox requires that a device's inbox holds exactly these mailboxes.
func (b *bench) inbox(device chat.Device, want ...chat.Mailbox) {
	b.Helper()
	pointers, err := b.store.Inbox(b.ctx, benchKommun, device)
	b.must(err)
	if len(pointers) != len(want) {
		b.Fatalf("%d pointers, want %d", len(pointers), len(want))
	}
	for _, p := range pointers {
		if !slices.Contains(want, p.Mailbox) {
			b.Fatal("a pointer to another mailbox")
		}
		if p.Since != uint64(b.now.Unix()/60*60) {
			b.Fatalf("since %d, want the minute of %d", p.Since, b.now.Unix())
		}
	}
}

func (b *bench) kommuner() {
	b.opened(1)
	device := b.devices[0]
	_, err := b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{"annan"}, Device: &device})
	b.refused(err, chat.BadCapability, 0)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{"annan"}, Capability: &b.slot})
	b.refused(err, chat.BadCapability, 0)
	_, err = b.store.Welcome(b.ctx, []string{"annan"}, device, b.mailbox)
	b.refused(err, chat.BadCapability, 0)
	other := b.openingOf(benchTag())
	other.Kommun = "annan"
	_, err = b.store.Open(b.ctx, other)
	b.refused(err, chat.Exists, 0)
}

func (b *bench) leftovers(want int) []relay.Note {
	b.Helper()
	notes, err := b.store.Pending(b.ctx, b.now.Add(time.Second))
	b.must(err)
	if len(notes) != want {
		b.Fatalf("%d leftovers, want %d", len(notes), want)
	}
	return notes
}

func (b *bench) notes() {
	opened := b.opened(2)
	if !slices.Equal(opened.Note.Opened, b.devices) || opened.Note.Kommun != benchKommun || opened.Note.Empty() {
		b.Fatalf("note of an opening: %+v", opened.Note)
	}
	if young, err := b.store.Pending(b.ctx, b.now); err != nil || len(young) > 0 {
		b.Fatalf("a note of now counts as left over: %v", err)
	}
	b.inbox(b.devices[0])
	left := b.leftovers(1)[0]
	b.settle(left)
	b.settle(left) // by a slower node
	b.inbox(b.devices[0], b.mailbox)
	b.inbox(b.devices[1], b.mailbox)
	b.leftovers(0)

	claim := b.commit(1, 1, 1)
	claim.Closes = b.devices[1:]
	newer := b.append(claim).Note
	b.settle(opened.Note) // an old note, late: it must not make the newer one forgotten
	b.leftovers(1)
	b.settle(newer)
	b.inbox(b.devices[0], b.mailbox)
	b.inbox(b.devices[1])
	b.leftovers(0)
	if n := b.append(func() relay.Appending { p := b.appending(0, 2, "x"); p.Epoch = 2; return p }()).Note; !n.Empty() {
		b.Fatalf("a text leaves a note: %+v", n)
	}
	b.must(b.store.Forget(b.ctx, benchKommun, b.devices[0], []chat.Mailbox{b.mailbox}))
	b.must(b.store.Forget(b.ctx, benchKommun, b.devices[0], nil))
	b.inbox(b.devices[0])
}

func (b *bench) keyPackages() {
	today := uint32(b.now.Unix() / 86400)
	one, two := benchDevice(1), benchDevice(2)
	put := func(device chat.Device, packages ...chat.DatedKeyPackage) {
		b.must(b.store.PutKeyPackages(b.ctx, benchKommun, device, b.now, packages))
	}
	put(one, chat.DatedKeyPackage{Day: today, KeyPackage: []byte("old")},
		chat.DatedKeyPackage{Day: today + 1, KeyPackage: []byte("b")})
	put(one, chat.DatedKeyPackage{Day: today, KeyPackage: []byte("new")})
	put(two, chat.DatedKeyPackage{Day: today, KeyPackage: []byte("two")})
	put(two)
	all, err := b.store.KeyPackages(b.ctx, benchKommun, today)
	b.must(err)
	if len(all) != 2 || string(all[one]) != "new" || string(all[two]) != "two" {
		b.Fatalf("today's: %q", all)
	}
	all, err = b.store.KeyPackages(b.ctx, "annan", today)
	b.must(err)
	if len(all) != 0 {
		b.Fatalf("another kommun's: %q", all)
	}
}

func (b *bench) presence() {
	reachable := func(at time.Time, want bool) {
		b.Helper()
		got, err := b.store.Reachable(b.ctx, benchKommun, at)
		b.must(err)
		if got != want {
			b.Fatalf("reachable: %v, want %v", got, want)
		}
	}
	reachable(b.now, false)
	b.must(b.store.Present(b.ctx, benchKommun, "node", b.now, b.now.Add(30*time.Second)))
	b.must(b.store.Present(b.ctx, benchKommun, "other", b.now, b.now.Add(10*time.Second)))
	reachable(b.now, true)
	reachable(b.now.Add(29*time.Second), true)
	reachable(b.now.Add(31*time.Second), false)
	b.must(b.store.Present(b.ctx, benchKommun, "node", b.now, b.now))
	reachable(b.now.Add(9*time.Second), true)
	b.must(b.store.Present(b.ctx, benchKommun, "other", b.now, b.now))
	reachable(b.now, false)
}

func (b *bench) events() {
	came := make(chan relay.Event, 64)
	ctx, cancel := context.WithCancel(b.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.store.Subscribe(ctx, func(e relay.Event) { came <- e })
	}()
	defer func() { cancel(); <-ended }()
	next := func(kind relay.EventKind) relay.Event {
		b.Helper()
		for {
			select {
			case e := <-came:
				if e.Kind != relay.EventConfirmed && e.Mailbox != b.mailbox {
					continue // of the test before: between the nodes of a Cluster it may still have been on its way
				}
				if e.Kind != kind {
					b.Fatalf("event of kind %d, want %d", e.Kind, kind)
				}
				return e
			case <-b.ctx.Done():
				b.Fatal("no event")
			}
		}
	}
	next(relay.EventConfirmed)
	note := b.opened(2).Note
	if e := next(relay.EventEntry); e.Entry.Seq != 1 || e.Before != (chat.Tag{}) || e.Incarnation != b.incarnation ||
		len(e.ClosedSlots) != 0 {
		b.Fatalf("entry 1: %+v", e)
	}
	b.settle(note)
	if e := next(relay.EventWaiting); e.Kommun != benchKommun || !slices.Equal(e.Devices, b.devices) {
		b.Fatalf("waiting: %+v", e)
	}
	holder := relay.Holder{' ', 0, '\n', 0xff}
	found, err := b.store.Attach(b.ctx,
		relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Device: &b.devices[1], Holder: holder})
	b.must(err)
	if e := next(relay.EventAttached); e.Holder != holder || found.Holder != holder || e.Slot != 2 ||
		e.Fence != found.Fence || e.Incarnation != b.incarnation {
		b.Fatalf("attached: %+v", e)
	}
	if e := next(relay.EventPresence); e.Presence != (relay.Presence{Visitor: chat.Here, Staff: chat.Here}) ||
		e.Incarnation != b.incarnation {
		b.Fatalf("presence: %+v", e.Presence)
	}
	// Whoever is there already and attaches anew, as after the death of a node, changes nothing for the others.
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun},
		Device: &b.devices[1], Holder: relay.Holder{1}})
	b.must(err)
	next(relay.EventAttached)
	claim := b.commit(1, 1, 1)
	claim.Closes = b.devices[1:]
	one := b.head
	b.settle(b.append(claim).Note)
	e := next(relay.EventEntry)
	if e.Before != one.Tag {
		b.Fatalf("the claim comes behind %x, want %x", e.Before, one.Tag)
	}
	if !slices.Equal(e.ClosedSlots, []uint16{2}) || string(e.Entry.Message) != string(claim.Message) ||
		e.Entry.Tag != claim.Tag {
		b.Fatalf("claim: closes %v", e.ClosedSlots)
	}
	if e := next(relay.EventPresence); e.Presence != (relay.Presence{Visitor: chat.Here, Staff: chat.Away}) {
		b.Fatalf("presence after the claim: %+v", e.Presence)
	}
	if e := next(relay.EventAlarm); e.Alarm != chat.OnIt || e.Incarnation != b.incarnation {
		b.Fatalf("alarm after the claim: %+v", e)
	}
	_, err = b.store.End(b.ctx, relay.Ending{
		Seat: b.seat(0), Reason: chat.GoneByVisitor, Message: Text(b.mailbox, 2,
			"bye"), Counter: 2, Tag: benchTag(), Epoch: 2, Now: b.now,
	})
	b.must(err)
	if e := next(relay.EventEntry); e.Entry.Seq != 3 || e.Entry.Slot != 0 || e.Before != claim.Tag {
		b.Fatalf("the last entry: %+v", e.Entry)
	}
	if e := next(relay.EventEnded); e.Reason != chat.GoneByVisitor {
		b.Fatalf("ended: %+v", e)
	}
}
