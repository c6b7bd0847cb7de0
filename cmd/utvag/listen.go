package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
)

// web servers of one process: one http.Server for each listener.
type servers struct {
	log      *slog.Logger
	places   *places // nil: mostConnections, for all listeners together
	running  sync.WaitGroup
	all      []*http.Server
	failures chan error
}

// serve answers on a listener with handler; header stands also on what net/http answers without asking it.
func (s *servers) serve(l net.Listener, handler http.Handler, header http.Header) {
	complaints := quietlog.ServerLog(s.log)
	if s.places == nil {
		s.places = &places{most: mostConnections}
	}
	server := &http.Server{
		Handler:  handler,
		ErrorLog: complaints,
		// A phone on a bad network is slow, and a hostile client is slower. The relay sets its own deadlines once it has the
		// connection.
		ReadHeaderTimeout:            10 * time.Second,
		ReadTimeout:                  20 * time.Second,
		WriteTimeout:                 60 * time.Second,
		IdleTimeout:                  60 * time.Second,
		MaxHeaderBytes:               16 << 10,
		DisableGeneralOptionsHandler: true,
	}
	s.all = append(s.all, server)
	s.running.Go(func() {
		if err := server.Serve(guard(l, header, complaints, s.places)); !errors.Is(err, http.ErrServerClosed) {
			s.failures <- err
		}
	})
}

// stop lets requests end for as long as ctx allows; connections that the relay has taken over are the relay's to close.
func (s *servers) stop(ctx context.Context) {
	var stopping sync.WaitGroup
	for _, server := range s.all {
		stopping.Go(func() {
			if server.Shutdown(ctx) != nil {
				server.Close()
			}
		})
	}
	stopping.Wait()
	s.running.Wait()
}

// listen opens an endpoint's listener. certificates is nil where none is configured.
func listen(e config.Endpoint, certificates *certificates) (net.Listener, error) {
	if e.Network == "unix" {
		return listenUnix(e.Address)
	}
	l, err := net.Listen(e.Network, e.Address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", e.Address, err)
	}
	if e.TLS {
		l = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, GetCertificate: certificates.choose, NextProtos: []string{"http/1.1"},
			// A ticket would let one visit be joined to another.
			SessionTicketsDisabled: true,
		})
	}
	return l, nil
}

// listenUnix takes the place of a socket that nobody answers on, such as a killed server leaves.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			c.Close()
			return nil, fmt.Errorf("listening on %s: another server answers there", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("listening on %s: %s", path, config.WithoutPath(err))
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	// The proxy runs as another user of the same group.
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, fmt.Errorf("listening on %s: %s", path, config.WithoutPath(err))
	}
	return l, nil
}

// certificates are read again when their files change, because they are renewed more often than servers are restarted.
type certificates struct {
	pairs []config.CertificateConfig
	log   *slog.Logger

	mu      sync.RWMutex
	present []tls.Certificate
	stamps  []time.Time
}

func newCertificates(pairs []config.CertificateConfig, log *slog.Logger) (*certificates, error) {
	c := &certificates{pairs: pairs, log: log}
	loaded, err := loadCertificates(pairs)
	if err != nil {
		return nil, err
	}
	c.present, c.stamps = loaded, stamps(pairs)
	return c, nil
}

func stamps(pairs []config.CertificateConfig) []time.Time {
	var times []time.Time
	for _, p := range pairs {
		for _, file := range []string{p.Cert, p.Key} {
			var stamp time.Time
			if info, err := os.Stat(file); err == nil {
				stamp = info.ModTime()
			}
			times = append(times, stamp)
		}
	}
	return times
}

func (c *certificates) choose(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range c.present {
		if hello.SupportsCertificate(&c.present[i]) == nil {
			return &c.present[i], nil
		}
	}
	if len(c.present) == 0 {
		return nil, errors.New("no certificate")
	}
	return &c.present[0], nil
}

// follow reads changed files again until ctx ends.
func (c *certificates) follow(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.reread()
		}
	}
}

func (c *certificates) reread() {
	now := stamps(c.pairs)
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := false
	for i := range now {
		changed = changed || !now[i].Equal(c.stamps[i])
	}
	if !changed {
		return
	}
	loaded, err := loadCertificates(c.pairs)
	if err != nil {
		// Certificate and key change one after the other: the next look will find both.
		c.log.Error("the new certificate cannot be used; the one before it goes on", "problem", err)
		return
	}
	c.present, c.stamps = loaded, now
	c.log.Info("certificate read again")
}

// loadCertificates reads every certificate; the error names the first pair that does not fit.
func loadCertificates(pairs []config.CertificateConfig) ([]tls.Certificate, error) {
	certificates := make([]tls.Certificate, 0, len(pairs))
	for _, pair := range pairs {
		c, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, c)
	}
	return certificates, nil
}
