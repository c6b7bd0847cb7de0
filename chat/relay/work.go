package relay

import (
	"context"
	"crypto/rand"
	"math/bits"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
)

// What an opening costs (spec §6.4). Nobody is known, so that nobody can be let in before others; but who opens
// thousands pays for each.
const (
	// WorkBits is the price on a usual day: about 130,000 hashes, a second or two on a slow phone while its owner reads.
	WorkBits = 14
	// PuzzleTaken is how long a puzzle is taken: as long as somebody may sit over the questions.
	PuzzleTaken = 30 * time.Minute
	// puzzleRenewed is the age at which a newer one takes its place, so that little can be solved in advance.
	puzzleRenewed = 5 * time.Minute
	// cheaperAfter is how long a price stays up once the flood is over.
	cheaperAfter = time.Minute

	// calmOpenings a minute, on all nodes together, are a busy night. Each doubling makes the next dearer by a bit,
	// dearer by at most maxDearer.
	calmOpenings = 30
	maxDearer    = 4
	// maxOpenings a minute is where even who pays has to wait: a national service sees fewer in a day.
	maxOpenings = 600
	// fullStore is the part of the store's memory beyond which nothing new begins, so that what has begun can end.
	fullStore = 0.8
)

// puzzles is what this node knows of the price.
type puzzles struct {
	// held while the store is asked: an answer that was overtaken would hide a puzzle that somebody has begun to solve
	turn   chan struct{}
	mu     sync.Mutex
	taken  []Puzzle
	recent int // openings of all nodes in the minute before the last tally
	opened int // of this node since then
	full   bool
	passed map[chat.Mailbox]int // openings that went before others since the newest puzzle
}

// price is the bits of an opening when so many were made in the last minute.
func price(base uint8, openings int) uint8 {
	dearer := bits.Len(uint(openings / calmOpenings))
	return min(base+uint8(min(dearer, maxDearer)), chat.LimitWorkBits)
}

// sweepWork tells the others what was opened here, and renews the puzzle when it is old or its price no longer fits.
func (r *Relay) sweepWork(ctx context.Context) error {
	if err := r.work.take(ctx); err != nil {
		return err
	}
	defer r.work.give()
	return r.askForWork(ctx)
}

// askForWork is called by whoever has the turn.
func (r *Relay) askForWork(ctx context.Context) error {
	used, err := r.config.Fullness(ctx)
	if err != nil {
		return err
	}
	if used > fullStore {
		r.cramped.met(r.now(), "percent", int(100*used))
	}
	w := &r.work
	w.mu.Lock()
	opened := w.opened
	w.full = used > fullStore
	w.mu.Unlock()
	if r.tuning.WorkBits < 0 {
		return nil
	}
	now := r.now()
	tally, err := r.store.Tally(ctx, opened, now)
	if err != nil {
		return err
	}
	if p, after, due := r.dueFor(tally, now); due {
		if err := r.store.Renew(ctx, after, p); err != nil {
			return err
		}
		if tally, err = r.store.Tally(ctx, 0, now); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.taken) == 0 || len(tally.Puzzles) == 0 || w.taken[0].Salt != tally.Puzzles[0].Salt {
		w.passed = nil
	}
	w.taken, w.recent = tally.Puzzles, tally.LastMinute
	w.opened -= opened
	return nil
}

// dueFor returns the puzzle that is to take the newest one's place, if any is.
func (r *Relay) dueFor(t Tally, now time.Time) (p Puzzle, after chat.Salt, due bool) {
	wanted := price(uint8(r.tuning.WorkBits), t.LastMinute)
	if len(t.Puzzles) > 0 {
		newest := t.Puzzles[0]
		age := now.Sub(newest.Since)
		after = newest.Salt
		due = age < 0 || age >= puzzleRenewed || wanted > newest.Bits || wanted < newest.Bits && age >= cheaperAfter
	} else {
		due = true
	}
	p = Puzzle{Puzzle: chat.Puzzle{Bits: wanted}, Since: now}
	rand.Read(p.Salt[:])
	return p, after, due
}

// Puzzle returns what openings have to solve now, for the directory. No Bits: nothing.
func (r *Relay) Puzzle(ctx context.Context) (chat.Puzzle, error) {
	if r.tuning.WorkBits < 0 {
		return chat.Puzzle{}, nil
	}
	if p, ok := r.work.newest(r.now()); ok {
		return p, nil
	}
	if err := r.work.take(ctx); err != nil {
		return chat.Puzzle{}, err
	}
	defer r.work.give()
	if p, ok := r.work.newest(r.now()); ok {
		return p, nil // somebody else has asked meanwhile
	}
	if err := r.askForWork(ctx); err != nil {
		return chat.Puzzle{}, err
	}
	p, _ := r.work.newest(r.now())
	return p, nil
}

func (w *puzzles) take(ctx context.Context) error {
	select {
	case w.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *puzzles) give() { <-w.turn }

func (w *puzzles) newest(now time.Time) (chat.Puzzle, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.taken) == 0 || now.Sub(w.taken[0].Since) >= PuzzleTaken {
		return chat.Puzzle{}, false
	}
	return w.taken[0].Puzzle, true
}

// judgeOpening returns the refusal of everything but the repeat of an opening that was accepted once; nil where it may
// be made. Only what is old can be such a repeat.
func (r *Relay) judgeOpening(f *chat.Open) (refusal *chat.Error, old bool) {
	w, now := &r.work, r.now()
	if r.tuning.WorkBits < 0 {
		if len(f.Work) > 0 {
			return chat.Refuse(chat.Work, 0), false
		}
	} else if p, taken := w.find(f.Work, now); !taken || !p.Solves(f.Mailbox, f.Work) {
		price := uint8(r.tuning.WorkBits)
		if newest, ok := w.newest(now); ok {
			price = newest.Bits
		}
		return chat.Refuse(chat.Work, uint64(price)), !taken && len(f.Work) == chat.LimitWork
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full || r.tuning.WorkBits >= 0 && w.recent+w.opened >= maxOpenings {
		return chat.Refuse(chat.Busy, 10), true
	}
	return nil, false
}

func (w *puzzles) find(work []byte, now time.Time) (chat.Puzzle, bool) {
	salt, ok := chat.WorkSalt(work)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.taken {
		if ok && p.Salt == salt && now.Sub(p.Since) < PuzzleTaken {
			return p.Puzzle, true
		}
	}
	return chat.Puzzle{}, false
}

// count notes an opening that was made.
func (w *puzzles) count() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened++
}
