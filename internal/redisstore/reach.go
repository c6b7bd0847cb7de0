package redisstore

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
)

// SubscriptionFor is how long a push subscription is kept after the device has last logged in.
const SubscriptionFor = 30 * 24 * time.Hour

// trialFor is how long a test alarm waits for the person's word.
const trialFor = 15 * time.Minute

// Subscription is a device's push subscription, as spec §5.12 names its parts.
type Subscription struct {
	Endpoint    string
	Key, Secret []byte
}

// PutSubscription keeps a device's subscription in the place of the one before.
func (s *Store) PutSubscription(ctx context.Context, kommun string, device chat.Device, sub Subscription) error {
	if err := s.gate(); err != nil {
		return err
	}
	key := subscriptionKey(kommun, device)
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, key)
		p.HSet(ctx, key, "e", sub.Endpoint, "k", sub.Key, "s", sub.Secret)
		p.Expire(ctx, key, SubscriptionFor)
		return nil
	})
	return plain(err)
}

// Subscription returns a device's; false where there is none.
func (s *Store) Subscription(ctx context.Context, kommun string, device chat.Device) (Subscription, bool, error) {
	if err := s.gate(); err != nil {
		return Subscription{}, false, err
	}
	all, err := s.client.HGetAll(ctx, subscriptionKey(kommun, device)).Result()
	if err != nil {
		return Subscription{}, false, plain(err)
	}
	return Subscription{Endpoint: all["e"], Key: []byte(all["k"]), Secret: []byte(all["s"])}, all["e"] != "", nil
}

// RenewSubscription keeps a device's subscription longer: the device is still in use.
func (s *Store) RenewSubscription(ctx context.Context, kommun string, device chat.Device) error {
	if err := s.gate(); err != nil {
		return err
	}
	return plain(s.client.Expire(ctx, subscriptionKey(kommun, device), SubscriptionFor).Err())
}

// Unsubscribe erases a device's subscription.
func (s *Store) Unsubscribe(ctx context.Context, kommun string, device chat.Device) error {
	if err := s.gate(); err != nil {
		return err
	}
	return plain(s.client.Del(ctx, subscriptionKey(kommun, device)).Err())
}

// PutTrial says how a test alarm stands: sending, accepted or failed. It is forgotten after a quarter of an hour.
func (s *Store) PutTrial(ctx context.Context, kommun, channel, alias string, state chat.ChannelState) error {
	if err := s.gate(); err != nil {
		return err
	}
	return plain(s.client.Set(ctx, trialKey(kommun, channel, alias), int(state), trialFor).Err())
}

// BeginTrial is PutTrial of ChannelSending, where no test of that channel has begun within the last half minute; else
// how long to wait.
func (s *Store) BeginTrial(ctx context.Context, kommun, channel, alias string) (wait time.Duration, err error) {
	if err := s.gate(); err != nil {
		return 0, err
	}
	const pause = 30 * time.Second
	fresh, err := s.client.SetNX(ctx, trialKey(kommun, channel, alias)+":", 1, pause).Result()
	if err != nil {
		return 0, plain(err)
	}
	if !fresh {
		return pause, nil
	}
	return 0, s.PutTrial(ctx, kommun, channel, alias, chat.ChannelSending)
}

// Tested tells how a channel's last trial stands, and when it was last confirmed for the address with that mark; the
// zero time for never.
func (s *Store) Tested(ctx context.Context, kommun, channel, alias, mark string) (state chat.ChannelState, at time.Time,
	err error) {
	if err := s.gate(); err != nil {
		return 0, time.Time{}, err
	}
	pipe := s.client.Pipeline()
	trial := pipe.Get(ctx, trialKey(kommun, channel, alias))
	tested := pipe.HGetAll(ctx, testedKey(kommun, channel, alias))
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return 0, time.Time{}, plain(err)
	}
	n, _ := strconv.ParseUint(trial.Val(), 10, 8)
	state = chat.ChannelState(n)
	if seconds, err := strconv.ParseInt(tested.Val()["at"], 10, 64); err == nil && tested.Val()["of"] == mark {
		at = time.Unix(seconds, 0)
	}
	return state, at, nil
}

// ConfirmTrial notes that the person has heard a test alarm that was accepted; false where there was none.
func (s *Store) ConfirmTrial(ctx context.Context, kommun, channel, alias, mark string, now time.Time,
	keep time.Duration) (bool, error) {
	if err := s.gate(); err != nil {
		return false, err
	}
	state, err := s.client.Get(ctx, trialKey(kommun, channel, alias)).Result()
	if err == redis.Nil || err == nil && state != strconv.Itoa(int(chat.ChannelAccepted)) {
		return false, nil
	}
	if err != nil {
		return false, plain(err)
	}
	key := testedKey(kommun, channel, alias)
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, key, "at", now.Unix(), "of", mark)
		p.Expire(ctx, key, keep)
		return nil
	})
	if err == nil {
		err = s.client.Del(ctx, trialKey(kommun, channel, alias)).Err()
	}
	return err == nil, plain(err)
}
