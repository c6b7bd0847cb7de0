package redisstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/internal/redistest"
)

// Each caller gets the answer to its own call, however many travel together, and also from a Redis that has lost its scripts.
func TestPipelineGivesEachCallItsAnswer(t *testing.T) {
	alone := redistest.Start(t)
	answers(t, alone, alone)
}

// In a Cluster the calls of one pipeline go to several nodes.
func TestPipelineGivesEachCallItsAnswerOnACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, false)
	var urls []string
	for _, node := range cluster.Nodes {
		urls = append(urls, node.URL)
	}
	answers(t, cluster.URL, urls...)
}

func answers(t *testing.T, url string, nodes ...string) {
	store, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	echo := redis.NewScript(`if ARGV[1] == 'bad' then return redis.error_reply('ERR bad') end return {ARGV[1]}`)
	for round := range 3 {
		if round == 1 {
			for _, node := range nodes {
				redistest.Command(t, node, "SCRIPT", "FLUSH")
			}
		}
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() {
				want := fmt.Sprint(i)
				if i%50 == 7 {
					want = "bad"
				}
				fields, err := store.pipeline.do(t.Context(), echo, []string{fmt.Sprintf("u:{%02d}", i%shards)}, []any{want})
				switch {
				case want == "bad" && err == nil:
					t.Error("an error of one call was lost")
				case want != "bad" && (err != nil || len(fields) != 1 || fields[0] != want):
					t.Errorf("asked %s, got %v, %v", want, fields, err)
				}
			})
		}
		all.Wait()
	}
}

func TestPipelineEndsWithItsCallersPatienceAndWithTheStore(t *testing.T) {
	url := redistest.Start(t)
	store, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	redistest.Command(t, url, "CLIENT", "PAUSE", "2000", "ALL")
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	slow := redis.NewScript(`return {1}`)
	if _, err := store.pipeline.do(impatient, slow, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an impatient caller got %v", err)
	}
	store.Close()
	if _, err := store.pipeline.do(t.Context(), slow, nil, nil); err == nil {
		t.Error("a closed store answered")
	}
}
