package relay_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

// saying counts what a node tells of its presence.
type saying struct {
	relay.Store
	said *atomic.Int64
}

func (s saying) Present(ctx context.Context, kommun, node string, now, until time.Time) error {
	s.said.Add(1)
	return s.Store.Present(ctx, kommun, node, now, until)
}

func TestManyLoginsAtOnceSayOnceThatSomebodyIsThere(t *testing.T) {
	s := onMini(t)
	said := new(atomic.Int64)
	s.around = func(store relay.Store) relay.Store { return saying{store, said} }
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour })
	reachable := func(want bool) {
		t.Helper()
		s.eventually("presence is as it should be", func() bool {
			got, err := n.relay.Reachable(t.Context(), kommun)
			return err == nil && got == want
		})
	}
	var all []*staff
	for i := range byte(8) {
		all = append(all, s.certify(i+1, true))
		all[i].on(n)
	}
	reachable(true)
	if got := said.Load(); got != 1 {
		t.Errorf("said %d times, want once", got)
	}
	// One who goes leaves the others, and the last takes it back.
	for _, d := range all[1:] {
		d.Cut()
	}
	s.eventually("they are gone", func() bool { return n.relay.Stats().Connections == 1 })
	reachable(true)
	all[0].Cut()
	reachable(false)
	// What was taken back is said again, however short ago it was said first.
	all[0].on(n)
	reachable(true)
	// And again in its time.
	before := said.Load()
	s.now.Add(int64(2 * time.Second))
	all[1].on(n)
	if got := said.Load() - before; got != 1 {
		t.Errorf("said %d times after two seconds, want once", got)
	}
}
