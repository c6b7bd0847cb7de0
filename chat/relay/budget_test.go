package relay_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redisstore"
)

// half begins a frame of 100,000 bytes and sends as many of them.
func (s *stage) half(n *node, bytes int) *chattest.Client {
	s.Helper()
	c := s.dial(n, visitorOrigin)
	w, err := c.Socket().NextWriter(websocket.BinaryMessage)
	s.must(err)
	w.Write([]byte(strings.Repeat("\x02", bytes))) // fails where the relay has closed meanwhile
	return c
}

func TestManyHalfFramesTakeNoMoreThanTheNodeHas(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.MaxHeld = 20 * chat.LimitFrame })
	sara := s.certify(1, true)
	v := s.visitor(n)
	v.open(sara)
	var halves []*chattest.Client
	for range 10 {
		halves = append(halves, s.half(n, 60_000))
	}
	s.eventually("they hold all that there is", func() bool { return n.relay.Held() >= 10*chat.LimitFrame })
	// Whoever writes a usual message is not touched. A long one waits for room, and is not lost.
	s.say(v.Client, v.mailbox, 2, 1, strings.Repeat("x", 2000))
	s.entry(v.Client, 2)
	long, err := v.Begin(&chat.Send{Mailbox: v.mailbox, Counter: 3,
		Message: chattest.Text(v.mailbox, 1, strings.Repeat("x", 12_000))})
	s.must(err)
	select {
	case <-long:
		t.Fatal("more is held than there is room for")
	case <-time.After(200 * time.Millisecond):
	}
	for _, c := range halves {
		c.Cut()
	}
	if f, ok := <-long; !ok || f.Kind() != chat.KindAccepted {
		t.Fatalf("with room again: %v", f)
	}
}

// A node whose memory is spoken for closes the reader who has most waiting, not everybody.
func TestARoomThatIsFullIsTakenFromWhoeverDoesNotRead(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.MaxHeld = 600 << 10 })
	sara := s.certify(1, true)
	stalled := s.visitor(n)
	stalled.open(sara)
	stalled.Stall()
	other := s.visitor(n)
	other.open(sara)
	sara.on(n)
	sara.attach(stalled.mailbox, chat.Cursor{})
	var counter uint64
	var kept []chat.Cursor
	s.eventually("the one who does not read is closed", func() bool {
		counter++
		answer, err := sara.Ask(&chat.Send{Mailbox: stalled.mailbox, Counter: counter,
			Message: chattest.Text(stalled.mailbox, 1, strings.Repeat("x", 20_000))})
		if err == nil {
			// The sockets of this machine take megabytes before anything waits, and a mailbox holds four.
			if kept = append(kept, answer.(*chat.Accepted).Cursor); len(kept) > 150 {
				s.advanceAll(n, stalled, kept[0])
				kept = kept[1:]
			}
		} else {
			var refusal *chat.Error
			if !errors.As(err, &refusal) || refusal.Code != chat.Busy {
				t.Fatal(err)
			}
			counter--
			s.now.Add(int64(time.Second))
			stalled.Begin(&chat.Ping{})
			_, err := other.Ask(&chat.Ping{})
			s.must(err)
		}
		return n.relay.Stats().SlowReaders == 1
	})
	s.say(other.Client, other.mailbox, 2, 1, "still here")
	s.entry(other.Client, 2)
}

func TestACrowdedNodeClosesWhoDoesNothing(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.MaxConnections = 20 })
	sara := s.certify(1, true).on(n)
	v := s.visitor(n)
	v.open(sara)
	var idle []*chattest.Client
	for range 18 {
		idle = append(idle, s.dial(n, visitorOrigin))
	}
	if _, err := chattest.Dial(n.url, visitorOrigin); err == nil ||
		!strings.Contains(err.Error(), http.StatusText(http.StatusServiceUnavailable)) &&
			!strings.Contains(err.Error(), "503") {
		t.Fatalf("the twenty-first is answered %v", err)
	}
	s.now.Add(int64(11 * time.Second))
	for _, c := range idle {
		s.closed(c, chat.CloseOverloaded)
	}
	s.eventually("there is room again", func() bool { return n.relay.Stats().Connections == 2 })
	s.say(v.Client, v.mailbox, 2, 1, "still here")
	s.entry(v.Client, 2)
	_, err := sara.Ask(&chat.Ping{})
	s.must(err)
	// With room to spare nobody is asked what they are here for.
	calm := s.dial(n, visitorOrigin)
	s.now.Add(int64(20 * time.Second))
	time.Sleep(100 * time.Millisecond)
	_, err = calm.Ask(&chat.Ping{})
	s.must(err)
}
