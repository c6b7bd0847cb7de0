package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// knowing is a store with whoever asks it knowing all that a node can know: each message is one that may follow.
type knowing struct {
	relay.Store
	mu            sync.Mutex
	preconditions map[relay.Seat]*relay.Precondition
}

func (k *knowing) Append(ctx context.Context, p relay.Appending) (relay.Appended, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.Precondition = k.preconditions[p.Seat]
	appended, err := k.Store.Append(ctx, p)
	if err != nil || appended.Precondition == nil {
		return appended, err
	}
	newest := *appended.Precondition
	k.preconditions[p.Seat] = &newest
	for seat, f := range k.preconditions {
		if seat.Mailbox == p.Mailbox && f.Seq+1 == newest.Seq {
			f.Position, f.Bytes = newest.Position, newest.Bytes
		}
	}
	return appended, nil
}

// Whatever a node believes to know of a mailbox, no answer is another than a store gives that knows nothing.
func TestStoreThatFollows(t *testing.T) {
	url := redistest.Start(t)
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		redistest.Command(t, url, "FLUSHALL")
		return &knowing{Store: open(t, url), preconditions: map[relay.Seat]*relay.Precondition{}}
	})
}

// talk is a claimed conversation of a visitor and a device.
type talk struct {
	*testing.T
	url           string
	store         *redisstore.Store
	asked         int // scripts, so far
	now           time.Time
	mailbox       chat.Mailbox
	counters      [2]uint64
	preconditions [2]*relay.Precondition
	deaf          bool // nobody hears of others' messages
	events        chan relay.Event
}

