package relay_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func TestFromFirstWordToTheEnd(t *testing.T) {
	onEach(t, func(s *stage) {
		one, two := s.node(), s.node()
		sara, ali := s.certify(1, true), s.certify(2, true)
		sara.on(two)
		v := s.visitor(one)
		v.open(sara, ali)

		if w := next[*chat.Waiting](s, sara.Client); w.Mailbox != v.mailbox || w.Since%60 != 0 {
			s.Fatalf("waiting since %d", w.Since)
		}
		welcome, err := sara.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.must(err)
		if len(welcome.(*chat.Welcome).Welcome) != len(chattest.Welcome(300)) {
			s.Fatal("another Welcome came out")
		}
		if a := sara.attach(v.mailbox, chat.Cursor{}); a.Slot != 1 || a.Epoch != 1 || a.Head.Seq != 1 || a.Counter != 0 {
			s.Fatalf("attached: slot %d, epoch %d, head %d", a.Slot, a.Epoch, a.Head.Seq)
		}
		s.entry(sara.Client, 1)
		ali.on(one)
		next[*chat.Waiting](s, ali.Client)
		ali.attach(v.mailbox, chat.Cursor{})
		s.entry(ali.Client, 1)

		_, err = sara.Ask(claim(v.mailbox, 1, 1, ali))
		s.must(err)
		for _, c := range []*chattest.Client{sara.Client, v.Client, ali.Client} {
			s.entry(c, 2)
		}
		s.gone(ali.Client, chat.GoneClosed)
		s.say(sara.Client, v.mailbox, 2, 2, "Hej, jag heter Sara.")
		s.say(v.Client, v.mailbox, 2, 2, "Hej.")
		for _, c := range []*chattest.Client{sara.Client, v.Client} {
			s.entry(c, 3)
			last := s.entry(c, 4)
			_, err := c.Ask(&chat.Advance{Mailbox: v.mailbox,
				Cursor: chat.Cursor{Incarnation: welcomeOf(s, v), Seq: 4, Tag: last.Tag}})
			s.must(err)
		}
		_, err = ali.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Text(v.mailbox, 2, "too late")})
		s.refused(err, chat.SlotClosed, 2)
		s.silent(ali.Client)

		s.everyKeyLives()
		_, err = v.Ask(&chat.End{Mailbox: v.mailbox, Counter: 3, Message: chattest.Text(v.mailbox, 2, "farväl")})
		s.must(err)
		s.entry(sara.Client, 5)
		s.gone(sara.Client, chat.GoneByVisitor)
		s.entry(v.Client, 5)
		s.gone(v.Client, chat.GoneByVisitor)
		_, err = sara.Ask(&chat.End{Mailbox: v.mailbox})
		s.must(err) // ending what has ended
		_, err = sara.Ask(&chat.Attach{Mailbox: v.mailbox})
		s.refused(err, chat.Ended, 1)
		_, err = sara.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 3, Message: chattest.Text(v.mailbox, 2, "…")})
		s.refused(err, chat.Ended, 1)

		s.everyKeyLives()
		s.nothingLeft(v)
		s.nothingTold(v)
	})
}

// Somebody takes the phone: the page asks for the end, and is gone before it is answered.
func TestWhatWasAskedIsDoneThoughTheVisitorHasGone(t *testing.T) {
	onEach(t, func(s *stage) {
		n := s.node()
		sara := s.certify(1, true).on(n)
		for range 8 {
			v := s.visitor(n)
			v.open(sara)
			next[*chat.Waiting](s, sara.Client)
			sara.attach(v.mailbox, chat.Cursor{})
			s.entry(sara.Client, 1)
			for _, request := range []chat.Request{
				&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "jag måste")},
				&chat.End{Mailbox: v.mailbox},
			} {
				_, err := v.Begin(request)
				s.must(err)
			}
			v.Cut()
			s.entry(sara.Client, 2)
			s.gone(sara.Client, chat.GoneByVisitor)
		}
	})
}

// welcomeOf returns the mailbox's incarnation, as an attach tells it.
func welcomeOf(s *stage, v *visitor) chat.Incarnation {
	store, err := redisstore.Open(s.Context(), redisstore.Options{URL: s.url})
	s.must(err)
	defer store.Close()
	heads, err := store.Heads(s.Context(), []chat.Mailbox{v.mailbox})
	s.must(err)
	return heads[0].Incarnation
}

