package chattest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// TestStore judges a relay.Store: newStore gives an empty one, for one subtest.
func TestStore(t *testing.T, newStore func(t *testing.T) relay.Store) {
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"an opening repeats, and only for its client", (*bench).opening},
		{"a slot belongs to one connection", (*bench).holders},
		{"a seat is of one life", (*bench).lives},
		{"before a claim a device may only claim", (*bench).claims},
		{"what nobody has answered stays small", (*bench).early},
		{"entries are numbered and read in order", (*bench).order},
		{"a counter is used once", (*bench).counters},
		{"a message is of the current epoch", (*bench).epochs},
		{"the checks come in the order of the text", (*bench).precedence},
		{"slots open and close with a commit", (*bench).slots},
		{"slots are bounded", (*bench).slotsBounded},
		{"a cursor is of this life and this entry", (*bench).cursors},
		{"who attaches has read on", (*bench).firstPages},
		{"what all have advanced past is gone", (*bench).trimming},
		{"a mailbox fills", (*bench).filling},
		{"an end leaves a tombstone", (*bench).ending},
		{"a kommun sees its own mailboxes only", (*bench).kommuner},
		{"notes wait until they are settled", (*bench).notes},
		{"an escalation begins, is held and ends", (*bench).escalates},
		{"a step is taken once, and again where it is not settled", (*bench).steps},
		{"a clock that was set back loses no timer", (*bench).clocks},
		{"an alarm can be snoozed", (*bench).snoozing},
		{"key packages stay by device and day", (*bench).keyPackages},
		{"presence ends", (*bench).presence},
		{"a blob is compared and swapped", (*bench).blobs},
		{"a blob is made from a mailbox, and not many", (*bench).made},
		{"lookups are counted", (*bench).lookups},
		{"the store remembers since when", (*bench).born},
		{"each side is told of the other", (*bench).sides},
		{"a kept mailbox lives longer", (*bench).keeping},
		{"openings are counted, and puzzles renewed once", (*bench).puzzles},
		{"events come in order", (*bench).events},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			c.run(&bench{T: t, ctx: ctx, store: newStore(t), now: time.Now().Truncate(time.Millisecond), mailbox: NewMailbox()})
		})
	}
}

const benchKommun = "botkyrka"

// bench is one store, one mailbox and short words for what is done to it.
type bench struct {
	*testing.T
	ctx         context.Context
	store       relay.Store
	now         time.Time
	mailbox     chat.Mailbox
	incarnation chat.Incarnation
	slot        chat.CapabilityHash
	devices     []chat.Device
	head        chat.Cursor
}

func benchDevice(n byte) chat.Device { return chat.Device{0xde, 7: n} }

func benchTag() (t chat.Tag) {
	rand.Read(t[:])
	t[3] = 0 // a zero byte inside must survive every script
	return t
}

func (b *bench) opened(devices int) relay.Opened {
	b.Helper()
	if b.incarnation == (chat.Incarnation{}) {
		rand.Read(b.incarnation[:])
		b.incarnation[5] = 0
		rand.Read(b.slot[:])
		for n := range devices {
			b.devices = append(b.devices, benchDevice(byte(n+1)))
		}
	}
	opened, err := b.store.Open(b.ctx, b.openingOf(benchTag()))
	b.must(err)
	b.head = opened.Cursor
	return opened
}

func (b *bench) openingOf(tag chat.Tag) relay.Opening {
	return relay.Opening{
		Mailbox: b.mailbox, Incarnation: b.incarnation, Tag: tag, Kommun: benchKommun, Slot: b.slot, Devices: b.devices,
		Digest:  relay.Digest{1},
		Welcome: Welcome(100), Message: Text(b.mailbox, 1, "one"), Retention: time.Hour, Now: b.now, Due: b.due(),
	}
}

// due is a minute ahead, 5 after a claim, 3 with an acknowledgement.
func (b *bench) due() relay.Due {
	return relay.Due{Open: b.now.Add(time.Minute), Claimed: b.now.Add(5 * time.Minute), Held: b.now.Add(3 * time.Minute)}
}

