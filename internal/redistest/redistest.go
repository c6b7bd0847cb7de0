// Package redistest starts private Redis servers for tests: a real redis-server on a unix socket, or miniredis.
package redistest

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Start runs a redis-server that keeps nothing on disk, and gives the URL of its unix socket. Further arguments are
// passed on, such as "--maxmemory-policy", "allkeys-lru". It is stopped when the test ends.
//
// Without redis-server the test is skipped, or fails where UTVAG_NO_SKIP=1 is set.
func Start(t testing.TB, arguments ...string) (url string) {
	t.Helper()
	return StartServer(t, arguments...).URL
}

// StartServer is Start for tests that hold the process up or kill it.
func StartServer(t testing.TB, arguments ...string) *Server {
	t.Helper()
	return running(t, func() (*Server, error) { return Launch(arguments...) })
}

// StartSentinels runs a primary, replicas and three Sentinels until the test ends, or skips as Start does.
func StartSentinels(t testing.TB, replicas int, arguments ...string) *Sentinels {
	t.Helper()
	return running(t, func() (*Sentinels, error) { return LaunchSentinels(replicas, arguments...) })
}

// StartCluster runs a Redis Cluster until the test ends, or skips as Start does.
func StartCluster(t testing.TB, replicated bool, arguments ...string) *Cluster {
	t.Helper()
	return running(t, func() (*Cluster, error) { return LaunchCluster(replicated, arguments...) })
}

func running[S interface{ Stop() }](t testing.TB, launch func() (S, error)) S {
	t.Helper()
	s, err := launch()
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("UTVAG_NO_SKIP") != "1":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Mini runs miniredis and gives its URL. Its clock stands still unless the caller moves it (FastForward).
func Mini(t testing.TB) (url string, server *miniredis.Miniredis) {
	t.Helper()
	server = miniredis.RunT(t)
	return "redis://" + server.Addr(), server
}

// Command sends one command to a server that Start or Mini gave and returns the raw reply lines; for tests that must do
// what the store never does, such as FLUSHALL.
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
