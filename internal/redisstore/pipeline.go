package redisstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Scripts and commands of many connections go to Redis in one pipeline: under load most of the time of a small script is the two system calls
// around it, on both sides. Nothing is held back for company: a worker that is free takes what waits, one or many.
const (
	pipelineWorkers = 2
	pipelineLength  = 256
	pipelineQueue   = 1024
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

// pipeline gathers calls. Its workers end with its context.
type pipeline struct {
	client  redis.UniversalClient
	cluster bool
	calls   chan call
	ended   context.Context
}

func newPipeline(ctx context.Context, client redis.UniversalClient) *pipeline {
	_, cluster := client.(*redis.ClusterClient)
	p := &pipeline{client: client, cluster: cluster, calls: make(chan call, pipelineQueue), ended: ctx}
	for range pipelineWorkers {
		go p.work()
	}
	return p
}

// do runs a script. An error leaves open whether Redis has carried it out.
func (p *pipeline) do(ctx context.Context, script *redis.Script, keys []string, args []any) ([]any, error) {
	r := p.ask(call{ctx: ctx, script: script, keys: keys, args: args})
	return r.fields, r.err
}

// run sends commands, each of which then holds its answer and its error. Where run gives an error, whoever asked has given up, and the
// commands are not to be looked at.
func (p *pipeline) run(ctx context.Context, cmds ...redis.Cmder) error {
	answers := make([]chan reply, len(cmds))
	for i, cmd := range cmds {
		answers[i] = make(chan reply, 1)
		if err := p.put(call{ctx: ctx, cmd: cmd, done: answers[i]}); err != nil {
			return err
		}
	}
	for _, answer := range answers {
		if r := p.await(ctx, answer); r.err != nil {
			return r.err
		}
	}
	return nil
}

func (p *pipeline) ask(c call) reply {
	c.done = make(chan reply, 1)
	if err := p.put(c); err != nil {
		return reply{err: err}
	}
	return p.await(c.ctx, c.done)
}

func (p *pipeline) put(c call) error {
	select {
	case p.calls <- c:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-p.ended.Done():
		return redis.ErrClosed
	}
}

func (p *pipeline) await(ctx context.Context, answer <-chan reply) reply {
	select {
	case r := <-answer:
		return r
	case <-ctx.Done():
		return reply{err: ctx.Err()}
	case <-p.ended.Done():
		return reply{err: redis.ErrClosed}
	}
}

func (p *pipeline) work() {
	for {
		select {
		case <-p.ended.Done():
			return
		case first := <-p.calls:
			p.send(p.gather(first))
		}
	}
}

// gather takes what waits beside the first call. Whose caller has given up before it was sent is not sent.
func (p *pipeline) gather(first call) []call {
	calls := []call{first}
	for len(calls) < pipelineLength {
		select {
		case c := <-p.calls:
			if c.ctx.Err() == nil {
				calls = append(calls, c)
			}
		default:
			return calls
		}
	}
	return calls
}

func (p *pipeline) send(calls []call) {
	ctx, cancel := context.WithTimeout(p.ended, pipelineTimeout)
	defer cancel()
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
