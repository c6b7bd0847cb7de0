// Package redistest starts private Redis servers for tests: a real redis-server on a unix socket, or miniredis.
package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Start runs a redis-server that keeps nothing on disk, and gives the URL of its unix socket. Further arguments are passed on, such
// as "--maxmemory-policy", "allkeys-lru". It is stopped when the test ends.
//
// Without redis-server the test is skipped, or fails where UTVAG_NO_SKIP=1 is set.
func Start(t testing.TB, arguments ...string) (url string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("UTVAG_NO_SKIP") == "1" {
			t.Fatal("redis-server is not installed, and UTVAG_NO_SKIP=1 forbids to skip")
		}
		t.Skip("redis-server is not installed: apt-get install redis-server")
	}
	// Not t.TempDir: its long name may not fit into a socket's address.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, append([]string{
		"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no",
		"--maxmemory-policy", "noeviction", "--repl-diskless-load", "on-empty-db",
	}, arguments...)...)
	output := new(tail)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-exited
	})
	for deadline := time.Now().Add(10 * time.Second); ; {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return "unix://" + socket
		}
		select {
		case <-exited:
			t.Fatalf("redis-server ended at once:\n%s", output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("redis-server did not open its socket:\n%s", output)
		}
	}
}

// Mini runs miniredis and gives its URL. Its clock stands still unless the caller moves it (FastForward).
func Mini(t testing.TB) (url string, server *miniredis.Miniredis) {
	t.Helper()
	server = miniredis.RunT(t)
	return "redis://" + server.Addr(), server
}

// Command sends one command to a server that Start or Mini gave and returns the raw reply lines; for tests that must do what the
// store never does, such as FLUSHALL.
func Command(t testing.TB, url string, words ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	reply, err := command(ctx, url, words)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}