func (b *bench) seat(slot uint16) relay.Seat {
	return relay.Seat{Mailbox: b.mailbox, Incarnation: b.incarnation, Slot: slot}
}

// appending is an application message of epoch 1.
func (b *bench) appending(slot uint16, counter uint64, text string) relay.Appending {
	return relay.Appending{
		Seat: b.seat(slot), Counter: counter, Digest: sha256.Sum256([]byte(text)), Tag: benchTag(), Epoch: 1,
		Message: Text(b.mailbox, 1, text),
		Now:     b.now, Due: b.due(),
	}
}

func (b *bench) append(p relay.Appending) relay.Appended {
	b.Helper()
	appended, err := b.store.Append(b.ctx, p)
	b.must(err)
	b.head = appended.Cursor
	return appended
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// refused requires a refusal with that code and detail.
func (b *bench) refused(err error, code chat.Code, detail uint64) {
	b.Helper()
	var refusal *chat.Error
	if !errors.As(err, &refusal) || refusal.Code != code || refusal.Detail != detail {
		b.Fatalf("got %v (%+v), want %v with %d", err, refusal, code, detail)
	}
}

func (b *bench) read(slot uint16, after uint64) relay.Page {
	b.Helper()
	page, err := b.store.Read(b.ctx, b.seat(slot), relay.Position{Seq: after})
	b.must(err)
	return page
}

// seqs requires that a reader gets exactly these entries.
func (b *bench) seqs(slot uint16, after uint64, want ...uint64) {
	b.Helper()
	var got []uint64
	for _, e := range b.read(slot, after).Entries {
		got = append(got, e.Seq)
	}
	if !slices.Equal(got, want) {
		b.Fatalf("slot %d reads %v after %d, want %v", slot, got, after, want)
	}
}

func (b *bench) opening() {
	first := b.opened(2)
	if first.Repeat || first.Cursor.Seq != 1 || first.Cursor.Incarnation != b.incarnation {
		b.Fatalf("first opening: %+v", first.Cursor)
	}
	repeat := func(fence uint64) {
		b.Helper()
		other := b.openingOf(benchTag())
		other.Incarnation = chat.Incarnation{1}
		again, err := b.store.Open(b.ctx, other)
		b.must(err)
		if !again.Repeat || again.Cursor != first.Cursor || again.Fence != fence || !again.Note.Empty() {
			b.Fatalf("a repeat got %+v, want %+v", again, first.Cursor)
		}
	}
	repeat(2)
	other := b.openingOf(benchTag())
	other.Digest[15]++
	_, err := b.store.Open(b.ctx, other)
	b.refused(err, chat.Exists, 0)
	// Whatever has been said since, and whether entry 1 is kept or not.
	b.append(b.appending(0, 2, "two"))
	repeat(3)
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	for slot := range uint16(2) {
		b.must(b.store.Advance(b.ctx, b.seat(slot+1), b.head))
	}
	repeat(4)
	_, err = b.store.Open(b.ctx, other)
	b.refused(err, chat.Exists, 0)
}

func (b *bench) order() {
	b.opened(1)
	body := "raw \x00\xff\r\n bytes 1 2 3"
	b.append(b.appending(0, 2, body))
	b.append(b.appending(1, 1, "three"))
	page := b.read(1, 0)
	if len(page.Entries) != 3 || page.Head != 3 || page.Closed != 0 {
		b.Fatalf("page: %d entries, head %d, closed %d", len(page.Entries), page.Head, page.Closed)
	}
	second := page.Entries[1]
	if second.Seq != 2 || second.Slot != 0 || second.Counter != 2 ||
		string(second.Message) != string(Text(b.mailbox, 1, body)) {
		b.Fatalf("entry 2 came back as seq %d slot %d counter %d, %d bytes", second.Seq, second.Slot, second.Counter,
			len(second.Message))
	}
	if third := page.Entries[2]; third.Slot != 1 || third.Counter != 1 || third.Tag != b.head.Tag {
		b.Fatalf("entry 3: %+v", third)
	}
	b.seqs(0, 3)
	heads, err := b.store.Heads(b.ctx, []chat.Mailbox{NewMailbox(), b.mailbox})
	b.must(err)
	if heads[0] != (relay.Head{}) ||
		heads[1] != (relay.Head{Incarnation: b.incarnation, Position: relay.Position{Seq: 3, Tag: b.head.Tag}}) {
		b.Fatalf("heads: %v", heads)
	}
}

func (b *bench) counters() {
	b.opened(1)
	first := b.append(b.appending(0, 2, "two"))
	again := b.append(b.appending(0, 2, "two"))
	if again.Cursor != first.Cursor {
		b.Fatalf("a repeat got %+v, want %+v", again.Cursor, first.Cursor)
	}
	_, err := b.store.Append(b.ctx, b.appending(0, 2, "another body under the same counter"))
	b.refused(err, chat.CounterReused, 0)
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head)) // the digest stays
	_, err = b.store.Append(b.ctx, b.appending(0, 2, "another body under the same counter"))
	b.refused(err, chat.CounterReused, 0)
	_, err = b.store.Append(b.ctx, b.appending(0, 1, "old"))
	b.refused(err, chat.CounterOld, 0)
	for _, counter := range []uint64{4, 1<<53 + 1, 1<<64 - 1} {
		_, err = b.store.Append(b.ctx, b.appending(0, counter, "gap"))
		b.refused(err, chat.CounterGap, 3)
	}
	_, err = b.store.Append(b.ctx, b.appending(1, 0, "zero"))
	b.refused(err, chat.CounterGap, 1)
	b.seqs(0, 0, 1, 2)
}

