package server

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
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
)

// web servers of one process: one http.Server for each listener.
type servers struct {
	log      *slog.Logger
	places   *places // nil: maxConnections, for all listeners together
	running  sync.WaitGroup
	all      []*http.Server
	failures chan error
}

// serve answers on a listener with handler; header stands also on what net/http answers without asking it.
func (s *servers) serve(l net.Listener, handler http.Handler, header http.Header) {
	complaints := quietlog.ServerLog(s.log)
	if s.places == nil {
		s.places = &places{max: maxConnections}
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
func listen(e config.Endpoint, certificates *live.Certificates) (net.Listener, error) {
	if e.Network == "unix" {
		return listenUnix(e.Address)
	}
	l, err := net.Listen(e.Network, e.Address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", e.Address, err)
	}
	if e.TLS {
		l = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, GetCertificate: certificates.Choose, NextProtos: []string{"http/1.1"},
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
