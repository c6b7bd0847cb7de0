// Command mutants proves that the tests catch what they are there for. Each patch in patches is a deliberate fault that
// breaks a rule of the threat model or of the protocol, and names the test that must fail on it. One after the other is
// made in a scratch copy of the tree, and its test run alone. A fault counts as caught only if what it makes still
// builds and the named test fails by an assertion of its own: a crash, a wait in vain or a compiler's word are none.
// Before that the test is seen to pass without the fault.
//
// A patch begins with three lines and an empty one, and is a unified diff from there on, as `git diff -U1` writes it:
//
//	breaks: §5.3 rule 2; invariant 4
//	fault: A counter that skips one is taken.
//	test: go internal/redisstore TestStoreInProcess/a_counter_is_used_once
//
// or, of Vitest, the file below web and the full name: test: vitest test/mls/policy.test.ts a commit of a device …
//
//	go run ./faults/mutants -sample 8 -seed 4b825dc
//	go run ./faults/mutants -only receipt-transcript,history-transcript -v
package main

//go:generate sh -c "go run . -table > ../../docs/rules.md"

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	only := flag.String("only", "", "comma-separated ids, or beginnings of ids that end with a hyphen")
	sample := flag.Int("sample", 0, "try so many, chosen by the seed; 0: all")
	seed := flag.String("seed", "", "of the sample")
	parallel := flag.Int("parallel", min(4, runtime.NumCPU()), "copies of the tree that are worked in at a time")
	limit := flag.Duration("limit", 10*time.Minute, "of one run of a test")
	verbose := flag.Bool("v", false, "say by which sentence each was caught")
	printed := flag.Bool("table", false, "print docs/rules.md and try nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, *only, *sample, *seed, *parallel, *limit, *verbose, *printed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(ctx context.Context, only string, sample int, seed string, parallel int, limit time.Duration, verbose,
	printed bool) error {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	all, err := readMutants(root)
	if err != nil {
		return err
	}
	if printed {
		rules, err := readRules(root)
		if err != nil {
			return err
		}
		fmt.Print(table(rules, all))
		return nil
	}
	chosen := choose(all, only, sample, seed)
	if len(chosen) == 0 {
		return fmt.Errorf("there is no %q", only)
	}
	begun := time.Now()
	bad, err := try(ctx, root, chosen, max(1, parallel), limit, verbose, os.Stdout)
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d faults were tried in %v\n", len(chosen), len(all), time.Since(begun).Round(time.Second))
	if bad > 0 {
		return errors.New(fmt.Sprint(bad, " of them were not caught"))
	}
	return nil
}

// choose picks by id, or as many as a sample has room for: by a hash of seed and id, so that the choice hangs on the
// seed alone, and every patch has its turn sometime.
func choose(all []*mutant, only string, sample int, seed string) []*mutant {
	chosen := slices.Clone(all)
	if only != "" {
		wanted := strings.Split(only, ",")
		chosen = slices.DeleteFunc(chosen, func(m *mutant) bool {
			return !slices.ContainsFunc(wanted, func(w string) bool {
				return m.id == w || strings.HasSuffix(w, "-") && strings.HasPrefix(m.id, w)
			})
		})
	}
	if sample > 0 && sample < len(chosen) {
		key := func(m *mutant) string {
			sum := sha256.Sum256([]byte(seed + " " + m.id))
			return string(sum[:])
		}
		slices.SortFunc(chosen, func(a, b *mutant) int { return strings.Compare(key(a), key(b)) })
		chosen = chosen[:sample]
		slices.SortFunc(chosen, func(a, b *mutant) int { return strings.Compare(a.id, b.id) })
	}
	return chosen
}