// everyKeyLives requires that there are keys and that each has a time to live.
func (s *stage) everyKeyLives() {
	s.Helper()
	keys, err := redistest.Keys(s.Context(), s.url)
	s.must(err)
	if len(keys) == 0 {
		s.Fatal("no key at all")
	}
	for name, ttl := range keys {
		if ttl < 0 || ttl > 25*60*60 {
			s.Errorf("a key like %.4q lives %d seconds", name, ttl)
		}
	}
}

// nothingLeft requires that after the end only a tombstone names the mailbox.
func (s *stage) nothingLeft(v *visitor) {
	s.Helper()
	keys, err := redistest.Keys(s.Context(), s.url)
	s.must(err)
	tombs := 0
	for name := range keys {
		if strings.HasSuffix(name, string(v.mailbox[:])) {
			if !strings.Contains(name, ":t:") {
				s.Errorf("%.8q is still there", name)
			}
			tombs++
		}
		for _, ask := range [][]string{{"HEXISTS", name, string(v.mailbox[:])}, {"ZSCORE", name, string(v.mailbox[:])}} {
			if kind := redistest.Command(s.T, s.url, "TYPE", name); (kind == "hash") != (ask[0] == "HEXISTS") ||
				kind == "string" {
				continue
			}
			if found := redistest.Command(s.T, s.url, ask...); found != "0" && found != "" {
				s.Errorf("%.8q still holds the mailbox", name)
			}
		}
	}
	if tombs != 1 {
		s.Errorf("%d keys of the mailbox, want its tombstone", tombs)
	}
}

// nothingTold requires that the log holds no id, body or address.
func (s *stage) nothingTold(v *visitor) {
	s.Helper()
	text := s.log.String()
	for what, secret := range map[string]string{
		"the mailbox in hex":    hex.EncodeToString(v.mailbox[:8]),
		"the mailbox in base64": base64.StdEncoding.EncodeToString(v.mailbox[:9]),
		"the mailbox":           string(v.mailbox[:8]), "a text": "heter", "an address": "127.0.0.1",
		"a user agent": "Go-http-client",
		"a socket":     "->",
	} {
		if strings.Contains(text, secret) {
			s.Errorf("the log tells %s:\n%s", what, text)
		}
	}
}

func TestOneOfTwoClaimsWins(t *testing.T) {
	onEach(t, func(s *stage) {
		nodes := []*node{s.node(), s.node()}
		sara, ali := s.certify(1, true), s.certify(2, true)
		for round := range 20 {
			v := s.visitor(nodes[0])
			v.open(sara, ali)
			sara.on(nodes[0]).attach(v.mailbox, chat.Cursor{})
			ali.on(nodes[1]).attach(v.mailbox, chat.Cursor{})
			// In even rounds each closes the other; in odd ones the epoch alone decides.
			closing := map[*staff][]*staff{sara: {ali}, ali: {sara}}
			want := chat.SlotClosed
			if round%2 == 1 {
				closing, want = nil, chat.WrongEpoch
			}
			var racers sync.WaitGroup
			results := make(chan error, 2)
			for _, d := range []*staff{sara, ali} {
				racers.Go(func() {
					_, err := d.Ask(claim(v.mailbox, 1, 1, closing[d]...))
					results <- err
				})
			}
			racers.Wait()
			first, second := <-results, <-results
			if first != nil {
				first, second = second, first
			}
			s.must(first)
			s.refused(second, want, 2)
		}
	})
}

