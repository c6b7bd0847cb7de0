package relay_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func TestAReaderWhoDoesNotKeepUp(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	// A raw connection that stops reading once it is attached.
	slow := v.again(n)
	slow.attach(chat.Cursor{})
	s.gone(v.Client, chat.GoneReplaced)
	slow.Stall()
	body := strings.Repeat("x", 20000)
	writer := sara.on(n)
	writer.attach(v.mailbox, chat.Cursor{})
	var counter uint64
	// What all advance past behind a reader's back is gone for it: the newest entries stay, as many as a mailbox holds.
	var kept []chat.Cursor
	s.eventually("the slow reader is closed", func() bool {
		counter++
		answer, err := writer.Ask(&chat.Send{Mailbox: v.mailbox, Counter: counter,
			Message: chattest.Text(v.mailbox, 1, body)})
		if refused, ok := err.(*chat.Error); ok && refused.Code == chat.Busy {
			s.now.Add(int64(2 * time.Second))
			counter--
			// Slow, not silent: it goes on asking, and reads no answer.
			slow.Begin(&chat.Ping{})
		} else if ok && refused.Code == chat.Full {
			t.Fatal("the mailbox is full before the reader was slow")
		} else {
			s.must(err)
			if kept = append(kept, answer.(*chat.Accepted).Cursor); len(kept) > 150 {
				s.advanceAll(n, v, kept[0])
				kept = kept[1:]
			}
		}
		return n.relay.Stats().SlowReaders == 1
	})
	// Another who reads is not held up; its own bucket may just have run empty.
	s.now.Add(int64(2 * time.Second))
	_, err := writer.Ask(&chat.Ping{})
	s.must(err)
}

// advanceAll advances both slots behind the back of their connections, so that the mailbox does not fill.
func (s *stage) advanceAll(n *node, v *visitor, c chat.Cursor) {
	s.Helper()
	for slot := range uint16(2) {
		s.must(n.store.Advance(s.Context(), s.seat(v.mailbox, slot), c))
	}
}

func TestTooManyFrames(t *testing.T) {
	s := onMini(t)
	s.standStill()
	n := s.node()
	c := s.dial(n, visitorOrigin)
	full := func(frames int) {
		t.Helper()
		for range frames {
			_, err := c.Ask(&chat.Ping{})
			s.must(err)
		}
		_, err := c.Ask(&chat.Ping{})
		s.refused(err, chat.Busy, 1)
	}
	full(chat.LimitBurst)
	s.now.Add(int64(time.Second))
	full(chat.LimitRate - 1) // what was refused was spent as well
	// Refusals come no faster than answers would, so that whoever does not listen costs no more than whoever does.
	s.now.Add(int64(3 * time.Second))
	begun := time.Now()
	var err error
	var last <-chan chat.Frame
	for range chat.LimitBurst + 2*chat.LimitRate {
		last, err = c.Begin(&chat.Ping{})
		s.must(err)
	}
	if refused, ok := (<-last).(*chat.Refused); !ok || refused.Code != chat.Busy {
		t.Fatalf("the last of too many is answered %v", refused)
	}
	if took := time.Since(begun); took < time.Second {
		t.Fatalf("they came within %v", took)
	}
}

// strict is a node as it is served.
func strict(c *config, _ *redisstore.Options) { c.Lenient = false }

func TestWhoHasShownNothingHasFewerFrames(t *testing.T) {
	s := onMini(t)
	n := s.node(strict)
	v := s.visitor(n)
	frames := func() (answered int) {
		for {
			if _, err := v.Ask(&chat.Ping{}); err != nil {
				s.refused(err, chat.Busy, 1)
				return answered
			}
			answered++
		}
	}
	if got := frames(); got < chat.LimitBurst/4 || got > chat.LimitBurst/2 {
		t.Fatalf("a stranger is answered %d frames", got)
	}
	s.now.Add(int64(4 * time.Second))
	v.open(s.certify(1, true))
	if got := frames(); got < chat.LimitBurst/2 || got > 2*chat.LimitBurst {
		t.Fatalf("who has opened is answered %d frames", got)
	}
}

func TestGuessingIsDearerThanAsking(t *testing.T) {
	s := onMini(t)
	n := s.node(strict)
	v := s.visitor(n)
	guesses := 0
	for ; ; guesses++ {
		_, err := v.Ask(&chat.Attach{Mailbox: chattest.NewMailbox(), Capability: chattest.NewCapability()})
		var refusal *chat.Error
		if !errors.As(err, &refusal) || refusal.Code == chat.Busy {
			break
		}
		s.refused(err, chat.NoMailbox, 0)
	}
	if guesses == 0 || guesses > 4 {
		t.Fatalf("%d wrong guesses before it is busy", guesses)
	}
	// A device that was away for long finds many of its mailboxes gone, and is not held up.
	sara := s.certify(1, true).on(n)
	for range 40 {
		_, err := sara.Ask(&chat.Attach{Mailbox: chattest.NewMailbox()})
		s.refused(err, chat.NoMailbox, 0)
	}
}

