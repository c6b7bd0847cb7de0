package relay_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// reading counts how often readers are brought up to date by a step of its own.
type reading struct {
	relay.Store
	reads *atomic.Int64
}

func (r reading) Read(ctx context.Context, seat relay.Seat, after relay.Position) (relay.Page, error) {
	r.reads.Add(1)
	return r.Store.Read(ctx, seat, after)
}

func TestAShortMailboxIsReadAsItIsAttached(t *testing.T) {
	s := onMini(t)
	reads := new(atomic.Int64)
	s.around = func(store relay.Store) relay.Store { return reading{store, reads} }
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	v.attach(chat.Cursor{})
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	skipWaiting(s, sara)
	s.entry(sara.Client, 1)
	if got := reads.Load(); got != 0 {
		t.Errorf("%d steps beside the attachments", got)
	}
	for counter := uint64(2); counter <= 40; counter++ {
		s.say(v.Client, v.mailbox, counter, 1, "more than a first page")
	}
	sara.Cut()
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	for seq := uint64(1); seq <= 40; seq++ {
		s.entry(sara.Client, seq)
	}
	if got := reads.Load(); got == 0 {
		t.Error("forty entries came without being read")
	}
}

// asking counts the mailboxes of which a node asks whether they are there.
type asking struct {
	relay.Store
	asked *atomic.Int64
}

func (a asking) Heads(ctx context.Context, mailboxes []chat.Mailbox) ([]relay.Head, error) {
	a.asked.Add(int64(len(mailboxes)))
	return a.Store.Heads(ctx, mailboxes)
}

func TestAnInboxForgetsWhatHasExpiredAndAsksForNothingElse(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	s.keepTimeWithRedis() // which says until when a pointer is certain
	asked := new(atomic.Int64)
	s.around = func(store relay.Store) relay.Store { return asking{store, asked} }
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour })
	sara := s.certify(1, true)
	var all []*visitor
	for range 3 {
		v := s.visitor(n)
		v.open(sara)
		all = append(all, v)
	}
	waiting := func(count int) {
		t.Helper()
		s.eventually("the inbox holds what it should", func() bool {
			pointers, err := n.store.Inbox(t.Context(), kommun, sara.id)
			return err == nil && len(pointers) == count
		})
	}
	waiting(3)
	sara.on(n)
	for range all {
		skipWaiting(s, sara)
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("asked about %d mailboxes that cannot have expired", got)
	}
	sara.Cut()

	// Two have lived on by what was written to them since, the third has not.
	redistest.Command(t, s.url, "DEL", fmt.Sprintf("u:{%02d}:m:%s", all[0].mailbox[0]%64, all[0].mailbox[:]))
	s.now.Add(int64(2 * time.Hour))
	sara = s.certify(1, true) // the old certificate has ended
	sara.on(n)
	for range all[1:] {
		if w := next[*chat.Waiting](s, sara.Client); w.Mailbox == all[0].mailbox {
			t.Error("told of a mailbox that is gone")
		}
	}
	waiting(2)
	if got := asked.Load(); got != 3 {
		t.Errorf("asked about %d mailboxes, want 3", got)
	}
}
