package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// What the figure shows: every number of connections with every number of nodes, on one Redis. Each pair's sides are on
// any two nodes.
var (
	scaleConnections = []int{1000, 2500, 5000, 10_000}
	scaleNodes       = []int{1, 2, 3}
)

const (
	scaleRate   = 2000 // messages a second in all, so that the machine is not what is measured
	scaleRounds = 3
	scaleLength = 4 * time.Second
	scaleWithin = 15 * time.Minute
)

// scaled is what one combination gave.
type scaled struct {
	idle float64       // resident MiB of all nodes, with the connections idle
	each float64       // KiB of it for each connection, beyond what the nodes held before
	p99  time.Duration // the median of the rounds
}

// drawScale measures and draws the figure into a file. It takes about five minutes.
func drawScale(ctx context.Context, file string) error {
	ctx, cancel := context.WithTimeout(ctx, scaleWithin)
	defer cancel()
	// Before anything is measured: whether it can be written.
	to, err := os.Create(file + ".new")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name())
	defer to.Close()
	memory := panel{title: "Resident memory of all nodes, connections idle", unit: "MiB"}
	late := panel{title: fmt.Sprintf("p99 from due to delivered, %s messages/s", grouped(scaleRate)), unit: "ms"}
	fmt.Printf(
		"\nscale: %d messages/s of 1 KiB over all connections, median of %d rounds\n  nodes connections      MiB  KiB/connection   p99 ms\n", scaleRate, scaleRounds)
	for _, nodes := range scaleNodes {
		label := fmt.Sprintf("%d nodes", nodes)
		if nodes == 1 {
			label = "1 node"
		}
		kept, took := series{label: label}, series{label: label}
		for _, connections := range scaleConnections {
			one, err := measureScale(ctx, nodes, connections)
			if err != nil {
				return fmt.Errorf("%d connections on %d nodes: %w", connections, nodes, err)
			}
			fmt.Printf("  %5d %11d %8.1f %15.1f %8.1f\n", nodes, connections, one.idle, one.each, ms(one.p99))
			kept.values, took.values = append(kept.values, one.idle), append(took.values, ms(one.p99))
		}
		memory.lines, late.lines = append(memory.lines, kept), append(late.lines, took)
	}
	if err := errors.Join(figure(to, scaleConnections, memory, late), to.Close()); err != nil {
		return err
	}
	return os.Rename(to.Name(), file)
}

func measureScale(ctx context.Context, nodes, connections int) (scaled, error) {
	redis, err := startStore(ctx)
	if err != nil {
		return scaled{}, err
	}
	defer redis.stop()
	var all []*server
	var addresses []string
	for range nodes {
		s, err := startServer(ctx, "utvag", redis.url(), "")
		if err != nil {
			return scaled{}, err
		}
		defer s.stop()
		all, addresses = append(all, s), append(addresses, s.address)
	}
	before, err := residentOf(all)
	if err != nil {
		return scaled{}, err
	}
	var l load
	defer l.close()
	if err := l.connectPairs(ctx, &relayDialer{addresses: addresses}, connections/2); err != nil {
		return scaled{}, err
	}
	time.Sleep(settleFor)
	after, err := residentOf(all)
	if err != nil {
		return scaled{}, err
	}
	result := scaled{idle: float64(after) / (1 << 20), each: float64(after-before) / 1024 / float64(connections)}
	if _, err := l.run(ctx, scaleRate/2, time.Second); err != nil { // warms up
		return scaled{}, err
	}
	var rounds []time.Duration
	for range scaleRounds {
		latencies, err := l.run(ctx, scaleRate, scaleLength)
		if err != nil {
			return scaled{}, err
		}
		rounds = append(rounds, quantile(latencies, 0.99))
	}
	slices.Sort(rounds)
	result.p99 = rounds[len(rounds)/2]
	return result, nil
}

func residentOf(servers []*server) (int64, error) {
	var sum int64
	for _, s := range servers {
		bytes, err := s.resident()
		if err != nil {
			return 0, err
		}
		sum += bytes
	}
	return sum, nil
}