func (b *bench) commit(slot uint16, counter, epoch uint64) relay.Appending {
	p := b.appending(slot, counter, "")
	p.Epoch, p.Commit, p.Message = epoch, true, Commit(b.mailbox, epoch)
	return p
}

func (b *bench) epochs() {
	b.opened(2)
	b.append(b.commit(1, 1, 1))
	late := b.appending(0, 2, "of the old epoch")
	_, err := b.store.Append(b.ctx, late)
	b.refused(err, chat.WrongEpoch, 2)
	_, err = b.store.Append(b.ctx, b.commit(2, 1, 1))
	b.refused(err, chat.WrongEpoch, 2)
	late.Epoch = 1<<63 + 2
	_, err = b.store.Append(b.ctx, late)
	b.refused(err, chat.WrongEpoch, 2)
	late.Epoch = 2
	b.append(late)
	b.seqs(0, 0, 1, 2, 3)
}

func (b *bench) precedence() {
	b.opened(2)
	b.append(b.appending(0, 2, "two"))
	all := b.appending(0, 9, "")
	all.Epoch = 7
	all.Refusals = relay.Refusals{Message: chat.Refuse(chat.BadMessage, 0), Policy: chat.Refuse(chat.UnknownDevice, 0)}
	steps := []struct {
		code   chat.Code
		detail uint64
		mend   func()
	}{
		{chat.CounterGap, 3, func() { all.Counter = 3 }},
		{chat.BadMessage, 0, func() { all.Refusals.Message = nil }},
		{chat.WrongEpoch, 1, func() { all.Epoch = 1 }},
		{chat.UnknownDevice, 0, func() { all.Refusals.Policy = nil }},
	}
	for _, step := range steps {
		_, err := b.store.Append(b.ctx, all)
		b.refused(err, step.code, step.detail)
		step.mend()
	}
	b.append(all)
	_, err := b.store.Append(b.ctx,
		relay.Appending{Seat: relay.Seat{Mailbox: NewMailbox(), Slot: 0}, Counter: 4, Epoch: 1})
	b.refused(err, chat.NoMailbox, 0)
}

