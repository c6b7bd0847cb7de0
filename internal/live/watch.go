package live

import (
	"context"
	"time"
)

// Watch looks at something again and again, and says once what it finds wrong.
type Watch struct {
	// First is how long before the first look; 0: at once.
	First time.Duration
	// Every is the time from one look to the next.
	Every time.Duration
	// Timeout bounds a look by its context; 0: only the end of Run's own context does.
	Timeout time.Duration
	// Look returns what is wrong now, or nil. It is called by one goroutine alone.
	Look func(ctx context.Context) error
	// Wrong is told of a problem, and again only where it reads otherwise or has lasted for Again. Nil: nobody is told.
	Wrong func(problem error)
	// Again is how long one and the same problem stays unsaid once it was said; 0: for as long as it lasts.
	Again time.Duration
	// Right is told once that there is no problem any more. Nil: nobody is told.
	Right func()
}

// Run looks until ctx ends, and returns then. What a look finds while ctx ends is not said: it may be wrong only
// because of that.
func (w *Watch) Run(ctx context.Context) {
	next := time.NewTimer(w.First)
	defer next.Stop()
	said, at := "", time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		next.Reset(w.Every)
		problem := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case problem == nil:
			if said != "" && w.Right != nil {
				w.Right()
			}
			said = ""
		case problem.Error() != said || w.Again > 0 && time.Since(at) >= w.Again:
			said, at = problem.Error(), time.Now()
			if w.Wrong != nil {
				w.Wrong(problem)
			}
		}
	}
}

func (w *Watch) look(ctx context.Context) error {
	if w.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.Timeout)
		defer cancel()
	}
	return w.Look(ctx)
}
