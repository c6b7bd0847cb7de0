package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"time"

	"github.com/redis/go-redis/v9"
)

// keeper appends the references' messages to Redis, many connections' in one pipeline, and hears them on one
// subscription.
type keeper struct {
	client     redis.UniversalClient
	queue      chan job
	script     string // its hash; empty where plain commands do it
	resume     string // the same, of the script that reads
	subscribed chan struct{}
}

// job is a message on its way to Redis, or a reader's question.
type job struct {
	id      pairID
	side    int
	counter uint64 // of the message; of the last one that the reader has from the other side
	message []byte // as it is published; nil for a question
	done    func(kept []string)
	missed  *redis.Cmd
}

//go:embed floor.lua
var floorScript string

//go:embed resume.lua
var resumeScript string

const channel = "bench"

// batch bounds a pipeline, and queued what waits for one.
const (
	batch  = 256
	queued = 65536
)

func newKeeper(ctx context.Context, url string, atomic bool) (*keeper, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	k := &keeper{client: redis.NewClient(options), queue: make(chan job, queued), subscribed: make(chan struct{})}
	if atomic {
		if k.script, err = k.client.ScriptLoad(ctx, floorScript).Result(); err != nil {
			return nil, err
		}
		if k.resume, err = k.client.ScriptLoad(ctx, resumeScript).Result(); err != nil {
			return nil, err
		}
	}
	// Two pipelines under way, so that one is written while the other is answered; a pair's messages keep their order
	// because each side waits for its own answer.
	for range 2 {
		go k.work(ctx)
	}
	return k, nil
}

// envelope is a message as it is published, and behind the id as it is kept: id, side, counter, text.
func envelope(id pairID, side int, counter uint64, text []byte) []byte {
	out := append(make([]byte, 0, envelopeLength+len(text)), id[:]...)
	return append(binary.BigEndian.AppendUint64(append(out, byte(side)), counter), text...)
}

const envelopeLength = len(pairID{}) + keptLength

// keptLength is that of side and counter, which stand before each kept text.
const keptLength = 1 + 8

func (k *keeper) keep(id pairID, side int, counter uint64, text []byte, done func()) {
	k.queue <- job{id: id, side: side, counter: counter, message: envelope(id, side, counter, text),
		done: func([]string) { done() }}
}

// missed gives what is kept of the pair, once the subscription stands: what is written later is published, too.
func (k *keeper) missed(id pairID, side int, after uint64, done func(kept []string)) {
	<-k.subscribed
	k.queue <- job{id: id, side: side, counter: after, done: done}
}

func (k *keeper) work(ctx context.Context) {
	for {
		jobs := make([]job, 0, batch)
		select {
		case <-ctx.Done():
			return
		case j := <-k.queue:
			jobs = append(jobs, j)
		}
	more:
		for len(jobs) < batch {
			select {
			case j := <-k.queue:
				jobs = append(jobs, j)
			default:
				break more
			}
		}
		_, err := k.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range jobs {
				k.put(ctx, p, &jobs[i])
			}
			return nil
		})
		if err != nil {
			continue // whoever waits shows it
		}
		for _, j := range jobs {
			var kept []string
			if j.missed != nil {
				kept, _ = j.missed.StringSlice()
			}
			j.done(kept)
		}
	}
}

func (k *keeper) put(ctx context.Context, p redis.Pipeliner, j *job) {
	box, list := "b:"+string(j.id[:]), "l:"+string(j.id[:])
	switch {
	case j.message == nil && k.script == "":
		j.missed = p.Do(ctx, "lrange", list, 0, -1)
	case j.message == nil:
		j.missed = p.EvalSha(ctx, k.resume, []string{box, list}, 1-j.side, j.counter)
	case k.script == "":
		p.RPush(ctx, list, j.message[len(j.id):])
		p.Expire(ctx, list, retention)
		p.Publish(ctx, channel, j.message)
	default:
		p.EvalSha(ctx, k.script, []string{box, list, "due"},
			j.side, j.counter, 1, j.message[len(j.id):], int(retention/time.Second), time.Now().Add(retention).UnixMilli(),
			j.id[:], channel, j.message)
	}
}

// listen hands every published message on, until the process ends.
func (k *keeper) listen(deliver func(id pairID, from int, counter uint64, text []byte)) {
	subscription := k.client.Subscribe(context.Background(), channel)
	if _, err := subscription.Receive(context.Background()); err != nil {
		return // nobody is answered
	}
	close(k.subscribed)
	for message := range subscription.Channel(redis.WithChannelSize(queued)) {
		event := []byte(message.Payload)
		if len(event) > envelopeLength {
			side, counter, text := opened(event[len(pairID{}):])
			deliver(pairID(event), side, counter, text)
		}
	}
}

// opened takes apart what envelope has put behind the id.
func opened(kept []byte) (side int, counter uint64, text []byte) {
	return int(kept[0] & 1), binary.BigEndian.Uint64(kept[1:]), kept[keptLength:]
}
