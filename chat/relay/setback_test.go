package relay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

// copied are the keys of a mailbox that make its state, as keys.go names them.
var copied = []string{"m", "e", "w"}

func (s *stage) keyOf(mailbox chat.Mailbox, what string) string {
	return fmt.Sprintf("u:{%02d}:%s:%s", mailbox[0]%64, what, mailbox[:])
}

// keep puts a mailbox aside as it is now, and setBack brings that back: what a replica has that takes over without the
// tail.
func (s *stage) keep(mailbox chat.Mailbox) {
	for _, what := range copied {
		redistest.Command(s.T, s.url, "COPY", s.keyOf(mailbox, what), s.keyOf(mailbox, "old "+what), "REPLACE")
	}
}

func (s *stage) setBack(mailbox chat.Mailbox) {
	for _, what := range copied {
		redistest.Command(s.T, s.url, "COPY", s.keyOf(mailbox, "old "+what), s.keyOf(mailbox, what), "REPLACE")
	}
}

// setback is a conversation whose store has lost the last entry, which both have read.
func setback(t *testing.T, sweep time.Duration, around ...func(relay.Store) relay.Store) (*stage, *node, *visitor,
	*staff) {
	s := newStage(t, redistest.Start(t))
	if len(around) > 0 {
		s.around = around[0]
	}
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = sweep })
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	next[*chat.Waiting](s, sara.Client)
	s.entry(sara.Client, 1)
	s.keep(v.mailbox)
	s.say(v.Client, v.mailbox, 2, 1, "two")
	s.entry(v.Client, 2)
	s.entry(sara.Client, 2)
	s.setBack(v.mailbox)
	return s, n, v, sara
}

// Readers that stay attached while the store behind them loses its tail are told: they would wait for what has another
// place now.
func TestATailThatGotLostIsSaidToReaders(t *testing.T) {
	s, _, v, sara := setback(t, 10*time.Millisecond)
	s.gone(v.Client, chat.GoneLost)
	s.gone(sara.Client, chat.GoneLost)
	_, err := v.Ask(&chat.Advance{Mailbox: v.mailbox})
	s.refused(err, chat.CursorMismatch, 0)
}

// Where something else has taken the lost entry's place, nothing that follows reaches whoever has read it, and they are
// told at once; also where only what follows is heard of.
func TestNobodyReadsOnBehindATailThatGotLost(t *testing.T) {
	for _, missed := range []bool{false, true} {
		lose := func(e relay.Event) bool {
			return missed && e.Kind == relay.EventEntry && e.Entry.Slot == 1 && e.Entry.Seq == 2
		}
		s, n, v, sara := setback(t, time.Hour, func(store relay.Store) relay.Store { return deaf{store, lose} })
		// The device had not read the entry that is lost, and writes in its place.
		sara.on(n).attach(v.mailbox, chat.Cursor{})
		s.say(sara.Client, v.mailbox, 1, 1, "another two")
		if missed {
			s.say(sara.Client, v.mailbox, 2, 1, "three")
		}
		s.gone(v.Client, chat.GoneLost)
	}
}
