package relay_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func onMini(t *testing.T) *stage {
	url, _ := redistest.Mini(t)
	return newStage(t, url)
}

func (s *stage) closed(c *chattest.Client, want chat.CloseCode) {
	s.Helper()
	got, err := c.CloseCode()
	s.must(err)
	if got != want {
		s.Fatalf("closed with %v, want %v", got, want)
	}
}

func TestBrokenFramesCloseTheConnection(t *testing.T) {
	s := onMini(t)
	n := s.node()
	ping, err := chat.Encode(&chat.Ping{Ref: 9})
	s.must(err)
	for name, frame := range map[string][]byte{
		"nothing": {}, "an unknown kind": {0x10, 0, 0, 0, 9}, "a kind of the relay": {0x42, 0, 0, 0, 9},
		"ref 0": {0x09, 0, 0, 0, 0}, "trailing": append(bytes.Clone(ping), 0), "truncated": ping[:3],
		"a length that is not minimal": append([]byte{0x01, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0x40, 1}, 0),
	} {
		t.Run(name, func(t *testing.T) {
			s := &stage{T: t, url: s.url, roster: s.roster, log: s.log}
			c := s.dial(n, visitorOrigin)
			s.must(c.Raw(frame))
			if r := next[*chat.Refused](s, c); r.Code != chat.Malformed {
				t.Fatalf("refused with %v", r.Code)
			}
			s.closed(c, chat.CloseProtocol)
		})
	}
	c := s.dial(n, visitorOrigin)
	s.must(c.Socket().WriteMessage(websocket.TextMessage, ping))
	s.closed(c, chat.CloseProtocol)
	c = s.dial(n, visitorOrigin)
	s.must(c.Raw(make([]byte, chat.LimitFrame+1)))
	s.closed(c, chat.CloseTooLarge)
	s.eventually("all connections are gone", func() bool { return n.relay.Stats().Connections == 0 })
}

func TestALimitIsRefusedAndTheConnectionStays(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	long := v.opening(sara)
	long.Ref = 77
	frame, err := chat.Encode(long)
	s.must(err)
	frame = append(frame[:len(frame)-len(long.Message)-2], 0x80, 0, 0x50, 1)
	s.must(v.Raw(append(frame, make([]byte, 20481)...)))
	if r := next[*chat.Refused](s, v.Client); r.Ref != 77 || r.Code != chat.TooLarge || r.Detail != chat.LimitApplication {
		t.Fatalf("refused %+v", r)
	}
	v.open(sara)
	_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2,
		Message: chattest.Text(v.mailbox, 1, strings.Repeat("x", chat.LimitApplication))})
	s.refused(err, chat.TooLarge, chat.LimitApplication)
	other := *v
	other.mailbox = chattest.NewMailbox()
	_, err = v.Ask(other.opening(sara))
	s.refused(err, chat.TooLarge, 1)
	// Once the first is over, there is room for another.
	_, err = v.Ask(&chat.End{Mailbox: v.mailbox})
	s.must(err)
	s.gone(v.Client, chat.GoneByVisitor)
	_, err = v.Ask(other.opening(sara))
	s.must(err)
}

func TestOpeningIsJudged(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, tolk, stranger := s.certify(1, true), s.certify(2, false), s.certify(3, true)
	s.decertify(stranger)
	for name, c := range map[string]struct {
		spoil  func(*chat.Open)
		code   chat.Code
		detail uint64
	}{
		"another group": {func(f *chat.Open) { f.Message = chattest.Text(chattest.NewMailbox(), 1, "") },
			chat.BadMessage, 0},
		"no MLS message": {func(f *chat.Open) { f.Message = []byte("hej") }, chat.BadMessage, 0},
		"no Welcome":     {func(f *chat.Open) { f.Welcome = nil }, chat.BadMessage, 0},
		"another epoch":  {func(f *chat.Open) { f.Message = chattest.Text(f.Mailbox, 2, "") }, chat.WrongEpoch, 1},
		"a commit":       {func(f *chat.Open) { f.Message = chattest.Commit(f.Mailbox, 1) }, chat.Policy, 0},
		"a proposal": {func(f *chat.Open) { f.Message = chattest.Message(f.Mailbox, 1, chat.Proposal, nil) },
			chat.Policy, 0},
		"no device":            {func(f *chat.Open) { f.Devices = nil }, chat.Policy, 0},
		"a device twice":       {func(f *chat.Open) { f.Devices = append(f.Devices, f.Devices...) }, chat.Policy, 0},
		"work":                 {func(f *chat.Open) { f.Work = []byte{1} }, chat.Work, 0},
		"an interpreter":       {func(f *chat.Open) { f.Devices = append(f.Devices, tolk.id) }, chat.Policy, 0},
		"a device that is not": {func(f *chat.Open) { f.Devices = append(f.Devices, stranger.id) }, chat.UnknownDevice, 0},
	} {
		v := s.visitor(n)
		f := v.opening(sara)
		c.spoil(f)
		if _, err := v.Ask(f); err == nil {
			t.Errorf("%s: accepted", name)
		} else {
			s.refused(err, c.code, c.detail)
		}
	}
	if keys := keysBut(s, "u:born"); len(keys) != 0 {
		t.Fatalf("a refusal left %q", keys)
	}
}

