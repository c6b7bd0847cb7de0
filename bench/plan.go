package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// plan is what is measured, on which servers.
type plan struct {
	servers       []string
	rounds        int
	length        time.Duration
	idle, restart int
	hostile       int
	profiles      string // folder, or empty
	report        report
}

func (p plan) parts() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"idle": p.measureIdle, "load": p.measureLoad, "most": p.measureMost, "restart": p.measureRestart,
		"stored": p.measureStored,
		"attack": p.measureAttack,
	}
}

const conversations = 1000

// with runs f on a fresh server over a fresh Redis.
func with(ctx context.Context, name string, f func(*server, *store) error) error {
	redis, err := startStore(ctx)
	if err != nil {
		return err
	}
	defer redis.stop()
	s, err := startServer(ctx, name, redis.url(), "")
	if err != nil {
		return err
	}
	defer s.stop()
	return f(s, redis)
}

// settleFor is how long a server has to collect what the openings have left behind.
const settleFor = 5 * time.Second

// measureIdle: resident memory of the server for each connection that has joined a conversation and says nothing.
func (p plan) measureIdle(ctx context.Context) error {
	fmt.Printf("\nidle: resident KiB of the server per connection, %d connections in %d conversations\n", p.idle, p.idle/2)
	for _, name := range p.servers {
		err := with(ctx, name, func(s *server, _ *store) error {
			before, err := s.resident()
			if err != nil {
				return err
			}
			var l load
			defer l.close()
			if err := l.connectPairs(ctx, dialerFor(name, s.address), p.idle/2); err != nil {
				return err
			}
			time.Sleep(settleFor)
			after, err := s.resident()
			if err != nil {
				return err
			}
			each := float64(after-before) / 1024 / float64(p.idle)
			p.report.note("resident KiB per idle connection", name, each)
			fmt.Printf("  %-8s %6.1f\n", name, each)
			return s.profile(ctx, p.profiles, "idle-"+name, "heap?gc=1")
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// sample is one load's result.
type sample struct {
	p50, p99    time.Duration
	relay, kept time.Duration // processor time for a million messages
	load        time.Duration // the same of what sends and receives them
}

// measureLoad: latencies and processor time at two rates, in turn over the servers, so that the machine's moods meet
// all alike.
func (p plan) measureLoad(ctx context.Context) error {
	for _, rate := range []int{5000, 10_000} {
		samples := map[string][]sample{}
		for range p.rounds {
			for _, name := range p.servers {
				one, err := p.sample(ctx, name, rate)
				if err != nil {
					return fmt.Errorf("%s at %d/s: %w", name, rate, err)
				}
				samples[name] = append(samples[name], one)
			}
		}
		fmt.Printf("\nload: %d messages/s of 1 KiB, %d conversations, median of %d rounds\n", rate, conversations, p.rounds)
		fmt.Printf("  %-8s %9s %9s %17s %16s %15s\n", "", "p50 ms", "p99 ms", "server s per 1M", "Redis s per 1M",
			"load s per 1M")
		for _, name := range p.servers {
			m := func(of func(sample) time.Duration) time.Duration { return median(samples[name], of) }
			p50, p99 := ms(m(func(s sample) time.Duration { return s.p50 })),
				ms(m(func(s sample) time.Duration { return s.p99 }))
			spent, kept := m(func(s sample) time.Duration { return s.relay }).Seconds(),
				m(func(s sample) time.Duration { return s.kept }).Seconds()
			at := fmt.Sprintf(" at %s/s", grouped(rate))
			p.report.note("p50 ms"+at, name, p50)
			p.report.note("p99 ms"+at, name, p99)
			p.report.note("server CPU s per 1M messages"+at, name, spent)
			p.report.note("Redis CPU s per 1M messages"+at, name, kept)
			own := m(func(s sample) time.Duration { return s.load }).Seconds()
			fmt.Printf("  %-8s %9.2f %9.2f %17.1f %16.1f %15.1f\n", name, p50, p99, spent, kept, own)
		}
	}
	return nil
}

func (p plan) sample(ctx context.Context, name string, rate int) (result sample, err error) {
	err = with(ctx, name, func(s *server, redis *store) error {
		var l load
		defer l.close()
		if err := l.connectPairs(ctx, dialerFor(name, s.address), conversations); err != nil {
			return err
		}
		if _, err := l.run(ctx, rate/2, time.Second); err != nil { // warms up
			return err
		}
		before, err := times(s.pid(), redis.pid(), os.Getpid())
		if err != nil {
			return err
		}
		profiled := s.profileWhile(ctx, p.profiles, fmt.Sprintf("load-%s-%d", name, rate), p.length)
		latencies, err := l.run(ctx, rate, p.length)
		if err != nil {
			return err
		}
		if err := profiled(); err != nil {
			return err
		}
		after, err := times(s.pid(), redis.pid(), os.Getpid())
		if err != nil {
			return err
		}
		perMillion := func(d time.Duration) time.Duration { return d * 1_000_000 / time.Duration(len(latencies)) }
		result = sample{quantile(latencies, 0.5), quantile(latencies, 0.99), perMillion(after[0] - before[0]),
			perMillion(after[1] - before[1]), perMillion(after[2] - before[2])}
		return nil
	})
	return result, err
}

func times(processes ...int) ([]time.Duration, error) {
	var all []time.Duration
	for _, pid := range processes {
		spent, err := processor(pid)
		if err != nil {
			return nil, err
		}
		all = append(all, spent)
	}
	return all, nil
}

// measureMost: the highest rate, in steps of a tenth, at which 99 of 100 messages arrive within 50 ms. One bad moment
// of the machine is not the server's limit: a rate has a second try.
func (p plan) measureMost(ctx context.Context) error {
	fmt.Printf("\nmost: messages/s with p99 under 50 ms, in steps of a tenth, twice %d conversations\n", conversations)
	for _, name := range p.servers {
		err := with(ctx, name, func(s *server, _ *store) error {
			var l load
			defer l.close()
			if err := l.connectPairs(ctx, dialerFor(name, s.address), 2*conversations); err != nil {
				return err
			}
			best := 0
			for rate := 5000; rate < 100_000; rate += rate / 10 {
				kept, err := l.keepsUp(ctx, rate)
				if err == nil && !kept {
					kept, err = l.keepsUp(ctx, rate)
				}
				if err != nil {
					return err
				}
				if !kept {
					break
				}
				best = rate
			}
			p.report.note("most messages/s with p99 under 50 ms", name, float64(best))
			fmt.Printf("  %-8s %6d\n", name, best)
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (l *load) keepsUp(ctx context.Context, rate int) (bool, error) {
	latencies, err := l.run(ctx, rate, 4*time.Second)
	var lost *lostError
	if errors.As(err, &lost) {
		return false, nil
	}
	return err == nil && quantile(latencies, 0.99) <= 50*time.Millisecond, err
}

// measureStored: what Redis holds for each message of conversations with two.
func (p plan) measureStored(ctx context.Context) error {
	fmt.Printf(
		"\nstored: bytes of Redis per 1 KiB message, conversations of two messages, the mailbox's own bookkeeping with them\n")
	for _, name := range p.servers {
		if name == "bare" {
			continue
		}
		err := with(ctx, name, func(s *server, redis *store) error {
			var l load
			defer l.close()
			if err := l.connectPairs(ctx, dialerFor(name, s.address), conversations); err != nil {
				return err
			}
			time.Sleep(time.Second)
			before, err := redis.used(ctx)
			if err != nil {
				return err
			}
			if _, err := l.run(ctx, conversations, 2*time.Second); err != nil {
				return err
			}
			time.Sleep(time.Second)
			after, err := redis.used(ctx)
			if err != nil {
				return err
			}
			p.report.note("Redis bytes per stored message", name, float64(after-before)/2/conversations)
			fmt.Printf("  %-8s %6.0f  (beside %0.0f for a conversation opened and empty)\n", name,
				float64(after-before)/2/conversations, float64(before-emptyRedis)/conversations)
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func median[S any](samples []S, of func(S) time.Duration) time.Duration {
	var all []time.Duration
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// emptyRedis is about what a Redis with nothing in it uses.
const emptyRedis = 1 << 20
