package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/internal/redistest"
)

// split parts a primary from its replica and from those who choose another, and lets it go on: until it learns of the
// other it says yes to whoever still asks it, and what it was told is thrown away when it becomes a replica. Behind
// Sentinels some nodes are on its side and see nothing of the other; in a Cluster all nodes still see both, and the old
// primary stops by itself when it has not heard of the others for a while.
func (s *stage) split(ctx context.Context, r *rand.Rand) error {
	p, err := s.shard(ctx, r)
	if err != nil {
		return err
	}
	const atMost = 2 * time.Minute
	var apart parting
	defer apart.heal()
	if s.cluster != nil {
		id, err := p.primary.Do("CLUSTER", "MYID")
		if err != nil {
			return err
		}
		others := without(s.cluster.Nodes, p.primary)
		apart.hold(atMost, s.network.buses(p.primary), everybody)
		apart.hold(atMost, s.network.buses(others...), id)
		apart.hold(atMost, s.network.before(p.primary), redisself)
	} else {
		sides := r.Perm(len(s.nodes))
		left := 1 + r.IntN(max(1, len(sides)-1))
		others := append(without(s.sentinels.Data, p.primary), s.sentinels.Watchers...)
		apart.hold(atMost, s.network.before(p.primary), redisself)
		for i, n := range sides {
			if i < left {
				apart.hold(atMost, s.network.before(others...), s.nodes[n].name)
			} else {
				apart.hold(atMost, s.network.before(p.primary), s.nodes[n].name)
			}
		}
	}
	s.accepted.begin()
	if err := p.moved(p.primary); err != nil {
		return err
	}
	pause(ctx, time.Duration(300+r.IntN(1500))*time.Millisecond)
	apart.heal()
	if err := p.follow(p.primary); err != nil {
		return err
	}
	lost, err := lostOf(ctx, s.accepted.end())
	s.splits = append(s.splits, lost)
	return err
}

func without(all []*redistest.Server, one *redistest.Server) (rest []*redistest.Server) {
	for _, s := range all {
		if s != one {
			rest = append(rest, s)
		}
	}
	return rest
}

// receipts are what nodes have accepted while somebody wants to know it.
type receipts struct {
	mu   sync.Mutex
	open bool
	list []receipt
}

type receipt struct {
	life *life
	at   chat.Cursor
}

func (a *receipts) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open, a.list = true, nil
}

func (a *receipts) end() []receipt {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = false
	return a.list
}

func (a *receipts) add(l *life, at chat.Cursor) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open {
		a.list = append(a.list, receipt{l, at})
	}
}

// lostOf counts what was accepted and is not in the store. It is the least that was lost: what has been acknowledged
// and trimmed meanwhile cannot be compared.
func lostOf(ctx context.Context, list []receipt) (lost int, err error) {
	for _, one := range list {
		there, err := one.stands(ctx)
		if err != nil {
			return 0, err
		}
		if !there {
			lost++
		}
	}
	return lost, nil
}

// stands asks as the member does that only reads and has come to that entry. Its own connection has to attach again
// after that.
func (one receipt) stands(ctx context.Context) (bool, error) {
	asks := member{life: one.life, device: one.life.members[2].device, rand: rand.New(rand.NewPCG(one.at.Seq, 0))}
	var last error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) &&
		ctx.Err() == nil; pause(ctx, 200*time.Millisecond) {
		c, err := asks.connect()
		if err != nil {
			last = err
			continue
		}
		_, err = c.Ask(&chat.Attach{Mailbox: one.life.mailbox, Cursor: one.at})
		c.Cut()
		var refusal *chat.Error
		switch {
		case err == nil:
			return true, nil
		case errors.As(err, &refusal) && refusal.Code != chat.Unavailable && refusal.Code != chat.Busy:
			return refusal.Code != chat.NoMailbox && refusal.Code != chat.CursorMismatch, nil
		}
		last = err
	}
	return false, last
}
