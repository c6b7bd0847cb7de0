package relay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
)

// faulty is a store with faults in it: it panics where a word is written, and now and then elsewhere.
type faulty struct {
	relay.Store
	subscribes, sweeps, reads *atomic.Int64
}

const faultyWord = "tell-tale"

func (f faulty) Append(ctx context.Context, a relay.Appending) (relay.Appended, error) {
	if bytes.Contains(a.Message, []byte(faultyWord)) {
		panic(string(a.Message))
	}
	return f.Store.Append(ctx, a)
}

func (f faulty) Open(ctx context.Context, o relay.Opening) (relay.Opened, error) {
	if bytes.Contains(o.Message, []byte(faultyWord)) {
		var nothing *relay.Opening
		o.Mailbox = nothing.Mailbox // a panic of the runtime
	}
	return f.Store.Open(ctx, o)
}

// Attach leaves to Read what it has read.
func (f faulty) Attach(ctx context.Context, a relay.Attaching) (relay.Attached, error) {
	found, err := f.Store.Attach(ctx, a)
	found.Page.Entries = nil
	return found, err
}

func (f faulty) Read(ctx context.Context, seat relay.Seat, after relay.Position) (relay.Page, error) {
	if f.reads.Add(-1) == 0 {
		panic(faultyWord)
	}
	return f.Store.Read(ctx, seat, after)
}

func (f faulty) DueSteps(ctx context.Context, now time.Time, longest time.Duration) (
	[]relay.DueStep, time.Time, error,
) {
	if f.sweeps.Add(1) < 4 {
		panic(faultyWord)
	}
	return f.Store.DueSteps(ctx, now, longest)
}

func (f faulty) Subscribe(ctx context.Context, handle func(relay.Event)) error {
	if f.subscribes.Add(1) < 2 {
		panic(faultyWord)
	}
	return f.Store.Subscribe(ctx, handle)
}

func (s *stage) closedForAFault(c *chattest.Client) {
	s.Helper()
	s.closed(c, chat.CloseCode(websocket.CloseInternalServerErr))
}

