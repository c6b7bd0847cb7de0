package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// resumed is one restart's result: how long it took, and the processor time of server, Redis and clients meanwhile.
type resumed struct{ took, relay, kept, clients time.Duration }

// measureRestart: from the start of a server that was killed until every client is attached again.
func (p plan) measureRestart(ctx context.Context) error {
	all := map[string][]resumed{}
	for range p.rounds {
		for _, name := range p.servers {
			one, err := p.restartOne(ctx, name)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			all[name] = append(all[name], one)
		}
	}
	fmt.Printf(
		"\nrestart: until %d clients are attached again after kill -9 and have what they missed, median of %d rounds\n",
		p.restart, p.rounds)
	fmt.Printf("  %-8s %8s %10s %10s %10s\n", "", "s", "server s", "Redis s", "clients s")
	for _, name := range p.servers {
		m := func(of func(resumed) time.Duration) float64 { return median(all[name], of).Seconds() }
		took := m(func(r resumed) time.Duration { return r.took })
		p.report.note("s until all are attached again after a kill", name, took)
		fmt.Printf("  %-8s %8.2f %10.2f %10.2f %10.2f\n", name, took,
			m(func(r resumed) time.Duration { return r.relay }), m(func(r resumed) time.Duration { return r.kept }),
			m(func(r resumed) time.Duration { return r.clients }))
	}
	return nil
}

// restartOne kills the server while a tenth of the messages is under way, so that some are accepted and not delivered,
// some accepted and not answered, and some not sent. In the end each must have arrived once, in order.
func (p plan) restartOne(ctx context.Context, name string) (r resumed, err error) {
	redis, err := startStore(ctx)
	if err != nil {
		return r, err
	}
	defer redis.stop()
	s, err := startServer(ctx, name, redis.url(), "")
	if err != nil {
		return r, err
	}
	var l load
	defer l.close()
	if err := l.connectPairs(ctx, dialerFor(name, s.address), p.restart/2); err != nil {
		s.stop()
		return r, err
	}
	count := 2 * len(l.pairs)
	l.expect(count)
	offered := make(chan struct{})
	go func() {
		defer close(offered)
		l.offer(ctx, count, count)
	}()
	for l.arrived.Load() < int64(count)*9/10 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	s.kill()
	<-offered
	l.close()
	spent, err := times(redis.pid())
	if err != nil {
		return r, err
	}
	clients := ownProcessor()
	began := time.Now()
	s, err = startServer(ctx, name, redis.url(), s.address)
	if err != nil {
		return r, err
	}
	defer s.stop()
	profiled := s.profileWhile(ctx, p.profiles, "restart-"+name, 2*time.Second)
	d := dialerFor(name, s.address)
	err = together(len(l.pairs), func(i int) error {
		back, err := d.again(ctx, l.pairs[i], func(side int, text []byte) { l.heard(i, side, text) })
		if err != nil {
			return err
		}
		l.pairs[i] = back
		return back.wait()
	})
	if err != nil {
		return r, err
	}
	if _, err := l.await(ctx, count); err != nil {
		return r, err
	}
	r.took = time.Since(began)
	after, err := times(s.pid(), redis.pid())
	if err != nil {
		return r, err
	}
	r.relay, r.kept, r.clients = after[0], after[1]-spent[0], ownProcessor()-clients
	if err := profiled(); err != nil {
		return r, err
	}
	// Everyone is heard as before.
	_, err = l.run(ctx, count, time.Second)
	return r, err
}

// ownProcessor is the processor time of this process, which is that of the clients.
func ownProcessor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
