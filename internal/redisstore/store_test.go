package redisstore_test

import (
	"testing"

	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func open(t *testing.T, url string) *redisstore.Store {
	t.Helper()
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStoreOnRedis(t *testing.T) {
	url := redistest.Start(t)
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		redistest.Command(t, url, "FLUSHALL")
		return open(t, url)
	})
}

func TestStoreInProcess(t *testing.T) {
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		url, _ := redistest.Mini(t)
		return open(t, url)
	})
}
