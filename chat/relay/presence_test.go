package relay_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redistest"
)

// told requires that the relay's next word on the other side is this.
func (s *stage) told(c *chattest.Client, mailbox chat.Mailbox, want chat.PresenceState) {
	s.Helper()
	p, err := c.Presence()
	s.must(err)
	if p.Mailbox != mailbox || p.State != want {
		s.Fatalf("told %d, want %d", p.State, want)
	}
}

func TestEachSideIsToldOfTheOther(t *testing.T) {
	onEach(t, func(s *stage) {
		one, two := s.node(), s.node()
		sara, ali := s.certify(1, true), s.certify(2, true)
		v := s.visitor(one)
		v.open(sara, ali)
		s.told(v.Client, v.mailbox, chat.Away)

		sara.on(two).attach(v.mailbox, chat.Cursor{})
		s.told(sara.Client, v.mailbox, chat.Here)
		s.told(v.Client, v.mailbox, chat.Here)
		ali.on(one).attach(v.mailbox, chat.Cursor{}) // one more changes nothing for the visitor
		s.told(ali.Client, v.mailbox, chat.Here)
		sara.send(claim(v.mailbox, 1, 1)) // ali is kept
		sara.Cut()
		s.told(v.Client, v.mailbox, chat.Away) // the claimer alone counts
		sara.on(one).attach(v.mailbox, chat.Cursor{})
		s.told(sara.Client, v.mailbox, chat.Here)
		s.told(v.Client, v.mailbox, chat.Here)

		v.Cut()
		s.told(sara.Client, v.mailbox, chat.Away)
		s.told(ali.Client, v.mailbox, chat.Away)
		v = v.again(two)
		v.attach(chat.Cursor{})
		s.told(v.Client, v.mailbox, chat.Here)
		s.told(sara.Client, v.mailbox, chat.Here)

		// A connection that is replaced is no visitor who goes.
		phone := v.again(one)
		phone.attach(chat.Cursor{})
		s.told(phone.Client, v.mailbox, chat.Here)
		v.Cut()
		s.must(phone.Farewell(&chat.Leave{Mailbox: v.mailbox}))
		s.told(sara.Client, v.mailbox, chat.Left)
		s.everyKeyLives()
		s.nothingTold(v)
	})
}

func TestLeavingQuicklyErasesAtOnce(t *testing.T) {
	onEach(t, func(s *stage) {
		one, two := s.node(), s.node()
		sara, ali := s.certify(1, true), s.certify(2, true)
		v := s.visitor(one)
		v.open(sara, ali)
		sara.on(two).attach(v.mailbox, chat.Cursor{})
		s.entry(skipWaiting(s, sara), 1)
		half := newBlob()
		_, err := v.Ask(half.put(1, "half"))
		s.must(err)
		// The page is emptied in mid-flood, and the socket with it.
		for range chat.LimitBurst {
			_, err := v.Begin(&chat.Ping{})
			s.must(err)
		}
		s.must(v.Farewell(half.drop(), &chat.Leave{Mailbox: v.mailbox, Erase: 1}))
		s.gone(sara.Client, chat.GoneLeft)
		_, err = sara.Ask(&chat.Attach{Mailbox: v.mailbox})
		s.refused(err, chat.Ended, 3)
		_, err = sara.Ask(claim(v.mailbox, 1, 1, ali))
		s.refused(err, chat.Ended, 3)
		ali.on(one)
		_, err = ali.Ask(&chat.Attach{Mailbox: v.mailbox})
		s.refused(err, chat.Ended, 3)
		s.eventually("nothing but the tombstone is left", func() bool {
			notes, err := two.store.Pending(t.Context(), s.clock().Add(time.Hour))
			return err == nil && len(notes) == 0
		})
		s.nothingLeft(v)
		v = v.again(two)
		_, err = v.Ask(half.get())
		if err == nil {
			s.Fatal("the half key is there")
		}
		_, err = v.Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability})
		s.refused(err, chat.Ended, 3)
		s.everyKeyLives()
		s.nothingTold(v)
	})
}

// skipWaiting takes the notice of the inbox that may come before what is read.
func skipWaiting(s *stage, d *staff) *chattest.Client {
	s.Helper()
	next[*chat.Waiting](s, d.Client)
	return d.Client
}

func TestWhoLeavesWithAPhraseMayBeAnswered(t *testing.T) {
	onEach(t, func(s *stage) {
		n := s.node()
		sara := s.certify(1, true)
		v := s.visitor(n)
		v.open(sara)
		sara.on(n)
		sara.attach(v.mailbox, chat.Cursor{})
		s.told(sara.Client, v.mailbox, chat.Here)
		_, err := v.Ask(&chat.Leave{Mailbox: v.mailbox})
		s.must(err)
		s.told(sara.Client, v.mailbox, chat.Left)
		_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "x")})
		s.refused(err, chat.BadCapability, 0) // the connection has left
		v.Cut()
		sara.send(claim(v.mailbox, 1, 1))
		s.say(sara.Client, v.mailbox, 2, 2, "an answer")

		sara.Cut()
		sara.on(n).attach(v.mailbox, chat.Cursor{})
		s.told(sara.Client, v.mailbox, chat.Left) // until the phrase is entered
		v = v.again(n)
		v.attach(chat.Cursor{})
		s.told(sara.Client, v.mailbox, chat.Here)
		for seq := uint64(1); seq <= 3; seq++ {
			s.entry(v.Client, seq)
		}
	})
}

