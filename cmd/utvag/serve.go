package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/garbage"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
)

type serveCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file; deploy/utvag.example.yaml explains it."`
}

// graceful is how long open requests and connections have when the server stops.
const graceful = 10 * time.Second

// startPatience bounds the questions to Redis before anything is served.
const startPatience = 10 * time.Second

// Run serves until a signal ends t.ctx.
func (c *serveCommand) Run(t terminal) error {
	garbage.Floor(garbage.Least)
	checked, err := config.Load(c.Config, t.now())
	if err != nil {
		return err
	}
	store, err := openRedis(t.ctx, checked)
	switch {
	case errors.Is(err, redisstore.ErrNoAnswer), errors.Is(err, context.DeadlineExceeded):
		// It may be starting, too, or failing over: that is no mistake of the configuration, and whoever starts servers tries
		// again.
		return fmt.Errorf("redis.url: %w", err)
	case err != nil:
		return checked.Wrong("redis.url", "%v", err)
	}
	defer store.Close()
	log := quietlog.New(t.stderr)
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()

	s := &server{now: t.now, log: log, store: store, fullness: store.Fullness}
	s.alarms = newAlarms(checked.Channels, store, t.now, log)
	for _, k := range checked.Kommuner {
		held, err := live.Open(ctx, k, t.now, log)
		if err != nil {
			// It was right a moment ago, when the configuration was checked.
			return fmt.Errorf("the roster of %s: %w", k.ID, err)
		}
		s.add(k, held.Roster, held.Rota, nil)
		background.Go(func() { held.Follow(ctx) })
		background.Go(func() { reportDaily(ctx, log, k, t.now) })
	}
	s.access = make(accessLogs)
	for _, h := range s.hosted {
		if h.tenant.AccessLog != nil {
			l := newAccessLog(h, t.now, log)
			s.access[h.tenant.ID] = l
			background.Go(func() { l.follow(ctx) })
		}
	}
	certificates, err := live.NewCertificates(checked.Certificates, log)
	if err != nil {
		return fmt.Errorf("the certificates: %w", err)
	}
	background.Go(func() { certificates.Follow(ctx) })
	if checked.Channels.Any() {
		background.Go(func() { watchOutward(ctx, log, net.Dial, storeEvery) })
	}
	background.Go(func() { watchStore(ctx, log, store, storeEvery) })
	if err := s.listen(certificates); err != nil {
		s.stop()
		return err
	}
	if err := s.start(); err != nil {
		s.stop()
		return err
	}
	for _, h := range s.hosted {
		packages := &packageWatch{kommun: h.tenant.ID, book: h.book, store: store, now: t.now, log: log,
			OnPackagesLow: func(kommun, alias string, days int) {
				if days == 1 { // once, on the day before
					background.Go(func() { s.climb.remind(kommun, alias) })
				}
			}}
		background.Go(func() { packages.follow(ctx) })
	}
	log.Info("serving", "version", version())
	return s.wait(t.ctx)
}

func openRedis(ctx context.Context, checked *config.Checked) (*redisstore.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	store, err := redisstore.Open(ctx, redisstore.Options{URL: checked.RedisURL})
	if err != nil {
		return nil, fmt.Errorf("cannot use Redis: %w. Start it, and check the URL and the password", err)
	}
	if err := store.Check(ctx); err != nil {
		store.Close()
		return nil, fmt.Errorf("%w. deploy/redis.conf is one that is right", err)
	}
	return store, nil
}

// storeEvery is how often Redis is asked again how it is configured.
const storeEvery = time.Minute

// storeChecker is what watchStore needs of the store.
type storeChecker interface{ Check(context.Context) error }

// watchStore complains, once for each different reason, when Redis no longer keeps to what it was accepted for:
// somebody changed its settings, or another node has taken over.
func watchStore(ctx context.Context, log *slog.Logger, store storeChecker, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked, cancel := context.WithTimeout(ctx, startPatience)
		err := store.Check(asked)
		cancel()
		switch {
		case ctx.Err() != nil:
		case err == nil:
			if said != "" {
				log.Info("Redis is right again")
			}
			said = ""
		case err.Error() != said:
			said = err.Error()
			log.Error("REDIS IS NOT AS IT MUST BE", "problem", err)
		}
	}
}

// reportDaily logs at the start and once a day what the pages do not show because it ran out.
func reportDaily(ctx context.Context, log *slog.Logger, t *config.Kommun, now func() time.Time) {
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		for _, line := range t.Report(now()) {
			log.Warn("utvag check", "kommun", t.ID, "problem", line)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
