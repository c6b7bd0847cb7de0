package oncall

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/webpush"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/redisstore"
)

// PersonChannels joins rosters, people, channels and the store. It is relay.PersonChannels, webpush.Subscriptions and
// alarm.Reach, and may be used by several goroutines.
type PersonChannels struct {
	setup    config.Channels
	store    *redisstore.Store
	now      func() time.Time
	log      *slog.Logger
	channels map[alarm.Name]alarm.Channel

	mu       sync.RWMutex
	kommuner map[string]reached
	tests    sync.WaitGroup
	ctx      context.Context
	stop     context.CancelFunc
}

// reached is what is known of a kommun's people.
type reached struct {
	people config.People
	roster Devices
}

// Devices are a kommun's roster, as live.Roster holds it.
type Devices interface {
	Present() ([]byte, *roster.Roster)
}

// NewPersonChannels knows no kommun yet: see Add.
func NewPersonChannels(set config.Channels, store *redisstore.Store, now func() time.Time,
	log *slog.Logger,
) *PersonChannels {
	a := &PersonChannels{setup: set, store: store, now: now, log: log, kommuner: make(map[string]reached)}
	a.ctx, a.stop = context.WithCancel(context.Background())
	a.channels = channelsOf(&set, a)
	return a
}

// Add must be called before anything is asked about the kommun.
func (a *PersonChannels) Add(k *config.Kommun, r Devices) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kommuner[k.ID] = reached{k.People, r}
}

// Close breaks test alarms off that are under way, and waits for them. Every later call of a channel fails.
func (a *PersonChannels) Close() {
	a.stop()
	a.tests.Wait()
}

func (a *PersonChannels) of(kommun string) reached {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.kommuner[kommun]
}

// devices gives a person's devices that may answer now.
func (a *PersonChannels) devices(kommun, alias string) (all []roster.DeviceID) {
	h := a.of(kommun)
	if h.roster == nil {
		return nil
	}
	_, r := h.roster.Present()
	now := a.now()
	for i := range r.Devices {
		if d := &r.Devices[i]; d.Alias == alias && d.Valid(now) {
			all = append(all, d.ID)
		}
	}
	return all
}

func (a *PersonChannels) alias(kommun string, device chat.Device) (string, error) {
	if h := a.of(kommun); h.roster != nil {
		_, r := h.roster.Present()
		if d := r.Device(roster.DeviceID(device)); d != nil {
			return d.Alias, nil
		}
	}
	return "", chat.Refuse(chat.BadLogin, 0)
}

// Of implements webpush.Subscriptions.
func (a *PersonChannels) Of(ctx context.Context, kommun, alias string) ([]webpush.Subscription, error) {
	var all []webpush.Subscription
	for _, id := range a.devices(kommun, alias) {
		s, there, err := a.store.Subscription(ctx, kommun, chat.Device(id))
		if err != nil {
			return nil, err
		}
		if there {
			all = append(all, webpush.Subscription{Device: chat.Device(id).String(), Endpoint: s.Endpoint, Key: s.Key,
				Secret: s.Secret})
		}
	}
	return all, nil
}

// Gone implements webpush.Subscriptions. What the browser has asked for anew meanwhile stays.
func (a *PersonChannels) Gone(ctx context.Context, kommun string, s webpush.Subscription) error {
	device, ok := chat.ParseDevice(s.Device)
	if !ok {
		return nil
	}
	if now, there, err := a.store.Subscription(ctx, kommun, device); err != nil || !there || now.Endpoint != s.Endpoint {
		return err
	}
	return a.store.Unsubscribe(ctx, kommun, device)
}

// Address is where a channel finds a person; false where it does not. The error is the store's.
func (a *PersonChannels) Address(ctx context.Context, kommun, alias string, name alarm.Name) (string, bool, error) {
	if a.channels[name] == nil {
		return "", false, nil
	}
	if name == alarm.Push {
		all, err := a.Of(ctx, kommun, alias)
		return "", len(all) > 0, err
	}
	address, there := a.of(kommun).people[alias][name]
	return address, there, nil
}

// mark is 16 bits of an address's hash: a person's word does not count for another address, and who has the store
// learns next to nothing.
func mark(name alarm.Name, address string) string {
	sum := sha256.Sum256([]byte("utvag tested address\x00" + string(name) + "\x00" + address))
	return hex.EncodeToString(sum[:2])
}

// Tested implements alarm.Reach.
func (a *PersonChannels) Tested(ctx context.Context, kommun, alias string) ([]alarm.Name, error) {
	var all []alarm.Name
	err := a.trials(ctx, kommun, alias, func(name alarm.Name, _ chat.ChannelState, at time.Time) {
		if age := a.now().Sub(at); !at.IsZero() && age < alarm.TestedFor {
			all = append(all, name)
		}
	})
	return all, err
}