func TestResumeLosesAndDoublesNothing(t *testing.T) {
	onEach(t, func(s *stage) {
		nodes := []*node{s.node(), s.node()}
		sara := s.certify(1, true)
		v := s.visitor(nodes[0])
		v.open(sara)
		writer := sara.on(nodes[1])
		writer.attach(v.mailbox, chat.Cursor{})
		const messages = 50
		written := make(chan error, 1)
		go func() {
			for counter := uint64(1); counter <= messages; counter++ {
				_, err := writer.Ask(&chat.Send{Mailbox: v.mailbox, Counter: counter,
					Message: chattest.Text(v.mailbox, 1, fmt.Sprint(counter))})
				for refused, ok := err.(*chat.Error); ok && refused.Code == chat.Busy; refused, ok = err.(*chat.Error) {
					s.now.Add(int64(time.Second)) // its bucket is full again
					_, err = writer.Ask(&chat.Send{Mailbox: v.mailbox, Counter: counter,
						Message: chattest.Text(v.mailbox, 1, fmt.Sprint(counter))})
				}
				if err != nil {
					written <- err
					return
				}
			}
			written <- nil
		}()
		at := chat.Cursor{}
		for cut := 0; at.Seq < messages+1; cut++ {
			reader := v.again(nodes[cut%2])
			head := reader.attach(at).Head
			at.Incarnation = head.Incarnation
			for range 1 + cut%7 {
				frame, err := reader.Next()
				s.must(err)
				if g, ok := frame.(*chat.Gone); ok {
					s.Fatalf("gone for reason %d", g.Reason)
				}
				e := frame.(*chat.Entry)
				if e.Seq != at.Seq+1 {
					s.Fatalf("entry %d after %d", e.Seq, at.Seq)
				}
				if e.Slot == 1 && string(e.Message) != string(chattest.Bind(chattest.Text(v.mailbox, 1, fmt.Sprint(e.Counter)),
					chat.Bound{Counter: e.Counter})) {
					s.Fatalf("entry %d is another message", e.Seq)
				}
				at.Seq, at.Tag = e.Seq, e.Tag
				if at.Seq == messages+1 {
					break
				}
			}
			reader.Cut()
		}
		s.must(<-written)
	})
}

func TestDuplicatesAndGaps(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	opening := v.opening(sara)
	first, err := v.Ask(opening)
	s.must(err)
	other := v.again(n)
	repeat, err := other.Ask(opening)
	s.must(err)
	if *repeat.(*chat.Accepted) != (chat.Accepted{Ref: 1, Counter: 1, Cursor: first.(*chat.Accepted).Cursor}) {
		t.Fatal("a repeated opening got another answer")
	}
	two := s.say(other.Client, v.mailbox, 2, 1, "two")
	if again := s.say(other.Client, v.mailbox, 2, 1, "two"); again != two {
		t.Fatal("a repeated message got another place")
	}
	_, err = other.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 4, Message: chattest.Text(v.mailbox, 1, "four")})
	s.refused(err, chat.CounterGap, 3)
	_, err = other.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Text(v.mailbox, 1, "one")})
	s.refused(err, chat.CounterOld, 0)
	_, err = other.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "another two")})
	s.refused(err, chat.CounterReused, 0)
	other.attach(chat.Cursor{})
	s.entry(other.Client, 1)
	s.entry(other.Client, 2)
	s.silent(other.Client)

	third := v.again(n)
	repeat, err = third.Ask(opening) // the opener has gone on, and still its frame is a repeat
	s.must(err)
	if repeat.(*chat.Accepted).Cursor != first.(*chat.Accepted).Cursor {
		t.Fatal("a repeated opening got another answer")
	}
	s.gone(other.Client, chat.GoneReplaced)
	another := v.opening(sara)
	another.Message = chattest.Text(v.mailbox, 1, "Hej, jag är en annan.")
	_, err = v.again(n).Ask(another)
	s.refused(err, chat.Exists, 0)
	_, err = third.Ask(&chat.End{Mailbox: v.mailbox})
	s.must(err)
	for _, f := range []*chat.Open{opening, another} {
		_, err = v.again(n).Ask(f)
		s.refused(err, chat.Exists, 0) // by the tombstone
	}
}

func TestAStoreThatLostEverything(t *testing.T) {
	onEach(t, func(s *stage) {
		n := s.node()
		sara := s.certify(1, true)
		v := s.visitor(n)
		opening := v.opening(sara)
		_, err := v.Ask(opening)
		s.must(err)
		v.attach(chat.Cursor{})
		at := chat.Cursor{Incarnation: welcomeOf(s, v), Seq: 1, Tag: s.entry(v.Client, 1).Tag}
		sara.on(n).attach(v.mailbox, chat.Cursor{})
		next[*chat.Waiting](s, sara.Client)
		s.entry(sara.Client, 1)

		redistest.Command(s.T, s.url, "FLUSHALL")
		s.gone(sara.Client, chat.GoneLost) // noticed although nobody writes
		s.gone(v.Client, chat.GoneLost)
		_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, "…")})
		s.refused(err, chat.NoMailbox, 0)
		_, err = v.again(n).Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability, Cursor: at})
		s.refused(err, chat.NoMailbox, 0)

		_, err = v.again(n).Ask(opening) // an opener that crashed before it knew
		s.must(err)
		_, err = sara.Ask(&chat.Attach{Mailbox: v.mailbox, Cursor: at})
		s.refused(err, chat.CursorMismatch, 0)
	})
}

