// Command relayd runs a real relay for tests of the other clients: /relay and /directory of one kommun on a free port
// of loopback. It prints «listening http://127.0.0.1:PORT» and ends on an interrupt or when its standard input ends.
//
// It trusts the roster file that it is given and reads it anew for each request: verifying is what the clients under
// test do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

func main() {
	store := flag.String("redis", "mini", "a unix socket, a URL, or mini for a server in this process")
	kommun := flag.String("kommun", "botkyrka", "the kommun's `id`")
	rosterFile := flag.String("roster", "", "the roster's `file`")
	listen := flag.String("listen", "127.0.0.1:0", "`address`; tests that restart the relay give its old one")
	origins := flag.String("origins", "", "origins that pages may have beside the relay's own, comma-separated")
	overdue := flag.Duration("overdue", 2*time.Minute, "how long a visitor's entry may wait")
	sweep := flag.Duration("sweep", time.Second, "pace of the sweep")
	retention := flag.Duration("retention", 2*time.Hour, "of live conversations; left messages stay ten times as long")
	work := flag.Int("work", -1, "bits that an opening costs; -1: none")
	watch := flag.Bool("stdin", false, "end when standard input ends")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *watch {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(ctx, *store, *listen, *origins, relay.Config{
		Authority: roster{*kommun, *rosterFile},
		Kommuner:  map[string]relay.Kommun{*kommun: {Live: *retention, Message: 10 * *retention}},
		Logger:    logger,
		Policy:    func(string) relay.Policy { return relay.ConsolesEvery(*overdue) },
		OnStep: func(_ context.Context, s relay.Step) error {
			logger.Info("overdue", "kommun", s.Kommun)
			return nil
		},
	}, chattest.Tuning{Sweep: *sweep, WorkBits: *work, Lenient: *work < 0}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url, listen, origins string, config relay.Config, tuning chattest.Tuning) error {
	switch {
	case url == "mini":
		var err error
		if url, err = redisstore.InProcess(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	case strings.HasPrefix(url, "/"):
		url = "unix://" + url
	}
	store, err := redisstore.Open(ctx, redisstore.Options{URL: url})
	if err != nil {
		return err
	}
	defer store.Close()
	config.Store = store
	node := chattest.NewRelay(config, tuning)
	go config.Authority.(roster).follow(ctx, node)

	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	own := "http://" + listener.Addr().String()
	source := config.Authority.(roster)
	mux := http.NewServeMux()
	// The clients under test are both pages at once.
	pages := append(strings.Split(origins, ","), own)
	mux.Handle("GET /relay", node.Handler(source.kommun, relay.Origins{Visitor: pages, Console: pages}))
	mux.HandleFunc("GET /directory", directory(node, source))
	server := &http.Server{Handler: mux, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Println("listening " + own)

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	return errors.Join(node.Close(last), server.Shutdown(last))
}

func directory(node *relay.Relay, source roster) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		day := uint32(now.Unix() / 86400)
		puzzle, err := node.Puzzle(r.Context())
		if err != nil {
			http.Error(w, "the store did not answer", http.StatusServiceUnavailable)
			return
		}
		d := chat.Directory{Roster: source.text(), Time: uint64(now.Unix()), Puzzle: puzzle}
		packages, err := node.KeyPackages(r.Context(), source.kommun, day)
		if err != nil {
			http.Error(w, "the store did not answer", http.StatusServiceUnavailable)
			return
		}
		for device, bytes := range packages {
			d.KeyPackages = append(d.KeyPackages, chat.DirectoryKeyPackage{Device: device, Day: day, KeyPackage: bytes})
		}
		bytes, err := chat.EncodeDirectory(&d)
		if err != nil {
			http.Error(w, "no directory", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Write(bytes)
	}
}
