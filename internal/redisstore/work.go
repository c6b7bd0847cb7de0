package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// maxPuzzles bounds the list: under load a puzzle may be renewed each minute.
const maxPuzzles = 64

func (s *Store) Tally(ctx context.Context, opened int, now time.Time) (relay.Tally, error) {
	a, err := s.runOn(ctx, tallyScript, []string{puzzlesKey, openedKey}, now.UnixMilli(), opened)
	if err != nil {
		return relay.Tally{}, err
	}
	t := relay.Tally{LastMinute: int(a.number())}
	for a.err == nil && len(a.fields) > 0 {
		p, ok := parsePuzzle(a.text())
		if !ok {
			return relay.Tally{}, errAnswer
		}
		t.Puzzles = append(t.Puzzles, p)
	}
	return t, a.err
}

func (s *Store) Renew(ctx context.Context, after chat.Salt, p relay.Puzzle) error {
	newest := ""
	if after != (chat.Salt{}) {
		newest = string(after[:])
	}
	text := string(p.Salt[:]) + fmt.Sprintf("%d %d", p.Bits, p.Since.UnixMilli())
	_, err := s.runOn(ctx, renewScript, []string{puzzlesKey}, newest, text, maxPuzzles, seconds(relay.PuzzleTaken))
	return err
}

func parsePuzzle(text string) (relay.Puzzle, bool) {
	var p relay.Puzzle
	if copy(p.Salt[:], text) < len(p.Salt) {
		return p, false
	}
	bits, since, _ := strings.Cut(text[len(p.Salt):], " ")
	n, errBits := strconv.ParseUint(bits, 10, 8)
	ms, errSince := strconv.ParseInt(since, 10, 64)
	p.Bits, p.Since = uint8(n), time.UnixMilli(ms)
	return p, errBits == nil && errSince == nil && n <= chat.LimitWorkBits
}

// Fullness tells which part of its memory the store uses, from 0 to 1: that of the fullest of all nodes that take
// writes. It is 0 where Redis has no bound. The in-process server does not know the question.
func (s *Store) Fullness(ctx context.Context) (float64, error) {
	if err := s.gate(); err != nil {
		return 0, err
	}
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return fullness(ctx, s.client)
	}
	var mu sync.Mutex
	var fullest float64
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		used, err := fullness(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		fullest = max(fullest, used)
		return err
	})
	return fullest, plain(err)
}

func fullness(ctx context.Context, node redis.Cmdable) (float64, error) {
	info, err := node.Info(ctx, "memory").Result()
	if err != nil {
		return 0, plain(err)
	}
	used, _ := strconv.ParseFloat(field(info, "used_memory"), 64)
	most, _ := strconv.ParseFloat(field(info, "maxmemory"), 64)
	if most == 0 {
		return 0, nil
	}
	return used / most, nil
}
