package alarm

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Failure says in words why a call was not accepted, and what to do. It never holds an address, a name of a host, a
// token or a URL.
type Failure struct {
	Problem string
	// Again says that another attempt can succeed, and cannot make a second alarm of one.
	Again bool
	// After is how long whoever answered asks to be left alone.
	After time.Duration
}

func (f *Failure) Error() string { return f.Problem }

// Failed makes a failure that another attempt does not mend.
func Failed(problem string) *Failure { return &Failure{Problem: problem} }

// longestWait is what a channel waits because it was asked to; who asks for more is not tried again, and the escalation
// goes on.
const longestWait = 5 * time.Second

// Do runs try until it succeeds, fails for good, or the limits are reached. Every attempt has its own time. The error
// is a *Failure.
func (l Limits) Do(ctx context.Context, try func(context.Context) error) error {
	l = l.Filled()
	pause := l.Pause
	for n := 1; ; n++ {
		within, cancel := context.WithTimeout(ctx, l.Try)
		err := try(within)
		cancel()
		if err == nil {
			return nil
		}
		var failure *Failure
		if !errors.As(err, &failure) {
			// What a library says could hold an address.
			failure = Failed("the channel failed in an unforeseen way")
		}
		if !failure.Again || n >= l.Tries || failure.After > longestWait || ctx.Err() != nil {
			return failure
		}
		// Half to one and a half times the pause, so that many who failed together do not come back together.
		wait := max(failure.After, pause/2+rand.N(pause+1))
		pause *= 2
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return failure
		case <-timer.C:
		}
	}
}
