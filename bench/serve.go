package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/garbage"
	"github.com/utvag/utvag/internal/redisstore"
)

const (
	kommun = "vidby"
	origin = "http://bench.test"
	// retention is long enough for every part.
	retention = time.Hour
)

func known(name string) bool {
	return slices.Contains([]string{"bare", "plain", "script", "utvag"}, name)
}

// serve runs one server until its standard input ends: NAME REDIS-URL ADDRESS.
func serve(ctx context.Context, arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("serve needs a name, a Redis and an address")
	}
	if err := liftFileLimit(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	handler, err := handlerOf(ctx, arguments[0], arguments[1])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", arguments[2])
	if err != nil {
		return err
	}
	server := &http.Server{Handler: profiled(handler)}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Println("listening", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func handlerOf(ctx context.Context, name, redis string) (http.Handler, error) {
	switch name {
	case "utvag":
		return ours(ctx, redis, -1) // what is measured is the traffic of conversations, not what it costs to begin one
	case "guarded":
		return ours(ctx, redis, relay.WorkBits)
	case "bare":
		return newReference(nil), nil
	}
	keeper, err := newKeeper(ctx, redis, name == "script")
	if err != nil {
		return nil, err
	}
	return newReference(keeper), nil
}

// ours is the relay as it is served, with the part of its directory that says what an opening costs.
func ours(ctx context.Context, redis string, bits int) (http.Handler, error) {
	garbage.Floor(garbage.Least)
	store, err := redisstore.Open(ctx, redisstore.Options{URL: redis})
	if err != nil {
		return nil, err
	}
	node := chattest.NewRelay(relay.Config{
		Store: store, Authority: everybody{deviceKey().Public().(ed25519.PublicKey)},
		Kommuner: map[string]relay.Kommun{kommun: {Live: retention, Message: retention}},
		Policy:   func(string) relay.Policy { return relay.ConsolesEvery(retention) },
	}, chattest.Tuning{WorkBits: bits, Lenient: bits < 0})
	pages := []string{origin}
	mux := http.NewServeMux()
	mux.Handle("/", node.Handler(kommun, relay.Origins{Visitor: pages, Console: pages}))
	mux.HandleFunc("/directory", func(w http.ResponseWriter, r *http.Request) {
		puzzle, err := node.Puzzle(r.Context())
		if err != nil {
			http.Error(w, "the store did not answer", http.StatusServiceUnavailable)
			return
		}
		body, err := chat.EncodeDirectory(&chat.Directory{Puzzle: puzzle})
		if err != nil {
			panic(err) // it holds nothing else
		}
		w.Write(body)
	})
	return mux, nil
}

// everybody certifies every device: a roster of thousands is not what is measured.
type everybody struct{ key ed25519.PublicKey }

func (e everybody) Device(string, chat.Device) (relay.Certificate, bool) {
	return relay.Certificate{Key: e.key, Expires: time.Now().Add(retention), Intake: true}, true
}

// deviceKey is made once: a console has its own at hand.
var deviceKey = sync.OnceValue(func() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(make([]byte,
		ed25519.SeedSize))
})
