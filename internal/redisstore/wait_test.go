package redisstore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redistest"
)

// waiting puts WAIT 1 behind every pipeline, on its own connection, so that an answer means that a replica has it, too.
// A call that travels alone, which is rare with so many writers, does not wait.
type waiting struct{}

func (waiting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (waiting) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (waiting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return next(ctx, append(cmds, redis.NewIntCmd(ctx, "wait", 1, 1000)))
	}
}

// What it would cost to wait for a replica with each message (docs/decisions.md 41). 64 writers at a time, 1 KiB each,
// a real primary and a real replica.
func BenchmarkAppendWithAReplica(b *testing.B) {
	for _, wait := range []bool{false, true} {
		b.Run(fmt.Sprintf("WAIT=%v", wait), func(b *testing.B) { appendTo(b, wait) })
	}
}

func appendTo(b *testing.B, wait bool) {
	primary, err := redistest.LaunchOnPort()
	if err != nil {
		b.Skip(err)
	}
	defer primary.Stop()
	replica, err := redistest.LaunchOnPort("--replicaof", fmt.Sprintf("127.0.0.1 %d", primary.Port))
	if err != nil {
		b.Fatal(err)
	}
	defer replica.Stop()
	for info := ""; !strings.Contains(info, "master_link_status:up"); time.Sleep(10 * time.Millisecond) {
		info, _ = replica.Do("INFO", "replication")
	}
	store, err := Open(b.Context(), Options{URL: primary.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	if wait {
		store.client.AddHook(waiting{})
	}
	var writers atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(each *testing.PB) {
		mailbox, now := chattest.NewMailbox(), time.Now()
		life, device := chat.Incarnation{1}, chat.Device{byte(writers.Add(1))}
		_, err := store.Open(b.Context(), relay.Opening{
			Mailbox: mailbox, Incarnation: life, Tag: chat.Tag{1}, Kommun: "vidby", Devices: []chat.Device{device},
			Message:   chattest.Text(mailbox, 1, "hej"),
			Retention: time.Hour, Now: now, Due: relay.Due{Open: now.Add(time.Hour), Claimed: now.Add(time.Hour),
				Held: now.Add(time.Hour)},
		})
		if err != nil {
			b.Error(err)
			return
		}
		seat := relay.Seat{Mailbox: mailbox, Incarnation: life, Slot: 1}
		for counter := uint64(1); each.Next(); counter++ {
			p, err := store.Append(b.Context(), relay.Appending{
				Seat: seat, Counter: counter, Tag: chat.Tag{byte(counter), byte(counter >> 8),
					1}, Epoch: 1, Message: chattest.Text(mailbox, 1, strings.Repeat("x",
					1024)), Now: now, Due: relay.Due{Open: now, Claimed: now, Held: now},
			})
			if err != nil {
				b.Error(err)
				return
			}
			if counter%64 == 0 { // both have read it: a mailbox holds so much and no more
				visitor := seat
				visitor.Slot = 0
				for _, s := range []relay.Seat{visitor, seat} {
					if err := store.Advance(b.Context(), s, p.Cursor); err != nil {
						b.Error(err)
						return
					}
				}
			}
		}
	})
}
