// Package relay serves the protocol utvag.1: it orders ciphertext and moves it between the members of a mailbox. It
// knows no person and no content. Nodes share nothing but the Store.
//
// Nothing here logs or returns an address, a header of a browser, the id of a mailbox or a body.
package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/internal/tuning"
)

// Authority knows the newest rosters. Its methods are called often and must not block.
type Authority interface {
	// Device returns a device of the kommun's newest roster, expired or not; false where it is not in it.
	Device(kommun string, device chat.Device) (Certificate, bool)
}

// Certificate is what a roster says of a device.
type Certificate struct {
	Key     ed25519.PublicKey
	Expires time.Time
	Intake  bool // whether its role takes part in intake (spec §6.1)
}

// Kommun is one tenant's part of the configuration.
type Kommun struct {
	Live    time.Duration // retention of a live conversation
	Message time.Duration // retention of a left message
	// Partners are the ids of other kommuner whose devices may be let into this one's mailboxes. Both sides name each
	// other.
	Partners []string
}

// Config is what a Relay needs. Store, Authority and Kommuner are required; the rest has a default.
type Config struct {
	Store     Store
	Authority Authority
	// Kommuner by id: lower-case letters, digits and hyphens.
	Kommuner map[string]Kommun
	// PersonChannels may be nil.
	PersonChannels PersonChannels
	Logger         *slog.Logger
	Now            func() time.Time
	// Policy returns a kommun's policy. Default: the consoles are told again every 2 minutes.
	Policy func(kommun string) Policy
	// OnStep calls whom a step names; the consoles are told before. It has a goroutine of its own and ends with ctx. An
	// error leaves the step to be taken again, with the same key.
	OnStep func(ctx context.Context, s Step) error
	// SnoozedUntil returns until when a kommun's left messages snooze because nobody is meant to answer; zero where it
	// does not. It must not block.
	SnoozedUntil func(kommun string, now time.Time) time.Time
	// OnLogin is called when a device of an intake role has logged in. It must not block.
	OnLogin func(kommun string, device chat.Device)
	// OnShift carries out what a person says of their shift; a *chat.Error refuses it. Default: it is refused.
	OnShift func(ctx context.Context, kommun string, device chat.Device, p *chat.Shift) error
	// OnAccess is told what each staff device does, for a log of access. It is called while the device waits for its
	// answer and must not block.
	OnAccess func(Access)
	// Fullness tells which part of its memory the store uses, from 0 to 1. Default: it has no bound.
	Fullness func(context.Context) (float64, error)
	// MaxConnections bounds the connections of this node, and with them its memory; more are answered 503. Default
	// 20,000.
	MaxConnections int
	// MaxHeld bounds the bytes of frames that this node holds for all connections together. Default 256 MiB.
	MaxHeld int64
}

// Relay is one node.
type Relay struct {
	config   Config
	tuning   tuning.Tuning
	store    Store
	log      *slog.Logger
	now      func() time.Time
	node     string
	hub      hub
	present  present
	packages packageCache
	upgrader websocket.Upgrader
	replays  chan struct{} // bounds how many readers read from the store at a time

	ctx        context.Context
	cancel     context.CancelFunc
	timeouts   timeouts
	background sync.WaitGroup
	subscribed chan struct{}
	confirmed  sync.Once
	born       time.Time // when the store was first found empty, as the sweep knows

	mu       sync.Mutex
	conns    map[*conn]struct{}
	admitted int // those that are about to be in conns, too
	draining bool
	left     sync.WaitGroup // connections

	slow, caughtUp atomic.Int64 // see export_test.go

	work               puzzles
	incoming, outgoing budget
	strangers          *rate.Limiter
	unanswered         *rate.Limiter
	alarms             clockwork
	steps              chan struct{} // bounds what is being carried out
	stepping           sync.WaitGroup
	calling            context.Context // outlives ctx, so that a node that stops lets its calls end
	hangUp             context.CancelFunc

	storeTrouble, crowd, cramped, stepTrouble trouble
}

const (
	storeTimeout   = 5 * time.Second
	replaysAtATime = 64
)

// New starts a node. Close ends it.
func New(c Config) *Relay { return NewTuned(c, tuning.Tuning{}) }

