package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
)

const (
	honest     = 200 // conversations
	honestRate = 500 // messages a second in all
)

// measureAttack: honest conversations on a server that asks its usual price, first alone, then beside hostile connections. Nothing of
// theirs may be lost. The attackers run only where nobody else wants a processor: in life they bring their own.
func (p plan) measureAttack(ctx context.Context) error {
	fmt.Printf("\nattack: %d messages/s in %d honest conversations, calm and beside %d hostile connections\n", honestRate, honest, p.hostile)
	return with(ctx, "guarded", func(s *server, redis *store) error {
		var l load
		defer l.close()
		if err := l.connectPairs(ctx, dialerFor("guarded", s.address), honest); err != nil {
			return err
		}
		if _, err := l.run(ctx, honestRate, 2*time.Second); err != nil { // warms up
			return err
		}
		calm, err := l.run(ctx, honestRate, p.length)
		if err != nil {
			return err
		}
		attackers, err := startHostile(ctx, s.address, p.hostile)
		if err != nil {
			return err
		}
		defer attackers.stop()
		time.Sleep(5 * time.Second) // until all are there
		before, err := s.resident()
		if err != nil {
			return err
		}
		worst, err := l.run(ctx, honestRate, 3*p.length)
		if err != nil {
			return err
		}
		after, err := s.resident()
		if err != nil {
			return err
		}
		stored, err := redis.used(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("  %-8s %9s %9s\n", "", "p50 ms", "p99 ms")
		for _, row := range []struct {
			name string
			of   []time.Duration
		}{{"calm", calm}, {"attacked", worst}} {
			fmt.Printf("  %-8s %9.2f %9.2f\n", row.name, ms(quantile(row.of, 0.5)), ms(quantile(row.of, 0.99)))
		}
		ratio := float64(quantile(worst, 0.99)) / float64(quantile(calm, 0.99))
		p.report.note("p99 attacked to calm", "utvag", ratio)
		fmt.Printf("  p99 attacked to calm %.1f; server %d MiB, then %d MiB; Redis %d MiB; nothing lost or doubled\n",
			ratio, before>>20, after>>20, stored>>20)
		return nil
	})
}

// startHostile runs this program as two thousand attackers, or as many as are asked for.
func startHostile(ctx context.Context, address string, count int) (*server, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "chrt", "--idle", "0", own, "hostile", address, strconv.Itoa(count))
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	return &server{p, "hostile", address, input}, nil
}

// puzzleOf asks a server what an opening costs; nothing where it has no directory.
func puzzleOf(ctx context.Context, address string) (chat.Puzzle, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/directory", nil)
	if err != nil {
		return chat.Puzzle{}, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return chat.Puzzle{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return chat.Puzzle{}, err
	}
	directory, err := chat.DecodeDirectory(body)
	if err != nil {
		return chat.Puzzle{}, err
	}
	return directory.Puzzle, nil
}
