package relay_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

const (
	kommun        = "botkyrka"
	visitorOrigin = "https://kontakt.test"
	staffOrigin   = "https://svar.test"
)

// dayOfTests is when a clock that stands still begins.
var dayOfTests = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

var origins = relay.Origins{Visitor: []string{visitorOrigin}, Console: []string{staffOrigin}}

// stage is a Redis, a roster, and nodes on both.
type stage struct {
	*testing.T
	url    string
	roster *authority
	log    *lines
	around func(relay.Store) relay.Store // what the next nodes see of their stores
	now    atomic.Int64                  // added to the clock, in nanoseconds
	stands bool                          // the clock does not move by itself
	looked atomic.Int64                  // how often nodes that call have looked for what is due
}

// config is what a node of a test is made with.
type config struct {
	relay.Config
	chattest.Tuning
}

// node is one relay with its server.
type node struct {
	*stage
	relay *relay.Relay
	url   string
	store *redisstore.Store
}

// onEach runs a story on a real Redis and on the in-process one.
func onEach(t *testing.T, story func(*stage)) {
	t.Run("redis", func(t *testing.T) { story(newStage(t, redistest.Start(t))) })
	t.Run("in process", func(t *testing.T) {
		url, _ := redistest.Mini(t)
		story(newStage(t, url))
	})
}

func newStage(t *testing.T, url string) *stage {
	return &stage{T: t, url: url, roster: &authority{devices: map[chat.Device]relay.Certificate{},
		elsewhere: map[chat.Device]string{}}, log: new(lines)}
}

func (s *stage) clock() time.Time {
	if s.stands {
		return dayOfTests.Add(time.Duration(s.now.Load()))
	}
	return time.Now().Add(time.Duration(s.now.Load()))
}

// standStill stops the nodes' clock: only the test moves it. It is called before the first node starts.
func (s *stage) standStill() { s.stands = true }

// keepTimeWithRedis sets the nodes' clock by that of their Redis, as machines of one system have it.
func (s *stage) keepTimeWithRedis() {
	s.Helper()
	seconds, _, _ := strings.Cut(redistest.Command(s.T, s.url, "TIME"), "\n")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	s.must(err)
	s.now.Store(int64(time.Until(time.Unix(unix, 0))))
}

// node starts a relay; adjust may change its configuration and its store's options.
func (s *stage) node(adjust ...func(*config, *redisstore.Options)) *node {
	s.Helper()
	options := redisstore.Options{URL: s.url}
	config := config{
		Config: relay.Config{
			Authority: s.roster,
			Kommuner: map[string]relay.Kommun{kommun: {Live: time.Hour, Message: 24 * time.Hour},
				"annan": {Live: time.Hour, Message: time.Hour}},
			Logger: slog.New(slog.NewTextHandler(s.log, nil)),
			Now:    s.clock,
		},
		Tuning: chattest.Tuning{
			Sweep: 20 * time.Millisecond, PendingAfter: 50 * time.Millisecond, WorkBits: -1, Lenient: true,
		},
	}
	for _, change := range adjust {
		change(&config, &options)
	}
	store, err := redisstore.Open(s.Context(), options)
	s.must(err)
	config.Store = store
	if s.around != nil {
		config.Store = s.around(store)
	}
	if config.OnStep != nil {
		config.Store = looking{config.Store, &s.looked}
	}
	n := &node{stage: s, relay: chattest.NewRelay(config.Config, config.Tuning), store: store}
	server := httptest.NewServer(n.relay.Handler(kommun, origins))
	n.url = server.URL
	s.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		n.relay.Close(ctx)
		server.Close()
		store.Close()
	})
	return n
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// refused requires a refusal with that code and detail.
func (s *stage) refused(err error, code chat.Code, detail uint64) {
	s.Helper()
	var refusal *chat.Error
	if !errors.As(err, &refusal) || refusal.Code != code || refusal.Detail != detail {
		s.Fatalf("got %v (%+v), want %v with %d", err, refusal, code, detail)
	}
}

// authority is a roster that tests change.
type authority struct {
	mu      sync.Mutex
	devices map[chat.Device]relay.Certificate
	// elsewhere are those of another kommun.
	elsewhere map[chat.Device]string
}

func (a *authority) Device(k string, d chat.Device) (relay.Certificate, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cert, ok := a.devices[d]
	return cert, ok && k == cmp.Or(a.elsewhere[d], kommun)
}

// staff is a device and the connection that it has now.
type staff struct {
	*chattest.Client
	stage *stage
	id    chat.Device
	key   ed25519.PrivateKey
}

// certify puts a device into the roster.
func (s *stage) certify(n byte, intake bool) *staff {
	seed := sha256.Sum256([]byte{n})
	key := ed25519.NewKeyFromSeed(seed[:])
	d := &staff{stage: s, id: chat.Device{0xde, 0x17, 7: n}, key: key}
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	s.roster.devices[d.id] = relay.Certificate{Key: key.Public().(ed25519.PublicKey), Expires: s.clock().Add(time.Hour),
		Intake: intake}
	return d
}

func (s *stage) decertify(d *staff) {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	delete(s.roster.devices, d.id)
}

func (s *stage) dial(n *node, origin string) *chattest.Client {
	s.Helper()
	c, err := chattest.Dial(n.url, origin)
	s.must(err)
	s.Cleanup(c.Close)
	return c
}

// on logs the device in at a node.
func (d *staff) on(n *node) *staff {
	d.stage.Helper()
	d.Client = d.stage.dial(n, staffOrigin)
	d.stage.must(d.Login(d.id, d.key))
	return d
}

