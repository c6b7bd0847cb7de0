package relay

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// timeouts lends contexts that end when the store has had storeTimeout for its answer, or up to timeoutStep less: all
// that begin within that share one. To make one for each request, with a timer that never rings, costs more than to
// read it.
type timeouts struct {
	mu     sync.Mutex
	shared atomic.Pointer[sharedTimeout]
}

type sharedTimeout struct {
	ctx   context.Context
	end   context.CancelFunc // called by nobody: others may still wait
	until time.Time          // it is lent
}

const timeoutStep = 250 * time.Millisecond

// lend returns a context under parent, which is always the same.
func (p *timeouts) lend(parent context.Context) context.Context {
	now := time.Now()
	if l := p.shared.Load(); l != nil && now.Before(l.until) {
		return l.ctx
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.shared.Load(); l != nil && now.Before(l.until) {
		return l.ctx
	}
	l := &sharedTimeout{until: now.Add(timeoutStep)}
	l.ctx, l.end = context.WithTimeout(parent, storeTimeout)
	p.shared.Store(l)
	return l.ctx
}
