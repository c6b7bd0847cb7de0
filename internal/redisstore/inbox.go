package redisstore

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (s *Store) Inbox(ctx context.Context, kommun string, device chat.Device) ([]relay.Pointer, error) {
	if err := s.gate(); err != nil {
		return nil, err
	}
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", inboxKey(kommun, device))
	if err := s.pipeline.run(ctx, cmd); err != nil {
		return nil, plain(err)
	}
	all := cmd.Val()
	pointers := make([]relay.Pointer, 0, len(all))
	for id, since := range all {
		var p relay.Pointer
		copy(p.Mailbox[:], id)
		since, until, _ := strings.Cut(since, " ")
		p.Since, _ = strconv.ParseUint(since, 10, 64)
		p.Until, _ = strconv.ParseUint(until, 10, 64)
		pointers = append(pointers, p)
	}
	return pointers, nil
}

// point puts a note's mailbox into a device's inbox, and takes out those that nobody else would: a device that does not
// come back reads its inbox no more, and what is put into it keeps all of it alive.
func (s *Store) point(ctx context.Context, n relay.Note, device chat.Device) error {
	if err := s.gate(); err != nil {
		return err
	}
	old, err := s.client.Eval(ctx, pointerSource, []string{inboxKey(n.Kommun, device)},
		n.Mailbox[:], n.Since, seconds(n.Retention)).StringSlice()
	if err != nil || len(old) == 0 {
		return plain(err)
	}
	ids := make([]chat.Mailbox, len(old))
	for i, id := range old {
		copy(ids[i][:], id)
	}
	heads, err := s.Heads(ctx, ids)
	if err != nil {
		return err
	}
	var gone []chat.Mailbox
	for i, head := range heads {
		if head == (relay.Head{}) {
			gone = append(gone, ids[i])
		}
	}
	return s.Forget(ctx, n.Kommun, device, gone)
}

func (s *Store) Forget(ctx context.Context, kommun string, device chat.Device, mailboxes []chat.Mailbox) error {
	if len(mailboxes) == 0 {
		return nil
	}
	if err := s.gate(); err != nil {
		return err
	}
	fields := make([]string, len(mailboxes))
	for i, id := range mailboxes {
		fields[i] = string(id[:])
	}
	return plain(s.client.HDel(ctx, inboxKey(kommun, device), fields...).Err())
}

func (s *Store) PutKeyPackages(ctx context.Context, kommun string, device chat.Device, now time.Time,
	packages []chat.DatedKeyPackage) error {
	if err := s.gate(); err != nil {
		return err
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range packages {
			left := seconds(keyPackagesEnd(k.Day).Sub(now))
			p.Eval(ctx, longerSource, []string{keyPackagesKey(kommun, k.Day)}, left, device.String(), k.KeyPackage)
		}
		return nil
	})
	return plain(err)
}

func (s *Store) KeyPackages(ctx context.Context, kommun string, d uint32) (map[chat.Device][]byte, error) {
	if err := s.gate(); err != nil {
		return nil, err
	}
	all, err := s.client.HGetAll(ctx, keyPackagesKey(kommun, d)).Result()
	if err != nil {
		return nil, plain(err)
	}
	packages := make(map[chat.Device][]byte, len(all))
	for name, bytes := range all {
		if device, ok := chat.ParseDevice(name); ok {
			packages[device] = []byte(bytes)
		}
	}
	return packages, nil
}

func (s *Store) Present(ctx context.Context, kommun, node string, now, until time.Time) error {
	if err := s.gate(); err != nil {
		return err
	}
	key := presenceKey(kommun)
	if !until.After(now) {
		return plain(s.client.ZRem(ctx, key, node).Err())
	}
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, key, redis.Z{Score: float64(until.UnixMilli()), Member: node})
		p.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(now.UnixMilli(), 10))
		p.Expire(ctx, key, time.Duration(seconds(until.Sub(now)))*time.Second)
		return nil
	})
	return plain(err)
}

func (s *Store) Reachable(ctx context.Context, kommun string, now time.Time) (bool, error) {
	if err := s.gate(); err != nil {
		return false, err
	}
	n, err := s.client.ZCount(ctx, presenceKey(kommun), "("+strconv.FormatInt(now.UnixMilli(), 10), "+inf").Result()
	return n > 0, plain(err)
}
