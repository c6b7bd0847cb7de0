package redisstore

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
)

// Declared is what a person said of their shift: until when each of it counts.
type Declared struct{ Begun, Ended, Paused time.Time }

func (d Declared) times() [3]time.Time { return [3]time.Time{d.Begun, d.Ended, d.Paused} }

// After reports whether anything of it counts after now.
func (d Declared) After(now time.Time) bool {
	all := d.times()
	return slices.ContainsFunc(all[:], func(t time.Time) bool { return t.After(now) })
}

// MaxShift bounds what is remembered of a shift.
const MaxShift = 13 * time.Hour

// SignIn says until when these devices are logged in on this node.
func (s *Store) SignIn(ctx context.Context, kommun string, devices []chat.Device, now, until time.Time) error {
	if err := s.gate(); err != nil {
		return err
	}
	key := signedInKey(kommun)
	members := make([]redis.Z, len(devices))
	for i, d := range devices {
		members[i] = redis.Z{Score: float64(until.UnixMilli()), Member: d.String()}
	}
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(now.UnixMilli(), 10))
		if len(members) > 0 {
			p.ZAdd(ctx, key, members...)
			p.Expire(ctx, key, time.Duration(seconds(until.Sub(now)))*time.Second)
		}
		return nil
	})
	return plain(err)
}

// SignedIn lists the devices that any node has logged in.
func (s *Store) SignedIn(ctx context.Context, kommun string, now time.Time) ([]chat.Device, error) {
	if err := s.gate(); err != nil {
		return nil, err
	}
	names, err := s.client.ZRangeByScore(ctx, signedInKey(kommun),
		&redis.ZRangeBy{Min: "(" + strconv.FormatInt(now.UnixMilli(), 10), Max: "+inf"}).Result()
	if err != nil {
		return nil, plain(err)
	}
	var all []chat.Device
	for _, name := range names {
		if d, ok := chat.ParseDevice(name); ok {
			all = append(all, d)
		}
	}
	return all, nil
}

// PutDeclared remembers what a device's person said; what counts no longer is forgotten.
func (s *Store) PutDeclared(ctx context.Context, kommun string, device chat.Device, d Declared, now time.Time) error {
	if err := s.gate(); err != nil {
		return err
	}
	key := shiftsKey(kommun)
	if !d.After(now) {
		return plain(s.client.HDel(ctx, key, device.String()).Err())
	}
	var texts []string
	for _, until := range d.times() {
		texts = append(texts, strconv.FormatInt(max(0, until.UnixMilli()), 10))
	}
	_, err := s.client.TxPipelined(ctx, func(t redis.Pipeliner) error {
		t.HSet(ctx, key, device.String(), strings.Join(texts, " "))
		t.Expire(ctx, key, MaxShift)
		return nil
	})
	return plain(err)
}

// Declared returns what counts at now.
func (s *Store) Declared(ctx context.Context, kommun string, now time.Time) (map[chat.Device]Declared, error) {
	if err := s.gate(); err != nil {
		return nil, err
	}
	all, err := s.client.HGetAll(ctx, shiftsKey(kommun)).Result()
	if err != nil {
		return nil, plain(err)
	}
	shifts := make(map[chat.Device]Declared)
	for name, value := range all {
		var times [3]time.Time
		for i, text := range strings.SplitN(value, " ", len(times)) {
			if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
				times[i] = time.UnixMilli(ms)
			}
		}
		p := Declared{times[0], times[1], times[2]}
		if d, ok := chat.ParseDevice(name); ok && p.After(now) {
			shifts[d] = p
		}
	}
	return shifts, nil
}
