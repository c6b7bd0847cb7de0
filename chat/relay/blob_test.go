package relay_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redistest"
)

// blob is a locator with its capability.
type blob struct {
	locator    chat.Locator
	capability chat.Capability
}

func newBlob() blob {
	return blob{chattest.NewLocator(), chat.Capability(chattest.NewCapability())}
}

func (b blob) put(version uint64, text string) *chat.Put {
	return &chat.Put{Locator: b.locator, Capability: b.capability, Version: version, Keep: chat.KeepState,
		Blob: []byte(text)}
}

func (b blob) get() *chat.Get   { return &chat.Get{Locator: b.locator} }
func (b blob) drop() *chat.Drop { return &chat.Drop{Locator: b.locator, Capability: b.capability} }

// refusedAs returns the whole refusal as it came, without the ref that the client chose.
func (s *stage) refusedAs(c *chattest.Client, request chat.Request) string {
	s.Helper()
	answers, err := c.Begin(request)
	s.must(err)
	frame := <-answers
	if r, ok := frame.(*chat.Refused); ok {
		r.Ref = 0
	} else if r, ok := frame.(*chat.Ready); ok {
		r.Ref = 0
	}
	return fmt.Sprintf("%T %+v", frame, frame)
}

func busy(err error) bool {
	var refusal *chat.Error
	return errors.As(err, &refusal) && refusal.Code == chat.Busy && refusal.Detail >= 1
}

func TestAStateIsPutAndFoundAgain(t *testing.T) {
	onEach(t, func(s *stage) {
		one, two := s.node(), s.node()
		sara := s.certify(1, true)
		v := s.visitor(one)
		v.open(sara)
		b := newBlob()
		_, err := v.Ask(b.put(1, "sealed one"))
		s.must(err)
		_, err = v.Ask(b.put(2, "sealed two"))
		s.must(err)

		other := v.again(two)
		answer, err := other.Ask(b.get())
		s.must(err)
		if found := answer.(*chat.Blob); found.Version != 2 || string(found.Blob) != "sealed two" {
			s.Fatalf("version %d with %d bytes", found.Version, len(found.Blob))
		}
		// Two devices with one phrase: who stores first has won, and the other hears of it in both ways.
		other.attach(chat.Cursor{})
		s.gone(v.Client, chat.GoneReplaced)
		_, err = other.Ask(b.put(3, "of the other"))
		s.must(err)
		_, err = v.Ask(b.put(3, "of the first"))
		s.refused(err, chat.Policy, 0)
		s.everyKeyLives()
		_, err = other.Ask(b.drop())
		s.must(err)
		for name := range mustKeys(s) {
			if strings.HasSuffix(name, string(b.locator[:])) && !strings.Contains(name, ":g:") {
				s.Fatal("a blob that was dropped is there")
			}
		}
		_, err = other.Ask(b.put(4, "late"))
		s.refused(err, chat.NoBlob, 0)
		s.nothingTold(v)
	})
}

func TestAPutOfAnOlderVersionIsStale(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	b := newBlob()
	for version, text := range []string{"one", "two", "three"} {
		for range 2 { // each is repeated
			_, err := v.Ask(b.put(uint64(version+1), text))
			s.must(err)
		}
	}
	for _, f := range []*chat.Put{b.put(1, "one"), b.put(3, "another three"), b.put(5, "five"), b.put(1<<64-1, "")} {
		_, err := v.Ask(f)
		s.refused(err, chat.Stale, 3)
	}
}

// Whole answers are compared: nothing in them may tell a guess that is right from one that is not.
func TestWrongAndAbsentAndExpiredAnswerAlike(t *testing.T) {
	url, server := redistest.Mini(t)
	s := newStage(t, url)
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	there, absent, expired := newBlob(), newBlob(), newBlob()
	half := expired.put(1, "half")
	half.Keep = chat.KeepHalfKey
	for _, f := range []*chat.Put{there.put(1, "sealed"), half} {
		_, err := v.Ask(f)
		s.must(err)
	}
	server.FastForward(chat.HalfKeyFor - time.Second)
	_, err := v.Ask(expired.get())
	s.must(err)
	server.FastForward(2 * time.Second)

	wrong := there
	wrong.capability[0]++
	for name, ask := range map[string]func(blob) chat.Request{
		"a later version": func(b blob) chat.Request { return b.put(2, "mine") },
		"a drop":          func(b blob) chat.Request { return b.drop() },
	} {
		if a, b, c := s.refusedAs(v.Client, ask(wrong)), s.refusedAs(v.Client, ask(absent)), s.refusedAs(v.Client,
			ask(expired)); a != b || a != c {
			t.Errorf("%s: wrong %s, absent %s, expired %s", name, a, b, c)
		}
		server.FastForward(time.Second)
	}
	if a, b := s.refusedAs(v.Client, absent.get()), s.refusedAs(v.Client, expired.get()); a != b {
		t.Errorf("absent %s, expired %s", a, b)
	}
	answer, err := v.Ask(there.get())
	s.must(err)
	if found := answer.(*chat.Blob); found.Version != 1 || string(found.Blob) != "sealed" {
		t.Fatal("a wrong capability has changed the blob")
	}
}

