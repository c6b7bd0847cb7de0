package relay_test

import (
	"context"
	"net"
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

	answers := s.crowd(n, 20, sara)
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) <= 14 })
	// Who has been answered, who has logged in and who has paid wait for nobody.
	s.say(alone.Client, alone.mailbox, 2, 1, "nobody is here yet")
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
	// An opening that was paid for once is no pass for ever, nor is a seat that somebody else has taken.
	for range 2 {
		_, err = dear.again(n).Ask(f) // whose answer was lost, for all the relay knows
		s.must(err)
	}
	fourth, err := dear.again(n).Begin(f)
	s.must(err)
	replaced, err := v.Begin(&chat.Open{Mailbox: v.mailbox, Slot: f.Slot, Devices: f.Devices, Welcome: f.Welcome, Message: chattest.Text(v.mailbox, 1, "x")})
	s.must(err)
	// Who has paid and was not answered has a pace of their own.
	var last <-chan chat.Frame
	for i := range 10 {
		last, err = alone.Begin(&chat.Send{Mailbox: alone.mailbox, Counter: uint64(3 + i), Message: chattest.Text(alone.mailbox, 1, strings.Repeat("x", 12_000))})
		s.must(err)
	}
	time.Sleep(200 * time.Millisecond)
	if got := waitFor(answers); got < 5 {
		t.Fatalf("of twenty strangers only %d still waited", got)
	}
	for what, answer := range map[string]<-chan chat.Frame{"the same opening a fourth time": fourth, "a replaced connection": replaced, "a flood of words to nobody": last} {
		if len(answer) > 0 {
			t.Errorf("%s did not wait: %v", what, <-answer)
		}
	}
}

func TestAWaitEndsWithItsConnection(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(16 << 10)) // one long frame in two seconds
	answers := s.crowd(n, 11, s.certify(1, true))
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) <= 3 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := n.relay.Close(ctx); err != nil {
		t.Fatalf("a node that stops waits for newcomers: %v", err)
	}
}

func TestNobodyWaitsLongerThanAPageDoes(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(256))
	d := s.certify(1, true)
	answers := s.crowd(n, 8, d)
	s.eventually("the first wait for nobody", func() bool { return waitFor(answers) == 0 })
	v := s.visitor(n)
	_, err := v.Ask(v.opening(d))
	s.refused(err, chat.Busy, 8)
	f := v.opening(d)
	f.Welcome = chattest.Welcome(50_000)
	v.Begin(f) // fails where the relay has closed meanwhile
	s.closed(v.Client, chat.CloseOverloaded)
}

// A page that empties itself says so behind what it had just sent, and is gone.
func TestAFarewellDoesNotWaitForItsTurn(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(1 << 10))
	sara := s.certify(1, true)
	v := s.visitor(n)
	_, err := v.Ask(v.paying(n.puzzle(), sara))
	s.must(err)
	v.attach(chat.Cursor{})
	s.entry(v.Client, 1)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	for i := range 8 {
		s.say(v.Client, v.mailbox, uint64(2+i), 1, strings.Repeat("x", 12_000))
	}
	for _, request := range []chat.Request{
		&chat.Send{Mailbox: v.mailbox, Counter: 10, Message: chattest.Text(v.mailbox, 1, "x")}, &chat.Leave{Mailbox: v.mailbox, Erase: 1},
	} {
		_, err := v.Begin(request)
		s.must(err)
	}
	time.Sleep(100 * time.Millisecond) // until the first of them waits
	socket := v.Socket().NetConn().(*net.TCPConn)
	s.must(socket.SetLinger(0))
	s.must(socket.Close())
	sara.send(claim(v.mailbox, 1, 1)) // the relay learns that it can write nothing
	s.eventually("the mailbox is erased", func() bool {
		ended, err := n.store.Tombstone(t.Context(), v.mailbox)
		return err == nil && ended
	})
}

func TestAnOpeningGoesBeforeOthersAgainWithTheNextPuzzle(t *testing.T) {
	s := onMini(t)
	n := s.node(hurried(64)) // nothing more within a minute
	d := s.certify(1, true)
	v := s.visitor(n)
	f := v.paying(n.puzzle(), d)
	answers := s.crowd(n, 8, d)
	s.eventually("the first wait for nobody", func() bool { return waitFor(answers) == 0 })
	for range 3 {
		_, err := v.again(n).Ask(f)
		s.must(err)
	}
	_, err := v.again(n).Ask(f)
	s.refused(err, chat.Busy, 8)
	s.now.Add(int64(6 * time.Minute))
	s.eventually("it does", func() bool {
		_, err := v.again(n).Ask(f)
		return err == nil
	})
}

func TestNewcomersTakeHalfOfTheRoom(t *testing.T) {
	s := onMini(t)
	n := s.node(strict, func(c *relay.Config, _ *redisstore.Options) { c.MaxHeld = 8 * chat.LimitFrame })
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	sara.send(claim(v.mailbox, 1, 1))
	s.entry(v.Client, 2)
	for range 6 {
		s.half(n, 60_000)
	}
	time.Sleep(100 * time.Millisecond)
	s.say(v.Client, v.mailbox, 2, 2, strings.Repeat("x", 12_000))
}
