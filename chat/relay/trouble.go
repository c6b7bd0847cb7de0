package relay

import (
	"log/slog"
	"sync"
	"time"
)

// troubleOver is how long nothing must fail before a trouble counts as over. It bounds what comes and goes to two lines
// in that time.
const troubleOver = time.Minute

// trouble is logged when it begins and when it is over, however often it is met in between.
type trouble struct {
	begins, ends string // the lines of the log
	log          *slog.Logger

	mu   sync.Mutex
	on   bool
	last time.Time
}

// met tells that something failed.
func (t *trouble) met(now time.Time, attrs ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = now
	if !t.on {
		t.on = true
		t.log.Warn(t.begins, attrs...)
	}
}

// look tells the time, so that the end is noticed.
func (t *trouble) look(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.on && now.Sub(t.last) >= troubleOver {
		t.on = false
		t.log.Info(t.ends)
	}
}

// storeFailed reports an error of the store that is no refusal. What fails because the node stops is nothing to report.
func (r *Relay) storeFailed(kind string, err error) {
	if r.ctx.Err() == nil {
		r.storeTrouble.met(r.now(), "kind", kind, "problem", err)
	}
}
