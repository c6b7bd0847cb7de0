package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/utvag/utvag/internal/redistest"
)

// fault is one thing that goes wrong, for a bounded time. do returns when it is over.
type fault struct {
	name string
	// redis are the kinds on which it can be tried, with blanks between them; empty: all.
	redis string
	// loses: the store may come back without its tail, or empty.
	loses bool
	do    func(ctx context.Context, s *stage, r *rand.Rand) error
}

var faults = []fault{
	{"kill", "", false, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.restart(ctx, r, syscall.SIGKILL) }},
	{"drain", "", false, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.restart(ctx, r, syscall.SIGTERM) }},
	{"cut", "", false, func(_ context.Context, s *stage, r *rand.Rand) error {
		for _, n := range s.nodes {
			for _, one := range n.front.some(r, 1+r.IntN(12)) {
				one.cutWithin(r.IntN(2), r.IntN(300))
			}
		}
		return nil
	}},
	{"slow", "", false, func(_ context.Context, s *stage, r *rand.Rand) error {
		for _, n := range s.nodes {
			for _, one := range n.front.some(r, 1+r.IntN(12)) {
				one.slow(time.Duration(1+r.IntN(8)) * time.Second)
			}
		}
		return nil
	}},
	{"pause", "", false, func(ctx context.Context, s *stage, r *rand.Rand) error {
		held := s.data()[0]
		if s.sentinels != nil {
			// Longer, and the Sentinels would let another take over: that is another fault.
			if held = s.sentinels.Primary(); held != nil {
				_, err := held.Do("CLIENT", "PAUSE", fmt.Sprint(100+r.IntN(400)), "ALL")
				return err
			}
			return nil
		}
		if s.cluster != nil {
			held.Suspend()
			pause(ctx, time.Duration(200+r.IntN(500))*time.Millisecond)
			held.Resume()
			return nil
		}
		held.Suspend()
		pause(ctx, time.Duration(500+r.IntN(6000))*time.Millisecond)
		held.Resume()
		return nil
	}},
	{"partition", "single", false, func(ctx context.Context, s *stage, r *rand.Rand) error {
		n := s.any(r)
		d := time.Duration(500+r.IntN(8000)) * time.Millisecond
		n.back.hold(d)
		pause(ctx, d)
		if r.IntN(2) == 0 {
			n.back.cutAll()
		}
		return nil
	}},
	{"handover", "cluster", false, func(_ context.Context, s *stage, r *rand.Rand) error {
		_, replica := s.cluster.Shard(r.IntN(s.cluster.Shards()))
		if replica == nil {
			return nil
		}
		return s.cluster.Handover(replica)
	}},
	{"failover", "sentinels cluster", true, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.failover(ctx, r, false) }},
	{"tail", "sentinels cluster", true, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.failover(ctx, r, true) }},
	{"split", "sentinels cluster", true, func(_ context.Context, s *stage, r *rand.Rand) error { return s.split(r) }},
	{"empty", "single", true, func(ctx context.Context, s *stage, r *rand.Rand) error {
		s.single.Kill()
		pause(ctx, time.Duration(r.IntN(2000))*time.Millisecond)
		return s.single.Restart()
	}},
}

// chosen are the faults of a list, or all that can be tried on this kind of Redis without losing anything.
func chosen(list, redis string) ([]fault, error) {
	var found []fault
	for _, f := range faults {
		can := f.redis == "" || slices.Contains(strings.Fields(f.redis), redis)
		if can && (list == "" && !f.loses || listed(list, f.name)) {
			found = append(found, f)
		}
	}
	for name := range strings.SplitSeq(list, ",") {
		if list != "" && !hasFault(found, name) {
			return nil, fmt.Errorf("no fault %q on %s", name, redis)
		}
	}
	return found, nil
}

func listed(list, name string) bool { return strings.Contains(","+list+",", ","+name+",") }

func hasFault(all []fault, name string) bool {
	for _, f := range all {
		if f.name == name {
			return true
		}
	}
	return false
}

// restart ends a node and starts it again at the same address.
func (s *stage) restart(ctx context.Context, r *rand.Rand, signal syscall.Signal) error {
	n := s.any(r)
	took, err := n.end(signal)
	if err != nil {
		return fmt.Errorf("a node ended with %w", err)
	}
	if took > drainBound {
		return fmt.Errorf("a node took %v to end", took)
	}
	pause(ctx, time.Duration(r.IntN(1500))*time.Millisecond)
	return n.start()
}

// drainBound is what docs/operations.md promises, and something for a busy machine.
const drainBound = 20 * time.Second

// shard is a primary, and how one waits until another has taken over, and until it follows that one.
type shard struct {
	primary *redistest.Server
	moved   func() error
	follow  func(*redistest.Server) error
}

// shard chooses one; false while it is not whole.
func (s *stage) shard(r *rand.Rand) (one shard, whole bool) {
	if s.cluster != nil {
		primary, replica := s.cluster.Shard(r.IntN(s.cluster.Shards()))
		return shard{primary, func() error { return s.cluster.Moved(replica) }, s.cluster.Follow}, primary != nil
	}
	primary := s.sentinels.Primary()
	return shard{primary, func() error { return s.sentinels.Moved(primary) }, s.sentinels.Follow}, primary != nil
}

// failover kills a primary and waits until the replica has taken over and the old one follows it. With `tail` the replica was cut off
// before, as by a network that let the nodes through, so that what was said last is in nobody's memory.
func (s *stage) failover(ctx context.Context, r *rand.Rand, tail bool) error {
	p, whole := s.shard(r)
	if !whole {
		return nil
	}
	if tail {
		for _, words := range [][]string{{"ACL", "SETUSER", "default", "-psync", "-sync"}, {"CLIENT", "KILL", "TYPE", "replica"}} {
			if _, err := p.primary.Do(words...); err != nil {
				return err
			}
		}
		pause(ctx, 700*time.Millisecond)
	}
	p.primary.Kill()
	if err := p.moved(); err != nil {
		return err
	}
	if err := p.primary.Restart(); err != nil {
		return err
	}
	return p.follow(p.primary)
}

// split lets a primary stand still until another has taken over, and then go on as if nothing had happened: until it learns of the other it
// says yes to whoever still asks it, and what it was told is thrown away when it becomes a replica.
func (s *stage) split(r *rand.Rand) error {
	p, whole := s.shard(r)
	if !whole {
		return nil
	}
	p.primary.Suspend()
	err := p.moved()
	p.primary.Resume()
	if err != nil {
		return err
	}
	return p.follow(p.primary)
}
