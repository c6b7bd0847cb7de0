package relay_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// few is a price that tests pay at once.
const few = 4

func paid(c *config, _ *redisstore.Options) { c.WorkBits = few }

func (n *node) puzzle() chat.Puzzle {
	n.Helper()
	p, err := n.relay.Puzzle(n.Context())
	n.must(err)
	return p
}

// paying is an opening whose work solves the puzzle.
func (v *visitor) paying(p chat.Puzzle, devices ...*staff) *chat.Open {
	f := v.opening(devices...)
	f.Work = p.Solve(f.Mailbox)
	return f
}

func TestAnOpeningIsPaidWithWork(t *testing.T) {
	onEach(t, func(s *stage) {
		n := s.node(paid)
		sara := s.certify(1, true)
		puzzle := n.puzzle()
		if puzzle.Bits != few {
			t.Fatalf("on a quiet night it costs %d bits", puzzle.Bits)
		}
		v := s.visitor(n)
		for name, work := range map[string][]byte{
			"nothing":              nil,
			"of another mailbox":   puzzle.Solve(chattest.NewMailbox()),
			"of another salt":      chat.Puzzle{Salt: chat.Salt{1}, Bits: few}.Solve(v.mailbox),
			"of a salt nobody has": append(make([]byte, 16), puzzle.Solve(v.mailbox)[16:]...),
		} {
			f := v.opening(sara)
			f.Work = work
			_, err := v.Ask(f)
			if err == nil {
				t.Fatalf("work %s is taken", name)
			}
			s.refused(err, chat.Work, few)
		}
		if keys := keysBut(s, "u:born", "u:{work}:puzzles"); len(keys) != 0 {
			t.Fatalf("what was refused left %q", keys)
		}
		_, err := v.Ask(v.paying(puzzle, sara))
		s.must(err)
		_, err = s.visitor(n).Ask((&visitor{stage: s, mailbox: v.mailbox,
			capability: chattest.NewCapability()}).paying(puzzle, sara))
		s.refused(err, chat.Exists, 0) // paid once, used once
	})
}

func TestAPuzzleIsTakenForAWhileByEveryNode(t *testing.T) {
	s := onMini(t)
	n, other := s.node(paid), s.node(paid)
	sara := s.certify(1, true)
	first := n.puzzle()
	s.eventually("the other node has the same", func() bool { return other.puzzle() == first })

	early := s.visitor(n)
	_, err := early.Ask(early.paying(first, sara))
	s.must(err)

	s.now.Add(int64(6 * time.Minute))
	s.eventually("another stands in the directory", func() bool { return n.puzzle().Salt != first.Salt })
	s.eventually("it is the same everywhere", func() bool { return n.puzzle() == other.puzzle() })
	slow := s.visitor(other)
	_, err = slow.Ask(slow.paying(first, sara))
	s.must(err)

	s.now.Add(int64(relay.PuzzleTaken))
	late := s.visitor(n)
	_, err = late.Ask(late.paying(first, sara))
	s.refused(err, chat.Work, few)
	// Whoever has opened already and lost the answer is answered all the same.
	_, err = early.again(n).Ask(early.paying(first, sara))
	s.must(err)
}

func TestManyOpeningsMakeTheNextDearer(t *testing.T) {
	s := onMini(t)
	n, other := s.node(paid), s.node(paid)
	sara := s.certify(1, true)
	for range 35 {
		v := s.visitor(n)
		_, err := v.Ask(v.paying(n.puzzle(), sara))
		s.must(err)
		v.Close()
	}
	s.eventually("it is dearer everywhere",
		func() bool { return other.puzzle().Bits == few+1 && n.puzzle().Bits == few+1 })
	// What was solved meanwhile is not lost on whoever solved it.
	s.now.Add(int64(3 * time.Minute))
	s.eventually("it is cheap again", func() bool { return other.puzzle().Bits == few })
}

func TestAFullStoreBeginsNothingNew(t *testing.T) {
	s := onMini(t)
	fullness := 0.81
	n := s.node(paid, func(c *config, _ *redisstore.Options) {
		c.Fullness = func(context.Context) (float64, error) { return fullness, nil }
		c.Sweep = time.Hour
	})
	sara := s.certify(1, true)
	v := s.visitor(n)
	_, err := v.Ask(v.paying(n.puzzle(), sara))
	s.refused(err, chat.Busy, 10)
	if got := s.log.String(); got == "" {
		t.Error("nobody is told that the store is nearly full")
	}
}

func TestARedisTellsHowFullItIs(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	used, err := n.store.Fullness(t.Context())
	s.must(err)
	if used != 0 {
		t.Fatalf("a Redis without a bound is full to %f", used)
	}
	redistest.Command(t, s.url, "CONFIG", "SET", "maxmemory", "100mb")
	used, err = n.store.Fullness(t.Context())
	s.must(err)
	if used <= 0 || used > 0.5 {
		t.Fatalf("an empty Redis is full to %f", used)
	}
}

// crowded is a store on whose nodes as many openings were made as a minute takes.
type crowded struct{ relay.Store }

func (c crowded) Tally(ctx context.Context, opened int, now time.Time) (relay.Tally, error) {
	t, err := c.Store.Tally(ctx, opened, now)
	t.LastMinute += 600
	return t, err
}

func TestEvenWhoPaysWaitsInAFlood(t *testing.T) {
	s := onMini(t)
	s.around = func(store relay.Store) relay.Store { return crowded{store} }
	n := s.node(func(c *config, _ *redisstore.Options) { c.WorkBits = 1 })
	sara := s.certify(1, true)
	puzzle := n.puzzle()
	if puzzle.Bits != 1+4 {
		t.Fatalf("in a flood it costs %d bits", puzzle.Bits)
	}
	v := s.visitor(n)
	_, err := v.Ask(v.paying(puzzle, sara))
	s.refused(err, chat.Busy, 10)
}

// alone is a store that notes how many ask it for the price at once.
type alone struct {
	relay.Store
	now, most *atomic.Int64
}

func (a alone) Tally(ctx context.Context, opened int, now time.Time) (relay.Tally, error) {
	a.most.Store(max(a.most.Load(), a.now.Add(1)))
	defer a.now.Add(-1)
	time.Sleep(5 * time.Millisecond)
	return a.Store.Tally(ctx, opened, now)
}

func TestThePriceIsAskedForByOneAtATime(t *testing.T) {
	s := onMini(t)
	var now, most atomic.Int64
	s.around = func(store relay.Store) relay.Store { return alone{store, &now, &most} }
	n := s.node(paid)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if p, err := n.relay.Puzzle(t.Context()); err != nil || p.Bits != few {
				t.Errorf("it costs %d bits (%v)", p.Bits, err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Fatalf("%d asked at once", most.Load())
	}
}
