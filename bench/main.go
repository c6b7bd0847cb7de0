package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		err = serve(ctx, os.Args[2:])
	} else if len(os.Args) > 1 && os.Args[1] == "hostile" {
		err = hostile(ctx, os.Args[2:])
	} else {
		err = run(ctx, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run parses what is asked for and prints the figures.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	servers := flags.String("servers", "bare,plain,script,utvag", "which `servers`, in this order")
	parts := flags.String("parts", "idle,load,most,restart,stored,attack",
		"which `parts`: idle memory, latency and processor time, most messages, restart, stored bytes, attack")
	rounds := flags.Int("rounds", 3, "how often each load is run; the median counts")
	seconds := flags.Int("seconds", 10, "length of one load")
	idle := flags.Int("idle", 10_000, "idle connections")
	attackers := flags.Int("hostile", 2_000, "hostile connections in the attack")
	profiles := flags.String("profile", "", "`folder` in which to keep profiles of the servers; they cost a little")
	draw := flags.String("draw", "",
		"measure memory and p99 against connections and nodes, and nothing else, and draw it into `file`, an SVG")
	restart := flags.Int("restart", 5_000, "connections that resume after a kill")
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	debug.SetGCPercent(400) // the load's own collections are nobody's latency
	if err := liftFileLimit(); err != nil {
		return err
	}
	if *draw != "" {
		return drawScale(ctx, *draw)
	}
	p := plan{
		servers: strings.Split(*servers, ","), rounds: *rounds, length: time.Duration(*seconds) * time.Second,
		idle: *idle, restart: *restart, hostile: *attackers, profiles: *profiles, report: report{},
	}
	for _, name := range p.servers {
		if !known(name) {
			return fmt.Errorf("there is no server %q", name)
		}
	}
	for _, part := range strings.Split(*parts, ",") {
		measure, ok := p.parts()[part]
		if !ok {
			return fmt.Errorf("there is no part %q", part)
		}
		if err := measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	p.report.write(os.Stdout)
	return nil
}

// liftFileLimit lets this process and the servers that it starts have as many sockets as the system allows.
func liftFileLimit() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
