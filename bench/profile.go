package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"time"
)

// profiled serves Go's own profiles beside a handler: on loopback, and in this program only.
func profiled(handler http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.Handle("/debug/pprof/heap", pprof.Handler("heap"))
	mux.Handle("/debug/pprof/goroutine", pprof.Handler("goroutine"))
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	return mux
}

// profile keeps a profile of the server in a folder, for `go tool pprof`; without a folder it does nothing.
func (s *server) profile(ctx context.Context, folder, name, what string) error {
	if folder == "" {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/debug/pprof/"+what, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("no profile: %s", answer.Status)
	}
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(file, answer.Body)
	return err
}

// profileWhile keeps a profile of the processor's time during a load. What it gives waits for the profile's end.
func (s *server) profileWhile(ctx context.Context, folder, name string, length time.Duration) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		done <- s.profile(ctx, folder, name, fmt.Sprintf("profile?seconds=%d", max(1, int(length.Seconds()))))
	}()
	return func() error { return <-done }
}