func (b *bench) slots() {
	b.opened(3)
	claim := b.commit(1, 1, 1)
	claim.Closes = []chat.Device{b.devices[1], b.devices[1]}
	_, err := b.store.Append(b.ctx, claim)
	b.refused(err, chat.Policy, 0)
	claim.Closes = []chat.Device{b.devices[0], b.devices[1], b.devices[2]}
	_, err = b.store.Append(b.ctx, claim)
	b.refused(err, chat.Policy, 0) // its own
	claim.Closes = []chat.Device{b.devices[1], b.devices[2]}
	note := b.append(claim).Note
	if !slices.Equal(note.Closed, b.devices[1:]) || !slices.Equal(note.Kept, b.devices[:1]) || len(note.Opened) != 0 {
		b.Fatalf("note of a claim: %+v", note)
	}
	b.append(func() relay.Appending { p := b.appending(0, 2, "after the claim"); p.Epoch = 2; return p }())

	b.seqs(2, 0, 1, 2) // up to the entry that closed it, and no further
	if page := b.read(2, 2); len(page.Entries) != 0 || page.Closed != 2 {
		b.Fatalf("a closed slot reads on: %d entries, closed %d", len(page.Entries), page.Closed)
	}
	late := b.appending(2, 1, "too late")
	late.Epoch = 2
	_, err = b.store.Append(b.ctx, late)
	b.refused(err, chat.SlotClosed, 2)
	_, err = b.store.Welcome(b.ctx, []string{benchKommun}, b.devices[1], b.mailbox)
	b.refused(err, chat.SlotClosed, 2)

	again := b.commit(0, 3, 2)
	again.Opens, again.Welcome = []chat.Device{b.devices[0]}, Welcome(7)
	_, err = b.store.Append(b.ctx, again)
	b.refused(err, chat.Policy, 0) // it has an open slot
	again.Opens = []chat.Device{b.devices[1], b.devices[1]}
	_, err = b.store.Append(b.ctx, again)
	b.refused(err, chat.Policy, 0)
	again.Opens = []chat.Device{b.devices[1]}
	b.append(again)
	device := b.devices[1]
	found, err := b.store.Attach(b.ctx,
		relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Device: &device})
	b.must(err)
	if found.Slot != 4 || found.After != 4 || found.Counter != 0 || found.Epoch != 3 {
		b.Fatalf("a device opened again: %+v", found)
	}
	welcome, err := b.store.Welcome(b.ctx, []string{benchKommun}, device, b.mailbox)
	b.must(err)
	if string(welcome.Welcome) != string(Welcome(7)) || welcome.From != b.head {
		b.Fatalf("the Welcome has %d bytes and begins at %d", len(welcome.Welcome), welcome.From.Seq)
	}
	if first, err := b.store.Welcome(b.ctx, []string{benchKommun}, b.devices[0], b.mailbox); err != nil ||
		len(first.Welcome) != len(Welcome(100)) ||
		first.From != (chat.Cursor{}) {
		b.Fatalf("the first Welcome: %d bytes, %v", len(first.Welcome), err)
	}
	// What its slot begins with is told although the entry is gone.
	for _, slot := range []uint16{0, 1, 4} {
		b.must(b.store.Advance(b.ctx, b.seat(slot), b.head))
	}
	if again, err := b.store.Welcome(b.ctx, []string{benchKommun}, device, b.mailbox); err != nil ||
		again.From != welcome.From {
		b.Fatalf("the Welcome after everything was read begins at %d, %v", again.From.Seq, err)
	}
}