func TestSendingIsJudged(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali, stranger, omar := s.certify(1, true), s.certify(2, true), s.certify(3, true), s.certify(4, true)
	s.decertify(stranger)
	v := s.visitor(n)
	v.open(sara, ali)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	text, commit, welcome := chattest.Text(v.mailbox, 1, "x"), chattest.Commit(v.mailbox, 1), chattest.Welcome(9)
	for name, c := range map[string]struct {
		from *chattest.Client
		send chat.Send
		code chat.Code
	}{
		"a text that closes": {v.Client, chat.Send{Message: text, Closes: []chat.Device{ali.id}}, chat.Policy},
		"a text that opens": {v.Client, chat.Send{Message: text, Opens: []chat.Device{ali.id}, Welcome: welcome},
			chat.Policy},
		"a text with a Welcome": {v.Client, chat.Send{Message: text, Welcome: welcome}, chat.Policy},
		"a device that opens": {sara.Client,
			chat.Send{Message: commit, Opens: []chat.Device{ali.id}, Welcome: welcome}, chat.Policy},
		"a device that opens somebody new": {sara.Client,
			chat.Send{Message: commit, Opens: []chat.Device{omar.id}, Welcome: welcome}, chat.Policy},
		"a Welcome for nobody":      {v.Client, chat.Send{Message: commit, Welcome: welcome}, chat.Policy},
		"opening without a Welcome": {v.Client, chat.Send{Message: commit, Opens: []chat.Device{ali.id}}, chat.Policy},
		"opening who is open": {v.Client, chat.Send{Message: commit, Opens: []chat.Device{ali.id}, Welcome: welcome},
			chat.Policy},
		"opening a stranger": {v.Client,
			chat.Send{Message: commit, Opens: []chat.Device{stranger.id}, Welcome: welcome}, chat.UnknownDevice},
		"closing a stranger": {sara.Client, chat.Send{Message: commit, Closes: []chat.Device{stranger.id}},
			chat.Policy},
		"a proposal": {sara.Client, chat.Send{Message: chattest.Message(v.mailbox, 1, chat.Proposal, nil)},
			chat.Policy},
		"a visitor's proposal": {v.Client, chat.Send{Message: chattest.Message(v.mailbox, 1, chat.Proposal, nil)},
			chat.Policy},
		"another group": {sara.Client, chat.Send{Message: chattest.Text(chattest.NewMailbox(), 1, "x")},
			chat.BadMessage},
		"something after the message": {sara.Client, chat.Send{Message: append(bytes.Clone(text), 0)}, chat.BadMessage},
		"a Welcome of another content": {v.Client,
			chat.Send{Message: commit, Opens: []chat.Device{ali.id}, Welcome: []byte("hej")}, chat.BadMessage},
	} {
		c.send.Mailbox, c.send.Counter = v.mailbox, 1
		if c.from == v.Client {
			c.send.Counter = 2
		}
		if _, err := c.from.Ask(&c.send); err == nil {
			t.Errorf("%s: accepted", name)
		} else {
			s.refused(err, c.code, 0)
		}
	}
	_, err := s.visitor(n).Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: text})
	s.refused(err, chat.BadCapability, 0)
	_, err = s.visitor(n).Ask(&chat.End{Mailbox: v.mailbox})
	s.refused(err, chat.BadCapability, 0)
	s.silent(v.Client)
}