// trials tells how the last test went of each channel that finds a person, and when that person confirmed one; the zero
// time: never.
func (a *PersonChannels) trials(ctx context.Context, kommun, alias string,
	tell func(alarm.Name, chat.ChannelState, time.Time)) error {
	for _, name := range alarm.Names {
		address, there, err := a.Address(ctx, kommun, alias, name)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		state, at, err := a.store.Tested(ctx, kommun, string(name), alias, mark(name, address))
		if err != nil {
			return err
		}
		tell(name, state, at)
	}
	return nil
}

// Reachable implements relay.PersonChannels.
func (a *PersonChannels) Reachable(ctx context.Context, kommun string, device chat.Device) (*chat.Reachable, error) {
	alias, err := a.alias(kommun, device)
	if err != nil {
		return nil, err
	}
	answer := new(chat.Reachable)
	if a.setup.Push != nil {
		answer.PushKey = a.setup.Push.Key.PublicBytes()
	}
	if _, there, err := a.store.Subscription(ctx, kommun, device); err != nil {
		return nil, err
	} else if there {
		answer.Subscribed = 1
	}
	err = a.trials(ctx, kommun, alias, func(name alarm.Name, state chat.ChannelState, at time.Time) {
		c := chat.ReachChannel{Name: string(name), State: state}
		if !at.IsZero() {
			c.Tested = uint64(at.Unix())
		}
		answer.Channels = append(answer.Channels, c)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Seen implements relay.PersonChannels.
func (a *PersonChannels) Seen(ctx context.Context, kommun string, device chat.Device) error {
	return a.store.RenewSubscription(ctx, kommun, device)
}

// ChangePush implements relay.PersonChannels.
func (a *PersonChannels) ChangePush(ctx context.Context, kommun string, device chat.Device, f *chat.Reach) error {
	if f.Wish == chat.ReachOff {
		return a.store.Unsubscribe(ctx, kommun, device)
	}
	if a.setup.Push == nil || (webpush.Subscription{Endpoint: f.Endpoint, Key: f.Key,
		Secret: f.Secret}).Check(a.setup.Push.Private) != nil {
		return chat.Refuse(chat.Policy, 0)
	}
	return a.store.PutSubscription(ctx, kommun, device,
		redisstore.Subscription{Endpoint: f.Endpoint, Key: f.Key, Secret: f.Secret})
}

// Test implements relay.PersonChannels.
func (a *PersonChannels) Test(ctx context.Context, kommun string, device chat.Device, channel string) error {
	alias, err := a.alias(kommun, device)
	if err != nil {
		return err
	}
	address, there, err := a.Address(ctx, kommun, alias, alarm.Name(channel))
	if err != nil {
		return err
	}
	if !there {
		return chat.Refuse(chat.Policy, 0)
	}
	wait, err := a.store.BeginTrial(ctx, kommun, channel, alias)
	if err != nil {
		return err
	}
	if wait > 0 {
		return chat.Refuse(chat.Busy, uint64(wait/time.Second))
	}
	call := alarm.Call{Kommun: kommun, Alias: alias, Address: address, Key: NewKey(), Test: true}
	a.tests.Go(func() { a.Try(alarm.Name(channel), call) })
	return nil
}

// Try rings a person, and keeps how it went. The error is the channel's, or says that the store did not keep it. The
// channel must be configured.
func (a *PersonChannels) Try(name alarm.Name, call alarm.Call) error {
	err := a.channels[name].Call(a.ctx, call)
	state := chat.ChannelAccepted
	if err != nil {
		state = chat.ChannelFailed
		a.log.Warn("a test alarm failed", "kommun", call.Kommun, "kind", string(name), "problem", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), storeTimeout)
	defer cancel()
	if stored := a.store.PutTrial(ctx, call.Kommun, string(name), call.Alias, state); stored != nil && err == nil {
		return fmt.Errorf("the store did not take how it went: %w", stored)
	}
	return err
}

// Confirm implements relay.PersonChannels.
func (a *PersonChannels) Confirm(ctx context.Context, kommun string, device chat.Device, channel string) error {
	alias, err := a.alias(kommun, device)
	if err != nil {
		return err
	}
	address, there, err := a.Address(ctx, kommun, alias, alarm.Name(channel))
	if err != nil {
		return err
	}
	if !there {
		return chat.Refuse(chat.Policy, 0)
	}
	heard, err := a.store.ConfirmTrial(ctx, kommun, channel, alias, mark(alarm.Name(channel), address), a.now(),
		alarm.TestedFor)
	if err == nil && !heard {
		return chat.Refuse(chat.Policy, 0)
	}
	return err
}

// forget erases the subscriptions of devices that a new roster drops.
func (a *PersonChannels) forget(kommun string, gone []roster.DeviceID) {
	ctx, cancel := context.WithTimeout(a.ctx, storeTimeout)
	defer cancel()
	for _, id := range gone {
		if err := a.store.Unsubscribe(ctx, kommun, chat.Device(id)); err != nil {
			a.log.Warn("a push subscription was not erased; it ends by itself", "kommun", kommun, "problem", err)
		}
	}
}

// NewKey is what a channel gets to tell a repeat from another alarm, of one that belongs to no escalation.
func NewKey() string {
	var key [16]byte
	rand.Read(key[:])
	return hex.EncodeToString(key[:])
}
