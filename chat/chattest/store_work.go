package chattest

import (
	"slices"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (b *bench) puzzles() {
	tally := func(opened int, at time.Time) relay.Tally {
		b.Helper()
		t, err := b.store.Tally(b.ctx, opened, at)
		b.must(err)
		return t
	}
	if t := tally(0, b.now); t.LastMinute != 0 || len(t.Puzzles) != 0 {
		b.Fatalf("an empty store has %+v", t)
	}
	puzzle := func(n byte) relay.Puzzle {
		return relay.Puzzle{Puzzle: chat.Puzzle{Salt: chat.Salt{0, n}, Bits: n}, Since: b.now}
	}
	first, second, late := puzzle(10), puzzle(11), puzzle(12)
	b.must(b.store.Renew(b.ctx, chat.Salt{}, first))
	b.must(b.store.Renew(b.ctx, chat.Salt{}, late)) // there is one by now
	b.must(b.store.Renew(b.ctx, first.Salt, second))
	b.must(b.store.Renew(b.ctx, first.Salt, late)) // another node was faster
	if t := tally(3, b.now); t.LastMinute != 3 || !slices.Equal(t.Puzzles, []relay.Puzzle{second, first}) {
		b.Fatalf("two puzzles and three openings are %+v", t)
	}
	if t := tally(2, b.now.Add(30*time.Second)); t.LastMinute != 5 {
		b.Fatalf("five openings within a minute are %d", t.LastMinute)
	}
	if t := tally(0, b.now.Add(75*time.Second)); t.LastMinute != 2 {
		b.Fatalf("the first three count for longer than a minute: %d", t.LastMinute)
	}

	// A repeat is answered whatever it costs by now; what was never accepted is refused.
	unpaid := b.openingOf(benchTag())
	unpaid.Refusal = chat.Refuse(chat.Work, 14)
	_, err := b.store.Open(b.ctx, unpaid)
	b.refused(err, chat.Work, 14)
	opened := b.opened(1)
	unpaid.Devices, unpaid.Incarnation, unpaid.Slot = b.devices, b.incarnation, b.slot
	again, err := b.store.Open(b.ctx, unpaid)
	b.must(err)
	if !again.Repeat || again.Cursor != opened.Cursor {
		b.Fatalf("the repeat of an opening is %+v", again)
	}
}
