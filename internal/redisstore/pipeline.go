package redisstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Scripts and commands of many connections go to Redis in one pipeline: under load most of the time of a small script is the two system calls
// around it, on both sides. Nothing is held back for company: where a lane is free, whoever asks sends at once, alone; what comes while none is
// goes together as soon as one is free again.
const (
	pipelineLanes  = 2
	pipelineLength = 256
	pipelineCrowd  = 1024
	// pipelineTimeout bounds a pipeline beside go-redis' own deadlines. Whoever asked may have given up before.
	pipelineTimeout = 10 * time.Second
)

// call is one script on its way, or one command.
type call struct {
	ctx    context.Context
	cmd    redis.Cmder // instead of a script
	script *redis.Script
	keys   []string
	args   []any
	done   chan reply
}

type reply struct {
	fields []any
	err    error
}

// pipeline gathers calls. What is under way when its context ends fails.
type pipeline struct {
	client  redis.UniversalClient
	cluster bool
	ended   context.Context

	mu      sync.Mutex
	waiting []call
	crowd   int // of waiting, at which it is looked who has given up
	free    int // lanes
}

func newPipeline(ctx context.Context, client redis.UniversalClient) *pipeline {
	_, cluster := client.(*redis.ClusterClient)
	return &pipeline{client: client, cluster: cluster, ended: ctx, free: pipelineLanes, crowd: pipelineCrowd}
}

// do runs a script. An error leaves open whether Redis has carried it out.
func (p *pipeline) do(ctx context.Context, script *redis.Script, keys []string, args []any) ([]any, error) {
	r := p.ask(call{ctx: ctx, script: script, keys: keys, args: args})
	return r.fields, r.err
}

// run sends commands, each of which then holds its answer and its error. Where run gives an error, whoever asked has given up, and the
// commands are not to be looked at.
func (p *pipeline) run(ctx context.Context, cmds ...redis.Cmder) error {
	calls := make([]call, len(cmds))
	for i, cmd := range cmds {
		calls[i] = call{ctx: ctx, cmd: cmd, done: make(chan reply, 1)}
	}
	p.put(calls...)
	for _, c := range calls {
		if r := p.await(ctx, c.done); r.err != nil {
			return r.err
		}
	}
	return nil
}

func (p *pipeline) ask(c call) reply {
	c.done = make(chan reply, 1)
	p.put(c)
	return p.await(c.ctx, c.done)
}

// put sends the calls of one caller on its own goroutine where a lane is free, and else leaves them to whoever has one.
func (p *pipeline) put(calls ...call) {
	p.mu.Lock()
	mine := p.free > 0 // then nothing waits
	if mine {
		p.free--
	} else {
		p.waiting = append(p.waiting, calls...)
		p.thin()
	}
	p.mu.Unlock()
	if !mine {
		return
	}
	defer func() {
		// The caller has its own answer by now: others are not its business.
		if batch := p.next(); len(batch) > 0 {
			go p.work(batch)
		}
	}()
	ctx, cancel := context.WithTimeout(calls[0].ctx, pipelineTimeout)
	defer cancel()
	for batch := range slices.Chunk(calls, pipelineLength) {
		p.send(ctx, batch)
	}
}

// thin lets go of calls whose callers have given up, while Redis does not answer: each of them may come again. It is called with mu held.
func (p *pipeline) thin() {
	if len(p.waiting) < p.crowd {
		return
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(c call) bool { return c.ctx.Err() != nil })
	p.crowd = max(pipelineCrowd, 2*len(p.waiting))
}

// work sends until nothing waits.
func (p *pipeline) work(batch []call) {
	for ; len(batch) > 0; batch = p.next() {
		ctx, cancel := context.WithTimeout(p.ended, pipelineTimeout)
		p.send(ctx, batch)
		cancel()
	}
}

// next takes what waits for a lane, and gives the lane back where nothing does. Whose caller has given up before it was sent is not sent.
func (p *pipeline) next() (batch []call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(batch) < pipelineLength && len(p.waiting) > 0 {
		if c := p.waiting[0]; c.ctx.Err() == nil {
			batch = append(batch, c)
		}
		p.waiting = p.waiting[1:]
	}
	if len(p.waiting) == 0 {
		p.waiting = nil
	}
	if len(batch) == 0 {
		p.free++
	}
	return batch
}

func (p *pipeline) await(ctx context.Context, answer <-chan reply) reply {
	select {
	case r := <-answer:
		if r.err != nil && ctx.Err() != nil {
			r.err = ctx.Err() // a caller that has sent it itself hears of a connection's deadline, which was its own
		}
		return r
	case <-ctx.Done():
		return reply{err: ctx.Err()}
	case <-p.ended.Done():
		return reply{err: redis.ErrClosed}
	}
}

func (p *pipeline) send(ctx context.Context, calls []call) {
	if len(calls) == 1 && (calls[0].cmd != nil || !p.cluster) {
		c := calls[0]
		if c.cmd != nil {
			c.done <- reply{err: p.client.Process(ctx, c.cmd)}
			return
		}
		fields, err := c.script.Run(ctx, p.client, c.keys, c.args...).Slice()
		c.done <- reply{fields, err}
		return
	}
	answers := make([]*redis.Cmd, len(calls))
	// Each answer has its own error; that of the whole says only that there is one.
	_, _ = p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, c := range calls {
			if c.cmd != nil {
				_ = pipe.Process(ctx, c.cmd) // says nothing before the pipeline is sent
				continue
			}
			if p.cluster {
				one := c.once(ctx)
				answers[i] = one.Cmd
				_ = pipe.Process(ctx, one)
				continue
			}
			answers[i] = pipe.EvalSha(ctx, c.script.Hash(), c.keys, c.args...)
		}
		return nil
	})
	for i, c := range calls {
		if c.cmd != nil {
			c.done <- reply{err: c.cmd.Err()}
			continue
		}
		fields, err := answers[i].Slice()
		if startsWith(err, "NOSCRIPT") {
			// A Redis that has restarted or taken over has no scripts; Run brings it.
			fields, err = c.script.Run(ctx, p.client, c.keys, c.args...).Slice()
		}
		if p.cluster && refusedForItsSlot(err) {
			p.later(c)
			continue
		}
		c.done <- reply{fields, err}
	}
}

// startsWith tells whether Redis has answered with an error of one of these names.
func startsWith(err error, names ...string) bool {
	var answered redis.Error
	return errors.As(err, &answered) && slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(answered.Error(), name) })
}
