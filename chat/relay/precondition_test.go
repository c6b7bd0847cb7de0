package relay_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// forgetful loses the answer to the next append.
type forgetful struct {
	relay.Store
	next *atomic.Bool
}

func (s forgetful) Append(ctx context.Context, p relay.Appending) (relay.Appended, error) {
	appended, err := s.Store.Append(ctx, p)
	if s.next.CompareAndSwap(true, false) {
		return relay.Appended{}, errors.New("no answer")
	}
	return appended, err
}

// A node that does not know whether its message was taken, and hears of it, does not take the same again for the one
// that follows.
func TestAMessageWhoseAnswerWasLostIsTakenOnce(t *testing.T) {
	onEach(t, func(s *stage) {
		var lost atomic.Bool
		s.around = func(store relay.Store) relay.Store { return forgetful{store, &lost} }
		n := s.node()
		v := s.visitor(n)
		v.open(s.certify(1, true))
		for counter := uint64(2); counter <= 5; counter++ {
			lost.Store(counter > 3) // the messages before have told the node what it needs to know
			f := &chat.Send{Mailbox: v.mailbox, Counter: counter, Message: chattest.Text(v.mailbox, 1, "once")}
			_, err := v.Ask(f)
			if counter > 3 {
				s.refused(err, chat.Unavailable, 0)
			}
			s.entry(v.Client, counter)
			answer, err := v.Ask(f)
			s.must(err)
			if at := answer.(*chat.Accepted).Cursor; at != s.head(n, v.mailbox) || at.Seq != counter {
				t.Fatalf("message %d is entry %d", counter, at.Seq)
			}
		}
		s.silent(v.Client)
	})
}

// A message costs one script where it follows what its node knows, whoever wrote last.
func TestMessagesThatFollowAreNotJudgedAnew(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	var asked atomic.Int64
	n := s.node(func(c *config, o *redisstore.Options) {
		c.Sweep = time.Hour
		o.Gate = func() error { asked.Add(1); return nil }
	})
	v := s.visitor(n)
	sara := s.certify(1, true).on(n)
	v.open(sara)
	next[*chat.Waiting](s, sara.Client)
	sara.attach(v.mailbox, chat.Cursor{})
	s.entry(sara.Client, 1)
	sara.send(claim(v.mailbox, 1, 1))
	s.entry(sara.Client, 2)
	s.entry(v.Client, 2)
	for round := range uint64(5) {
		before := asked.Load()
		for i, writer := range []*chattest.Client{v.Client, sara.Client} {
			s.say(writer, v.mailbox, 2+round, 2, "a message")
			for _, reader := range []*chattest.Client{v.Client, sara.Client} {
				s.entry(reader, 3+2*round+uint64(i)) // with which its node knows, too
			}
		}
		if scripts := asked.Load() - before; round > 0 && scripts != 2 {
			t.Errorf("round %d took %d scripts", round, scripts)
		}
	}
}
