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

// do runs a script as a store does.
func (p *pipeline) do(ctx context.Context, script *redis.Script, keys []string, args ...any) ([]any, error) {
	r, _ := p.ask(call{ctx: ctx, script: script, words: wordsOf(script, keys, args...)})
	return r.fields, r.err
}

// Each caller gets the answer to its own call, however many travel together, and also from a Redis that has lost its
// scripts.
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
				fields, err := store.pipeline.do(t.Context(), echo, []string{fmt.Sprintf("u:{%02d}", i%shards)}, want)
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
	redistest.Command(t, url, "CLIENT", "PAUSE", "2500", "ALL")
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	slow := redis.NewScript(`return {1}`)
	asked := time.Now()
	if _, err := store.pipeline.do(impatient, slow, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an impatient caller got %v", err)
	}
	// It has sent for itself, and would wait as long as Redis does.
	if waited := time.Since(asked); waited > 2*time.Second {
		t.Errorf("an impatient caller waited %v", waited)
	}
	store.Close()
	if _, err := store.pipeline.do(t.Context(), slow, nil); err == nil {
		t.Error("a closed store answered")
	}
}

// Whoever asks for more than a pipeline holds gets an answer to each, on a lane of its own and behind others.
func TestPipelineCarriesMoreThanOneHolds(t *testing.T) {
	store, err := Open(t.Context(), Options{URL: redistest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var all sync.WaitGroup
	for range 2 * pipelineLanes {
		all.Go(func() {
			cmds := make([]redis.Cmder, 2*pipelineLength+1)
			for i := range cmds {
				cmds[i] = redis.NewStringCmd(t.Context(), "echo", fmt.Sprint(i))
			}
			if err := store.pipeline.run(t.Context(), cmds...); err != nil {
				t.Error(err)
				return
			}
			for i, cmd := range cmds {
				if got := cmd.(*redis.StringCmd).Val(); got != fmt.Sprint(i) {
					t.Errorf("command %d was answered %q", i, got)
				}
			}
		})
	}
	all.Wait()
	free := func() int {
		store.pipeline.mu.Lock()
		defer store.pipeline.mu.Unlock()
		return store.pipeline.free
	}
	// Whoever carried the last answer gives its lane back after it.
	for deadline := time.Now().Add(10 * time.Second); free() < pipelineLanes && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := free(); n != pipelineLanes {
		t.Errorf("%d lanes are free afterwards", n)
	}
}

// While Redis does not answer, those who give up and come again do not pile up.
func TestPipelineForgetsWhoHasGivenUp(t *testing.T) {
	busy := &pipeline{ended: t.Context(), crowd: pipelineCrowd} // both lanes are taken, for ever
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	patient := call{ctx: t.Context(), done: make(chan reply, 1)}
	busy.put(patient)
	for range 10 * pipelineCrowd {
		busy.put(call{ctx: gone, done: make(chan reply, 1)})
	}
	if n := len(busy.waiting); n > 2*pipelineCrowd {
		t.Errorf("%d calls wait, nearly all for nobody", n)
	}
	if busy.waiting[0].done != patient.done {
		t.Error("who waits was forgotten")
	}
}

// A reply may come when its caller has given up: no other call waits where it comes.
func TestALateReplyIsNobodyElses(t *testing.T) {
	busy := &pipeline{ended: t.Context(), crowd: pipelineCrowd} // both lanes are taken, for ever
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	const callers = 50
	places := map[chan reply]bool{}
	for range callers {
		if _, answered := busy.ask(call{ctx: gone}); answered {
			t.Fatal("nobody has answered")
		}
	}
	for _, c := range busy.waiting {
		places[c.done] = true
	}
	if len(places) != callers {
		t.Errorf("%d callers have given up in %d places", callers, len(places))
	}
}

// What nobody waits for any more is not sent, and does not keep a lane from what waits behind it.
func TestWhoHasGivenUpIsNotSent(t *testing.T) {
	p := newPipeline(t.Context(), nil)
	p.free = 0
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range pipelineLength {
		p.put(call{ctx: gone})
	}
	patient := call{ctx: t.Context(), done: make(chan reply, 1)}
	p.put(patient)
	p.put(call{ctx: gone})
	if batch := p.next(); len(batch) != 1 || batch[0].done != patient.done {
		t.Errorf("%d calls are sent", len(batch))
	}
	if batch := p.next(); len(batch) != 0 || p.free != 1 || p.waiting != nil {
		t.Errorf("%d more, %d lanes free, %d wait", len(batch), p.free, len(p.waiting))
	}
}