func TestLoggingIn(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali := s.certify(1, true), s.certify(2, true)
	c := s.dial(n, staffOrigin)
	good := func(c *chattest.Client) []byte {
		return ed25519.Sign(sara.key, chat.LoginTBS(kommun, staffOrigin, c.Hello.Nonce, sara.id))
	}
	for name, signature := range map[string][]byte{
		"nothing": nil, "a short signature": good(c)[:63], "another key": ed25519.Sign(ali.key,
			chat.LoginTBS(kommun, staffOrigin, c.Hello.Nonce, sara.id)),
		"another origin": ed25519.Sign(sara.key, chat.LoginTBS(kommun, visitorOrigin, c.Hello.Nonce, sara.id)),
		"another kommun": ed25519.Sign(sara.key, chat.LoginTBS("annan", staffOrigin, c.Hello.Nonce, sara.id)),
		"another nonce":  good(s.dial(n, staffOrigin)),
	} {
		if _, err := c.Ask(&chat.Login{Device: sara.id, Signature: signature}); err == nil {
			t.Fatalf("%s: accepted", name)
		} else {
			s.refused(err, chat.BadLogin, 0)
		}
	}
	for _, request := range []chat.Request{&chat.Publish{}, &chat.Fetch{}, &chat.Attach{}} {
		_, err := c.Ask(request)
		s.refused(err, chat.NotLoggedIn, 0)
	}
	s.must(c.Login(sara.id, sara.key))
	s.must(c.Login(sara.id, sara.key))
	s.refused(c.Login(ali.id, ali.key), chat.BadLogin, 0)
	s.now.Add(int64(2 * time.Hour)) // beyond the certificate's time
	s.closed(c, chat.CloseIdle)
	s.refused(s.dial(n, staffOrigin).Login(sara.id, sara.key), chat.BadLogin, 0)
}

func TestARevokedDeviceIsCut(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali := s.certify(1, true), s.certify(2, true)
	sara.on(n)
	ali.on(n)
	s.decertify(sara)
	n.relay.Revoke(sara.id)
	s.closed(sara.Client, chat.CloseRevoked)
	s.decertify(ali)
	s.closed(ali.Client, chat.CloseRevoked) // by the sweep
	s.refused(s.dial(n, staffOrigin).Login(ali.id, ali.key), chat.BadLogin, 0)
}

// Nothing is answered between the roster that takes a device out and the moment at which its connections are cut.
func TestARevokedDeviceIsAnsweredNothing(t *testing.T) {
	s := onMini(t)
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour })
	sara := s.certify(1, true).on(n)
	s.decertify(sara)
	if answer, err := sara.Ask(&chat.Ping{}); err == nil {
		t.Fatalf("answered with %v", answer.Kind())
	}
	s.closed(sara.Client, chat.CloseRevoked)
}

func TestANewerRosterIsAnnouncedToItsOwnKommun(t *testing.T) {
	s := onMini(t)
	n := s.node()
	visitor, sara := s.dial(n, visitorOrigin), s.certify(1, true)
	sara.on(n)
	n.relay.Announce("annanby", 7)
	n.relay.Announce(kommun, 8)
	for name, c := range map[string]*chattest.Client{"a visitor without a mailbox": visitor, "a device": sara.Client} {
		frame, err := c.Next()
		s.must(err)
		if told, ok := frame.(*chat.Roster); !ok || told.Serial != 8 {
			t.Errorf("%s heard %+v", name, frame)
		}
	}
}

func TestUpgradesAreJudged(t *testing.T) {
	s := onMini(t)
	n := s.node()
	address := strings.Replace(n.url, "http", "ws", 1)
	for name, c := range map[string]struct {
		header http.Header
		status int
	}{
		"no origin":       {http.Header{"Sec-Websocket-Protocol": {"utvag.1"}}, 403},
		"another origin":  {http.Header{"Origin": {"https://kontakt.test.evil"}, "Sec-Websocket-Protocol": {"utvag.1"}}, 403},
		"no subprotocol":  {http.Header{"Origin": {visitorOrigin}}, 400},
		"another version": {http.Header{"Origin": {visitorOrigin}, "Sec-Websocket-Protocol": {"utvag.2"}}, 400},
	} {
		_, answer, err := websocket.DefaultDialer.Dial(address, c.header)
		if err == nil || answer == nil || answer.StatusCode != c.status {
			t.Errorf("%s: %v, want status %d", name, err, c.status)
		}
	}
	answer, err := http.Get(n.url)
	s.must(err)
	answer.Body.Close()
	if answer.StatusCode != 403 {
		t.Errorf("a plain GET got %d", answer.StatusCode)
	}
	// The structure of the code forbids RemoteAddr; a request that is printed whole would tell it all the same.
	if said := s.log.String(); said != "" {
		t.Errorf("whoever was refused is in the log: %s", said)
	}
}