func TestAFaultEndsOneConnectionAlone(t *testing.T) {
	s := onMini(t)
	f := faulty{subscribes: new(atomic.Int64), sweeps: new(atomic.Int64), reads: new(atomic.Int64)}
	s.around = func(store relay.Store) relay.Store {
		f.Store = store
		return f
	}
	n := s.node(func(c *config, _ *redisstore.Options) { c.Logger = quietlog.New(s.log) })
	sara := s.certify(1, true)
	other := s.visitor(n)
	other.open(sara)

	v := s.visitor(n)
	v.open(sara)
	v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: chattest.Text(v.mailbox, 1, faultyWord)})
	s.closedForAFault(v.Client)
	v = v.again(n)
	v.attach(chat.Cursor{})
	s.entry(v.Client, 1)
	s.say(v.Client, v.mailbox, 2, 1, "as if nothing had happened")
	s.entry(v.Client, 2)

	opening := s.visitor(n)
	frame := opening.opening(sara)
	frame.Message = chattest.Text(opening.mailbox, 1, faultyWord)
	opening.Ask(frame)
	s.closedForAFault(opening.Client)

	reading := v.again(n)
	f.reads.Store(1)
	reading.Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability}) // the answer may be overtaken
	s.closedForAFault(reading.Client)

	s.eventually("the sweeps go on", func() bool { return f.sweeps.Load() > 5 })
	s.say(other.Client, other.mailbox, 2, 1, "two")
	s.entry(other.Client, 2)
	s.eventually("what panicked is gone", func() bool { return n.relay.Stats().Connections == 2 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s.must(n.relay.Close(ctx))

	log := s.log.String()
	if got := strings.Count(log, "kind=panic where=rescue_test.go:"); got != 7 {
		t.Errorf("%d lines of faults, want 7: %s", got, log)
	}
	if strings.Contains(log, faultyWord) || strings.Contains(log, "goroutine") {
		t.Errorf("the log tells more than where: %s", log)
	}
}

// A store that is down for an hour is told of once, and so is its return; and both lines say what they are about.
func TestAStoreThatIsDownIsLoggedOnce(t *testing.T) {
	s := onMini(t)
	var down atomic.Bool
	var calls atomic.Int64
	n := s.node(func(c *config, o *redisstore.Options) {
		c.Logger = quietlog.New(s.log)
		o.Gate = func() error {
			if calls.Add(1); down.Load() {
				return errors.New("no answer from 192.0.2.7:6379")
			}
			return nil
		}
	})
	v := s.visitor(n)
	rounds := func() {
		from := calls.Load()
		s.eventually("some sweeps", func() bool { return calls.Load() > from+30 })
	}
	for range 2 {
		s.log.reset()
		down.Store(true)
		for range 5 {
			_, err := v.Ask(v.opening(s.certify(1, true)))
			s.refused(err, chat.Unavailable, 0)
		}
		rounds()
		down.Store(false)
		rounds()
		if got := s.log.String(); strings.Count(got, "\n") != 1 ||
			!strings.Contains(got, `msg="the store does not answer" kind=`) ||
			!strings.Contains(got, `problem="no answer from [address]"`) {
			t.Fatalf("while it is down: %s", got)
		}
		s.now.Add(int64(2 * time.Minute))
		s.eventually("the recovery is told",
			func() bool { return strings.Contains(s.log.String(), "the store answers again") })
		rounds()
		if got := s.log.String(); strings.Count(got, "\n") != 2 {
			t.Fatalf("after it: %s", got)
		}
		v = s.visitor(n)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.MaxConnections = 2 })
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer")
		n.relay.Handler(kommun, origins).ServeHTTP(w, r)
	}))
	defer site.Close()
	one, two := s.dial(n, visitorOrigin), s.dial(n, visitorOrigin)
	for range 3 {
		header := http.Header{"Origin": {visitorOrigin}, "Sec-Websocket-Protocol": {relay.Subprotocol}}
		_, answer, err := websocket.DefaultDialer.Dial(strings.Replace(site.URL, "http", "ws", 1), header)
		if err == nil || answer == nil || answer.StatusCode != http.StatusServiceUnavailable ||
			answer.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("the third got in or was told wrongly: %v", answer)
		}
	}
	if got := s.log.String(); strings.Count(got, "TOO MANY CONNECTIONS") != 1 || !strings.Contains(got, "count=2") {
		t.Errorf("the log says: %s", got)
	}
	one.Close()
	s.eventually("there is room again", func() bool {
		c, err := chattest.Dial(n.url, visitorOrigin)
		if err == nil {
			s.Cleanup(c.Close)
		}
		return err == nil
	})
	_, err := two.Ask(&chat.Ping{})
	s.must(err)
}

func TestUpgradesThatAreNotQuiteRight(t *testing.T) {
	s := onMini(t)
	n := s.node()
	const rest = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: utvag.1\r\n"
	for request, status := range map[string]string{
		"GET / HTTP/1.1\r\n" + rest + "Origin: " + visitorOrigin + "\r\n":                                           "101",
		"GET / HTTP/1.0\r\n" + rest + "Origin: " + visitorOrigin + "\r\n":                                           "400",
		"GET / HTTP/1.1\r\n" + rest + "Origin: " + visitorOrigin + "\r\nOrigin: https://elsewhere.test\r\n":         "403",
		"GET / HTTP/1.1\r\n" + rest + "Origin: " + visitorOrigin + "\r\norigin: " + visitorOrigin + "\r\n":          "403",
		"GET / HTTP/1.1\r\n" + rest + "Origin: " + visitorOrigin + ", https://elsewhere.test\r\n":                   "403",
		"GET / HTTP/1.1\r\n" + strings.Replace(rest, "utvag.1", "utvag.2", 1) + "Origin: " + visitorOrigin + "\r\n": "400",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
		s.must(err)
		c.SetDeadline(time.Now().Add(5 * time.Second))
		io.WriteString(c, request+"\r\n")
		answer := make([]byte, len("HTTP/1.1 101"))
		_, err = io.ReadFull(c, answer)
		c.Close()
		if err != nil || string(answer[len("HTTP/1.1 "):]) != status {
			t.Errorf("%q: %s, %v, want %s", request, answer, err, status)
		}
	}
}
