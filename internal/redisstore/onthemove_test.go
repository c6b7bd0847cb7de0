package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/internal/redistest"
)

// Many calls in one pipeline meet a slot on its way: what is answered was done once, and what is not was not done at
// all.
func TestPipelineDoesNothingTwiceWhileASlotMoves(t *testing.T) {
	t.Parallel()
	const callers = 16
	cluster := redistest.StartCluster(t, false)
	store, err := Open(t.Context(), Options{URL: cluster.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	count := redis.NewScript(`redis.call('EXISTS', KEYS[2]) return {redis.call('INCR', KEYS[1]), ARGV[1]}`)
	keys := func(i int) []string { return []string{fmt.Sprintf("{07}a%d", i), fmt.Sprintf("{07}b%d", i)} }
	var mu sync.Mutex
	answered, unanswered := map[int]int{}, 0
	everybody := func() {
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				fields, err := store.pipeline.do(ctx, count, keys(i), fmt.Sprint(i))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					unanswered++
				case fields[1] != fmt.Sprint(i):
					t.Errorf("%d was given the answer %v", i, fields)
				default:
					answered[i]++
				}
			})
		}
		all.Wait()
	}
	for i := range callers {
		if err := store.client.Set(t.Context(), keys(i)[1], "x", time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
	}
	everybody()
	slot, from, to := ends(t, cluster, "{07}")
	if err := cluster.Move(slot, from, to, everybody); err != nil {
		t.Fatal(err)
	}
	// The slot is whole again: whoever asks is answered.
	for i := range callers {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if _, err := store.pipeline.do(ctx, count, keys(i), "x"); err != nil {
			t.Error(err)
		}
		cancel()
		done, err := store.client.Get(t.Context(), keys(i)[0]).Int()
		if err != nil || done-1 < answered[i] {
			t.Errorf("%d was done %d times and answered %d times: %v", i, done-1, answered[i], err)
		}
		// A busy machine may answer too late for whoever asked; to do nearly all of it twice is another thing.
		if done-1 > answered[i]+2 {
			t.Errorf("%d was done %d times and answered %d times", i, done-1, answered[i])
		}
	}
	if unanswered == 0 {
		t.Error("nobody met the slot on its way")
	}
}

// ends returns a key's slot, who has it, and another.
func ends(t *testing.T, cluster *redistest.Cluster, key string) (slot int, from, to *redistest.Server) {
	t.Helper()
	text, err := cluster.Nodes[0].Do("CLUSTER", "KEYSLOT", key)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range cluster.Nodes {
		if n, _ := node.Do("CLUSTER", "COUNTKEYSINSLOT", text); n != "0" {
			from = node
		} else {
			to = node
		}
	}
	slot, err = strconv.Atoi(text)
	if err != nil || from == nil || to == nil {
		t.Fatal("no node has anything in the slot, or all have")
	}
	return slot, from, to
}
