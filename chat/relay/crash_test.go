package relay_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

var errKilled = errors.New("killed")

// fuse lets a node make a number of calls to Redis once it is lit, and none after that: what a kill leaves behind.
type fuse struct {
	lit  atomic.Bool
	left atomic.Int64
}

func (f *fuse) gate() error {
	if f.lit.Load() && f.left.Add(-1) < 0 {
		return errKilled
	}
	return nil
}

// mortal starts a node whose sweeps stay out of the way and which dies when the fuse has burnt down.
func (s *stage) mortal(f *fuse) *node {
	return s.node(func(c *config, o *redisstore.Options) {
		c.Sweep = time.Hour
		o.Gate = f.gate
	})
}

func (n *node) kill() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.relay.Close(ctx)
}

// maxSteps is how many calls of Redis an action makes at most; each is a place to die after.
const maxSteps = 12

func TestKilledBetweenAnyTwoStepsOfOpen(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	sara, ali := s.certify(1, true), s.certify(2, true)
	finished := false
	for steps := int64(0); steps < maxSteps && !finished; steps++ {
		redistest.Command(t, s.url, "FLUSHALL")
		f := new(fuse)
		dying := s.mortal(f)
		v := s.visitor(dying)
		opening := v.opening(sara, ali)
		f.left.Store(steps)
		f.lit.Store(true)
		_, err := v.Ask(opening)
		finished = f.left.Load() > 0
		if steps == 0 {
			s.refused(err, chat.Unavailable, 0)
		}
		dying.kill()

		// Another node settles what is left over, and the visitor repeats the stored frame.
		living := s.node()
		v = v.again(living)
		_, err = v.Ask(opening)
		s.must(err)
		for _, d := range []*staff{sara, ali} {
			d.on(living)
			w := next[*chat.Waiting](s, d.Client)
			if w.Mailbox != v.mailbox {
				t.Fatalf("after %d steps: another mailbox waits", steps)
			}
			d.attach(v.mailbox, chat.Cursor{})
			for {
				frame, err := d.Next() // waiting may come again
				s.must(err)
				if e, ok := frame.(*chat.Entry); ok && e.Seq == 1 {
					break
				}
			}
		}
		s.eventually("the outbox is settled", func() bool {
			notes, err := living.store.Pending(t.Context(), s.clock().Add(time.Hour))
			return err == nil && len(notes) == 0
		})
		s.everyKeyLives()
		living.kill()
	}
	if !finished {
		t.Fatalf("an opening takes more than %d steps", maxSteps)
	}
}

func TestKilledBetweenAnyTwoStepsOfClaimAndEnd(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	sara, ali := s.certify(1, true), s.certify(2, true)
	for _, ending := range []bool{false, true} {
		finished := false
		for steps := int64(0); steps < maxSteps && !finished; steps++ {
			redistest.Command(t, s.url, "FLUSHALL")
			f := new(fuse)
			dying := s.mortal(f)
			v := s.visitor(dying)
			v.open(sara, ali)
			sara.on(dying).attach(v.mailbox, chat.Cursor{})
			claimed := claim(v.mailbox, 1, 1) // ali is kept
			if ending {
				sara.send(claimed)
			}
			s.eventually("the opening is settled", func() bool {
				notes, err := dying.store.Pending(t.Context(), s.clock().Add(time.Hour))
				return err == nil && len(notes) == 0
			})
			var request chat.Request = claim(v.mailbox, 1, 1, ali)
			if ending {
				request = &chat.End{Mailbox: v.mailbox, Read: s.head(dying, v.mailbox)}
			}
			f.left.Store(steps)
			f.lit.Store(true)
			sara.Ask(request)
			finished = f.left.Load() > 0
			dying.kill()

			living := s.node()
			sara.on(living)
			if _, err := sara.Ask(&chat.Attach{Mailbox: v.mailbox}); !ending || steps == 0 {
				s.must(err)
			} else if err != nil {
				s.refused(err, chat.Ended, 2)
			}
			_, err := sara.Ask(request)
			s.must(err)
			s.eventually("ali's inbox is cleared", func() bool {
				pointers, err := living.store.Inbox(t.Context(), kommun, ali.id)
				return err == nil && len(pointers) == 0
			})
			v = v.again(living)
			_, err = v.Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability})
			if ending {
				s.refused(err, chat.Ended, 2)
			} else {
				s.must(err)
				s.entry(v.Client, 1)
				s.entry(v.Client, 2)
				s.silent(v.Client) // the claim stands once
			}
			living.kill()
		}
		if !finished {
			t.Fatalf("more than %d steps", maxSteps)
		}
	}
}

