package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// clockStep is how coarsely the in-process server's keys expire.
const clockStep = time.Second

// InProcess starts a Redis-compatible server inside this process, on a free port of loopback behind a random password,
// and drives its clock, which does not run by itself. It gives the URL for Options and ends with ctx. What is in it is
// gone with it.
func InProcess(ctx context.Context) (url string, err error) {
	server := miniredis.NewMiniRedis()
	password := rand.Text()
	server.RequireAuth(password)
	if err := server.Start(); err != nil {
		return "", fmt.Errorf("in-process store: %w", err)
	}
	go func() {
		ticker := time.NewTicker(clockStep)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				server.FastForward(clockStep)
			case <-ctx.Done():
				server.Close()
				return
			}
		}
	}()
	return "redis://:" + password + "@" + server.Addr(), nil
}
