package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/oncall"
	"github.com/utvag/utvag/internal/redisstore"
)

// graceful is how long open requests and connections have when the server stops.
const graceful = 10 * time.Second

// Options are what serving needs of the world around it.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	// Version is said once it serves.
	Version string
}

// server is what Serve and ServeDemo have in common: the kommuner, the relay that they share, and the listeners.
type server struct {
	now   func() time.Time
	log   *slog.Logger
	store *redisstore.Store
	// fullness is nil in the demo, whose store has no bound.
	fullness func(context.Context) (float64, error)
	channels config.Channels

	relay     *relay.Relay
	oncall    *oncall.OnCall
	access    accessLogs
	kommuner  []kommun
	listeners []listening
	web       servers
}

// kommun is one on this server. enrol is nil except in the demo.
type kommun struct {
	*live.Kommun
	enrol http.Handler
}

// listening is an open listener with the origins that are served on it.
type listening struct {
	network, address string
	listener         net.Listener
	hosts            *hosts
}

func (s *server) add(k *live.Kommun, enrol http.Handler) {
	s.kommuner = append(s.kommuner, kommun{k, enrol})
}

// take serves an endpoint on a listener that is open already.
func (s *server) take(e config.Endpoint, l net.Listener) {
	s.listeners = append(s.listeners, listening{e.Network, e.Address, l, &hosts{}})
}

// listen opens a listener for each address that the kommuner name.
func (s *server) listen(c *live.Certificates) error {
	for _, k := range s.kommuner {
		for _, e := range []config.Endpoint{k.Config.Visitor, k.Config.Console} {
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
	publics := make([]*public, len(s.kommuner))
	directories := make(map[string]http.Handler)
	for i, k := range s.kommuner {
		publics[i] = &public{kommun: k.Kommun, store: s.store, puzzle: s.relay.Puzzle, now: s.now}
		// One answer of a kommun's, wherever it is asked for.
		directories[k.Config.ID] = publics[i].directory()
	}
	for i, k := range s.kommuner {
		visitor, console, err := publics[i].sites(s.relayHandler(k.Config), directories, k.enrol)
		if err != nil {
			return err
		}
		for _, served := range []struct {
			e    config.Endpoint
			site http.Handler
		}{{k.Config.Visitor, visitor}, {k.Config.Console, console}} {
			if err := s.at(served.e).hosts.add(served.e, served.site); err != nil {
				return err
			}
			s.log.Info("origin", "kommun", k.Config.ID, "origin", served.e.Origin, "listen", served.e.Address)
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
	s.close()
	return err
}

// close tells the relay's clients to come back elsewhere, lets the rest end, and closes the listeners.
func (s *server) close() {
	ctx, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	if s.relay != nil {
		// The relay first: its connections are not the web servers' to end.
		if err := s.relay.Close(ctx); err != nil {
			s.log.Warn("connections were cut")
		}
	}
	s.access.flush()
	if s.oncall != nil {
		s.oncall.Close()
	}
	s.web.stop(ctx)
	for _, l := range s.listeners {
		if err := l.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			s.log.Warn("a listener did not close", "listen", l.address)
		}
	}
}
