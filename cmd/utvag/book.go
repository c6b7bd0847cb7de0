package main

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

// book is the roster of one kommun as this server holds it: the newest that was valid when it came.
type book struct {
	tenant *config.Kommun
	now    func() time.Time
	log    *slog.Logger

	mu      sync.RWMutex
	signed  []byte
	roster  *roster.Roster
	changed func(before, after *roster.Roster)
}

func newBook(t *config.Kommun, now func() time.Time, log *slog.Logger) *book {
	return &book{tenant: t, now: now, log: log, changed: func(_, _ *roster.Roster) {}, roster: roster.New(t.ID)}
}

// onChange calls f after each new roster is in place.
func (b *book) onChange(f func(before, after *roster.Roster)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed = f
}

// present returns the roster and its signed form, which must not be changed.
func (b *book) present() ([]byte, *roster.Roster) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.signed, b.roster
}

// put takes a signed roster, or says why not and keeps the old one.
func (b *book) put(signed []byte) error {
	b.mu.Lock()
	r, err := b.tenant.Pins.Verify(signed, b.tenant.ID, b.now(), b.roster.Serial)
	if err == nil && r.Serial == b.roster.Serial && b.signed != nil && !bytes.Equal(signed, b.signed) &&
		!sameText(b.roster, r) {
		err = errForked
	}
	if err != nil {
		b.mu.Unlock()
		return err
	}
	before, changed := b.roster, b.changed
	b.signed, b.roster = signed, r
	b.mu.Unlock()
	changed(before, r)
	return nil
}

// errForked: clients cannot tell which of two rosters with one serial is the newer.
var errForked = errors.New(
	"the roster has the serial of the present one, but says something else: sign it again, so that its serial rises")

func sameText(a, b *roster.Roster) bool {
	x, errX := a.Text()
	y, errY := b.Text()
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// followEvery is how often a roster file is looked at.
const followEvery = time.Second

// follow reads the roster file again when it changes, and warns as its end comes nearer, until ctx ends.
func (b *book) follow(ctx context.Context, file string) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	last, _ := b.present()
	var failed string
	var warned int
	for {
		b.warn(&warned)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		signed, err := config.ReadRoster(file)
		if err != nil {
			if err.Error() != failed {
				b.log.Error("the roster file cannot be read; the roster before it goes on", "kommun", b.tenant.ID, "problem",
					config.WithoutPath(err))
				failed = err.Error()
			}
			continue
		}
		failed = ""
		if bytes.Equal(signed, last) {
			continue
		}
		last = signed
		if err := b.put(signed); err != nil {
			b.log.Error("THE NEW ROSTER IS REFUSED; the roster before it goes on", "kommun", b.tenant.ID, "code",
				roster.Code(err), "problem", err.Error()+". "+config.RosterAdvice(err))
			continue
		}
		warned = 0
		_, r := b.present()
		b.log.Info("roster", "kommun", b.tenant.ID, "serial", r.Serial, "expires", r.Expires, "devices", len(r.Devices))
	}
}

// warn says once at 5, 3 and 1 days, and at the end, that the roster runs out. stage is what was last said of this
// roster.
func (b *book) warn(stage *int) {
	_, r := b.present()
	left := r.Expires.Sub(b.now())
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
		b.log.Error("THE ROSTER HAS EXPIRED: nobody can be reached; run utvag roster renew", "kommun", b.tenant.ID, "expires",
			r.Expires)
		return
	}
	b.log.Warn("the roster runs out; run utvag roster renew", "kommun", b.tenant.ID, "expires", r.Expires)
}
