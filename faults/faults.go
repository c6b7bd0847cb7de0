package main

import (
	"context"
	"errors"
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
	{"kill", "", false, func(ctx context.Context, s *stage,
		r *rand.Rand) error {
		return s.restart(ctx, r, syscall.SIGKILL)
	}},
	{"drain", "", false, func(ctx context.Context, s *stage,
		r *rand.Rand) error {
		return s.restart(ctx, r, syscall.SIGTERM)
	}},
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
	{"pause", "", false, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.hang(ctx, r) }},
	{"partition", "", false, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.part(ctx, r) }},
	{"handover", "cluster", false, func(ctx context.Context, s *stage, r *rand.Rand) error {
		p, err := s.shard(ctx, r)
		if err != nil {
			return err
		}
		return s.cluster.Handover(p.replica)
	}},
	{"reshard", "cluster", false, func(ctx context.Context, s *stage, r *rand.Rand) error { return s.reshard(ctx, r) }},
	{"failover", "sentinels cluster", true,
		func(ctx context.Context, s *stage, r *rand.Rand) error { return s.failover(ctx, r, false) }},
	{"tail", "sentinels cluster", true,
		func(ctx context.Context, s *stage, r *rand.Rand) error { return s.failover(ctx, r, true) }},
	{"split", "sentinels cluster", true,
		func(ctx context.Context, s *stage, r *rand.Rand) error { return s.split(ctx, r) }},
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

// drainBound is what docs/faults.md promises, and something for a busy machine.
const drainBound = 20 * time.Second

// shard is a primary, and how one waits until another has taken over, whatever those believe that are apart, and until
// it follows that one.
type shard struct {
	primary *redistest.Server
	replica *redistest.Server // behind Sentinels there may be several: nil
	moved   func(apart ...*redistest.Server) error
	follow  func(*redistest.Server) error
}

var errNeverWhole = errors.New("a shard has not come back to a primary and a replica")

// shard chooses one, and waits until it is whole after whatever came before.
func (s *stage) shard(ctx context.Context, r *rand.Rand) (shard, error) {
	return s.shardAt(ctx, r.IntN(len(s.shards())))
}

func (s *stage) shardAt(ctx context.Context, at int) (shard, error) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) &&
		ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		if s.cluster != nil {
			if primary, replica := s.cluster.Shard(at); primary != nil && replica.Follows() {
				return shard{primary, replica, func(apart ...*redistest.Server) error { return s.cluster.Moved(replica, apart...) },
					s.cluster.Follow}, nil
			}
		} else if primary := s.sentinels.Primary(); primary != nil && s.sentinels.Whole() {
			return shard{primary, nil, func(...*redistest.Server) error { return s.sentinels.Moved(primary) },
				s.sentinels.Follow}, nil
		}
	}
	if ctx.Err() != nil {
		return shard{}, ctx.Err()
	}
	return shard{}, errNeverWhole
}

// failover kills a primary and waits until the replica has taken over and the old one follows it. With `tail` the
// replica was cut off before, as by a network that let the nodes through, so that what was said last is in nobody's
// memory.
func (s *stage) failover(ctx context.Context, r *rand.Rand, tail bool) error {
	p, err := s.shard(ctx, r)
	if err != nil {
		return err
	}
	if tail {
		for _, words := range [][]string{{"ACL", "SETUSER", "default", "-psync", "-sync"},
			{"CLIENT", "KILL", "TYPE", "replica"}} {
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