func TestAnEventThatGotLost(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	caughtUp := n.relay.Stats().CaughtUp

	// The whole subscription is cut: the message comes although its event went to nobody.
	redistest.Command(t, s.url, "CLIENT", "KILL", "TYPE", "pubsub")
	s.say(v.Client, v.mailbox, 2, 1, "two")
	s.entry(v.Client, 2)
	if n.relay.Stats().CaughtUp == caughtUp {
		t.Fatal("nothing was read again: the event was not lost, and this test shows nothing")
	}
	s.say(v.Client, v.mailbox, 3, 1, "three")
	s.entry(v.Client, 3)
	s.silent(v.Client)
}

func TestAStoreThatDoesNotAnswer(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	f := new(fuse)
	n := s.mortal(f)
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	f.lit.Store(true)
	text := &chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "two")}
	_, err := v.Ask(text)
	s.refused(err, chat.Unavailable, 0)
	f.lit.Store(false)
	_, err = v.Ask(text)
	s.must(err)
	s.entry(v.Client, 2)
	s.nothingTold(v)
}

// mute is a store that is asked to advance and says nothing.
type mute struct{ relay.Store }

func (mute) Advance(ctx context.Context, _ relay.Seat, _ chat.Cursor) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(15 * time.Second):
		return nil // the test has failed by then, and ends
	}
}

// No request waits longer than a page takes its connection for alive, and the next one is answered.
func TestAStoreThatSaysNothing(t *testing.T) {
	t.Parallel()
	s := onMini(t)
	s.around = func(store relay.Store) relay.Store { return mute{store} }
	n := s.node()
	v := s.visitor(n)
	v.open(s.certify(1, true))
	_, err := v.Ask(&chat.Advance{Mailbox: v.mailbox, Cursor: s.head(n, v.mailbox)})
	s.refused(err, chat.Unavailable, 0)
	s.say(v.Client, v.mailbox, 2, 1, "two")
}

// deaf is a store whose events get lost one by one, while the subscription stands.
type deaf struct {
	relay.Store
	lose func(relay.Event) bool
}

func (d deaf) Subscribe(ctx context.Context, handle func(relay.Event)) error {
	return d.Store.Subscribe(ctx, func(e relay.Event) {
		if !d.lose(e) {
			handle(e)
		}
	})
}

func TestSingleEventsThatGotLost(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour })
	hard := chattest.NewRelay(relay.Config{
		Store:     deaf{n.store, func(e relay.Event) bool { return e.Kind == relay.EventEntry && e.Entry.Seq%3 != 0 }},
		Authority: s.roster, Kommuner: map[string]relay.Kommun{kommun: {Live: time.Hour}},
	}, chattest.Tuning{Sweep: time.Hour, WorkBits: -1})
	server := httptest.NewServer(hard.Handler(kommun, origins))
	t.Cleanup(func() {
		(&node{relay: hard}).kill()
		server.Close()
	})
	sara := s.certify(1, true)
	v := s.visitor(&node{url: server.URL})
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	for counter := uint64(1); counter <= 8; counter++ {
		s.say(sara.Client, v.mailbox, counter, 1, "x")
	}
	for seq := uint64(2); seq <= 9; seq++ {
		s.entry(v.Client, seq)
	}
	s.silent(v.Client)
}
