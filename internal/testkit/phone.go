package testkit

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Phone is an ntfy server: whom it was asked to call, and when.
type Phone struct {
	*httptest.Server
	began time.Time
	stop  chan struct{}

	mu    sync.Mutex
	hangs string
	fails string
	calls []ringing
}

type ringing struct {
	who string
	at  time.Duration
}

// NewPhone answers until the test ends. Its times count from began.
func NewPhone(t *testing.T, began time.Time) *Phone {
	p := &Phone{began: began, stop: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(p.ring))
	t.Cleanup(p.Close)
	t.Cleanup(func() { close(p.stop) })
	return p
}

// Hang has calls of this topic not come back, and those of another again.
func (p *Phone) Hang(who string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs = who
}

// Fail has calls of this topic fail.
func (p *Phone) Fail(who string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = who
}

func (p *Phone) ring(w http.ResponseWriter, r *http.Request) {
	who := strings.TrimPrefix(r.URL.Path, "/")
	p.mu.Lock()
	p.calls = append(p.calls, ringing{who, time.Since(p.began)})
	hangs, fails := p.hangs, p.fails
	p.mu.Unlock()
	switch who {
	case hangs:
		select {
		case <-p.stop:
		case <-r.Context().Done():
		}
	case fails:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		json.NewEncoder(w).Encode(map[string]string{"id": "x", "event": "message"})
	}
}

// Rang is when this topic was called.
func (p *Phone) Rang(who string) (times []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.who == who {
			times = append(times, c.at)
		}
	}
	return times
}

// Calls is how often anybody was called.
func (p *Phone) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}
