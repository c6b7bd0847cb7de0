package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// plan is one run.
type plan struct {
	redis         string
	binary        string // of utvag; empty: it is built
	faults        []fault
	seed          uint64
	duration      time.Duration
	until         <-chan struct{} // nil: no longer than duration
	nodes         int
	conversations int
	pace          time.Duration // of one writer, on average
	log           io.Writer
	spoil         func() func([]byte) []byte // for tests that plant a fault
}

// result is what a run has shown.
type result struct {
	Messages  int // accepted
	Delivered int // given to members
	Mailboxes int
	Remade    int // mailboxes that took the place of one that was lost
	Stranded  int // of those, after a person had to begin anew
	Faults    map[string]int
	Splits    []int // what each split has lost of what was accepted, at least
	Moves     moves
	Heard     time.Duration // the longest time after a fault until every node heard again of what was said on another
	Wrong     []string
}

const devices = 6

// settleWithin bounds how long after the last fault everything must have come to rest.
const settleWithin = 90 * time.Second

func (p plan) run(ctx context.Context) (*result, error) {
	s, err := newStage(ctx, p.redis, p.binary, p.nodes, devices)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	mayLose := false
	for _, f := range p.faults {
		mayLose = mayLose || f.loses
	}
	for _, n := range s.nodes {
		n.front.mu.Lock()
		n.front.spoil = p.spoil
		n.front.mu.Unlock()
	}
	talking, stop := context.WithCancel(ctx)
	defer stop()
	var talks []*talk
	var all sync.WaitGroup
	for i := range p.conversations {
		t := &talk{stage: s, number: i, rand: rand.New(rand.NewPCG(p.seed, uint64(i+1))), pace: p.pace, mayLose: mayLose,
			heard: map[int]bool{}}
		talks = append(talks, t)
		all.Go(func() { t.run(talking) })
	}
	var counts map[string]int
	if err = within(ctx, talks, (*talk).begun); err != nil {
		err = fmt.Errorf("beginning every conversation: %w", err)
	} else {
		counts, err = p.disturb(ctx, s)
	}
	if err == nil {
		err = settle(ctx, talks, mayLose)
	}
	stop()
	all.Wait()
	if err != nil {
		return nil, err
	}
	result := sum(talks, counts)
	result.Splits, result.Moves, result.Heard = s.splits, s.moved, s.heardAfter
	return result, nil
}

// disturb makes one fault after the other for as long as the plan says, and each once at least.
func (p plan) disturb(ctx context.Context, s *stage) (map[string]int, error) {
	r := rand.New(rand.NewPCG(p.seed, 0))
	counts := map[string]int{}
	begun := time.Now()
	pause(ctx, time.Second)
	for round := 0; (time.Since(begun) < p.duration || round < len(p.faults)) && ctx.Err() == nil &&
		len(p.faults) > 0; round++ {
		f := p.faults[round%len(p.faults)]
		if round >= len(p.faults) {
			f = p.faults[r.IntN(len(p.faults))]
		}
		counts[f.name]++
		fmt.Fprintf(p.log, "%6.1fs %s\n", time.Since(begun).Seconds(), f.name)
		if err := f.do(ctx, s, r); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if err := s.hear(ctx, r); err != nil {
			return nil, fmt.Errorf("after %s: %w", f.name, err)
		}
		pause(ctx, time.Duration(300+r.IntN(1500))*time.Millisecond)
	}
	if left := p.duration - time.Since(begun); left > 0 {
		pause(ctx, left)
	}
	if p.until != nil {
		select {
		case <-p.until:
		case <-ctx.Done():
		}
	}
	return counts, ctx.Err()
}

// settle lets everybody say what they still have to, and read to the end.
func settle(ctx context.Context, talks []*talk, mayLose bool) error {
	for _, t := range talks {
		t.quiet.Store(true)
	}
	// Whoever is told something only now still makes its mailbox anew.
	pause(ctx, time.Second)
	if mayLose {
		pause(ctx, 4*time.Second)
	}
	// What does not settle is told by the judge, with a reason.
	_ = within(ctx, talks, (*talk).settled)
	for _, t := range talks {
		t.finishing.Store(true)
	}
	_ = within(ctx, talks, (*talk).read)
	return ctx.Err()
}

var errTooLong = errors.New("it took too long")

func within(ctx context.Context, talks []*talk, holds func(*talk) bool) error {
	for deadline := time.Now().Add(settleWithin); time.Now().Before(deadline) &&
		ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		all := true
		for _, t := range talks {
			all = all && holds(t)
		}
		if all {
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errTooLong
}

func sum(talks []*talk, counts map[string]int) *result {
	r := &result{Faults: counts}
	for _, t := range talks {
		r.Wrong = append(r.Wrong, t.judge()...)
		r.Stranded += t.stranded
		r.Mailboxes += len(t.lives)
		r.Remade += len(t.lives) - 1
		for _, l := range t.lives {
			for _, s := range l.ledger.said {
				if s.place != nil {
					r.Messages++
				}
			}
			for _, reader := range l.ledger.readers {
				r.Delivered += len(reader.reads)
			}
		}
	}
	return r
}

func (t *talk) begun() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lives) > 0
}