func TestAStoreThatWasEmptiedIsTold(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	v := s.visitor(n)
	ask := func() uint64 {
		t.Helper()
		_, err := v.Ask(newBlob().get())
		var refusal *chat.Error
		if !errors.As(err, &refusal) || refusal.Code != chat.NoBlob {
			t.Fatalf("got %v", err)
		}
		return refusal.Detail
	}
	first := ask()
	if now := uint64(s.clock().Unix()); first == 0 || first > now || first+60 < now {
		t.Fatalf("first found empty at %d, now is %d", first, now)
	}
	s.now.Add(int64(time.Hour))
	if ask() != first {
		t.Fatal("another time, though nothing was emptied")
	}
	redistest.Command(t, s.url, "FLUSHALL")
	if again := ask(); again < first+3600 {
		t.Fatalf("emptied at %d, told %d", first+3600, again)
	}
	s.now.Add(int64(25 * time.Hour)) // the longest retention is 24
	if late := ask(); late != 0 {
		t.Fatalf("told %d of a store in which nothing can have been lost since", late)
	}
	s.everyKeyLives()
}

func TestAPutIsJudged(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	b := newBlob()
	v := s.visitor(n)
	_, err := v.Ask(b.put(1, "without a mailbox"))
	s.refused(err, chat.Policy, 0)
	v.open(sara)
	_, err = v.Ask(b.put(1, "one"))
	s.must(err)

	long := b.put(2, string(make([]byte, chat.LimitBlob)))
	_, err = v.Ask(long)
	s.must(err)
	long.Ref, long.Version = 99, 3
	frame, err := chat.Encode(long)
	s.must(err)
	frame[1+4+32+32+8] = byte(chat.KeepHalfKey)
	s.must(v.Raw(frame))
	if r := next[*chat.Refused](s, v.Client); r.Ref != 99 || r.Code != chat.TooLarge || r.Detail != chat.LimitHalfKey {
		t.Fatalf("a half key that is too long: %+v", r)
	}
	_, err = v.Ask(&chat.End{Mailbox: v.mailbox})
	s.must(err)
	s.gone(v.Client, chat.GoneByVisitor)
	_, err = v.Ask(b.put(3, "after the end"))
	s.refused(err, chat.Policy, 0)
	s.must(v.Raw(append(frame, 0)))
	s.closed(v.Client, chat.CloseTooLarge)
	over := v.again(n)
	s.must(over.Raw(append([]byte{byte(chat.KindSend)}, make([]byte, chat.LimitFrame)...)))
	s.closed(over.Client, chat.CloseTooLarge)

	// Nobody on the console's page has use for any of this.
	for _, f := range []chat.Request{b.put(1, ""), b.get(), b.drop(), &chat.Leave{Mailbox: v.mailbox},
		&chat.Keep{Mailbox: v.mailbox}} {
		sara.on(n)
		_, err := sara.Ask(f)
		s.refused(err, chat.Malformed, 0)
		s.closed(sara.Client, chat.CloseProtocol)
	}
	for _, f := range []chat.Request{&chat.Leave{Mailbox: v.mailbox, Erase: 1}, &chat.Keep{Mailbox: v.mailbox}} {
		_, err := v.again(n).Ask(f)
		s.refused(err, chat.BadCapability, 0)
	}
}

func TestGuessesAreThrottledOverAllNodes(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	one, two := s.node(), s.node()
	sara := s.certify(1, true)
	v := s.visitor(one)
	v.open(sara)
	own := newBlob()
	_, err := v.Ask(own.put(1, "sealed"))
	s.must(err)

	// One locator, whatever lies there: five in a minute, from wherever.
	for _, b := range []blob{own, newBlob()} {
		for get := range chat.LimitLocatorGets + 1 {
			_, err := s.visitor([]*node{one, two}[get%2]).Ask(b.get())
			if busy(err) != (get == chat.LimitLocatorGets) {
				t.Fatalf("get %d of one locator: %v", get+1, err)
			}
		}
		redistest.Command(t, s.url, "DEL", "u:lookups") // as after the second of all locators
	}

	// All locators: guessers on both nodes, by get and by put, use up one budget.
	guesser := s.visitor(two)
	guesser.open(sara)
	guess := func(ask func() chat.Request) (refused int) {
		t.Helper()
		for range 40 {
			var answers []<-chan chat.Frame
			for _, c := range []*visitor{s.visitor(one), s.visitor(two)} {
				for range chat.LimitRequests - 1 {
					answer, err := c.Begin(newBlob().get())
					s.must(err)
					answers = append(answers, answer)
				}
			}
			_, err := guesser.Ask(ask())
			for _, answer := range answers {
				if r, ok := (<-answer).(*chat.Refused); ok && r.Code == chat.Busy {
					refused++
				}
			}
			if busy(err) {
				return refused
			}
		}
		t.Fatal("none of so many guesses had to wait")
		return 0
	}
	guess(func() chat.Request { return newBlob().put(2, "mine") })
	if guess(func() chat.Request { return newBlob().get() }) == 0 {
		t.Fatal("get does not wait for what others have asked")
	}
	// Who has stored before stores on, and who erases erases, in the middle of it.
	for version := uint64(2); version < 6; version++ {
		_, err := v.Ask(own.put(version, "sealed again"))
		s.must(err)
	}
	_, err = v.Ask(own.drop())
	s.must(err)
	s.everyKeyLives()
	s.nothingTold(v)
}

