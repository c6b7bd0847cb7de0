package redisstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Scripts of many connections go to Redis in one pipeline: under load most of the time of a small script is the two system calls
// around it, on both sides. Nothing is held back for company: a worker that is free takes what waits, one or many.
const (
	pipelineWorkers = 4
	pipelineLength  = 64
	pipelineQueue   = 1024
	// pipelineTimeout bounds a pipeline beside go-redis' own deadlines. Whoever asked may have given up before.
	pipelineTimeout = 10 * time.Second
)

// call is one script on its way.
type call struct {
	ctx    context.Context
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
	client redis.UniversalClient
	calls  chan call
	ended  context.Context
}

func newPipeline(ctx context.Context, client redis.UniversalClient) *pipeline {
	p := &pipeline{client: client, calls: make(chan call, pipelineQueue), ended: ctx}
	for range pipelineWorkers {
		go p.work()
	}
	return p
}

// do runs a script. An error leaves open whether Redis has carried it out.
func (p *pipeline) do(ctx context.Context, script *redis.Script, keys []string, args []any) ([]any, error) {
	c := call{ctx, script, keys, args, make(chan reply, 1)}
	select {
	case p.calls <- c:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.ended.Done():
		return nil, redis.ErrClosed
	}
	select {
	case r := <-c.done:
		return r.fields, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.ended.Done():
		return nil, redis.ErrClosed
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
	if len(calls) == 1 {
		c := calls[0]
		fields, err := c.script.Run(ctx, p.client, c.keys, c.args...).Slice()
		c.done <- reply{fields, err}
		return
	}
	answers := make([]*redis.Cmd, len(calls))
	// Each answer has its own error; that of the whole says only that there is one.
	_, _ = p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, c := range calls {
			answers[i] = pipe.EvalSha(ctx, c.script.Hash(), c.keys, c.args...)
		}
		return nil
	})
	for i, c := range calls {
		fields, err := answers[i].Slice()
		if unknownScript(err) {
			// A Redis that has restarted or taken over has no scripts; Run brings it.
			fields, err = c.script.Run(ctx, p.client, c.keys, c.args...).Slice()
		}
		c.done <- reply{fields, err}
	}
}

func unknownScript(err error) bool {
	var answered redis.Error
	return errors.As(err, &answered) && strings.HasPrefix(answered.Error(), "NOSCRIPT")
}
