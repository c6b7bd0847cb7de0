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

// Behind Sentinels everything lies on the primary; replicas only follow.
func TestStoreBehindSentinels(t *testing.T) {
	t.Parallel()
	set := redistest.StartSentinels(t, 1)
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		redistest.Command(t, set.Data[0].URL, "FLUSHALL")
		return open(t, set.URL)
	})
}

// In a Cluster the mailboxes of one test lie on any node, and events cross from each to whichever a subscription is on.
func TestStoreOnCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, false)
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		for _, node := range cluster.Nodes {
			redistest.Command(t, node.URL, "FLUSHALL")
		}
		return open(t, cluster.URL)
	})
}

func TestStoreInProcess(t *testing.T) {
	chattest.TestStore(t, func(t *testing.T) relay.Store {
		url, _ := redistest.Mini(t)
		return open(t, url)
	})
}