// visitor is a client with its mailbox.
type visitor struct {
	*chattest.Client
	stage      *stage
	mailbox    chat.Mailbox
	capability []byte
}

func (s *stage) visitor(n *node) *visitor {
	s.Helper()
	return &visitor{
		Client: s.dial(n, visitorOrigin), stage: s, mailbox: chattest.NewMailbox(), capability: chattest.NewCapability(),
	}
}

func (v *visitor) opening(devices ...*staff) *chat.Open {
	f := &chat.Open{
		Mailbox: v.mailbox, Slot: sha256.Sum256(v.capability), Welcome: chattest.Welcome(300),
		Message: chattest.Text(v.mailbox, 1, "Hej, jag heter inte så."),
	}
	for _, d := range devices {
		f.Devices = append(f.Devices, d.id)
	}
	return f
}

// open opens the mailbox and attaches from the beginning.
func (v *visitor) open(devices ...*staff) chat.Cursor {
	v.stage.Helper()
	answer, err := v.Ask(v.opening(devices...))
	v.stage.must(err)
	v.attach(chat.Cursor{})
	v.stage.entry(v.Client, 1)
	return answer.(*chat.Accepted).Cursor
}

func (v *visitor) attach(c chat.Cursor) *chat.Attached {
	v.stage.Helper()
	answer, err := v.Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability, Cursor: c})
	v.stage.must(err)
	return answer.(*chat.Attached)
}

// again is a new connection of the same visitor.
func (v *visitor) again(n *node) *visitor {
	v.stage.Helper()
	other := *v
	other.Client = v.stage.dial(n, visitorOrigin)
	return &other
}

func (d *staff) attach(mailbox chat.Mailbox, c chat.Cursor) *chat.Attached {
	d.stage.Helper()
	answer, err := d.Ask(&chat.Attach{Mailbox: mailbox, Cursor: c})
	d.stage.must(err)
	return answer.(*chat.Attached)
}

// say sends an application message and gives its place.
func (s *stage) say(c *chattest.Client, mailbox chat.Mailbox, counter, epoch uint64, text string) chat.Cursor {
	s.Helper()
	answer, err := c.Ask(&chat.Send{Mailbox: mailbox, Counter: counter, Message: chattest.Text(mailbox, epoch, text)})
	s.must(err)
	return answer.(*chat.Accepted).Cursor
}

// send sends a frame and gives its place.
func (d *staff) send(f *chat.Send) chat.Cursor {
	d.stage.Helper()
	answer, err := d.Ask(f)
	d.stage.must(err)
	return answer.(*chat.Accepted).Cursor
}

// head is the newest entry's cursor, as the store has it.
func (s *stage) head(n *node, mailbox chat.Mailbox) chat.Cursor {
	s.Helper()
	heads, err := n.store.Heads(s.Context(), []chat.Mailbox{mailbox})
	s.must(err)
	c := chat.Cursor{Incarnation: heads[0].Incarnation, Seq: heads[0].Seq, Tag: heads[0].Tag}
	return c
}

// seat is what the connection that has attached a slot uses, to write or to advance behind its back.
func (s *stage) seat(mailbox chat.Mailbox, slot uint16) relay.Seat {
	seat := relay.Seat{Mailbox: mailbox, Slot: slot}
	copy(seat.Incarnation[:], s.field(mailbox, "i"))
	copy(seat.Holder[:], s.field(mailbox, fmt.Sprint("a", slot)))
	return seat
}

// field is a field of the mailbox's hash in Redis.
func (s *stage) field(mailbox chat.Mailbox, name string) string {
	s.Helper()
	return redistest.Command(s.T, s.url, "HGET", fmt.Sprintf("u:{%02d}:m:%s", mailbox[0]%64, mailbox[:]), name)
}

func claim(mailbox chat.Mailbox, counter, epoch uint64, closes ...*staff) *chat.Send {
	f := &chat.Send{Mailbox: mailbox, Counter: counter, Message: chattest.Commit(mailbox, epoch)}
	for _, d := range closes {
		f.Closes = append(f.Closes, d.id)
	}
	return f
}

// next requires that the relay's next word is of type F.
func next[F chat.Frame](s *stage, c *chattest.Client) F {
	s.Helper()
	frame, err := c.Next()
	s.must(err)
	f, ok := frame.(F)
	if !ok {
		s.Fatalf("got %v, want %v", frame.Kind(), f.Kind())
	}
	return f
}

// entry requires that the relay's next word is that entry. A device that logged in at about the time of an opening may
// hear of it twice: its inbox and the event both tell.
func (s *stage) entry(c *chattest.Client, seq uint64) *chat.Entry {
	s.Helper()
	for {
		frame, err := c.Next()
		s.must(err)
		if _, again := frame.(*chat.Waiting); again {
			continue
		}
		e, ok := frame.(*chat.Entry)
		if !ok || e.Seq != seq {
			s.Fatalf("got %v, want entry %d", frame.Kind(), seq)
		}
		return e
	}
}

func (s *stage) gone(c *chattest.Client, reason chat.GoneReason) {
	s.Helper()
	if g := next[*chat.Gone](s, c); g.Reason != reason {
		s.Fatalf("gone for reason %d, want %d", g.Reason, reason)
	}
}

// silent requires that the relay has nothing more to say, once it has answered a ping.
func (s *stage) silent(c *chattest.Client) {
	s.Helper()
	_, err := c.Ask(&chat.Ping{})
	s.must(err)
	for _, f := range c.Said() {
		s.Fatalf("unexpected %v", f.Kind())
	}
}

// eventually waits for a state that another goroutine brings about and no event tells of.
func (s *stage) eventually(what string, holds func() bool) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			s.Fatal("never: " + what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}