func TestSilenceIsClosed(t *testing.T) {
	s := onMini(t)
	n := s.node()
	quiet, awake := s.dial(n, visitorOrigin), s.dial(n, visitorOrigin)
	s.now.Add(int64(chat.IdleAfter - 5*time.Second))
	_, err := awake.Ask(&chat.Ping{})
	s.must(err)
	s.now.Add(int64(10 * time.Second))
	s.closed(quiet, chat.CloseIdle)
	_, err = awake.Ask(&chat.Ping{})
	s.must(err)
}

func TestDraining(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s.must(n.relay.Close(ctx))
	s.closed(v.Client, chat.CloseDrain)
	if _, err := chattest.Dial(n.url, visitorOrigin); err == nil || !strings.Contains(err.Error(), "503") {
		t.Fatalf("a stopped node answers: %v", err)
	}
	v = v.again(s.node())
	v.attach(chat.Cursor{})
	s.entry(v.Client, 1)
}

func TestReachable(t *testing.T) {
	s := onMini(t)
	one, two := s.node(), s.node()
	sara, tolk := s.certify(1, true), s.certify(2, false)
	reachable := func() bool {
		yes, err := two.relay.Reachable(t.Context(), kommun)
		s.must(err)
		return yes
	}
	tolk.on(one)
	if reachable() {
		t.Fatal("an interpreter is not intake")
	}
	sara.on(one)
	if !reachable() {
		t.Fatal("nobody, with a coordinator on another node")
	}
	if other, err := two.relay.Reachable(t.Context(), "annan"); err != nil || other {
		t.Fatalf("in another kommun: %v, %v", other, err)
	}
	sara.Cut()
	s.eventually("nobody is reachable", func() bool { return !reachable() })
}

func TestKeyPackages(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	sara := s.certify(1, true)
	sara.on(n)
	today := uint32(s.clock().Unix() / 86400)
	dated := func(day uint32, size int) *chat.Publish {
		return &chat.Publish{KeyPackages: []chat.DatedKeyPackage{{Day: day, KeyPackage: chattest.KeyPackage(size)}}}
	}
	for _, bad := range []*chat.Publish{
		dated(today-2, 9), dated(today+8, 9), {KeyPackages: []chat.DatedKeyPackage{{Day: today}}},
		{KeyPackages: []chat.DatedKeyPackage{{Day: today, KeyPackage: chattest.Welcome(9)}}},
	} {
		_, err := sara.Ask(bad)
		s.refused(err, chat.BadKeyPackage, 0)
	}
	for day := today; day < today+7; day++ {
		_, err := sara.Ask(dated(day, 2000))
		s.must(err)
	}
	has := func(day uint32) bool {
		all, err := n.relay.KeyPackages(t.Context(), kommun, day)
		s.must(err)
		return len(all[sara.id]) == len(chattest.KeyPackage(2000)) && len(all) == 1
	}
	if !has(today) || !has(today+6) || has(today+7) {
		t.Fatal("other days than published")
	}
	for name, ttl := range mustKeys(s) {
		if ttl < 0 || ttl > 8*86400 {
			t.Errorf("%.8q lives %d seconds", name, ttl)
		}
	}
	redistest.Command(t, s.url, "FLUSHALL")
	s.eventually("the node puts them back", func() bool { return has(today) && has(today+6) })
	s.decertify(sara)
	if has(today) {
		t.Fatal("a device that is no longer in the roster has a key package")
	}
}

func TestOneConnectionForASlotAcrossNodes(t *testing.T) {
	onEach(t, func(s *stage) {
		one, two := s.node(), s.node()
		sara := s.certify(1, true)
		v := s.visitor(one)
		v.open(sara)
		for round := range 6 {
			newer := v.again([]*node{two, one}[round%2])
			newer.attach(chat.Cursor{})
			s.gone(v.Client, chat.GoneReplaced)
			_, err := v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "x")})
			s.refused(err, chat.BadCapability, 0)
			s.entry(newer.Client, 1)
			s.silent(newer.Client)
			v = newer
		}
	})
}

func TestALongReplay(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour })
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	writer := sara.on(n)
	writer.attach(v.mailbox, chat.Cursor{})
	seat := s.seat(v.mailbox, 1)
	// Nearly all that a mailbox can hold, past the connection and its budget of frames.
	const messages = 200
	for counter := uint64(1); counter < messages; counter++ {
		_, err := n.store.Append(t.Context(), relay.Appending{
			Seat: seat, Counter: counter, Tag: chat.Tag{1, 7: byte(counter)}, Epoch: 1,
			Message: chattest.Text(v.mailbox, 1, strings.Repeat("x", 20000)), Now: s.clock(), Due: relay.Due{Open: s.clock(),
				Claimed: s.clock(), Held: s.clock()},
		})
		s.must(err)
		s.entry(v.Client, counter+1) // who hears it live is a reader who keeps up
	}
	other := v.again(n)
	other.attach(chat.Cursor{})
	for seq := uint64(1); seq <= messages; seq++ {
		s.entry(other.Client, seq)
	}
	s.silent(other.Client)
}
