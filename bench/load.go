package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// textLength is that of a message: 1 KiB of ciphertext.
const textLength = 1024

// load is an open-loop run: message i is due at begin + i/rate, whatever became of the ones before.
type load struct {
	begin time.Time
	pairs []*pair

	mu        sync.Mutex
	latencies []time.Duration
	last      map[stream]uint64
	wrong     atomic.Int64
	arrived   atomic.Int64
}

// stream is what one side of a pair hears.
type stream struct {
	pair int
	side int
}

// heard checks order and notes how late a message is.
func (l *load) heard(pair, side int, text []byte) {
	now := time.Since(l.begin)
	due := time.Duration(binary.BigEndian.Uint64(text))
	if due == 0 {
		return // from before the load
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := stream{pair, side}
	if n := serial(text); n <= l.last[key] {
		l.wrong.Add(1)
	} else {
		l.last[key] = n
	}
	l.latencies = append(l.latencies, now-due)
	l.arrived.Add(1)
}

// connectPairs makes the conversations, some at a time.
func (l *load) connectPairs(ctx context.Context, d dialer, count int) error {
	l.pairs = make([]*pair, count)
	l.last = map[stream]uint64{}
	return together(count, func(i int) error {
		p, err := d.dial(ctx, newPairID(), func(side int, text []byte) { l.heard(i, side, text) })
		if err != nil {
			return err
		}
		l.pairs[i] = p
		return p.wait()
	})
}

func (p *pair) wait() error {
	for _, side := range p.sides {
		select {
		case <-side.attached():
		case <-time.After(30 * time.Second):
			return errors.New("a member was not attached")
		}
	}
	return nil
}

func (l *load) close() {
	for _, p := range l.pairs {
		if p != nil {
			p.sides[0].close()
			p.sides[1].close()
		}
	}
}

// run sends at a rate for a while, waits for what is under way, and gives the latencies in order.
func (l *load) run(ctx context.Context, rate int, length time.Duration) ([]time.Duration, error) {
	count := int(length.Seconds() * float64(rate))
	l.expect(count)
	l.offer(ctx, rate, count)
	return l.await(ctx, count)
}

// expect forgets what was heard before.
func (l *load) expect(count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latencies = make([]time.Duration, 0, count)
	l.last = map[stream]uint64{}
	l.arrived.Store(0)
	l.begin = time.Now().Add(-time.Millisecond)
}

// offer sends at a rate, to every pair in turn, first from the one side and then from the other. It sleeps on a thread
// of its own: time.Sleep in a process with nothing else to do wakes at whole milliseconds, and what is then sent at
// once is cheaper to serve. Which of the servers got more of such bursts would depend on how busy it keeps this
// process.
func (l *load) offer(ctx context.Context, rate, count int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := 0; i < count && ctx.Err() == nil; {
		due := time.Duration(i+1) * time.Second / time.Duration(rate)
		if ahead := due - time.Since(l.begin); ahead > 0 {
			nap := syscall.NsecToTimespec(int64(ahead))
			syscall.Nanosleep(&nap, nil) // whatever ends it early, it is looked at again
			continue
		}
		text := make([]byte, textLength)
		binary.BigEndian.PutUint64(text, uint64(due))
		binary.BigEndian.PutUint64(text[8:], uint64(i+1))
		l.pairs[i%len(l.pairs)].sides[i/len(l.pairs)%2].send(text)
		i++
	}
}

// await waits for so many messages, and gives their latencies in order.
func (l *load) await(ctx context.Context, count int) ([]time.Duration, error) {
	for deadline := time.Now().Add(10 * time.Second); l.arrived.Load() < int64(count) && time.Now().Before(deadline) &&
		ctx.Err() == nil; {
		time.Sleep(10 * time.Millisecond)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.wrong.Load(); n > 0 {
		return nil, fmt.Errorf("%d messages out of order or doubled", n)
	}
	if lost := count - len(l.latencies); lost > 0 {
		return nil, &lostError{lost, count}
	}
	slices.Sort(l.latencies)
	return l.latencies, nil
}

// lostError says that not everything had arrived ten seconds after the last message.
type lostError struct{ lost, of int }

func (e *lostError) Error() string {
	return fmt.Sprintf("%d of %d messages had not arrived after ten seconds", e.lost, e.of)
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// together runs f for each index, 64 at a time, and gives the first error.
func together(count int, f func(int) error) error {
	var next atomic.Int64
	var first atomic.Pointer[error]
	var all sync.WaitGroup
	for range min(count, 64) {
		all.Go(func() {
			for first.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				if err := f(i); err != nil {
					first.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}
