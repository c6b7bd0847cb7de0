package redisstore

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redistest"
)

// How long Redis takes for an append of 1 KiB by whoever has claimed, judged and following, and for the floor's
// (bench/floor.lua): the script alone, without what stands around it. All travel in pipelines of 50.
func BenchmarkAppendScript(b *testing.B) {
	server, err := redistest.LaunchOnPort()
	if err != nil {
		b.Skip(err)
	}
	defer server.Stop()
	store, err := Open(b.Context(), Options{URL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	b.Run("floor", func(b *testing.B) { appendsOfFloor(b, store) })
	b.Run("judged", func(b *testing.B) { appendsOfOurs(b, store, sendScript, false) })
	b.Run("following", func(b *testing.B) { appendsOfOurs(b, store, followScript, true) })
}

const (
	conversations = 200
	together      = 50
)

var kilobyte = make([]byte, 1024)

// pipelined sends b.N calls that `call` makes of their number, and reports what Redis says that each took.
func pipelined(b *testing.B, store *Store, call func(p redis.Pipeliner, n int)) {
	store.client.Do(b.Context(), "CONFIG", "RESETSTAT")
	for sent := 0; sent < b.N; sent += together {
		answers, err := store.client.Pipelined(b.Context(), func(p redis.Pipeliner) error {
			for n := range together {
				call(p, sent+n)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		for _, answer := range answers {
			if fields, err := answer.(*redis.Cmd).Slice(); err != nil || fields[0] != int64(0) {
				b.Fatalf("refused: %v, %v", fields, err)
			}
		}
	}
	stats, err := store.client.Info(b.Context(), "commandstats").Result()
	found := regexp.MustCompile(`cmdstat_evalsha:.*usec_per_call=([0-9.]+)`).FindStringSubmatch(stats)
	if err != nil || found == nil {
		b.Fatalf("no figures: %v", err)
	}
	us, _ := strconv.ParseFloat(found[1], 64)
	b.ReportMetric(us, "us/call")
}

func appendsOfFloor(b *testing.B, store *Store) {
	script, err := os.ReadFile("../../bench/floor.lua")
	if err != nil {
		b.Fatal(err)
	}
	floor := redis.NewScript(string(script))
	load(b, store, floor)
	run := chattest.NewMailbox()
	pipelined(b, store, func(p redis.Pipeliner, n int) {
		run[0] = byte(n % conversations)
		id := string(run[:])
		p.EvalSha(b.Context(), floor.Hash(), []string{"b:" + id, "l:" + id, "due"},
			0, n/conversations+1, 1, kilobyte, 3600, 1<<40, id, "bench", id+"0"+string(kilobyte))
	})
}

func appendsOfOurs(b *testing.B, store *Store, script *redis.Script, follow bool) {
	now := time.Now()
	due := relay.Due{Open: now.Add(time.Hour), Claimed: now.Add(time.Hour), Held: now.Add(time.Hour)}
	seats, preconditions := make([]relay.Seat, conversations), make([]relay.Precondition, conversations)
	for i := range seats {
		id, device, life := chattest.NewMailbox(), chat.Device{1, byte(i)}, chat.Incarnation{1}
		_, err := store.Open(b.Context(), relay.Opening{
			Mailbox: id, Incarnation: life, Tag: chat.Tag{1}, Kommun: "vidby", Devices: []chat.Device{device}, Message: kilobyte,
			Retention: time.Hour, Now: now, Due: due,
		})
		if err != nil {
			b.Fatal(err)
		}
		attached, err := store.Attach(b.Context(),
			relay.Attaching{Mailbox: id, Kommuner: []string{"vidby"}, Device: &device, Holder: relay.Holder{byte(i)}})
		if err != nil {
			b.Fatal(err)
		}
		seats[i] = attached.Seat
		claimed, err := store.Append(b.Context(),
			relay.Appending{Seat: seats[i], Counter: 1, Epoch: 1, Commit: true, Tag: chat.Tag{2}, Message: kilobyte, Now: now,
				Due: due})
		if err != nil {
			b.Fatal(err)
		}
		preconditions[i] = *claimed.Precondition
	}
	load(b, store, script)
	pipelined(b, store, func(p redis.Pipeliner, n int) {
		i := n % conversations
		message := relay.Appending{
			Seat: seats[i], Counter: uint64(n/conversations +
				2), Epoch: 2, Tag: chat.Tag{3}, Message: kilobyte, Now: now, Due: due, Precondition: &preconditions[i],
		}
		if !follow {
			p.EvalSha(b.Context(), script.Hash(), keysOf(message.Mailbox), appendArguments(message)...)
			return
		}
		after := afterwards(&message)
		f := newFollowing()
		f.say(&message, after)
		_ = p.Do(b.Context(), f.words[:]...)
		preconditions[i] = after
	})
}

func load(b *testing.B, store *Store, script *redis.Script) {
	if err := script.Load(b.Context(), store.client).Err(); err != nil {
		b.Fatal(err)
	}
}