func TestARemovedDeviceReadsNothingMore(t *testing.T) {
	onEach(t, func(s *stage) {
		n := s.node()
		sara, ali := s.certify(1, true), s.certify(2, true)
		v := s.visitor(n)
		v.open(sara, ali)
		sara.on(n).attach(v.mailbox, chat.Cursor{})
		_, err := sara.Ask(claim(v.mailbox, 1, 1, ali))
		s.must(err)
		s.say(v.Client, v.mailbox, 2, 2, "after the claim")

		// It was away, and comes back after it was shut out.
		ali.on(n).attach(v.mailbox, chat.Cursor{})
		s.entry(ali.Client, 1)
		closing := s.entry(ali.Client, 2)
		s.gone(ali.Client, chat.GoneClosed)
		s.silent(ali.Client)
		at := chat.Cursor{Incarnation: welcomeOf(s, v), Seq: 2, Tag: closing.Tag}
		for _, request := range []chat.Request{
			&chat.Attach{Mailbox: v.mailbox, Cursor: at}, &chat.Fetch{Mailbox: v.mailbox},
			&chat.End{Mailbox: v.mailbox}, claim(v.mailbox, 1, 2, sara), &chat.Advance{Mailbox: v.mailbox, Cursor: at},
		} {
			_, err := ali.Ask(request)
			s.refused(err, chat.SlotClosed, 2)
		}
		// What is live must not come either.
		s.say(v.Client, v.mailbox, 3, 2, "more")
		s.entry(v.Client, 2)
		s.entry(v.Client, 3)
		s.entry(v.Client, 4)
		s.silent(ali.Client)
		// Its inbox has forgotten the mailbox.
		s.silent(ali.on(n).Client)
	})
}

func TestTimersAreSetAndCleared(t *testing.T) {
	s := newStage(t, redistest.Start(t))
	told := make(chan string, 64)
	n := s.node(func(c *config, _ *redisstore.Options) {
		c.Policy = func(string) relay.Policy { return relay.ConsolesEvery(10 * time.Second) }
		c.OnStep = func(_ context.Context, s relay.Step) error {
			told <- s.Kommun
			return nil
		}
	})
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	next[*chat.Waiting](s, sara.Client)
	s.entry(sara.Client, 1)

	s.now.Add(int64(11 * time.Second))
	if k := <-told; k != kommun {
		t.Fatal(k)
	}
	next[*chat.Waiting](s, sara.Client)

	timers := func() (n int) {
		for name := range mustKeys(s) {
			if strings.HasSuffix(name, ":due") {
				n++
			}
		}
		return n
	}
	if timers() != 1 {
		t.Fatalf("%d timers while the visitor waits", timers())
	}
	answered := func(c chat.Cursor) {
		_, err := sara.Ask(&chat.Resolve{Mailbox: v.mailbox, Cursor: c})
		s.must(err)
	}
	one := s.head(n, v.mailbox)
	_, err := sara.Ask(&chat.Resolve{Mailbox: v.mailbox, Cursor: one})
	s.refused(err, chat.Policy, 0) // nobody has claimed yet
	if timers() != 1 {
		t.Fatal("an alarm was silenced without a claim")
	}
	one = sara.send(claim(v.mailbox, 1, 1))
	s.say(sara.Client, v.mailbox, 2, 2, "a receipt, for all that the relay knows")
	if timers() != 1 {
		t.Fatal("an entry of a device stopped the alarm by itself")
	}
	answered(one)
	if timers() != 0 {
		t.Fatal("a timer after the answer")
	}
	_, err = v.Ask(&chat.Resolve{Mailbox: v.mailbox, Cursor: one})
	s.refused(err, chat.Policy, 0)
	s.say(v.Client, v.mailbox, 2, 2, "and again")
	if timers() != 1 {
		t.Fatal("no timer after the visitor's entry")
	}
	answered(one)
	if timers() != 1 {
		t.Fatal("an answer to what came before stopped the alarm")
	}
	answered(s.head(n, v.mailbox))
	if timers() != 0 {
		t.Fatal("a timer after everything was answered")
	}
}

// keysBut are the keys that are there, without those that a node keeps whatever is asked.
func keysBut(s *stage, always ...string) (left []string) {
	s.Helper()
	for key := range mustKeys(s) {
		if !slices.Contains(always, key) {
			left = append(left, key)
		}
	}
	return left
}

func mustKeys(s *stage) map[string]int {
	s.Helper()
	keys, err := redistest.Keys(s.Context(), s.url)
	s.must(err)
	return keys
}
