package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// Settings of a Redis can be changed while it runs.
func TestServeNoticesARedisThatBeginsToPersist(t *testing.T) {
	url := redistest.Start(t)
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	log := new(testkit.Log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		watchStore(ctx, quietlog.New(log), store, 5*time.Millisecond)
		close(done)
	}()
	t.Cleanup(func() { stop(); <-done })
	redistest.Command(t, url, "CONFIG", "SET", "save", "3600 1")
	testkit.Eventually(t, "a complaint", func() bool {
		return strings.Contains(log.String(), "REDIS IS NOT AS IT MUST BE") && strings.Contains(log.String(), "snapshots")
	})
	redistest.Command(t, url, "CONFIG", "SET", "save", "")
	log.Await(t, "Redis is right again")
	if got := strings.Count(log.String(), "REDIS"); got != 1 {
		t.Errorf("%d complaints:\n%s", got, log)
	}
}
