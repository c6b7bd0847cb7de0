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

// Scripts and commands of many connections go to Redis in one pipeline: under load most of the time of a small script
// is the two system calls around it, on both sides. Nothing is held back for company: where a lane is free, whoever
// asks sends at once, alone; what comes while none is goes together as soon as one is free again.
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
	words  []any // of the command that runs it
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

// keysAt is where the keys stand in the command that runs a script, behind their number.
const keysAt = 3

// wordsOf are the command that runs a script.
func wordsOf(script *redis.Script, keys []string, args ...any) []any {
	words := make([]any, 0, keysAt+len(keys)+len(args))
	words = append(words, "evalsha", script.Hash(), len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	return append(words, args...)
}

// command makes one to be sent.
func (c call) command(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx, c.words...)
	if c.words[keysAt-1] != 0 {
		cmd.SetFirstKeyPos(keysAt)
	}
	return cmd
}

// run sends commands, each of which then holds its answer and its error. Where run gives an error, whoever asked has
// given up, and the commands are not to be looked at.
func (p *pipeline) run(ctx context.Context, cmds ...redis.Cmder) error {
	calls := make([]call, len(cmds))
	for i, cmd := range cmds {
		calls[i] = call{ctx: ctx, cmd: cmd, done: make(chan reply, 1)}
	}
	p.put(calls...)
	for _, c := range calls {
		if r, _ := p.await(ctx, c.done); r.err != nil {
			return r.err
		}
	}
	return nil
}

// ask runs a script. It also reports whether the reply has come: then nobody else has the call any more. An error
// leaves open whether Redis has carried it out.
func (p *pipeline) ask(c call) (r reply, answered bool) {
	c.done = replies.Get().(chan reply)
	p.put(c)
	r, answered = p.await(c.ctx, c.done)
	if answered {
		replies.Put(c.done)
	}
	return r, answered
}

// replies lends channels for one reply each.
var replies = sync.Pool{New: func() any { return make(chan reply, 1) }}

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
	ctx := calls[0].ctx
	if until, bounded := ctx.Deadline(); !bounded || time.Until(until) > pipelineTimeout {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, pipelineTimeout)
		defer cancel()
	}
	for batch := range slices.Chunk(calls, pipelineLength) {
		p.send(ctx, batch)
	}
}

// thin lets go of calls whose callers have given up, while Redis does not answer: each of them may come again. It is
// called with mu held.
func (p *pipeline) thin() {
	if len(p.waiting) < p.crowd {
		return
	}
	p.waiting = slices.DeleteFunc(p.waiting, gaveUp)
	p.crowd = max(pipelineCrowd, 2*len(p.waiting))
}

func gaveUp(c call) bool { return c.ctx.Err() != nil }

// work sends until nothing waits.
func (p *pipeline) work(batch []call) {
	for ; len(batch) > 0; batch = p.next() {
		ctx, cancel := context.WithTimeout(p.ended, pipelineTimeout)
		p.send(ctx, batch)
		cancel()
	}
}

// next takes what waits for a lane, and gives the lane back where nothing does. Whose caller has given up before it was
// sent is not sent.
func (p *pipeline) next() (batch []call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(batch) == 0 && len(p.waiting) > 0 {
		most := min(pipelineLength, len(p.waiting))
		batch, p.waiting = p.waiting[:most:most], p.waiting[most:]
		batch = slices.DeleteFunc(batch, gaveUp)
	}
	if len(p.waiting) == 0 {
		p.waiting = nil
	}
	if len(batch) == 0 {
		p.free++
	}
	return batch
}

func (p *pipeline) await(ctx context.Context, answer <-chan reply) (r reply, answered bool) {
	select {
	case r = <-answer:
		if r.err != nil && ctx.Err() != nil {
			r.err = ctx.Err() // a caller that has sent it itself hears of a connection's deadline, which was its own
		}
		return r, true
	case <-ctx.Done():
		return reply{err: ctx.Err()}, false
	case <-p.ended.Done():
		return reply{err: redis.ErrClosed}, false
	}
}

func (p *pipeline) send(ctx context.Context, calls []call) {
	if len(calls) == 1 && (calls[0].cmd != nil || !p.cluster) {
		c := calls[0]
		if c.cmd != nil {
			c.done <- reply{err: p.client.Process(ctx, c.cmd)}
			return
		}
		cmd := c.command(ctx)
		_ = p.client.Process(ctx, cmd) // its answer says the same
		fields, err := p.whole(ctx, c, cmd)
		c.done <- reply{fields, err}
		return
	}
	commands := make([]*redis.Cmd, len(calls))
	// Each answer has its own error; that of the whole says only that there is one.
	_, _ = p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, c := range calls {
			if c.cmd != nil {
				_ = pipe.Process(ctx, c.cmd) // says nothing before the pipeline is sent
				continue
			}
			commands[i] = c.command(ctx)
			if p.cluster {
				_ = pipe.Process(ctx, once{commands[i]})
				continue
			}
			_ = pipe.Process(ctx, commands[i])
		}
		return nil
	})
	for i, c := range calls {
		if c.cmd != nil {
			c.done <- reply{err: c.cmd.Err()}
			continue
		}
		fields, err := p.whole(ctx, c, commands[i])
		if p.cluster && refusedForItsSlot(err) {
			p.later(c)
			continue
		}
		c.done <- reply{fields, err}
	}
}

// whole returns the answer to a script, which is brought to a Redis that has restarted or taken over and has none.
func (p *pipeline) whole(ctx context.Context, c call, cmd *redis.Cmd) ([]any, error) {
	fields, err := cmd.Slice()
	if !startsWith(err, "NOSCRIPT") {
		return fields, err
	}
	behind := keysAt + c.words[keysAt-1].(int)
	keys := make([]string, 0, behind-keysAt)
	for _, key := range c.words[keysAt:behind] {
		keys = append(keys, key.(string))
	}
	return c.script.Eval(ctx, p.client, keys, c.words[behind:]...).Slice()
}

// startsWith reports whether Redis has answered with an error of one of these names.
func startsWith(err error, names ...string) bool {
	var answered redis.Error
	return errors.As(err, &answered) &&
		slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(answered.Error(), name) })
}