// NewTuned is New for tests and measurements (chattest.NewRelay).
func NewTuned(c Config, t tuning.Tuning) *Relay {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Policy == nil {
		c.Policy = func(string) Policy { return ConsolesEvery(2 * time.Minute) }
	}
	if c.OnStep == nil {
		c.OnStep = func(context.Context, Step) error { return nil }
	}
	if c.SnoozedUntil == nil {
		c.SnoozedUntil = func(string, time.Time) time.Time { return time.Time{} }
	}
	if c.OnLogin == nil {
		c.OnLogin = func(string, chat.Device) {}
	}
	if c.OnShift == nil {
		c.OnShift = func(context.Context, string, chat.Device, *chat.Shift) error { return chat.Refuse(chat.Policy, 0) }
	}
	if c.OnAccess == nil {
		c.OnAccess = func(Access) {}
	}
	if t.Sweep == 0 {
		t.Sweep = 5 * time.Second
	}
	if t.PendingAfter == 0 {
		t.PendingAfter = 5 * time.Second
	}
	if t.WorkBits == 0 {
		t.WorkBits = WorkBits
	}
	if t.NewcomerRate <= 0 {
		t.NewcomerRate = NewcomerRate
	}
	if c.Fullness == nil {
		c.Fullness = func(context.Context) (float64, error) { return 0, nil }
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = 20_000
	}
	if c.MaxHeld == 0 {
		c.MaxHeld = 256 << 20
	}
	var node [8]byte
	rand.Read(node[:])
	r := &Relay{
		config: c, tuning: t, store: c.Store, log: c.Logger, now: c.Now, node: hex.EncodeToString(node[:]),
		replays: make(chan struct{}, replaysAtATime), subscribed: make(chan struct{}), conns: map[*conn]struct{}{},
		alarms: clockwork{changed: make(chan struct{}, 1)}, steps: make(chan struct{}, stepsAtATime),
	}
	r.stepTrouble = trouble{begins: "TOO MANY ALARMS AT ONCE: some wait", ends: "alarms go out at once again",
		log: c.Logger}
	r.calling, r.hangUp = context.WithCancel(context.Background())
	r.storeTrouble = trouble{begins: "the store does not answer", ends: "the store answers again", log: c.Logger}
	r.crowd = trouble{begins: "TOO MANY CONNECTIONS: more are turned away", ends: "there is room for connections again",
		log: c.Logger}
	r.cramped = trouble{begins: "THE STORE IS NEARLY FULL: nothing new begins", ends: "there is room in the store again",
		log: c.Logger}
	r.incoming.most, r.outgoing.most = c.MaxHeld/2, c.MaxHeld/2
	r.strangers = rate.NewLimiter(rate.Limit(t.NewcomerRate), newcomerBurst)
	r.unanswered = rate.NewLimiter(rate.Limit(t.NewcomerRate), newcomerBurst)
	r.work.turn = make(chan struct{}, 1)
	r.hub.init()
	r.present = newPresent(r)
	r.upgrader = newUpgrader()
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.background.Go(r.subscribe)
	r.background.Go(r.sweepLoop)
	r.background.Go(r.escalationLoop)
	return r
}

// drainPace is how many connections Close lets go in a second, so that other nodes do not meet all of them at once;
// drainWithin bounds how long that may take. Pages add a delay of their own.
const (
	drainPace   = 500
	drainWithin = 5 * time.Second
)

// Close takes no more connections, closes all with CloseDrain, one after the other in no order, and stops the node.
// Connections that are still open when ctx ends are cut.
func (r *Relay) Close(ctx context.Context) error {
	r.mu.Lock()
	r.draining = true
	r.mu.Unlock()
	go r.drain(ctx)
	gone := make(chan struct{})
	go func() {
		r.left.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, c := range r.connections() {
			c.ws.Close()
		}
		<-gone
	}
	r.cancel()
	r.background.Wait()
	r.letCallsEnd(ctx)
	return ctx.Err()
}

func (r *Relay) drain(ctx context.Context) {
	open := r.connections() // of a map: in no order
	between := min(time.Second/drainPace, drainWithin/time.Duration(max(1, len(open))))
	tick := time.NewTicker(between)
	defer tick.Stop()
	for _, c := range open {
		c.finish(chat.CloseDrain)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Revoke cuts every connection of a device on this node at once, with CloseRevoked. The Authority must refuse it by
// then.
func (r *Relay) Revoke(device chat.Device) {
	for _, c := range r.connections() {
		if d, ok := c.loggedIn(); ok && d == device {
			c.finish(chat.CloseRevoked)
		}
	}
}

// Announce tells every connection of the kommun on this node that the Authority has a roster with this serial.
func (r *Relay) Announce(kommun string, serial uint64) {
	for _, c := range r.connections() {
		if c.kommun == kommun {
			c.push(&chat.Roster{Serial: serial})
		}
	}
}

// Reachable reports whether an intake device of the kommun is logged in on any node.
func (r *Relay) Reachable(ctx context.Context, kommun string) (bool, error) {
	return r.store.Reachable(ctx, kommun, r.now())
}

func (r *Relay) connections() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*conn, 0, len(r.conns))
	for c := range r.conns {
		all = append(all, c)
	}
	return all
}

// certificate returns a device's certificate while it is valid.
func (r *Relay) certificate(kommun string, device chat.Device) (Certificate, bool) {
	cert, ok := r.config.Authority.Device(kommun, device)
	return cert, ok && r.now().Before(cert.Expires) && len(cert.Key) == ed25519.PublicKeySize
}
