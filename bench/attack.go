package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

const (
	honest     = 200 // conversations
	honestRate = 500 // messages a second in all
)

// measureAttack: honest conversations on a server that asks its usual price, first alone, then beside hostile
// connections. Nothing of theirs may be lost. The attackers run only where nobody else wants a processor, and have done
// their sums before: in life they bring their own.
func (p plan) measureAttack(ctx context.Context) error {
	fmt.Printf("\nattack: %d messages/s in %d honest conversations, calm and beside %d hostile connections\n", honestRate,
		honest, p.hostile)
	fmt.Printf("  %13s %9s %13s %9s %7s %20s %12s %10s\n", "calm p50 ms", "p99 ms", "attacked p50", "p99", "ratio",
		"begun after ms, most", "server MiB", "Redis MiB")
	var rounds []attacked
	for range p.rounds {
		err := with(ctx, "guarded", func(s *server, redis *store) error {
			one, err := p.attack(ctx, s, redis)
			rounds = append(rounds, one)
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(rounds, func(a, b attacked) int { return cmp.Compare(a.ratio(), b.ratio()) })
	middle := rounds[len(rounds)/2].ratio()
	p.report.note("p99 attacked to calm", "utvag", middle)
	fmt.Printf("  median of %d rounds %.1f; nothing lost or doubled\n", p.rounds, middle)
	return nil
}

// attacked has latencies in order: of messages, and of beginnings beside the attack.
type attacked struct{ calm, beside, begun []time.Duration }

func (a attacked) ratio() float64 {
	return float64(quantile(a.beside, 0.99)) / float64(quantile(a.calm, 0.99))
}

func (p plan) attack(ctx context.Context, s *server, redis *store) (result attacked, err error) {
	var l load
	defer l.close()
	if err := l.connectPairs(ctx, dialerFor("guarded", s.address), honest); err != nil {
		return result, err
	}
	if _, err := l.run(ctx, honestRate, 2*time.Second); err != nil { // warms up
		return result, err
	}
	if result.calm, err = l.run(ctx, honestRate, p.length); err != nil {
		return result, err
	}
	attackers, err := startHostile(ctx, s.address, p.hostile)
	if err != nil {
		return result, err
	}
	defer attackers.stop()
	time.Sleep(5 * time.Second) // until all are there
	if result.beside, err = l.run(ctx, honestRate, 3*p.length); err != nil {
		return result, err
	}
	if result.begun, err = beginBeside(ctx, s.address); err != nil {
		return result, err
	}
	held, err := s.resident()
	if err != nil {
		return result, err
	}
	stored, err := redis.used(ctx)
	fmt.Printf("  %13.2f %9.2f %13.2f %9.2f %7.1f %20.0f %12d %10d\n", ms(quantile(result.calm, 0.5)),
		ms(quantile(result.calm, 0.99)),
		ms(quantile(result.beside, 0.5)), ms(quantile(result.beside,
			0.99)), result.ratio(), ms(result.begun[len(result.begun)-1]), held>>20, stored>>20)
	return result, err
}

// newcomers is how many honest conversations begin beside the attackers.
const newcomers = 20

// beginBeside begins conversations while the attack goes on, one after the other, and tells how long each took until
// the visitor's second message was accepted, which nobody has answered: the work with it, which is some hundred times
// less than a slow phone needs.
func beginBeside(ctx context.Context, address string) (took []time.Duration, err error) {
	d := &relayDialer{addresses: []string{address}, paid: true}
	for range newcomers {
		begun := time.Now()
		visitor, err := d.connect(ctx, newPairID(), 0)
		if err != nil {
			return nil, err
		}
		puzzle, err := puzzleOf(ctx, address)
		if err != nil {
			return nil, err
		}
		if err := visitor.openMailbox(visitor.device, puzzle.Solve(visitor.id)); err != nil {
			return nil, fmt.Errorf("nothing new begins: %w", err)
		}
		second := chattest.Bind(chattest.Text(visitor.id, 1, "more"), chat.Bound{Counter: 2})
		if err := visitor.ask(&chat.Send{Ref: 2, Mailbox: visitor.id, Counter: 2, Message: second}); err != nil {
			return nil, err
		}
		if _, err := expect[*chat.Accepted](visitor); err != nil {
			return nil, fmt.Errorf("who has begun is not heard: %w", err)
		}
		took = append(took, time.Since(begun))
		visitor.ws.Close()
	}
	slices.Sort(took)
	return took, nil
}

// startHostile runs this program as two thousand attackers, or as many as are asked for.
func startHostile(ctx context.Context, address string, count int) (*server, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	attackers, _, err := startTold(exec.CommandContext(ctx, "chrt", "--idle", "0", own, "hostile", address,
		strconv.Itoa(count)), "hostile ")
	return attackers, err
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