func TestKilledBetweenAnyTwoStepsOfAPut(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	sara := s.certify(1, true)
	finished := false
	for steps := int64(0); steps < maxSteps && !finished; steps++ {
		redistest.Command(t, s.url, "FLUSHALL")
		f := new(fuse)
		dying := s.mortal(f)
		v := s.visitor(dying)
		v.open(sara)
		b := newBlob()
		f.left.Store(steps)
		f.lit.Store(true)
		_, err := v.Ask(b.put(1, "one"))
		finished = f.left.Load() > 0
		if steps == 0 {
			s.refused(err, chat.Unavailable, 0)
		}
		dying.kill()

		living := s.node()
		v = v.again(living)
		v.attach(chat.Cursor{})
		_, err = v.Ask(b.put(1, "one")) // the same frame again
		s.must(err)
		_, err = v.Ask(b.put(2, "two"))
		s.must(err)
		answer, err := v.Ask(b.get())
		s.must(err)
		if found := answer.(*chat.Blob); found.Version != 2 || string(found.Blob) != "two" {
			t.Fatalf("after %d steps: version %d", steps, found.Version)
		}
		s.everyKeyLives()
		living.kill()
	}
	if !finished {
		t.Fatalf("a put takes more than %d steps", maxSteps)
	}
}

// What the kommun promises for a left message is what a kept conversation gets, on a Redis that counts by itself.
func TestKeepRaisesTheRetention(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	sara, ali := s.certify(1, true), s.certify(2, true)
	v := s.visitor(n)
	v.open(sara, ali)
	b := newBlob()
	state := b.put(1, "sealed")
	_, err := v.Ask(state)
	s.must(err)
	half := newBlob()
	minutes := half.put(1, "half")
	minutes.Keep = chat.KeepHalfKey
	_, err = v.Ask(minutes)
	s.must(err)
	lives := func(want time.Duration) {
		t.Helper()
		found := 0
		for _, letter := range []string{"m", "e", "w"} {
			key := fmt.Sprintf("u:{%02d}:%s:%s", v.mailbox[0]%64, letter, v.mailbox[:])
			left, err := strconv.Atoi(redistest.Command(t, s.url, "TTL", key))
			s.must(err)
			if d := time.Duration(left) * time.Second; d > want || d < want-time.Minute {
				t.Errorf("%s lives for %v, want %v", letter, d, want)
			}
			found++
		}
		for _, d := range []*staff{sara, ali} {
			left, err := strconv.Atoi(redistest.Command(t, s.url, "TTL", "u:in:"+kommun+":"+d.id.String()))
			if err != nil || time.Duration(left)*time.Second < want-time.Minute {
				t.Errorf("an inbox lives for %d s (%v), want %v", left, err, want)
			}
		}
	}
	blobTTL := func(b blob) time.Duration {
		left, err := strconv.Atoi(redistest.Command(t, s.url, "TTL",
			fmt.Sprintf("u:{%02d}:b:%s", b.locator[0]%64, b.locator[:])))
		s.must(err)
		return time.Duration(left) * time.Second
	}
	lives(time.Hour)
	if d := blobTTL(b); d > 24*time.Hour || d < 24*time.Hour-time.Minute {
		t.Errorf("a sealed state lives for %v", d)
	}
	if d := blobTTL(half); d > chat.HalfKeyFor || d < chat.HalfKeyFor-time.Minute {
		t.Errorf("a half key lives for %v", d)
	}
	for range 2 {
		_, err = v.Ask(&chat.Keep{Mailbox: v.mailbox})
		s.must(err)
		s.eventually("the pointers are renewed", func() bool {
			notes, err := n.store.Pending(t.Context(), s.clock().Add(time.Hour))
			return err == nil && len(notes) == 0
		})
		lives(24 * time.Hour)
	}
	s.say(v.Client, v.mailbox, 2, 1, "more")
	lives(24 * time.Hour)
	s.everyKeyLives()
}

func TestABlobIsGoneOnTimeOnARealRedis(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	b := newBlob()
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	s.must(n.store.Put(t.Context(), relay.Putting{
		Seat: s.seat(v.mailbox, 0), Locator: b.locator, Capability: sha256.Sum256(b.capability[:]), Version: 1,
		Blob: []byte("sealed"), Retention: time.Second,
	}))
	if _, err := n.store.Get(t.Context(), b.locator); err != nil {
		t.Fatal(err)
	}
	s.eventually("the blob is gone", func() bool {
		_, err := n.store.Get(t.Context(), b.locator)
		var refusal *chat.Error
		return errors.As(err, &refusal) && refusal.Code == chat.NoBlob
	})
}
