package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// moves are what resharding has done: slots that were given away, and what clients were told meanwhile.
type moves struct {
	slots int
	told  answers
}

// reshard gives some slots that hold something from one primary to another while messages flow. A script of several
// keys is refused while some of them are here and some there.
func (s *stage) reshard(ctx context.Context, r *rand.Rand) error {
	before := s.cluster.Redirections()
	for range 3 + r.IntN(6) {
		if err := s.moveOne(ctx, r); err != nil {
			return err
		}
	}
	// Whoever writes next to one of them is told of it; how soon somebody does is theirs.
	told := s.toldSince(before)
	for end := time.Now().Add(meetWithin); told.none() && time.Now().Before(end) &&
		ctx.Err() == nil; told = s.toldSince(before) {
		pause(ctx, 50*time.Millisecond)
	}
	for name, n := range told {
		s.moved.told[name] += n
	}
	return nil
}

// meetWithin is how long somebody may take to write to a slot that has moved.
const meetWithin = 5 * time.Second

// answers counts how often a Redis has answered with a word of a slot's move, by word.
type answers map[string]int

func (a answers) none() bool {
	for _, n := range a {
		if n > 0 {
			return false
		}
	}
	return true
}

func (s *stage) toldSince(before map[string]int) answers {
	told := answers{}
	for name, n := range s.cluster.Redirections() {
		told[name] = n - before[name]
	}
	return told
}

// moveOne gives one slot of the first shard that has any with something in it, from one that is chosen.
func (s *stage) moveOne(ctx context.Context, r *rand.Rand) error {
	shards := s.cluster.Shards()
	first, further := r.IntN(shards), 1+r.IntN(shards-1)
	for i := range shards {
		at := (first + i) % shards
		giver, err := s.shardAt(ctx, at)
		if err != nil {
			return err
		}
		keys, err := giver.primary.List("KEYS", "*")
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			continue
		}
		slices.Sort(keys)
		text, err := giver.primary.Do("CLUSTER", "KEYSLOT", keys[r.IntN(len(keys))])
		if err != nil {
			return err
		}
		slot, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		taker, err := s.shardAt(ctx, (at+further)%shards)
		if err != nil {
			return err
		}
		s.moved.slots++
		return s.cluster.Move(slot, giver.primary, taker.primary, func() {
			pause(ctx, time.Duration(r.IntN(80))*time.Millisecond)
		})
	}
	return nil
}
