package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Each look finds what stands at its place in found; what is said is told with the second in which it was said.
func TestAWatchSaysOnceWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		first, again time.Duration
		found        string // a letter a look: a problem, or «.» for none
		want         string
	}{
		"nothing is wrong":           {0, 0, "....", ""},
		"once, however long":         {0, 0, "aaaa", "a0"},
		"another problem is another": {0, 0, "aabb", "a0 b2"},
		"it is over, once":           {0, 0, "aa..a", "a0 right2 a4"},
		"again after a while":        {0, 3 * time.Second, "aaaaaaa", "a0 a3 a6"},
		"the first look waits":       {5 * time.Second, 0, "a.", "a5 right6"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said []string
				start, looks := time.Now(), 0
				say := func(what string) {
					said = append(said, what+strings.TrimSuffix(time.Since(start).String(), "s"))
				}
				ctx, stop := context.WithCancel(t.Context())
				w := Watch{First: c.first, Every: time.Second, Again: c.again,
					Look: func(context.Context) error {
						if looks == len(c.found) {
							stop()
							return errors.New("the end")
						}
						looks++
						if what := c.found[looks-1 : looks]; what != "." {
							return errors.New(what)
						}
						return nil
					},
					Wrong: func(problem error) { say(problem.Error()) },
					Right: func() { say("right") },
				}
				w.Run(ctx)
				if got := strings.Join(said, " "); got != c.want {
					t.Errorf("said %q, want %q", got, c.want)
				}
			})
		})
	}
}

// A look that hangs is given up, and is a problem like others; nobody has to listen.
func TestALookIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var looked []time.Duration
		start := time.Now()
		w := Watch{Every: 4 * time.Second, Timeout: time.Second, Look: func(ctx context.Context) error {
			<-ctx.Done()
			looked = append(looked, time.Since(start))
			return ctx.Err()
		}}
		w.Run(ctx)
		if want := []time.Duration{time.Second, 5 * time.Second, 9 * time.Second}; !slices.Equal(looked, want) {
			t.Errorf("looks ended at %v, want %v", looked, want)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it ran for %v", took)
		}
	})
}
