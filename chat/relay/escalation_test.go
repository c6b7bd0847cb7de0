package relay_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

// rungs is a policy whose steps are as many seconds apart.
type rungs []time.Duration

func (r rungs) Steps() int { return len(r) }
func (r rungs) First(claimed bool) (int, time.Duration) {
	if claimed {
		return 0, 5*time.Minute + r[0]
	}
	return 0, r[0]
}
func (r rungs) Held() time.Duration { return 3 * time.Minute }
func (r rungs) Next(step int) time.Duration {
	if step+1 < len(r) {
		return r[step+1]
	}
	return 10 * time.Minute
}
func (r rungs) Longest() time.Duration { return 10 * time.Minute }

// steps notes what is carried out.
type steps struct {
	mu   sync.Mutex
	all  []relay.Step
	fail int // so many times
}

func (s *steps) carryOut(_ context.Context, step relay.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, step)
	if s.fail > 0 {
		s.fail--
		return errors.New("the node died")
	}
	return nil
}

func (s *steps) numbers() (numbers []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range s.all {
		numbers = append(numbers, step.Number)
	}
	return numbers
}

func climber(s *steps) func(*config, *redisstore.Options) {
	return func(c *config, _ *redisstore.Options) {
		c.Policy = func(string) relay.Policy { return rungs{20 * time.Second, 40 * time.Second, 120 * time.Second} }
		c.OnStep = s.carryOut
	}
}

func (s *stage) climbed(to *steps, want ...int) {
	s.Helper()
	s.eventually("the steps are taken", func() bool { return len(to.numbers()) >= len(want) })
	looked := s.looked.Load()
	s.eventually("the timers are looked at twice more", func() bool { return s.looked.Load() >= looked+2 })
	if got := to.numbers(); !slices.Equal(got, want) {
		s.Fatalf("taken: %v, want %v", got, want)
	}
}

// looking counts how often nodes have looked for what is due.
type looking struct {
	relay.Store
	looked *atomic.Int64
}

func (l looking) DueSteps(ctx context.Context, now time.Time, within time.Duration) (
	[]relay.DueStep, time.Time, error,
) {
	defer l.looked.Add(1)
	return l.Store.DueSteps(ctx, now, within)
}

// The stage's clock is moved by hand: each step is taken at its moment and not a moment before.
func TestStepsAreTakenAtTheirMoment(t *testing.T) {
	onEach(t, func(s *stage) {
		s.standStill()
		var taken steps
		n := s.node(climber(&taken))
		sara := s.certify(1, true)
		v := s.visitor(n)
		v.open(sara)
		want := []int{}
		for i, after := range []time.Duration{20, 40, 120, 600} {
			s.now.Add(int64(after*time.Second - time.Millisecond))
			s.climbed(&taken, want...)
			v.Ask(&chat.Ping{})
			s.now.Add(int64(time.Millisecond))
			want = append(want, i)
			if i == 3 {
				want = append(want[:3], 3)
			}
			s.climbed(&taken, want...)
		}
	})
}

func TestAPersonsWordHoldsTheClimb(t *testing.T) {
	onEach(t, func(s *stage) {
		var taken steps
		n := s.node(climber(&taken))
		sara := s.certify(1, true).on(n)
		v := s.visitor(n)
		v.open(sara)
		_, err := sara.Ask(&chat.Acknowledge{Mailbox: v.mailbox})
		s.refused(err, chat.BadCapability, 0) // not attached
		sara.attach(v.mailbox, chat.Cursor{})
		s.now.Add(int64(21 * time.Second))
		s.climbed(&taken, 0) // attaching and reading hold nothing
		_, err = sara.Ask(&chat.Acknowledge{Mailbox: v.mailbox})
		s.must(err)
		_, err = v.Ask(&chat.Acknowledge{Mailbox: v.mailbox})
		if err == nil {
			t.Fatal("a visitor may acknowledge")
		}
		for range 8 {
			s.now.Add(int64(20 * time.Second))
			v.Ask(&chat.Ping{})
			sara.Ask(&chat.Ping{})
		}
		s.climbed(&taken, 0) // 160 of 180 seconds
		s.now.Add(int64(21 * time.Second))
		s.climbed(&taken, 0, 0)
	})
}

// A clock that jumps ahead by hours takes one step and goes on at the usual distances; one that jumps back does not
// silence the policy.
func TestAClockThatJumps(t *testing.T) {
	onEach(t, func(s *stage) {
		var taken steps
		n := s.node(climber(&taken))
		v := s.visitor(n)
		v.open(s.certify(1, true))
		s.now.Add(int64(3 * time.Hour / 4))
		s.climbed(&taken, 0)
		s.now.Add(int64(41 * time.Second))
		s.climbed(&taken, 0, 1)
		s.now.Add(-int64(6 * time.Hour))
		s.climbed(&taken, 0, 1, 2)
	})
}

// Of two nodes one takes each step. What a node could not carry out is taken again under the same key once its lease
// has ended.
func TestAStepIsTakenOnceAndAgainWhereItsNodeDied(t *testing.T) {
	onEach(t, func(s *stage) {
		taken := steps{fail: 1}
		n := s.node(climber(&taken))
		s.node(climber(&taken))
		v := s.visitor(n)
		v.open(s.certify(1, true))
		s.now.Add(int64(20500 * time.Millisecond))
		s.climbed(&taken, 0)
		s.now.Add(int64(40 * time.Second))
		s.climbed(&taken, 0, 1)
		s.now.Add(int64(6 * time.Second))
		s.climbed(&taken, 0, 1, 0)
		taken.mu.Lock()
		defer taken.mu.Unlock()
		if taken.all[0].Key != taken.all[2].Key || taken.all[0].Key == taken.all[1].Key || len(taken.all[0].Key) != 32 {
			t.Errorf("keys: %+v", taken.all)
		}
	})
}
