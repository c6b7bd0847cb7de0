package relay_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// reading counts how often readers are brought up to date by a step of its own.
type reading struct {
	relay.Store
	reads *atomic.Int64
}

func (r reading) Read(ctx context.Context, seat relay.Seat, after relay.Place) (relay.Page, error) {
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