// Whatever was asked before it is done first: a page may have to attach to be able to leave.
func TestWhatIsSaidLastIsDoneAlthoughTheSocketIsGone(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	for _, last := range map[string]func(*visitor) chat.Request{
		"leave": func(v *visitor) chat.Request { return &chat.Leave{Mailbox: v.mailbox, Erase: 1} },
		"end":   func(v *visitor) chat.Request { return &chat.End{Mailbox: v.mailbox} },
	} {
		for range 20 {
			v := s.visitor(n)
			v.open(sara)
			v = v.again(n)
			s.must(v.Farewell(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability}, last(v)))
			s.erased(n, v)
		}
	}
}

// reset closes the socket as a page does that is emptied with something unread: nothing more can be written to it.
func (s *stage) reset(c *chattest.Client) {
	s.Helper()
	socket := c.Socket().NetConn().(*net.TCPConn)
	s.must(socket.SetLinger(0))
	s.must(socket.Close())
}

// erased waits until nothing is left of a conversation but that it has ended.
func (s *stage) erased(n *node, v *visitor) {
	s.Helper()
	s.eventually("the mailbox is erased", func() bool {
		ended, err := n.store.Tombstone(s.Context(), v.mailbox)
		return err == nil && ended
	})
}

// A browser that closes a socket on which it has not read everything resets it, so that nothing more can be answered.
func TestWhatIsSaidLastIsDoneAlthoughNobodyCanBeAnswered(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	for range 20 {
		v := s.visitor(n)
		v.open(sara)
		for _, request := range []chat.Request{
			&chat.Advance{Mailbox: v.mailbox, Cursor: s.head(n,
				v.mailbox)}, &chat.Ping{}, &chat.Keep{Mailbox: v.mailbox}, &chat.Leave{Mailbox: v.mailbox},
		} {
			_, err := v.Begin(request)
			s.must(err)
		}
		s.reset(v.Client)
		s.eventually("it has left", func() bool { return s.field(v.mailbox, "v") == "1" })
		if kept := s.field(v.mailbox, "r"); kept != "86400" {
			t.Fatalf("who has left with a phrase is kept for %s seconds", kept)
		}
	}
}

// held is a store that advances when it is let go.
type held struct {
	relay.Store
	asked, goOn chan struct{}
}

func (h held) Advance(ctx context.Context, seat relay.Seat, cursor chat.Cursor) error {
	close(h.asked)
	<-h.goOn
	return h.Store.Advance(ctx, seat, cursor)
}

// holdAdvance keeps the next advance waiting. It is for before there is a node.
func (s *stage) holdAdvance() held {
	slow := held{asked: make(chan struct{}), goOn: make(chan struct{})}
	s.around = func(store relay.Store) relay.Store { return held{store, slow.asked, slow.goOn} }
	return slow
}

// leaveWhile has a page go that said one thing more, and goodbye, behind an advance that is held.
func (s *stage) leaveWhile(slow held, n *node, v *visitor, counter uint64) {
	s.Helper()
	for _, request := range []chat.Request{
		&chat.Advance{Mailbox: v.mailbox, Cursor: s.head(n, v.mailbox)},
		// Longer than what lies read already when the time is over.
		&chat.Send{Mailbox: v.mailbox, Counter: counter, Message: chattest.Text(v.mailbox, 1, strings.Repeat("x", 5000))},
		&chat.Leave{Mailbox: v.mailbox, Erase: 1},
	} {
		_, err := v.Begin(request)
		s.must(err)
	}
	<-slow.asked
	s.reset(v.Client)
}

// The time in which a last request is read does not run out while the relay is still busy with what was asked before
// it.
func TestWhatIsSaidLastIsDoneAlthoughTheAnswerBeforeItTookLong(t *testing.T) {
	t.Parallel()
	s := onMini(t)
	slow := s.holdAdvance()
	n := s.node()
	v := s.visitor(n)
	sara := s.certify(1, true)
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	s.leaveWhile(slow, n, v, 2)
	sara.send(claim(v.mailbox, 1, 1)) // the relay learns that it can write nothing
	time.Sleep(2500 * time.Millisecond)
	close(slow.goOn)
	s.erased(n, v)
}

func TestKilledBetweenAnyTwoStepsOfLeaving(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	sara, ali := s.certify(1, true), s.certify(2, true)
	finished := false
	for steps := int64(0); steps < maxSteps && !finished; steps++ {
		redistest.Command(t, s.url, "FLUSHALL")
		f := new(fuse)
		dying := s.mortal(f)
		v := s.visitor(dying)
		v.open(sara, ali)
		s.eventually("the opening is settled", func() bool {
			notes, err := dying.store.Pending(t.Context(), s.clock().Add(time.Hour))
			return err == nil && len(notes) == 0
		})
		f.left.Store(steps)
		f.lit.Store(true)
		_, err := v.Ask(&chat.Leave{Mailbox: v.mailbox, Erase: 1})
		finished = f.left.Load() > 0
		if steps == 0 {
			s.refused(err, chat.Unavailable, 0)
		}
		dying.kill()

		living := s.node()
		if steps == 0 {
			// Nothing was done, and the page is gone: the mailbox stays until its time, and nobody reads it but staff.
			sara.on(living).attach(v.mailbox, chat.Cursor{})
			living.kill()
			continue
		}
		for _, d := range []*staff{sara, ali} {
			d.on(living)
			s.eventually("the inbox is cleared", func() bool {
				pointers, err := living.store.Inbox(t.Context(), kommun, d.id)
				return err == nil && len(pointers) == 0
			})
			_, err := d.Ask(&chat.Attach{Mailbox: v.mailbox})
			s.refused(err, chat.Ended, 3)
		}
		s.eventually("the outbox is settled", func() bool {
			notes, err := living.store.Pending(t.Context(), s.clock().Add(time.Hour))
			return err == nil && len(notes) == 0
		})
		s.nothingLeft(v)
		s.everyKeyLives()
		living.kill()
	}
	if !finished {
		t.Fatalf("leaving takes more than %d steps", maxSteps)
	}
}
