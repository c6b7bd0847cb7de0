package relay

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// patience lends contexts that end when the store has had storeTimeout for its answer, or up to patienceStep less: all
// that begin within that share one. To make one for each request, with a timer that never rings, costs more than to
// read it.
type patience struct {
	mu     sync.Mutex
	shared atomic.Pointer[lentPatience]
}

type lentPatience struct {
	ctx   context.Context
	end   context.CancelFunc // called by nobody: others may still wait
	until time.Time          // it is lent
}

const patienceStep = 250 * time.Millisecond

// lend gives a context under parent, which is always the same.
func (p *patience) lend(parent context.Context) context.Context {
	now := time.Now()
	if l := p.shared.Load(); l != nil && now.Before(l.until) {
		return l.ctx
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.shared.Load(); l != nil && now.Before(l.until) {
		return l.ctx
	}
	l := &lentPatience{until: now.Add(patienceStep)}
	l.ctx, l.end = context.WithTimeout(parent, storeTimeout)
	p.shared.Store(l)
	return l.ctx
}
