package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// outcome is what became of one mutant.
type outcome struct {
	caught bool
	why    string
	took   time.Duration
}

// place is what tests can be run for together.
type place struct{ runner, path string }

// try makes each mutant and runs its test, in so many copies at a time, and returns how many were not caught.
func try(ctx context.Context, root string, all []*mutant, parallel int, limit time.Duration, verbose bool,
	out io.Writer) (bad int, err error) {
	parallel = min(parallel, len(all))
	copies := make([]*scratch, parallel)
	for i := range copies {
		if copies[i], err = newScratch(root, i, limit); err != nil {
			return 0, err
		}
		defer copies[i].remove()
	}
	var mu sync.Mutex
	say := func(m *mutant, o outcome) {
		mu.Lock()
		defer mu.Unlock()
		word := "caught"
		if !o.caught {
			word = "NOT CAUGHT"
			bad++
		}
		fmt.Fprintf(out, "%-10s %6.1fs  %s  by %s\n", word, o.took.Seconds(), m.id, m.test)
		if !o.caught || verbose {
			fmt.Fprintf(out, "           %s\n", o.why)
		}
	}
	sound, err := tryClean(ctx, copies, all, say)
	if err != nil {
		return bad, err
	}
	err = share(copies, sound, func(s *scratch, m *mutant) error {
		begun := time.Now()
		caught, why, err := tryOne(ctx, s, m)
		if err == nil && ctx.Err() == nil {
			say(m, outcome{caught, why, time.Since(begun)})
		}
		return errors.Join(err, ctx.Err())
	})
	return bad, err
}

// share has each copy take the next of a list until all are done.
func share[T any](copies []*scratch, list []T, do func(*scratch, T) error) error {
	next := make(chan T)
	errs := make(chan error, len(copies))
	for _, s := range copies {
		go func() {
			var err error
			for one := range next {
				if err == nil {
					err = do(s, one)
				}
			}
			errs <- err
		}()
	}
	for _, one := range list {
		next <- one
	}
	close(next)
	var all error
	for range copies {
		all = errors.Join(all, <-errs)
	}
	return all
}

// tryClean runs the named tests without any fault, and returns the mutants whose tests pass.
func tryClean(ctx context.Context, copies []*scratch, all []*mutant, say func(*mutant, outcome)) (sound []*mutant,
	err error) {
	at := map[place][]*mutant{}
	var places []place
	for _, m := range all {
		p := place{m.test.runner, m.test.place}
		if at[p] == nil {
			places = append(places, p)
		}
		at[p] = append(at[p], m)
	}
	var mu sync.Mutex
	err = share(copies, places, func(s *scratch, p place) error {
		var names []string
		for _, m := range at[p] {
			names = append(names, m.test.name)
		}
		begun := time.Now()
		judge := s.judge(ctx, p.runner, p.path, names)
		for _, m := range at[p] {
			v, why := judge(m.test.name)
			if v != passed {
				say(m, outcome{false, "its test does not pass without the fault: " + v.String() + ": " + why, time.Since(begun)})
				continue
			}
			mu.Lock()
			sound = append(sound, m)
			mu.Unlock()
		}
		return ctx.Err()
	})
	slices.SortFunc(sound, func(a, b *mutant) int { return strings.Compare(a.id, b.id) })
	return sound, err
}

func tryOne(ctx context.Context, s *scratch, m *mutant) (caught bool, why string, err error) {
	undo, err := s.apply(m)
	if err != nil {
		return false, err.Error(), nil
	}
	defer func() { err = errors.Join(err, undo()) }()
	v, why := s.judge(ctx, m.test.runner, m.test.place, []string{m.test.name})(m.test.name)
	switch v {
	case passed:
		return false, "THE TEST PASSES", nil
	case absent, broken:
		return false, v.String() + ": " + why, nil
	}
	if err := s.types(ctx, m); err != nil {
		return false, err.Error(), nil
	}
	return true, why, nil
}
