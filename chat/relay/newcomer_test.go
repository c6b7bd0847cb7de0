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
func hurried(rate int) func(*config, *redisstore.Options) {
	return func(c *config, o *redisstore.Options) {
		strict(c, o)
		paid(c, o)
		c.NewcomerRate = rate
	}
}

// begin pays for an opening, opens, and attaches from the beginning.
func (v *visitor) begin(n *node, d *staff) {
	v.stage.Helper()
	_, err := v.Ask(v.paying(n.puzzle(), d))
	v.stage.must(err)
	v.attach(chat.Cursor{})
	v.stage.entry(v.Client, 1)
}

// crowd is so many strangers who each send a long opening whose work is not done. It gives their answers.
func (s *stage) crowd(n *node, count int, d *staff) (answers []<-chan chat.Frame) {
	s.Helper()
	for range count {
		v := s.visitor(n)
		f := v.opening(d)
		f.Welcome, f.Work = chattest.Welcome(50_000), make([]byte, chat.LimitWork)
		salt := n.puzzle().Salt
		copy(f.Work, salt[:])
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
	s.standStill()
	n := s.node(hurried(64 << 10)) // two long frames a second
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.begin(n, sara)
	alone := s.visitor(n)
	alone.begin(n, sara)
	sara.on(n)
	sara.attach(v.mailbox, chat.Cursor{})
	sara.send(&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Commit(v.mailbox, 1)})
	s.entry(v.Client, 2)

	answers := s.crowd(n, 20, sara)
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) == 12 })
	// Who has been answered, who has logged in and who has paid wait for nobody.
	s.say(alone.Client, alone.mailbox, 2, 1, "nobody is here yet")
	s.say(v.Client, v.mailbox, 2, 2, "short")
	s.say(v.Client, v.mailbox, 3, 2, strings.Repeat("x", 12_000))
	s.say(sara.Client, v.mailbox, 2, 2, strings.Repeat("x", 12_000))
	back := v.again(n)
	back.attach(s.head(n, v.mailbox)) // has read everything before
	dear := s.visitor(n)
	f := dear.paying(n.puzzle(), sara)
	f.Welcome = chattest.Welcome(50_000)
	_, err := dear.Ask(f)
	s.must(err)
	// An opening that was paid for once is no pass for ever, nor is a seat that somebody else has taken.
	for range 2 {
		_, err = dear.again(n).Ask(f) // whose answer was lost, for all the relay knows
		s.must(err)
	}
	fourth, err := dear.again(n).Begin(f)
	s.must(err)
	replaced, err := v.Begin(&chat.Open{Mailbox: v.mailbox, Slot: f.Slot, Devices: f.Devices, Welcome: f.Welcome,
		Message: chattest.Text(v.mailbox, 1, "x")})
	s.must(err)
	// Who has paid and was not answered has a pace of their own.
	var last <-chan chat.Frame
	for i := range 10 {
		last, err = alone.Begin(&chat.Send{Mailbox: alone.mailbox, Counter: uint64(3 + i),
			Message: chattest.Text(alone.mailbox, 1, strings.Repeat("x", 12_000))})
		s.must(err)
	}
	s.eventually("fourteen strangers wait, and the flood", func() bool {
		strangers, unanswered := n.relay.Owed()
		return strangers == 14*relay.LongCost && unanswered > 0
	})
	// Who was answered before they came back does not wait with those who were not.
	_, err = back.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 4,
		Message: chattest.Text(v.mailbox, 2, strings.Repeat("x", 12_000))})
	s.must(err)
	if got := waitFor(answers); got != 12 {
		t.Fatalf("of twenty strangers only %d still waited", got)
	}
	for what, answer := range map[string]<-chan chat.Frame{"the same opening a fourth time": fourth,
		"a replaced connection": replaced, "a flood of words to nobody": last} {
		if len(answer) > 0 {
			t.Errorf("%s did not wait: %v", what, <-answer)
		}
	}
}

func TestAWaitEndsWithItsConnection(t *testing.T) {
	s := onMini(t)
	s.standStill()
	n := s.node(hurried(16 << 10)) // one long frame in two seconds
	answers := s.crowd(n, 11, s.certify(1, true))
	s.eventually("a quiet node lets the first through", func() bool { return waitFor(answers) == 3 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := n.relay.Close(ctx); err != nil {
		t.Fatalf("a node that stops waits for newcomers: %v", err)
	}
}

func TestNobodyWaitsLongerThanAPageDoes(t *testing.T) {
	s := onMini(t)
	s.standStill()
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
	s.standStill()
	n := s.node(hurried(1 << 10))
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.begin(n, sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	for i := range 8 {
		s.say(v.Client, v.mailbox, uint64(2+i), 1, strings.Repeat("x", 12_000))
	}
	for _, request := range []chat.Request{
		&chat.Send{Mailbox: v.mailbox, Counter: 10,
			Message: chattest.Text(v.mailbox, 1, "x")}, &chat.Leave{Mailbox: v.mailbox, Erase: 1},
	} {
		_, err := v.Begin(request)
		s.must(err)
	}
	s.eventually("the first of them waits", func() bool {
		_, unanswered := n.relay.Owed()
		return unanswered > 0
	})
	s.reset(v.Client)
	sara.send(claim(v.mailbox, 1, 1)) // the relay learns that it can write nothing
	s.erased(n, v)
}

func TestAnOpeningGoesBeforeOthersAgainWithTheNextPuzzle(t *testing.T) {
	s := onMini(t)
	s.standStill()
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
	n := s.node(strict, func(c *config, _ *redisstore.Options) { c.MaxHeld = 8 * chat.LimitFrame })
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	sara.send(claim(v.mailbox, 1, 1))
	s.entry(v.Client, 2)
	for range 6 {
		s.half(n, 60_000)
	}
	s.eventually("they hold what newcomers may", func() bool { return n.relay.Held() >= 2*chat.LimitFrame })
	s.say(v.Client, v.mailbox, 2, 2, strings.Repeat("x", 12_000))
}

// Once it is known that the page is gone, what it had sent is read to its end, however many wait.
func TestAFarewellGoesPastAQueueThatIsTooLong(t *testing.T) {
	s := onMini(t)
	slow := s.holdAdvance()
	n := s.node(hurried(256))
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.begin(n, sara)
	for i := range 8 {
		s.say(v.Client, v.mailbox, uint64(2+i), 1, strings.Repeat("x", 12_000))
	}
	s.leaveWhile(slow, n, v, 10)
	sara.on(n).attach(v.mailbox, chat.Cursor{}) // which the relay cannot tell the page
	time.Sleep(100 * time.Millisecond)
	close(slow.goOn)
	s.erased(n, v)
}
