// Command faults proves that the relay loses nothing: it lets many conversations of several members run through real
// processes of `utvag serve` on a real Redis, disturbs processes, network and Redis by a seeded plan, and compares in
// the end, for each member, what came with what was accepted: each message exactly once, in order, none invented.
// docs/faults.md says what is promised in each fault, and holds the figures of a long run.
//
//	go run ./faults -redis sentinels -faults kill,cut,failover,tail -minutes 5 -seed 7
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	redis := flag.String("redis", "single", "single, sentinels or cluster")
	list := flag.String("faults", "",
		"comma-separated: kill, drain, cut, slow, pause, partition; on single also empty; on sentinels and cluster failover, tail, split; on cluster handover, reshard. Default: all that lose nothing")
	minutes := flag.Float64("minutes", 5, "how long faults are made")
	seed := flag.Uint64("seed", 1, "of all that is chosen at random")
	nodes := flag.Int("nodes", 3, "processes of utvag serve")
	conversations := flag.Int("conversations", 24, "at a time, of four members each")
	pace := flag.Duration("pace", 400*time.Millisecond, "between two messages of one writer, on average")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, *redis, *list, plan{
		redis: *redis, seed: *seed, duration: time.Duration(*minutes * float64(time.Minute)), nodes: *nodes,
		conversations: *conversations, pace: *pace, log: os.Stderr,
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(ctx context.Context, redis, list string, p plan) (err error) {
	if p.faults, err = chosen(list, redis); err != nil {
		return err
	}
	r, err := p.run(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("redis %s, seed %d, %v, %d nodes, %d conversations of 4 members\n", p.redis, p.seed, p.duration, p.nodes,
		p.conversations)
	fmt.Printf("faults: %v\n", r.Faults)
	fmt.Printf("%d messages accepted, %d deliveries, %d mailboxes, %d made anew, of these %d by a person\n", r.Messages,
		r.Delivered, r.Mailboxes, r.Remade, r.Stranded)
	fmt.Printf("after each fault every node heard again what was said on another, %v after it at the latest\n",
		r.Heard.Round(100*time.Millisecond))
	if len(r.Splits) > 0 {
		fmt.Println(biting(r.Splits))
	}
	if r.Moves.slots > 0 {
		fmt.Printf("%d slots moved, and clients were answered %v meanwhile\n", r.Moves.slots, r.Moves.told)
	}
	for _, line := range r.Wrong {
		fmt.Println("WRONG:", line)
	}
	if len(r.Wrong) > 0 {
		return fmt.Errorf("%d things are wrong", len(r.Wrong))
	}
	fmt.Println("each accepted message came to each member exactly once and in order; none was invented")
	for _, f := range p.faults {
		if f.loses {
			fmt.Println(
				"where the store was emptied or lost its tail, each member that had more was told, and each line of a visitor's reached the coordinator in the end")
			break
		}
	}
	return nil
}

// biting says whether a primary that was parted was really written to: else a split would prove nothing.
func biting(splits []int) string {
	bit, lost := 0, 0
	for _, n := range splits {
		lost += n
		if n > 0 {
			bit++
		}
	}
	if bit == 0 {
		return "NOT SHOWN: nobody wrote to an old primary in a split, so that these prove nothing"
	}
	return fmt.Sprintf("in %d of %d splits an old primary accepted what was then lost, %d messages at least", bit,
		len(splits), lost)
}
