package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// life is one mailbox on a server whose clock the test moves.
type life struct {
	*testing.T
	store   *redisstore.Store
	server  *miniredis.Miniredis
	url     string
	seat    relay.Seat
	passed  time.Duration
	counter uint64
	head    chat.Cursor
}

const retention = time.Hour

func newLife(t *testing.T) *life {
	url, server := redistest.Mini(t)
	l := &life{T: t, store: open(t, url), server: server, url: url, counter: 1}
	l.seat = relay.Seat{Mailbox: chattest.NewMailbox(), Incarnation: chat.Incarnation{1}}
	opened, err := l.store.Open(t.Context(), relay.Opening{
		Mailbox: l.seat.Mailbox, Incarnation: l.seat.Incarnation, Tag: chat.Tag{1}, Kommun: "botkyrka",
		Devices: []chat.Device{{1}},
		Welcome: chattest.Welcome(9), Message: chattest.Text(l.seat.Mailbox, 1,
			"one"), Retention: retention, Now: time.Now(), Due: relay.Due{Open: time.Now(), Claimed: time.Now(),
			Held: time.Now()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.store.Settle(t.Context(), opened.Note); err != nil {
		t.Fatal(err)
	}
	l.head = opened.Cursor
	return l
}

func (l *life) say() {
	l.Helper()
	l.counter++
	appended, err := l.store.Append(l.Context(), relay.Appending{
		Seat: l.seat, Counter: l.counter, Tag: chat.Tag{1, 7: byte(l.counter)}, Epoch: 1,
		Message: chattest.Text(l.seat.Mailbox, 1, "more"), Now: time.Now(), Due: relay.Due{Open: time.Now(),
			Claimed: time.Now(), Held: time.Now()},
	})
	if err != nil {
		l.Fatal(err)
	}
	l.head = appended.Cursor
}

// pass lets time pass on the server, for what lives there and for what asks the hour.
func (l *life) pass(d time.Duration) {
	l.passed += d
	l.server.SetTime(time.Now().Add(l.passed))
	l.server.FastForward(d)
}

// keysLive requires that every key has a time to live.
func (l *life) keysLive() {
	l.Helper()
	keys, err := redistest.Keys(l.Context(), l.url)
	if err != nil || len(keys) == 0 {
		l.Fatalf("%d keys, %v", len(keys), err)
	}
	for name, ttl := range keys {
		if ttl < 0 {
			l.Errorf("%.8q lives for ever", name)
		}
	}
}

func TestLifeStartsAgainWithEachEntry(t *testing.T) {
	l := newLife(t)
	for range 4 {
		l.server.FastForward(retention * 3 / 4)
		l.say()
		l.keysLive()
	}
	page, err := l.store.Read(t.Context(), l.seat, relay.Position{})
	if err != nil || len(page.Entries) != 5 {
		t.Fatalf("%d entries, %v", len(page.Entries), err)
	}
	if welcome, err := l.store.Welcome(t.Context(), []string{"botkyrka"}, chat.Device{1}, l.seat.Mailbox); err != nil ||
		len(welcome.Welcome) == 0 {
		t.Fatalf("the Welcome is gone before its mailbox: %v", err)
	}
	l.server.FastForward(retention + time.Second)
	var refusal *chat.Error
	if _, err := l.store.Read(t.Context(), l.seat, relay.Position{}); !errors.As(err, &refusal) ||
		refusal.Code != chat.NoMailbox {
		t.Fatalf("after its time: %v", err)
	}
	if keys := l.server.Keys(); len(keys) != 0 {
		t.Fatalf("%d keys outlive the mailbox", len(keys))
	}
}

// A minute of the promised hour may be missing, so that a conversation does not pay for a longer life with each
// message.
func TestLifeIsShortAMinuteAtMost(t *testing.T) {
	l := newLife(t)
	for range 20 {
		l.server.FastForward(17 * time.Second)
		l.say()
		keys, err := redistest.Keys(t.Context(), l.url)
		if err != nil {
			t.Fatal(err)
		}
		for name, seconds := range keys {
			left := time.Duration(seconds) * time.Second
			if of := string(name[len("u:{00}:")]); (of == "m" || of == "e" || of == "w") &&
				(left < retention-time.Minute || left > retention) {
				t.Fatalf("%.8q lives for %v", name, left)
			}
		}
	}
}

func TestAListThatWasEmptiedStillExpires(t *testing.T) {
	l := newLife(t)
	for slot := range uint16(2) {
		seat := l.seat
		seat.Slot = slot
		if err := l.store.Advance(t.Context(), seat, l.head); err != nil {
			t.Fatal(err)
		}
	}
	l.keysLive()
	l.say()
	l.keysLive()
}

func TestATombstoneExpires(t *testing.T) {
	l := newLife(t)
	note, err := l.store.End(t.Context(), relay.Ending{Seat: l.seat, Reason: chat.GoneByVisitor, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	l.keysLive()
	if err := l.store.Settle(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	l.keysLive()
	l.server.FastForward(retention + time.Second)
	if keys := l.server.Keys(); len(keys) != 0 {
		t.Fatalf("%d keys outlive the tombstone", len(keys))
	}
}

// What was said, the Welcome, the timer, a step that a node has taken, and the pointers: all of it goes with the end.
func TestAnEndLeavesATombstoneAndNothingElse(t *testing.T) {
	l := newLife(t)
	l.say()
	later := time.Now().Add(time.Minute)
	alarms, _, err := l.store.DueSteps(t.Context(), later, time.Hour)
	if err != nil || len(alarms) != 1 {
		t.Fatalf("%d timers, %v", len(alarms), err)
	}
	taken, err := l.store.Take(t.Context(), alarms[0], relay.Taking{Next: later, Then: 1, Lease: later})
	if err != nil || !taken {
		t.Fatalf("a step was taken: %v, %v", taken, err)
	}
	note, err := l.store.End(t.Context(), relay.Ending{Seat: l.seat, Reason: chat.GoneByVisitor, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.store.Settle(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	if keys := l.server.Keys(); len(keys) != 1 || !strings.Contains(keys[0], ":t:") {
		t.Fatalf("besides the tombstone an end leaves %.8q", keys)
	}
}

// Alarms keep the pointers of an unanswered mailbox alive as long as the mailbox is.
func TestAnAlarmRenewsThePointer(t *testing.T) {
	l := newLife(t)
	for range 3 {
		l.server.FastForward(retention * 3 / 4)
		l.say()
		alarms, _, err := l.store.DueSteps(t.Context(), time.Now().Add(time.Minute), time.Hour)
		if err != nil || len(alarms) != 1 {
			t.Fatalf("%d timers, %v", len(alarms), err)
		}
		if err := l.store.Settle(t.Context(), alarms[0].Note); err != nil {
			t.Fatal(err)
		}
	}
	if pointers, err := l.store.Inbox(context.Background(), "botkyrka", chat.Device{1}); err != nil || len(pointers) != 1 {
		t.Fatalf("%d pointers, %v", len(pointers), err)
	}
}

// A device that never comes back has an inbox that others' conversations keep alive.
func TestAnInboxKeepsNothingOfMailboxesThatAreGone(t *testing.T) {
	l := newLife(t)
	gone := l.seat.Mailbox
	// Each in a shard of its own: in a shared one the timers of one mailbox keep the others' key alive until they are
	// due.
	shard := gone[0]
	elsewhere := func() chat.Mailbox {
		id := chattest.NewMailbox()
		shard++
		id[0] = shard
		return id
	}
	lasting := elsewhere()
	open := func(id chat.Mailbox) {
		t.Helper()
		opened, err := l.store.Open(t.Context(), relay.Opening{
			Mailbox: id, Incarnation: chat.Incarnation{2}, Tag: chat.Tag{1}, Kommun: "botkyrka", Devices: []chat.Device{{1}},
			Welcome: chattest.Welcome(9), Message: chattest.Text(id, 1,
				"one"), Retention: retention, Now: time.Now(), Due: relay.Due{Open: time.Now(), Claimed: time.Now(),
				Held: time.Now()},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.store.Settle(t.Context(), opened.Note); err != nil {
			t.Fatal(err)
		}
	}
	inbox := func(want ...chat.Mailbox) {
		t.Helper()
		pointers, err := l.store.Inbox(t.Context(), "botkyrka", chat.Device{1})
		if err != nil || len(pointers) != len(want) {
			t.Fatalf("%d pointers, want %d, %v", len(pointers), len(want), err)
		}
		for _, p := range pointers {
			if !slices.Contains(want, p.Mailbox) || p.Since == 0 {
				t.Fatalf("a pointer to the wrong mailbox, since %d", p.Since)
			}
		}
	}
	open(lasting)
	inbox(gone, lasting)
	l.pass(retention * 3 / 4)
	// Conversations go on without another word to the inbox.
	l.seat.Mailbox, l.seat.Incarnation = lasting, chat.Incarnation{2}
	l.say()
	between := elsewhere()
	open(between)
	inbox(gone, lasting, between)
	l.pass(retention / 2) // the first has expired, and the pointers to both that are older
	newest := elsewhere()
	open(newest)
	inbox(lasting, between, newest)

	// Nor is a timer kept, or a pointer renewed for longer than its mailbox.
	notes, _, err := l.store.DueSteps(t.Context(), time.Now().Add(time.Minute), time.Hour)
	if err != nil || len(notes) != 3 {
		t.Fatalf("%d timers, %v", len(notes), err)
	}
	for _, n := range notes {
		if n.Mailbox == gone || n.Mailbox == lasting && n.Retention > retention/2 {
			t.Fatalf("a timer of a mailbox that is gone, or a pointer for %v", n.Retention)
		}
	}
	if key := fmt.Sprintf("u:{%02d}:due", gone[0]%64); l.server.Exists(key) {
		if _, err := l.server.ZScore(key, string(gone[:])); err == nil {
			t.Fatal("the timer of a mailbox that is gone is kept")
		}
	}
}

// What is kept of duty ends by itself, and what no longer counts is not given.
func TestDutyEnds(t *testing.T) {
	url, server := redistest.Mini(t)
	store := open(t, url)
	now := time.Now()
	one, two := chat.Device{1}, chat.Device{2}
	for _, err := range []error{
		store.SignIn(t.Context(), "vidby", []chat.Device{one}, now, now.Add(20*time.Second)),
		store.SignIn(t.Context(), "vidby", []chat.Device{two}, now, now.Add(10*time.Second)),
		store.PutDeclared(t.Context(), "vidby", one,
			redisstore.Declared{Begun: now.Add(time.Hour), Paused: now.Add(time.Minute)},
			now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for after, want := range map[time.Duration]int{0: 2, 11 * time.Second: 1, 21 * time.Second: 0} {
		if in, err := store.SignedIn(t.Context(), "vidby", now.Add(after)); err != nil || len(in) != want {
			t.Errorf("after %v: %v, %v", after, in, err)
		}
	}
	shifts, err := store.Declared(t.Context(), "vidby", now.Add(2*time.Minute))
	if p := shifts[one]; err != nil || len(shifts) != 1 || !p.Begun.Equal(now.Add(time.Hour).Truncate(time.Millisecond)) ||
		!p.Ended.Before(now) {
		t.Errorf("shifts %v, %v", shifts, err)
	}
	if shifts, err := store.Declared(t.Context(), "vidby", now.Add(2*time.Hour)); err != nil || len(shifts) != 0 {
		t.Errorf("a shift goes on: %v, %v", shifts, err)
	}
	server.FastForward(redisstore.MaxShift)
	if left := server.Keys(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// What openings cost, and how many there were, is of no use to anybody for longer than a puzzle is taken.
func TestPuzzlesAndCountsExpire(t *testing.T) {
	l := newLife(t)
	l.server.FlushAll()
	if err := l.store.Renew(t.Context(), chat.Salt{}, relay.Puzzle{Since: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.Tally(t.Context(), 3, time.Now()); err != nil {
		t.Fatal(err)
	}
	l.keysLive()
	l.server.FastForward(relay.PuzzleTaken + time.Second)
	if keys := l.server.Keys(); len(keys) != 0 {
		t.Fatalf("%q outlive every puzzle", keys)
	}
}
