package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/utvag/utvag/internal/redistest"
)

// hang lets one of the processes that hold what is stored stand still: any shard's primary or replica. A primary does
// so for a moment only where another would take over, which is a fault of its own.
func (s *stage) hang(ctx context.Context, r *rand.Rand) error {
	one := s.shards()
	shard := one[r.IntN(len(one))]
	held := shard[r.IntN(len(shard))]
	longest := 6500
	if len(shard) > 1 && held.Primary() {
		longest = 500
	}
	held.Suspend()
	pause(ctx, time.Duration(200+r.IntN(longest-200))*time.Millisecond)
	held.Resume()
	return nil
}

// part parts a node from all of Redis, from one shard, or from the Sentinels alone. What it had sent arrives after
// that, or never.
func (s *stage) part(ctx context.Context, r *rand.Rand) error {
	n := s.any(r)
	var from []*redistest.Server
	choice := s.shards()
	if s.sentinels != nil {
		choice = append(choice, s.sentinels.Watchers)
	}
	if at := r.IntN(len(choice) + 1); at < len(choice) {
		from = choice[at]
	} else {
		for _, some := range choice {
			from = append(from, some...)
		}
	}
	ways := s.network.before(from...)
	d := time.Duration(500+r.IntN(8000)) * time.Millisecond
	var away parting
	away.hold(d, ways, n.name)
	pause(ctx, d)
	if r.IntN(2) == 0 {
		for _, w := range ways {
			w.cutAll(n.name)
		}
	}
	return nil
}
