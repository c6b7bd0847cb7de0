package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// server is what serve and demo have in common: the kommuner, the relay that they share, and the listeners.
type server struct {
	now   func() time.Time
	log   *slog.Logger
	store *redisstore.Store
	// fullness is nil in the demo, whose store has no bound.
	fullness func(context.Context) (float64, error)

	relay     *relay.Relay
	alarms    *alarms
	climb     *climbing
	access    accessLogs
	hosted    []hosted
	listeners []listening
	web       servers

	duties     map[string]*duty
	stopDuty   context.CancelFunc
	background sync.WaitGroup
}

// hosted is a kommun on this server. enrol is nil except in the demo.
type hosted struct {
	tenant *config.Kommun
	book   *live.Roster
	plan   *live.Rota
	enrol  http.Handler
}

// listening is an open listener with the origins that are served on it.
type listening struct {
	network, address string
	listener         net.Listener
	hosts            *hosts
}

func (s *server) add(t *config.Kommun, b *live.Roster, p *live.Rota, enrol http.Handler) {
	s.hosted = append(s.hosted, hosted{t, b, p, enrol})
}

// take serves an endpoint on a listener that is open already.
func (s *server) take(e config.Endpoint, l net.Listener) {
	s.listeners = append(s.listeners, listening{e.Network, e.Address, l, &hosts{}})
}

// listen opens a listener for each address that the kommuner name.
func (s *server) listen(c *live.Certificates) error {
	for _, h := range s.hosted {
		for _, e := range []config.Endpoint{h.tenant.Visitor, h.tenant.Console} {
			if s.at(e) != nil {
				continue
			}
			l, err := listen(e, c)
			if err != nil {
				return err
			}
			s.take(e, l)
		}
	}
	return nil
}

func (s *server) at(e config.Endpoint) *listening {
	for i := range s.listeners {
		if s.listeners[i].network == e.Network && s.listeners[i].address == e.Address {
			return &s.listeners[i]
		}
	}
	return nil
}

// start makes the relay and every page and answers on every listener.
func (s *server) start() error {
	s.startRelay()
	s.web = servers{log: s.log, failures: make(chan error, len(s.listeners))}
	publics := make([]*public, len(s.hosted))
	directories := make(map[string]http.Handler)
	for i, h := range s.hosted {
		publics[i] = &public{tenant: h.tenant, book: h.book, plan: h.plan, store: s.store, puzzle: s.relay.Puzzle, now: s.now}
		// One answer of a kommun's, wherever it is asked for.
		directories[h.tenant.ID] = publics[i].directory()
	}
	for i, h := range s.hosted {
		visitor, console, err := publics[i].sites(s.relayHandler(h.tenant), directories, h.enrol)
		if err != nil {
			return err
		}
		for _, served := range []struct {
			e    config.Endpoint
			site http.Handler
		}{{h.tenant.Visitor, visitor}, {h.tenant.Console, console}} {
			if err := s.at(served.e).hosts.add(served.e, served.site); err != nil {
				return err
			}
			s.log.Info("origin", "kommun", h.tenant.ID, "origin", served.e.Origin, "listen", served.e.Address)
		}
	}
	for _, l := range s.listeners {
		s.web.serve(l.listener, l.hosts, l.hosts.header)
	}
	return nil
}

// wait returns nil once ctx has ended and everything has stopped, or what a listener failed with.
func (s *server) wait(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.web.failures:
	}
	s.stop()
	return err
}

// stop closes the listeners, tells the relay's clients to come back elsewhere, and lets the rest end.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	if s.relay != nil {
		// The relay first: its connections are not the web servers' to end.
		if err := s.relay.Close(ctx); err != nil {
			s.log.Warn("connections were cut")
		}
	}
	s.access.flush()
	if s.alarms != nil {
		s.alarms.close()
	}
	if s.stopDuty != nil {
		s.stopDuty()
		s.background.Wait()
	}
	s.web.stop(ctx)
	for _, l := range s.listeners {
		if err := l.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			s.log.Warn("a listener did not close", "listen", l.address)
		}
	}
}
