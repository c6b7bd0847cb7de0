package redisstore

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

const (
	// quiet is how long the subscription may say nothing before it is asked for a sign of life.
	quiet = 5 * time.Second
	// pause keeps a node from knocking at a Redis that is down without end.
	pause = 200 * time.Millisecond
)

func (s *Store) Subscribe(ctx context.Context, handle func(relay.Event)) error {
	for ctx.Err() == nil {
		s.listen(ctx, handle)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return ctx.Err()
}

// listen reads one subscription until it fails.
func (s *Store) listen(ctx context.Context, handle func(relay.Event)) {
	subscription := s.client.Subscribe(ctx, channel)
	defer subscription.Close()
	stop := context.AfterFunc(ctx, func() { subscription.Close() })
	defer stop()
	asked := false
	for ctx.Err() == nil {
		received, err := subscription.ReceiveTimeout(ctx, quiet)
		if err != nil {
			timeout, ok := err.(net.Error)
			if !ok || !timeout.Timeout() || asked {
				return
			}
			if subscription.Ping(ctx) != nil {
				return
			}
			asked = true
			continue
		}
		asked = false
		switch m := received.(type) {
		case *redis.Subscription:
			handle(relay.Event{Kind: relay.EventConfirmed})
		case *redis.Message:
			if event, ok := parseEvent(m.Payload); ok {
				handle(event)
			}
		}
	}
}

// parseEvent reads what the scripts and Settle publish: a letter, the mailbox, and what follows it for that letter.
func parseEvent(text string) (relay.Event, bool) {
	var e relay.Event
	if len(text) < 1+len(e.Mailbox) {
		return e, false
	}
	letter := text[0]
	copy(e.Mailbox[:], text[1:])
	rest := text[1+len(e.Mailbox):]
	if letter == 'w' {
		return waitingEvent(e, rest)
	}
	if len(rest) < len(e.Incarnation) {
		return e, false
	}
	copy(e.Incarnation[:], rest)
	rest = rest[len(e.Incarnation):]
	switch letter {
	case 'e':
		return parseEntry(text)
	case 'x':
		tombstone, err := strconv.ParseUint(rest, 10, 8)
		e.Kind, e.Reason = relay.EventEnded, chat.GoneBy(tombstone)
		return e, err == nil
	case 'z':
		if len(rest) != 1 {
			return e, false
		}
		e.Kind, e.Alarm = relay.EventAlarm, chat.AlarmState(rest[0]-'0')
		return e, e.Alarm <= chat.Unheeded
	case 'p':
		if len(rest) != 2 {
			return e, false
		}
		e.Kind, e.Presence = relay.EventPresence, relay.Presence{Visitor: chat.PresenceState(rest[0] - '0'),
			Staff: chat.PresenceState(rest[1] - '0')}
		return e, e.Presence.Visitor <= chat.Left && e.Presence.Staff <= chat.Here
	case 'a':
		parts := strings.SplitN(rest, " ", 3)
		if len(parts) != 3 || len(parts[2]) != len(e.Holder) {
			return e, false
		}
		n, err1 := strconv.ParseUint(parts[0], 10, 16)
		f, err2 := strconv.ParseUint(parts[1], 10, 64)
		e.Kind, e.Slot, e.Fence, e.Holder = relay.EventAttached, uint16(n), f, relay.Holder([]byte(parts[2]))
		return e, err1 == nil && err2 == nil
	}
	return e, false
}

func waitingEvent(e relay.Event, rest string) (relay.Event, bool) {
	parts := strings.Split(rest, " ")
	if len(parts) != 3 || len(parts[2])%16 != 0 {
		return e, false
	}
	since, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return e, false
	}
	e.Kind, e.Kommun, e.Since = relay.EventWaiting, parts[0], since
	for ids := parts[2]; ids != ""; ids = ids[16:] {
		device, ok := chat.ParseDevice(ids[:16])
		if !ok {
			return e, false
		}
		e.Devices = append(e.Devices, device)
	}
	return e, true
}
