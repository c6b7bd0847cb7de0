package main

import (
	"context"
	_ "embed"
	"time"

	"github.com/redis/go-redis/v9"
)

// keeper appends the references' messages to Redis, many connections' in one pipeline, and hears them on one subscription.
type keeper struct {
	client redis.UniversalClient
	queue  chan kept
	script string // its hash; empty where plain commands do it
}

// kept is a message on its way to Redis.
type kept struct {
	id      pairID
	side    int
	counter uint64
	text    []byte
	done    func()
}

//go:embed floor.lua
var floorScript string

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
	k := &keeper{client: redis.NewClient(options), queue: make(chan kept, queued)}
	if atomic {
		if k.script, err = k.client.ScriptLoad(ctx, floorScript).Result(); err != nil {
			return nil, err
		}
	}
	// Two pipelines under way, so that one is written while the other is answered; a pair's messages keep their order because each
	// side waits for its own answer.
	for range 2 {
		go k.work(ctx)
	}
	return k, nil
}

func (k *keeper) keep(m kept) { k.queue <- m }

func (k *keeper) work(ctx context.Context) {
	for {
		messages := make([]kept, 0, batch)
		select {
		case <-ctx.Done():
			return
		case m := <-k.queue:
			messages = append(messages, m)
		}
	more:
		for len(messages) < batch {
			select {
			case m := <-k.queue:
				messages = append(messages, m)
			default:
				break more
			}
		}
		_, err := k.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, m := range messages {
				k.append(ctx, p, m)
			}
			return nil
		})
		if err != nil {
			continue // whoever waits shows it
		}
		for _, m := range messages {
			m.done()
		}
	}
}

func (k *keeper) append(ctx context.Context, p redis.Pipeliner, m kept) {
	list := "l:" + string(m.id[:])
	event := append(append(m.id[:len(m.id):len(m.id)], byte(m.side)), m.text...)
	if k.script == "" {
		p.RPush(ctx, list, m.text)
		p.Expire(ctx, list, retention)
		p.Publish(ctx, channel, event)
		return
	}
	p.EvalSha(ctx, k.script, []string{"b:" + string(m.id[:]), list, "due"},
		m.side, m.counter, 1, m.text, int(retention/time.Second), time.Now().Add(retention).UnixMilli(), m.id[:], channel, event)
}

// listen hands every published message on, until the process ends.
func (k *keeper) listen(deliver func(id pairID, from int, text []byte)) {
	for message := range k.client.Subscribe(context.Background(), channel).Channel(redis.WithChannelSize(queued)) {
		event := []byte(message.Payload)
		if len(event) > len(pairID{}) {
			deliver(pairID(event), int(event[len(pairID{})]), event[len(pairID{})+1:])
		}
	}
}
