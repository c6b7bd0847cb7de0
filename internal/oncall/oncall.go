package oncall

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// storeTimeout bounds a question to the store.
const storeTimeout = 3 * time.Second

// Options are what an OnCall needs.
type Options struct {
	Kommuner []*live.Kommun
	Channels config.Channels
	Store    *redisstore.Store
	Now      func() time.Time
	Log      *slog.Logger
}

// OnCall is the duty and the alarms of the kommuner of one server. Its methods are what relay.Config asks for, and may
// be called by several goroutines.
type OnCall struct {
	alarms    *PersonChannels
	escalator *escalator
	shifts    map[string]*shifts
	packages  []*packageWatch
	now       func() time.Time

	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New makes what relay.New asks for. Nothing runs before Start.
func New(o Options) *OnCall {
	c := &OnCall{now: o.Now, alarms: NewPersonChannels(o.Channels, o.Store, o.Now, o.Log),
		shifts: make(map[string]*shifts)}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.escalator = &escalator{
		log:      o.Log,
		now:      o.Now,
		alarms:   c.alarms,
		calls:    o.Store,
		kommuner: make(map[string]*live.Kommun),
		shifts:   c.shifts,
	}
	for _, k := range o.Kommuner {
		id := k.Config.ID
		c.alarms.Add(k.Config, k.Roster)
		c.escalator.kommuner[id] = k
		c.shifts[id] = &shifts{kommun: k, store: o.Store, now: o.Now, log: o.Log,
			reachable: func(ctx context.Context, alias string) bool {
				channels, err := c.alarms.Tested(ctx, id, alias)
				return err == nil && len(channels) > 0
			},
			unmanned: func(_, _ time.Time) { c.running.Go(func() { c.escalator.warn(c.ctx, id) }) },
		}
		c.packages = append(c.packages, &packageWatch{kommun: id, roster: k.Roster, store: o.Store, now: o.Now, log: o.Log,
			low: func(alias string, days int) {
				if days == 1 { // once, on the day before
					c.running.Go(func() { c.escalator.remind(c.ctx, id, alias) })
				}
			}})
	}
	return c
}

// Relay is what on call needs of the relay.
type Relay interface {
	LoggedIn(kommun string) []chat.Device
	TellDuty(kommun string, device chat.Device, f *chat.Duty)
}

// Start tells consoles who is on duty from now on, and counts key packages, until Close. It must be called once, before
// the relay answers anybody.
func (c *OnCall) Start(r Relay) {
	for _, s := range c.shifts {
		s.relay = r
	}
	for _, s := range c.shifts {
		c.running.Go(func() { s.follow(c.ctx) })
	}
	for _, p := range c.packages {
		c.running.Go(func() { p.follow(c.ctx) })
	}
}

// Close breaks off what is under way, and waits for it. The relay must have closed before: nothing may call an OnCall
// that is closing.
func (c *OnCall) Close() {
	c.alarms.Close()
	c.stop()
	c.running.Wait()
}

// PersonChannels are those of the consoles: who can be reached how, and test alarms.
func (c *OnCall) PersonChannels() relay.PersonChannels { return c.alarms }

// Policy is a kommun's escalation. The kommun must be one of Options.
func (c *OnCall) Policy(kommun string) relay.Policy {
	return c.escalator.kommuner[kommun].Config.Escalation
}

// Step calls whom a step names. It returns once everybody was called, or ctx has ended; the error is ctx's.
func (c *OnCall) Step(ctx context.Context, s relay.Step) error { return c.escalator.step(ctx, s) }

// SnoozedUntil is until when a kommun's escalation waits for left messages; zero where it does not. It does not block.
func (c *OnCall) SnoozedUntil(kommun string, now time.Time) time.Time {
	k := c.escalator.kommuner[kommun]
	return duty.SnoozedUntil(k.Hours().Meant(now, now.AddDate(0, 0, 14)), now)
}

// LoggedIn has a device told who is on duty, which has just logged in. It does not block.
func (c *OnCall) LoggedIn(kommun string, device chat.Device) {
	s, ok := c.shifts[kommun]
	if !ok {
		return
	}
	s.forget(device)
	c.running.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, storeTimeout)
		defer cancel()
		_ = s.tell(ctx) // the next round says it
	})
}

// Shift carries out what a person says of their shift. The error is a *chat.Error where it is refused, else the
// store's.
func (c *OnCall) Shift(ctx context.Context, kommun string, device chat.Device, f *chat.Shift) error {
	s, ok := c.shifts[kommun]
	if !ok {
		return chat.Refuse(chat.Policy, 0)
	}
	return s.change(ctx, device, f)
}

// ForgetDevices erases what push needs of devices that a new roster drops. It does not block.
func (c *OnCall) ForgetDevices(kommun string, gone []roster.DeviceID) {
	if len(gone) > 0 {
		go c.alarms.forget(kommun, gone)
	}
}
