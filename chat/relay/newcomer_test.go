package relay_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

// hurried is a node as it is served, on which newcomers have so many bytes a second.
func hurried(rate int) func(*relay.Config, *redisstore.Options) {
	return func(c *relay.Config, o *redisstore.Options) {
		strict(c, o)
		paid(c, o)
		c.NewcomerRate = rate
	}
}

// crowd is so many strangers who each send a long opening that is not paid for. It gives their answers.
func (s *stage) crowd(n *node, count int, d *staff) (answers []<-chan chat.Frame) {
	s.Helper()
	for range count {
		v := s.visitor(n)
		f := v.opening(d)
		f.Welcome = chattest.Welcome(50_000)
		answer, err := v.Begin(f)
		s.must(err)
		answers = append(answers, answer)
	}
	return answers
}

// waitFor counts those who have no answer yet.
func waitFor(answers []<-chan chat.Frame) (unanswered int) {
	for _, a := range answers {
		if len(a) == 0 {
			unanswered++
		}
	}
	return unanswered
}

func TestNewcomersWaitForTheirTurn(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(64 << 10)) // two long frames a second
	sara := s.certify(1, true)
	v := s.visitor(n)
	_, err := v.Ask(v.paying(n.puzzle(), sara))
	s.must(err)
	v.attach(chat.Cursor{})
	s.entry(v.Client, 1)
	alone := s.visitor(n)
	_, err = alone.Ask(alone.paying(n.puzzle(), sara))
	s.must(err)
	sara.on(n)
	sara.attach(v.mailbox, chat.Cursor{})
	sara.send(&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Commit(v.mailbox, 1)})
	s.entry(v.Client, 2)

	answers := s.crowd(n, 30, sara)
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) <= 24 })
	late, err := alone.Begin(&chat.Send{Mailbox: alone.mailbox, Counter: 2, Message: chattest.Text(alone.mailbox, 1, "x")})
	s.must(err)
	// Who has been answered, who has logged in and who has paid wait for nobody.
	s.say(v.Client, v.mailbox, 2, 2, "short")
	s.say(v.Client, v.mailbox, 3, 2, strings.Repeat("x", 12_000))
	s.say(sara.Client, v.mailbox, 2, 2, strings.Repeat("x", 12_000))
	back := v.again(n)
	back.attach(chat.Cursor{})
	s.say(back.Client, v.mailbox, 4, 2, strings.Repeat("x", 12_000))
	dear := s.visitor(n)
	f := dear.paying(n.puzzle(), sara)
	f.Welcome = chattest.Welcome(50_000)
	_, err = dear.Ask(f)
	s.must(err)
	if got := waitFor(answers); got < 10 {
		t.Fatalf("of thirty strangers only %d still waited", got)
	}
	if len(late) > 0 {
		t.Fatal("who has paid once and was never answered did not wait with the others")
	}
}

func TestAWaitEndsWithItsConnection(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(16 << 10)) // one long frame in two seconds
	answers := s.crowd(n, 20, s.certify(1, true))
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) <= 16 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := n.relay.Close(ctx); err != nil {
		t.Fatalf("a node that stops waits for newcomers: %v", err)
	}
}

func TestNobodyWaitsLongerThanAFrameMay(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(1 << 10))
	d := s.certify(1, true)
	s.crowd(n, 8, d)
	s.eventually("the first wait for nobody", func() bool { return n.relay.Stats().Connections == 8 })
	v := s.visitor(n)
	f := v.opening(d)
	f.Welcome = chattest.Welcome(50_000)
	v.Begin(f) // fails where the relay has closed meanwhile
	s.closed(v.Client, chat.CloseOverloaded)
}
