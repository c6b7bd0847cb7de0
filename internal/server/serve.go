package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// startTimeout bounds the questions to Redis before anything is served.
const startTimeout = 10 * time.Second

// Serve serves the kommuner of a configuration until ctx ends, and returns nil then, once everything has stopped. The
// error is config.Mistakes where nothing was started because Redis is not as it must be; of a Redis that does not
// answer it is another, because that passes.
func Serve(ctx context.Context, checked *config.Checked, o Options) error {
	store, err := OpenStore(ctx, checked)
	switch {
	case errors.Is(err, redisstore.ErrNoAnswer), errors.Is(err, context.DeadlineExceeded):
		// It may be starting, too, or failing over: that is no mistake of the configuration, and whoever starts servers tries
		// again.
		return fmt.Errorf("redis.url: %w", err)
	case err != nil:
		return checked.Wrong("redis.url", "%v", err)
	}
	defer store.Close()
	follow, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()

	s := &server{now: o.Now, log: o.Log, store: store, fullness: store.Fullness, channels: checked.Channels,
		access: make(accessLogs)}
	for _, c := range checked.Kommuner {
		k, err := live.Open(follow, c, o.Now, o.Log)
		if err != nil {
			// It was right a moment ago, when the configuration was checked.
			return fmt.Errorf("the roster of %s: %w", c.ID, err)
		}
		s.add(k, nil)
		background.Go(func() { k.Follow(follow) })
		background.Go(func() { reportDaily(follow, o.Log, c, o.Now) })
		if c.AccessLog != nil {
			l := newAccessLog(k, o.Now, o.Log)
			s.access[c.ID] = l
			background.Go(func() { l.follow(follow) })
		}
	}
	certificates, err := live.NewCertificates(checked.Certificates, o.Log)
	if err != nil {
		return fmt.Errorf("the certificates: %w", err)
	}
	background.Go(func() { certificates.Follow(follow) })
	if checked.Channels.Any() {
		background.Go(func() { watchOutward(follow, o.Log, net.Dial, storeEvery) })
	}
	background.Go(func() { watchStore(follow, o.Log, store, storeEvery) })
	err = s.listen(certificates)
	if err == nil {
		err = s.start()
	}
	if err != nil {
		s.close()
		return err
	}
	o.Log.Info("serving", "version", o.Version)
	return s.wait(ctx)
}

// OpenStore opens the Redis of a configuration. The error says what to do; it wraps redisstore.ErrNoAnswer, or the
// context's, where Redis did not answer. Whoever opens it closes it.
func OpenStore(ctx context.Context, checked *config.Checked) (*redisstore.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
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
	w := live.Watch{First: every, Every: every, Timeout: startTimeout, Look: store.Check,
		Wrong: func(problem error) { log.Error("REDIS IS NOT AS IT MUST BE", "problem", problem) },
		Right: func() { log.Info("Redis is right again") },
	}
	w.Run(ctx)
}

// reportDaily logs at the start and once a day what the pages do not show because it ran out.
func reportDaily(ctx context.Context, log *slog.Logger, k *config.Kommun, now func() time.Time) {
	w := live.Watch{Every: 24 * time.Hour, Look: func(context.Context) error {
		for _, line := range k.Report(now()) {
			log.Warn("utvag check", "kommun", k.ID, "problem", line)
		}
		return nil
	}}
	w.Run(ctx)
}
