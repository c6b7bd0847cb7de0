package live

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
)

// Roster is the roster of one kommun as this server holds it: the newest that was valid when it came. It may be used
// by several goroutines.
type Roster struct {
	kommun *config.Kommun
	now    func() time.Time
	log    *slog.Logger

	mu      sync.RWMutex
	signed  []byte
	roster  *roster.Roster
	changed func(before, after *roster.Roster)
}

// NewRoster returns one of serial 0, without a device, until Put has taken the first.
func NewRoster(k *config.Kommun, now func() time.Time, log *slog.Logger) *Roster {
	return &Roster{kommun: k, now: now, log: log, changed: func(_, _ *roster.Roster) {}, roster: roster.New(k.ID)}
}

// OnChange has f called after each new roster is in place, by whoever put it there. It replaces the f before.
func (r *Roster) OnChange(f func(before, after *roster.Roster)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = f
}

// Present returns the roster and its signed form. Neither may be changed.
func (r *Roster) Present() ([]byte, *roster.Roster) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.signed, r.roster
}

// Put takes a signed roster, or keeps the one before it and returns why: one of the errors of roster.Pins.Verify, or
// roster.ErrForked.
func (r *Roster) Put(signed []byte) error {
	r.mu.Lock()
	after, err := r.kommun.Pins.Verify(signed, r.kommun.ID, r.now(), r.roster.Serial)
	if err == nil && r.signed != nil && !bytes.Equal(signed, r.signed) && roster.Forked(r.roster, after) {
		err = roster.ErrForked
	}
	if err != nil {
		r.mu.Unlock()
		return err
	}
	before, changed := r.roster, r.changed
	r.signed, r.roster = signed, after
	r.mu.Unlock()
	changed(before, after)
	return nil
}

// followEvery is how often a roster file is looked at.
const followEvery = time.Second

// Follow reads the roster file again when it changes, and warns as its end comes nearer, until ctx ends. One goroutine
// may follow it.
func (r *Roster) Follow(ctx context.Context) {
	last, _ := r.Present()
	warned := 0
	w := Watch{Every: followEvery,
		Look: func(context.Context) error {
			r.warn(&warned)
			signed, err := config.ReadRoster(r.kommun.RosterFile)
			if err != nil {
				return errors.New(config.WithoutPath(err))
			}
			if !bytes.Equal(signed, last) {
				last = signed
				if r.take(signed) {
					warned = 0
				}
			}
			return nil
		},
		Wrong: func(problem error) {
			r.log.Error(
				"the roster file cannot be read; the roster before it goes on",
				"kommun",
				r.kommun.ID,
				"problem",
				problem,
			)
		},
	}
	w.Run(ctx)
}

// take says what became of a roster that is new: each is an event of its own.
func (r *Roster) take(signed []byte) bool {
	if err := r.Put(signed); err != nil {
		r.log.Error("THE NEW ROSTER IS REFUSED; the roster before it goes on", "kommun", r.kommun.ID, "code",
			roster.Code(err), "problem", err.Error()+". "+config.RosterAdvice(err))
		return false
	}
	_, now := r.Present()
	r.log.Info("roster", "kommun", r.kommun.ID, "serial", now.Serial, "expires", now.Expires, "devices", len(now.Devices))
	return true
}

// warn says once at 5, 3 and 1 days, and at the end, that the roster runs out. stage is what was last said of this
// roster.
func (r *Roster) warn(stage *int) {
	_, held := r.Present()
	left := held.Expires.Sub(r.now())
	reached := 0
	for i, at := range []time.Duration{5 * 24 * time.Hour, 3 * 24 * time.Hour, 24 * time.Hour, 0} {
		if left <= at {
			reached = i + 1
		}
	}
	if reached <= *stage {
		return
	}
	*stage = reached
	if left <= 0 {
		r.log.Error("THE ROSTER HAS EXPIRED: nobody can be reached; run utvag roster renew", "kommun", r.kommun.ID, "expires",
			held.Expires)
		return
	}
	r.log.Warn("the roster runs out; run utvag roster renew", "kommun", r.kommun.ID, "expires", held.Expires)
}
