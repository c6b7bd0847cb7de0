package redisstore

import (
	"context"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (s *Store) Put(ctx context.Context, p relay.Putting) error {
	free, err := s.put(ctx, p, false)
	if err != nil || !free {
		return err
	}
	if _, err := s.run(ctx, madeScript, p.Seat.Mailbox, p.Seat.Incarnation[:], p.Seat.Holder[:],
		chat.LimitBlobs); err != nil {
		return err
	}
	_, err = s.put(ctx, p, true)
	return err
}

// put is one compare-and-swap. It gives true, and does nothing, where a blob would have to be made.
func (s *Store) put(ctx context.Context, p relay.Putting, make bool) (free bool, err error) {
	a, err := s.runOn(ctx, putScript, []string{blobKey(p.Locator)},
		short(p.Capability), bounded(p.Version), short(p.Digest), p.Blob, seconds(p.Retention), flag(make))
	if err != nil {
		return false, err
	}
	free = a.number() == 1
	return free, a.err
}

func (s *Store) Get(ctx context.Context, l chat.Locator) (relay.Blob, error) {
	if err := s.gate(); err != nil {
		return relay.Blob{}, err
	}
	fields, err := s.client.HMGet(ctx, blobKey(l), "v", "x").Result()
	if err != nil {
		return relay.Blob{}, plain(err)
	}
	version, there := fields[0].(string)
	bytes, _ := fields[1].(string)
	if !there {
		return relay.Blob{}, chat.Refuse(chat.NoBlob, 0)
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return relay.Blob{}, errAnswer
	}
	return relay.Blob{Version: n, Bytes: []byte(bytes)}, nil
}

func (s *Store) Drop(ctx context.Context, l chat.Locator, capability chat.CapabilityHash) error {
	_, err := s.runOn(ctx, dropScript, []string{blobKey(l)}, short(capability))
	return err
}

// A counter's span begins with the first lookup in it.
const (
	lookupSpan  = time.Second
	locatorSpan = time.Minute
)

func (s *Store) Lookup(ctx context.Context, get *chat.Locator) (wait time.Duration, err error) {
	wait, err = s.count(ctx, lookupsKey, chat.LimitLookups, lookupSpan)
	// What is above the limit of all leaves no counter of its own behind: no flood of locators fills the store.
	if wait > 0 || err != nil || get == nil {
		return wait, err
	}
	return s.count(ctx, getsKey(*get), chat.LimitLocatorGets, locatorSpan)
}

func (s *Store) count(ctx context.Context, key string, most int, span time.Duration) (time.Duration, error) {
	a, err := s.runOn(ctx, lookupScript, []string{key}, most, seconds(span))
	if err != nil {
		return 0, err
	}
	wait := time.Duration(a.number()) * time.Second
	return wait, a.err
}

func (s *Store) Born(ctx context.Context, now time.Time, longest time.Duration) (time.Time, error) {
	a, err := s.runOn(ctx, bornScript, []string{bornKey}, now.Unix(), seconds(longest))
	if err != nil {
		return time.Time{}, err
	}
	born := time.Unix(int64(a.number()), 0)
	return born, a.err
}
