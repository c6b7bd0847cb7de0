package oncall

import (
	"context"
	"log/slog"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/live"
)

// packagesEvery is how often the key packages that are ahead are counted; the first time after packagesFirst, since
// consoles put theirs back into a store that has just begun.
const (
	packagesEvery   = time.Hour
	packagesFirst   = 2 * time.Minute
	packagesTimeout = 10 * time.Second
)

// packagesWarned is how many days ahead a device may have at most when it is warned of. A console publishes six beyond
// today's (spec/protocol.md §7.3), each day that it is signed in.
const packagesWarned = 2

// packageStore is what counting them needs of the store.
type packageStore interface {
	KeyPackages(ctx context.Context, kommun string, day uint32) (map[chat.Device][]byte, error)
}

// packageWatch looks for devices to which soon nobody can encrypt: a new conversation passes them by, without anybody
// noticing.
type packageWatch struct {
	kommun string
	roster Devices
	store  packageStore
	now    func() time.Time
	log    *slog.Logger
	// low is told, once a day for each device, for how many days from today on it has key packages without a gap: 0 is
	// that today's is missing already.
	low func(alias string, days int)

	told map[roster.DeviceID]int64
}

// follow looks every hour until ctx ends.
func (w *packageWatch) follow(ctx context.Context) {
	loop := live.Watch{First: packagesFirst, Every: packagesEvery, Timeout: packagesTimeout, Again: packagesEvery,
		Look: w.look,
		Wrong: func(problem error) {
			w.log.Warn("key packages could not be counted", "kommun", w.kommun, "problem", problem)
		},
	}
	loop.Run(ctx)
}

func (w *packageWatch) look(ctx context.Context) error {
	now := w.now()
	today := now.Unix() / (24 * 60 * 60)
	ahead := make([]map[chat.Device][]byte, packagesWarned+1)
	for i := range ahead {
		var err error
		if ahead[i], err = w.store.KeyPackages(ctx, w.kommun, uint32(today)+uint32(i)); err != nil {
			return err
		}
	}
	if w.told == nil {
		w.told = make(map[roster.DeviceID]int64)
	}
	count := 0
	_, r := w.roster.Present()
	for i := range r.Devices {
		d := &r.Devices[i]
		if !d.Valid(now) || !d.Role.Intake() {
			continue
		}
		days := 0
		for days < len(ahead) && ahead[days][chat.Device(d.ID)] != nil {
			days++
		}
		if days > packagesWarned {
			delete(w.told, d.ID)
			continue
		}
		if w.told[d.ID] == today {
			continue
		}
		w.told[d.ID] = today
		count++
		w.low(d.Alias, days)
	}
	if count > 0 {
		// Whose they are is not for the log (internal/quietlog).
		w.log.Warn("DEVICES SOON RECEIVE NO NEW CONVERSATIONS", "kommun", w.kommun, "count", count)
	}
	return nil
}
