package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/internal/config"
)

// Kommun is a kommun as a server holds it: what was configured, and what is read again.
type Kommun struct {
	Config *config.Kommun
	Roster *Roster
	Rota   *Rota // nil without one
}

// Open reads what a kommun's configuration names for the first time. The error is the roster's: without one nobody can
// be reached.
func Open(ctx context.Context, k *config.Kommun, now func() time.Time, log *slog.Logger) (*Kommun, error) {
	r := NewRoster(k, now, log)
	signed, err := config.ReadRoster(k.RosterFile)
	if err == nil {
		err = r.Put(signed)
	}
	if err != nil {
		return nil, err
	}
	return &Kommun{Config: k, Roster: r, Rota: StartRota(ctx, k, now, log)}, nil
}

// Follow reads roster and rota again as they change, until ctx ends. One goroutine may follow a kommun.
func (k *Kommun) Follow(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { k.Roster.Follow(ctx) })
	both.Go(func() { k.Rota.Follow(ctx) })
	both.Wait()
}

// Hours are when the kommun means to be open, as its rota changes them.
func (k *Kommun) Hours() *hours.Hours { return k.Rota.Hours(k.Config) }
