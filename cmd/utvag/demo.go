package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
)

type demoCommand struct {
	Listen string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where the visitor's page is served, on this machine only; the console gets the next free port. Port 0: free ones."`
}

// demoKommun is a place that does not exist.
const demoKommun = "vidby"

var demoCoordinators = []string{"Sara", "Amir"}

// Run serves until a signal ends t.ctx. Everything is in memory, and gone with the process.
func (c *demoCommand) Run(t terminal) error {
	visitor, console, err := demoListeners(c.Listen)
	if err != nil {
		return err
	}
	redis := miniredis.NewMiniRedis()
	if err := redis.Start(); err != nil {
		return fmt.Errorf("starting the store in memory: %w", err)
	}
	defer redis.Close()
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	go drive(ctx, redis)

	teams, pins, err := throwawayKeys()
	if err != nil {
		return err
	}
	redisURL := "redis://" + redis.Addr()
	written := demoConfig(visitor.Addr().String(), console.Addr().String(), redisURL, pins, t.now())
	checked, err := config.CheckInMemory(written, t.now())
	if err != nil {
		return err
	}
	k := checked.Kommuner[0]
	log := quietlog.New(t.stderr)
	store, err := redisstore.Open(ctx, redisstore.Options{URL: redisURL})
	if err != nil {
		return fmt.Errorf("the store in memory: %w", err)
	}
	defer store.Close()

	book := live.NewRoster(k, t.now, log)
	first, err := roster.New(k.ID).Renew(t.now())
	if err != nil {
		return err
	}
	signed, err := first.Sign(teams[0])
	if err != nil {
		return err
	}
	if err := book.Put(signed); err != nil {
		return err
	}
	enrol := &enrolments{origin: k.Console.Origin, book: book, team: teams[0], now: t.now}
	s := &server{now: t.now, log: log, store: store}
	s.add(k, book, nil, enrol)
	s.take(k.Visitor, visitor)
	s.take(k.Console, console)
	if err := s.start(); err != nil {
		s.stop()
		return err
	}
	fmt.Fprintf(t.stdout, "Visitor:     %s/\n", k.Visitor.Origin)
	for _, alias := range demoCoordinators {
		fmt.Fprintf(t.stdout, "Coordinator: %s/#enrol=%s&alias=%s\n", k.Console.Origin, enrol.issue(), url.QueryEscape(alias))
	}
	fmt.Fprintln(t.stdout, "Each coordinator's link enrols one browser, once. Ctrl-C ends it, and everything is gone.")
	return s.wait(t.ctx)
}

// demoListeners opens both listeners. Nothing but this machine may reach a demo: over plain HTTP, other machines'
// browsers would refuse to encrypt anyway.
func demoListeners(listen string) (visitor, console net.Listener, err error) {
	address, err := netip.ParseAddrPort(listen)
	if err != nil || !address.Addr().IsLoopback() {
		return nil, nil, fmt.Errorf("%w: --listen: write a loopback address and a port, such as 127.0.0.1:8080", errUsage)
	}
	visitor, err = net.Listen("tcp", listen)
	if err != nil {
		return nil, nil, fmt.Errorf("listening on %s: %w. Name another port, or 0 for a free one", listen, err)
	}
	if address.Port() == 0 {
		console, _ = net.Listen("tcp", listen)
	} else {
		for port := int(address.Port()) + 1; console == nil && port <= int(address.Port())+50 && port < 1<<16; port++ {
			console, _ = net.Listen("tcp", netip.AddrPortFrom(address.Addr(), uint16(port)).String())
		}
	}
	if console == nil {
		visitor.Close()
		return nil, nil, fmt.Errorf("no free port for the console after %s: name another, or 0", listen)
	}
	return visitor, console, nil
}

// drive moves the store's clock: keys in it end only when it is told that time has passed.
func drive(ctx context.Context, redis *miniredis.Miniredis) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			redis.FastForward(now.Sub(last))
			last = now
		}
	}
}

// throwawayKeys makes two team keys, as every kommun has, that are never written anywhere.
func throwawayKeys() (signers []note.Signer, pins []string, err error) {
	for range 2 {
		private, public, err := note.GenerateKey(rand.Reader, roster.KeyName(demoKommun))
		if err != nil {
			return nil, nil, fmt.Errorf("making a team key: %w", err)
		}
		signer, err := note.NewSigner(private)
		if err != nil {
			return nil, nil, fmt.Errorf("making a team key: %w", err)
		}
		signers, pins = append(signers, signer), append(pins, public)
	}
	return signers, pins, nil
}

// demoConfig is an ordinary configuration of a kommun that does not exist, and that never closes. Its numbers are
// national ones with the dates of the built-in list: those that have run out are not shown, as anywhere else. Its pages
// say that it is a demo.
func demoConfig(visitor, console, redisURL string, pins []string, now time.Time) *config.Config {
	today := now.UTC().Format(time.DateOnly)
	const open = "00:00-24:00"
	return &config.Config{
		Redis: config.RedisConfig{URL: redisURL},
		Kommuner: []config.KommunConfig{{
			ID:      demoKommun,
			Name:    "Vidby kommun",
			Visitor: config.OriginConfig{Origin: "http://" + visitor, Listen: visitor},
			Console: config.OriginConfig{Origin: "http://" + console, Listen: console},
			Pins:    pins,
			// All of them; the page marks the drafts.
			Languages: config.AllLanguages(),
			Hours: &config.HoursConfig{Week: map[string]string{"mon": open, "tue": open, "wed": open, "thu": open, "fri": open,
				"sat": open, "sun": open}, Holidays: "open"},
			Numbers: []config.NumberConfig{
				{National: "emergency"},
				{National: "police"},
				{National: "children"},
				{National: "suicide"},
			},
			Claims: map[string]config.VouchConfig{
				"no_ip_stored":       {By: "the demo, which only this machine can reach", On: today},
				"no_police_accounts": {By: "the demo, whose coordinators are whoever started it", On: today},
			},
			Retention: config.RetentionConfig{Live: "24h", Message: "7d"},
			Leave:     "https://www.smhi.se/",
			Links:     map[string]string{"report": "https://vidby.example/orosanmalan"},
		}},
	}
}