func (b *bench) cursors() {
	b.opened(1)
	one := b.head
	b.append(b.appending(0, 2, "two"))
	two := b.head
	b.append(b.appending(0, 3, "three"))
	attach := func(c chat.Cursor) (relay.Attached, error) {
		return b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Capability: &b.slot,
			Cursor: c})
	}
	var fence uint64
	for after, cursor := range []chat.Cursor{{}, one, two, b.head} {
		found, err := attach(cursor)
		b.must(err)
		if found.After != uint64(after) || found.Head != b.head || found.Counter != 3 || found.Fence <= fence {
			b.Fatalf("attached after %d: %+v", after, found)
		}
		fence = found.Fence
	}
	for _, spoil := range []func(*chat.Cursor){
		func(c *chat.Cursor) { c.Incarnation[0]++ },
		func(c *chat.Cursor) { c.Tag[7]++ },
		func(c *chat.Cursor) { c.Seq = 3 },
		func(c *chat.Cursor) { c.Seq = 4 },
		func(c *chat.Cursor) { c.Seq = 1<<64 - 1 },
		func(c *chat.Cursor) { c.Seq = 0 },
	} {
		wrong := two
		spoil(&wrong)
		_, err := attach(wrong)
		b.refused(err, chat.CursorMismatch, 0)
	}
	// Whoever is attached goes on from what it was given last, and finds out alike.
	for seq, tag := range map[uint64]chat.Tag{0: {}, 1: one.Tag, 2: two.Tag, 3: b.head.Tag} {
		page, err := b.store.Read(b.ctx, b.seat(0), relay.Position{Seq: seq, Tag: tag})
		b.must(err)
		if len(page.Entries) != int(3-seq) {
			b.Fatalf("%d entries after %d", len(page.Entries), seq)
		}
	}
	b.seqs(0, 2, 3) // by a reader who does not know the tag
	for _, place := range []relay.Position{{Seq: 2, Tag: one.Tag}, {Seq: 3, Tag: two.Tag}, {Seq: 4},
		{Seq: 4, Tag: b.head.Tag}} {
		_, err := b.store.Read(b.ctx, b.seat(0), place)
		b.refused(err, chat.CursorMismatch, 0)
	}
	stranger := b.slot
	stranger[15]++
	_, err := b.store.Attach(b.ctx,
		relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Capability: &stranger})
	b.refused(err, chat.BadCapability, 0)
	nobody := benchDevice(99)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun}, Device: &nobody})
	b.refused(err, chat.BadCapability, 0)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: NewMailbox(), Kommuner: []string{benchKommun},
		Device: &nobody})
	b.refused(err, chat.NoMailbox, 0)
}

func (b *bench) trimming() {
	b.opened(1)
	one := b.head
	for counter := uint64(2); counter <= 5; counter++ {
		b.append(b.appending(0, counter, fmt.Sprint("entry ", counter)))
	}
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	b.seqs(1, 0, 1, 2, 3, 4, 5) // the device has not advanced
	three := b.read(1, 2).Entries[0]
	b.must(b.store.Advance(b.ctx, b.seat(1), chat.Cursor{Incarnation: b.incarnation, Seq: 3, Tag: three.Tag}))
	b.seqs(1, 3, 4, 5)
	b.must(b.store.Advance(b.ctx, b.seat(1), one)) // an older one is ignored
	b.seqs(0, 3, 4, 5)
	_, err := b.store.Read(b.ctx, b.seat(1), relay.Position{})
	b.refused(err, chat.Trimmed, 4)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun},
		Capability: &b.slot})
	b.refused(err, chat.Trimmed, 4)
	wrong := b.head
	wrong.Tag[0]++
	b.refused(b.store.Advance(b.ctx, b.seat(1), wrong), chat.CursorMismatch, 0)
	wrong = b.head
	wrong.Seq++
	b.refused(b.store.Advance(b.ctx, b.seat(1), wrong), chat.CursorMismatch, 0)
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head))
	b.seqs(1, 5)
	b.append(b.appending(1, 1, "after everything was deleted"))
	b.seqs(0, 5, 6)
}

func (b *bench) filling() {
	b.opened(1)
	b.append(b.appending(1, 1, "an answer"))
	counter := uint64(2)
	big := make([]byte, 60000)
	for {
		p := b.appending(0, counter, "")
		p.Message = Message(b.mailbox, 1, chat.Application, big)
		appended, err := b.store.Append(b.ctx, p)
		if err != nil {
			b.refused(err, chat.Full, 0)
			break
		}
		b.head = appended.Cursor
		counter++
	}
	if kept := counter * uint64(len(big)); kept < chat.LimitMailbox-2*uint64(len(big)) ||
		kept > chat.LimitMailbox+2*uint64(len(big)) {
		b.Fatalf("full at about %d bytes, want %d", kept, chat.LimitMailbox)
	}
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head))
	p := b.appending(0, counter, "")
	p.Message = Message(b.mailbox, 1, chat.Application, big)
	b.append(p) // the bytes of what was trimmed count no more

	for range chat.LimitEntries - 1 {
		counter++
		b.append(b.appending(0, counter, "x"))
	}
	_, err := b.store.Append(b.ctx, b.appending(0, counter+1, "one too many"))
	b.refused(err, chat.Full, 0)
	b.must(b.store.Advance(b.ctx, b.seat(0), b.head))
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head))
	b.append(b.appending(0, counter+1, "there is room again"))
}