func newTalk(t *testing.T, url string, now time.Time) *talk {
	c := &talk{T: t, url: url, now: now, mailbox: chat.Mailbox{7}, counters: [2]uint64{1, 0},
		events: make(chan relay.Event, 100)}
	redistest.Command(t, url, "FLUSHALL")
	var err error
	c.store, err = redisstore.Open(t.Context(), redisstore.Options{URL: url, Gate: func() error { c.asked++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.store.Close() })
	go c.store.Subscribe(t.Context(), func(e relay.Event) { c.events <- e })
	<-c.events
	device := chat.Device{1}
	_, err = c.store.Open(t.Context(), relay.Opening{
		Mailbox: c.mailbox, Incarnation: chat.Incarnation{1}, Tag: chat.Tag{1}, Kommun: "vidby",
		Devices: []chat.Device{device},
		Message: []byte("one"), Retention: time.Hour, Now: c.now, Due: c.due(), Holder: c.seat(0).Holder,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.store.Attach(t.Context(),
		relay.Attaching{Mailbox: c.mailbox, Kommuner: []string{"vidby"}, Device: &device,
			Holder: c.seat(1).Holder}); err != nil {
		t.Fatal(err)
	}
	claim := c.message(1, "claim")
	claim.Epoch, claim.Commit = 1, true
	c.append(claim)
	return c
}

func (c *talk) due() relay.Due {
	return relay.Due{Open: c.now.Add(time.Minute), Claimed: c.now.Add(time.Hour), Held: c.now.Add(time.Hour)}
}

func (c *talk) seat(slot uint16) relay.Seat {
	return relay.Seat{Mailbox: c.mailbox, Incarnation: chat.Incarnation{1}, Slot: slot,
		Holder: relay.Holder{9, 7: byte(slot)}}
}

func (c *talk) message(slot uint16, text string) relay.Appending {
	counter := c.counters[slot] + 1
	return relay.Appending{
		Seat: c.seat(slot), Counter: counter, Digest: relay.Digest{byte(counter)}, Tag: chat.Tag{byte(slot + 1), 0,
			byte(counter), 7: 1}, Epoch: 2,
		Message: []byte(text), Now: c.now, Due: c.due(), Precondition: c.preconditions[slot],
	}
}

func (c *talk) append(p relay.Appending) relay.Appended {
	c.Helper()
	appended, err := c.store.Append(c.Context(), p)
	if err != nil {
		c.Fatal(err)
	}
	c.counters[p.Slot] = p.Counter
	c.preconditions[p.Slot] = appended.Precondition
	// As the relay does with the event.
	if f := c.preconditions[1-p.Slot]; f != nil && !c.deaf {
		next := *f
		next.Position, next.Bytes = relay.Position{Seq: appended.Cursor.Seq, Tag: appended.Cursor.Tag},
			appended.Precondition.Bytes
		c.preconditions[1-p.Slot] = &next
	}
	return appended
}

// state is all that Redis holds but for what is left of each life, and every event so far.
func (c *talk) state() []string {
	c.Helper()
	keys, err := redistest.Dump(c.Context(), c.url)
	if err != nil {
		c.Fatal(err)
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, fmt.Sprintf("%q: %q", key, keys[key]))
	}
	for len(c.events) > 0 {
		all = append(all, fmt.Sprintf("%+v", <-c.events))
	}
	return all
}

// What follows leaves in Redis and tells what it would if it had been judged anew, also behind messages of which its
// node has not heard.
func TestFollowingLeavesWhatJudgingLeaves(t *testing.T) {
	url := redistest.Start(t)
	now := time.Now()
	state := func(follows, deaf bool) []string {
		c := newTalk(t, url, now)
		c.deaf = deaf
		for n, slot := range []uint16{0, 1, 1, 0, 0, 1, 0, 1, 0, 0} {
			p := c.message(slot, fmt.Sprint("text ", n))
			if !follows {
				p.Precondition = nil
			}
			before := c.asked
			c.append(p)
			// A message that is judged is told anew how far others may follow; the visitor's first has none before it.
			if c.asked != before+1 || follows && n > 0 &&
				(p.Precondition == nil || c.preconditions[slot].Until != p.Precondition.Until) {
				t.Errorf("message %d has not followed, in %d scripts", n, c.asked-before)
			}
		}
		if err := c.store.Advance(t.Context(), c.seat(0),
			chat.Cursor{Incarnation: chat.Incarnation{1}, Seq: 3, Tag: chat.Tag{1, 0, 2, 7: 1}}); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); len(c.events) < 16 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		return c.state()
	}
	judged := state(false, false)
	if len(judged) < 10 {
		t.Fatalf("%d lines show too little", len(judged))
	}
	for name, followed := range map[string][]string{"what was heard of": state(true, false),
		"what was not": state(true, true)} {
		t.Run(name, func(t *testing.T) {
			if len(followed) != len(judged) {
				t.Fatalf("%d lines, and %d where it followed", len(judged), len(followed))
			}
			for i := range judged {
				if judged[i] != followed[i] {
					t.Errorf("judged:\n%s\nfollowed:\n%s", judged[i], followed[i])
				}
			}
		})
	}
}

// The bytes of others that stand before a message are counted, and its node knows of them from then on.
func TestWhoFollowsIsToldWhereItStands(t *testing.T) {
	c := newTalk(t, redistest.Start(t), time.Now())
	c.append(c.message(0, "first"))
	c.append(c.message(1, "second"))
	c.deaf = true
	c.append(c.message(0, "a word"))
	c.append(c.message(0, "and another"))
	c.append(c.message(1, "third"))
	behind, ahead := c.preconditions[1], c.preconditions[0]
	if behind.Seq != ahead.Seq+1 || behind.Bytes != ahead.Bytes+uint64(len("third")) || behind.Answer != behind.Position {
		t.Fatalf("behind %+v stands %+v", ahead, behind)
	}
	before := c.asked
	c.append(c.message(1, "fourth"))
	if c.asked != before+1 || c.preconditions[1].Seq != behind.Seq+1 {
		t.Fatalf("%+v in %d scripts", c.preconditions[1], c.asked-before)
	}
}

// Where anything has changed that a node has not heard of but others' messages, a message is judged as if nothing were
// known.
func TestNothingFollowsWhereSomethingHasChanged(t *testing.T) {
	url := redistest.Start(t)
	for name, change := range map[string]struct {
		do      func(c *talk)
		slot    uint16
		refusal chat.Code // zero: it is taken
		once    bool      // it follows all the same, or that is not tried
		holds   func(c *talk) error
	}{
		"a commit that was not heard of": {do: func(c *talk) {
			c.deaf = true
			commit := c.message(0, "commit")
			commit.Commit = true
			c.append(commit)
			next := c.message(0, "of the new epoch")
			next.Epoch++
			c.append(next)
		}, slot: 1, refusal: chat.WrongEpoch},
		"others have taken the last entry that was known to have room": {do: func(c *talk) {
			c.deaf = true
			c.preconditions[1].MaxSeq = c.preconditions[1].Seq + 1
			c.append(c.message(0, "not heard of"))
		}, slot: 1},
		"others have taken the last bytes that were known to have room": {do: func(c *talk) {
			c.deaf = true
			c.preconditions[1].MaxBytes = c.preconditions[1].Bytes + uint64(len("not heard of")+len("third")) - 1
			c.append(c.message(0, "not heard of"))
		}, slot: 1},
		"another connection holds the slot": {do: func(c *talk) {
			_, err := c.store.Attach(c.Context(),
				relay.Attaching{Mailbox: c.mailbox, Kommuner: []string{"vidby"}, Device: &chat.Device{1}, Holder: relay.Holder{5}})
			if err != nil {
				c.Fatal(err)
			}
		}, slot: 1, refusal: chat.BadCapability},
		"the conversation has ended": {do: func(c *talk) {
			if _, err := c.store.End(c.Context(),
				relay.Ending{Seat: c.seat(0), Reason: chat.GoneByVisitor, Now: c.now}); err != nil {
				c.Fatal(err)
			}
		}, slot: 1, refusal: chat.Ended},
		"the store was emptied": {do: func(c *talk) { redistest.Command(c.T, c.url, "FLUSHALL") }, slot: 0,
			refusal: chat.NoMailbox},
		"no escalation is under way, and the visitor writes": {do: func(c *talk) { c.quiet() }, slot: 0,
			holds: func(c *talk) error {
				if redistest.Command(c.T, c.url, "ZSCORE", "u:{07}:due", string(c.mailbox[:])) == "" {
					return errors.New("nobody is called")
				}
				return nil
			}},
		"the list was emptied": {once: true, do: func(c *talk) {
			for slot := range uint16(2) {
				head := chat.Cursor{Incarnation: chat.Incarnation{1}, Seq: c.preconditions[1].Seq, Tag: c.preconditions[1].Tag}
				if err := c.store.Advance(c.Context(), c.seat(slot), head); err != nil {
					c.Fatal(err)
				}
			}
		}, slot: 1, holds: func(c *talk) error {
			if left := redistest.Command(c.T, c.url, "TTL", "u:{07}:e:"+string(c.mailbox[:])); strings.HasPrefix(left, "-") {
				return fmt.Errorf("the entries live for %s", left)
			}
			return nil
		}},
		"a life is to be renewed": {once: true, do: func(c *talk) {
			c.now = c.now.Add(57 * time.Second) // a 64th of the hour and a little
			redistest.Command(c.T, c.url, "EXPIRE", "u:{07}:m:"+string(c.mailbox[:]), "3000")
		}, slot: 1, holds: func(c *talk) error {
			if left := redistest.Command(c.T, c.url, "TTL", "u:{07}:m:"+string(c.mailbox[:])); left < "3590" {
				return fmt.Errorf("it lives for %s more", left)
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTalk(t, url, time.Now())
			c.append(c.message(0, "first"))
			c.append(c.message(1, "second"))
			change.do(c)
			p := c.message(change.slot, "third")
			if p.Precondition == nil {
				t.Fatal("nothing is known: the test shows nothing")
			}
			before, err := c.store.Heads(t.Context(), []chat.Mailbox{c.mailbox})
			if err != nil {
				t.Fatal(err)
			}
			asked := c.asked
			appended, err := c.store.Append(t.Context(), p)
			var refusal *chat.Error
			switch {
			case c.asked != asked+2 && !change.once:
				t.Fatalf("it took %d scripts", c.asked-asked)
			case change.refusal == 0 && err != nil, change.refusal != 0 &&
				(!errors.As(err, &refusal) || refusal.Code != change.refusal):
				t.Fatalf("%v", err)
			case change.refusal == 0 && appended.Cursor.Seq != before[0].Seq+1:
				t.Fatalf("entry %d is behind entry %d", appended.Cursor.Seq, before[0].Seq)
			case change.holds != nil:
				if err := change.holds(c); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A message whose answer was lost does not follow itself.
func TestARepeatDoesNotFollow(t *testing.T) {
	c := newTalk(t, redistest.Start(t), time.Now())
	c.append(c.message(1, "first"))
	p := c.message(1, "second")
	taken, err := c.store.Append(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Tag = chat.Tag{7}
	again, err := c.store.Append(t.Context(), p)
	if err != nil || again.Cursor != taken.Cursor {
		t.Fatalf("%v, %v; at first %v", again.Cursor, err, taken.Cursor)
	}
}

// What is not a plain message of the epoch is judged, however well the mailbox is known.
func TestOnlyPlainMessagesFollow(t *testing.T) {
	c := newTalk(t, redistest.Start(t), time.Now())
	c.append(c.message(1, "first"))
	refused := func(p relay.Appending) {
		t.Helper()
		var refusal *chat.Error
		if _, err := c.store.Append(t.Context(), p); !errors.As(err, &refusal) || refusal.Code != chat.WrongEpoch {
			t.Fatalf("got %v", err)
		}
	}
	old := c.message(1, "of the epoch before")
	old.Epoch = 1
	refused(old)
	commit := c.message(1, "commit")
	commit.Commit = true
	c.append(commit)
	refused(c.message(1, "of the epoch that the commit has ended"))
}

// quiet has the claimer read all that the visitor wrote.
func (c *talk) quiet() {
	c.Helper()
	head := chat.Cursor{Incarnation: chat.Incarnation{1}, Seq: c.preconditions[1].Seq, Tag: c.preconditions[1].Tag}
	if err := c.store.Resolve(c.Context(), c.seat(1), head); err != nil {
		c.Fatal(err)
	}
}
