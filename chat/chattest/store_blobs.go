package chattest

import (
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// NewLocator makes a locator at random.
func NewLocator() (l chat.Locator) {
	rand.Read(l[:])
	l[4] = 0 // a zero byte inside must survive every script
	return l
}

// putting is a version of a blob, made from slot 0 of the bench's mailbox.
func (b *bench) putting(l chat.Locator, version uint64, text string) relay.Putting {
	return relay.Putting{
		Seat: b.seat(0), Locator: l, Capability: chat.CapabilityHash{9}, Version: version,
		Digest: sha256.Sum256([]byte(text)),
		Blob:   []byte(text), Retention: time.Hour,
	}
}

func (b *bench) lies(l chat.Locator, version uint64, text string) {
	b.Helper()
	found, err := b.store.Get(b.ctx, l)
	b.must(err)
	if found.Version != version || string(found.Bytes) != text {
		b.Fatalf("version %d with %d bytes, want %d with %d", found.Version, len(found.Bytes), version, len(text))
	}
}

// blobs is the compare-and-swap of spec §5.9.
func (b *bench) blobs() {
	b.opened(1)
	l := NewLocator()
	put := func(version uint64, text string) error { return b.store.Put(b.ctx, b.putting(l, version, text)) }
	_, err := b.store.Get(b.ctx, l)
	b.refused(err, chat.NoBlob, 0)
	b.refused(put(2, "two"), chat.NoBlob, 0)
	raw := "raw \x00\xff\r\n bytes" + strings.Repeat("\x00", chat.LimitBlob-20)
	b.must(put(1, raw))
	b.lies(l, 1, raw)
	b.must(put(1, raw)) // a repeat
	b.refused(put(1, "another one"), chat.Stale, 1)
	b.refused(put(3, "three"), chat.Stale, 1)
	b.must(put(2, "two"))
	b.must(put(2, "two"))
	b.refused(put(2, "another two"), chat.Stale, 2)
	b.refused(put(1, raw), chat.Stale, 2)
	b.refused(put(1<<64-1, "the last"), chat.Stale, 2)
	b.must(put(3, raw)) // the bytes of an older version are no repeat of that version
	b.lies(l, 3, raw)

	stranger := b.putting(l, 4, "four")
	stranger.Capability[15]++
	for _, version := range []uint64{1, 3, 4, 5, 1<<64 - 1} {
		stranger.Version = version
		b.refused(b.store.Put(b.ctx, stranger), chat.NoBlob, 0)
	}
	b.must(b.store.Drop(b.ctx, l, stranger.Capability))
	b.lies(l, 3, raw)
	b.must(b.store.Drop(b.ctx, NewLocator(), stranger.Capability))
	b.must(b.store.Drop(b.ctx, l, b.putting(l, 0, "").Capability))
	_, err = b.store.Get(b.ctx, l)
	b.refused(err, chat.NoBlob, 0)
	b.refused(put(4, "four"), chat.NoBlob, 0) // what was dropped is not put back by whoever comes late
	b.must(b.store.Drop(b.ctx, l, stranger.Capability))
}

func (b *bench) made() {
	b.opened(1)
	first := NewLocator()
	b.must(b.store.Put(b.ctx, b.putting(first, 1, "one")))
	for range 2 * chat.LimitBlobs {
		b.must(b.store.Put(b.ctx, b.putting(first, 1, "one"))) // a repeat makes nothing
	}
	for range chat.LimitBlobs - 1 {
		b.must(b.store.Put(b.ctx, b.putting(NewLocator(), 1, "one")))
	}
	b.refused(b.store.Put(b.ctx, b.putting(NewLocator(), 1, "one")), chat.Full, 0)
	b.must(b.store.Put(b.ctx, b.putting(first, 2, "two"))) // what is there goes on

	p := b.putting(NewLocator(), 1, "one")
	p.Seat.Incarnation[0]++
	b.refused(b.store.Put(b.ctx, p), chat.CursorMismatch, 0)
	p.Seat.Mailbox = NewMailbox()
	b.refused(b.store.Put(b.ctx, p), chat.NoMailbox, 0)
	p = b.putting(NewLocator(), 1, "one")
	p.Seat.Holder = relay.Holder{7}
	b.refused(b.store.Put(b.ctx, p), chat.BadCapability, 0)
	_, err := b.store.Get(b.ctx, p.Locator)
	b.refused(err, chat.NoBlob, 0)
}

func (b *bench) lookups() {
	wait := func(l *chat.Locator) time.Duration {
		b.Helper()
		wait, err := b.store.Lookup(b.ctx, l)
		b.must(err)
		return wait
	}
	one, other := NewLocator(), NewLocator()
	for n := range chat.LimitLocatorGets {
		if w := wait(&one); w != 0 {
			b.Fatalf("get %d of a locator waits for %v", n+1, w)
		}
	}
	if w := wait(&one); w <= 0 || w > time.Minute {
		b.Fatalf("one get too many waits for %v", w)
	}
	if w := wait(&other); w != 0 {
		b.Fatalf("another locator waits for %v", w)
	}
	// However the seconds fall, some of so many fall into one.
	for n := 0; ; n++ {
		if w := wait(nil); w > 0 {
			if w > time.Second {
				b.Fatalf("too many lookups wait for %v", w)
			}
			break
		}
		if n == 100*chat.LimitLookups {
			b.Fatalf("%d lookups in a row", n)
		}
	}
	// Above the limit of all, present and absent wait alike, and nothing is counted for the locator.
	fresh := NewLocator()
	for wait(&fresh) == 0 {
		fresh = NewLocator()
	}
}

func (b *bench) born() {
	at := func(now time.Time) int64 {
		b.Helper()
		born, err := b.store.Born(b.ctx, now, time.Hour)
		b.must(err)
		return born.Unix()
	}
	first := at(b.now)
	if first != b.now.Unix() || at(b.now.Add(time.Minute)) != first {
		b.Fatal("the store does not remember since when it has not been emptied")
	}
}

// holding is a seat of a connection of its own.
func (b *bench) holding(slot uint16, n byte) relay.Seat {
	b.Helper()
	t := b.attaching(slot)
	t.Holder = relay.Holder{n, 0, 0xff}
	found, err := b.store.Attach(b.ctx, t)
	b.must(err)
	return found.Seat
}

// sides is spec §5.10.
func (b *bench) sides() {
	b.opened(2)
	is := func(visitor, staff chat.PresenceState) {
		b.Helper()
		if p := b.read(0, b.head.Seq).Presence; p != (relay.Presence{Visitor: visitor, Staff: staff}) {
			b.Fatalf("visitor %d, staff %d; want %d and %d", p.Visitor, p.Staff, visitor, staff)
		}
	}
	is(chat.Here, chat.Away)
	b.must(b.store.Detach(b.ctx, b.seat(0)))
	is(chat.Away, chat.Away)
	old := b.holding(0, 1)
	phone := b.holding(0, 2)
	b.must(b.store.Detach(b.ctx, old)) // another has it since
	is(chat.Here, chat.Away)

	second := b.holding(2, 3)
	is(chat.Here, chat.Here)
	first := b.holding(1, 4)
	claim := b.commit(1, 1, 1)
	claim.Seat = first
	b.append(claim) // device 2 is kept
	is(chat.Here, chat.Here)
	b.must(b.store.Detach(b.ctx, first))
	is(chat.Here, chat.Away) // only the claimer counts
	b.must(b.store.Detach(b.ctx, second))

	stranger := phone
	stranger.Holder[1]++
	b.refused(b.store.Leave(b.ctx, stranger), chat.BadCapability, 0)
	b.must(b.store.Leave(b.ctx, phone))
	is(chat.Left, chat.Away)
	b.must(b.store.Detach(b.ctx, phone))
	is(chat.Left, chat.Away) // that the connection ends says nothing new
	b.holding(1, 5)
	is(chat.Left, chat.Here)
	late := b.commit(0, 2, 2)
	late.Seat, late.Closes = b.holding(0, 6), b.devices[:1]
	is(chat.Here, chat.Here)
	b.append(late)
	is(chat.Here, chat.Away)

	other := phone
	other.Incarnation[0]++
	b.refused(b.store.Leave(b.ctx, other), chat.CursorMismatch, 0)
	b.must(b.store.Detach(b.ctx, other))
	other.Mailbox = NewMailbox()
	b.refused(b.store.Leave(b.ctx, other), chat.NoMailbox, 0)
	b.must(b.store.Detach(b.ctx, other))

	note, err := b.store.End(b.ctx, relay.Ending{Seat: late.Seat, Reason: chat.GoneLeft, Now: b.now})
	b.must(err)
	b.settle(note)
	_, err = b.store.Attach(b.ctx, relay.Attaching{Mailbox: b.mailbox, Kommuner: []string{benchKommun},
		Capability: &b.slot})
	b.refused(err, chat.Ended, 3)
	b.refused(b.store.Leave(b.ctx, late.Seat), chat.Ended, 3)
}

func (b *bench) keeping() {
	b.settle(b.opened(2).Note)
	keep := func(seat relay.Seat, d time.Duration) (relay.Note, error) { return b.store.Keep(b.ctx, seat, d, b.now) }
	for _, shorter := range []time.Duration{time.Minute, time.Hour} {
		note, err := keep(b.seat(0), shorter)
		b.must(err)
		if !note.Empty() {
			b.Fatalf("a keep of %v changes something: %+v", shorter, note)
		}
	}
	note, err := keep(b.seat(0), 24*time.Hour)
	b.must(err)
	if note.Retention != 24*time.Hour || !slices.Equal(note.Kept, b.devices) || len(note.Opened)+len(note.Closed) > 0 {
		b.Fatalf("note of a keep: %+v", note)
	}
	b.settle(note)
	// The next entry's note has it, too.
	claim := b.commit(1, 1, 1)
	claim.Closes = b.devices[1:]
	if note := b.append(claim).Note; note.Retention != 24*time.Hour {
		b.Fatalf("the entry after a keep lives for %v", note.Retention)
	}
	stranger := b.seat(0)
	stranger.Holder = relay.Holder{7}
	_, err = keep(stranger, 48*time.Hour)
	b.refused(err, chat.BadCapability, 0)
	stranger = b.seat(0)
	stranger.Incarnation[0]++
	_, err = keep(stranger, 48*time.Hour)
	b.refused(err, chat.CursorMismatch, 0)
	stranger.Mailbox = NewMailbox()
	_, err = keep(stranger, 48*time.Hour)
	b.refused(err, chat.NoMailbox, 0)
}
