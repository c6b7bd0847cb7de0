package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (a *answer) note(mailbox chat.Mailbox) relay.Note {
	text := a.text()
	if text == "" {
		return relay.Note{}
	}
	n, _, ok := parseNote(mailbox, text)
	if !ok {
		a.err = errAnswer
	}
	return n
}

// parseNote reads what the script `note` of common.lua writes, and when it was written.
func parseNote(mailbox chat.Mailbox, text string) (relay.Note, time.Time, bool) {
	parts := strings.Split(text, " ")
	if len(parts) != 5 {
		return relay.Note{}, time.Time{}, false
	}
	written, err1 := strconv.ParseInt(parts[0], 10, 64)
	since, err2 := strconv.ParseUint(parts[2], 10, 64)
	retention, err3 := strconv.ParseInt(parts[3], 10, 64)
	marks := parts[4]
	if err1 != nil || err2 != nil || err3 != nil || len(marks)%17 != 0 {
		return relay.Note{}, time.Time{}, false
	}
	n := relay.Note{
		Mailbox: mailbox, Kommun: parts[1], Since: since, Retention: time.Duration(retention) * time.Second, Token: text,
	}
	lists := map[byte]*[]chat.Device{'+': &n.Opened, '=': &n.Kept, '-': &n.Closed}
	for ; marks != ""; marks = marks[17:] {
		device, ok := chat.ParseDevice(marks[1:17])
		list := lists[marks[0]]
		if !ok || list == nil {
			return relay.Note{}, time.Time{}, false
		}
		*list = append(*list, device)
	}
	return n, time.UnixMilli(written), true
}

func (s *Store) Settle(ctx context.Context, n relay.Note) error {
	for _, device := range n.Closed {
		if err := s.Forget(ctx, n.Kommun, device, []chat.Mailbox{n.Mailbox}); err != nil {
			return err
		}
	}
	for _, list := range [][]chat.Device{n.Kept, n.Opened} {
		for _, device := range list {
			if err := s.point(ctx, n, device); err != nil {
				return err
			}
		}
	}
	if len(n.Opened) > 0 {
		if err := s.gate(); err != nil {
			return err
		}
		event := fmt.Sprintf("w%s%s %d %s", n.Mailbox[:], n.Kommun, n.Since, joined(n.Opened))
		if err := s.client.Publish(ctx, channel, event).Err(); err != nil {
			return plain(err)
		}
	}
	if n.Token == "" {
		return nil
	}
	_, err := s.run(ctx, settleScript, n.Mailbox, n.Mailbox[:], n.Token)
	return err
}

func (s *Store) Pending(ctx context.Context, before time.Time) ([]relay.Note, error) {
	if err := s.gate(); err != nil {
		return nil, err
	}
	answers := make([]*redis.MapStringStringCmd, shards)
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for shard := range shards {
			answers[shard] = p.HGetAll(ctx, outboxKey(shard))
		}
		return nil
	})
	if err != nil {
		return nil, plain(err)
	}
	var notes []relay.Note
	for _, cmd := range answers {
		for id, text := range cmd.Val() {
			var mailbox chat.Mailbox
			copy(mailbox[:], id)
			n, written, ok := parseNote(mailbox, text)
			if ok && written.Before(before) {
				notes = append(notes, n)
			}
		}
	}
	return notes, nil
}
