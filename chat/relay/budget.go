package relay

import (
	"sync/atomic"
	"time"

	"github.com/utvag/utvag/chat"
)

// What all connections of a node together may take. Each has bounds of its own; twenty thousand that fill theirs would
// be too many.
const (
	// smallFrame is what a frame may take without asking: nearly every one is no longer.
	smallFrame = 4 << 10
	// frameTimeout is how long a longer one may take to arrive, its wait for room with it. A phone on the worst network
	// sends an opening in that time.
	frameTimeout = 30 * time.Second
	roomEvery    = 10 * time.Millisecond
	// modest is what may always wait for a reader, however little room there is.
	modest = 64 << 10

	// crowded is the part of MaxConnections from which on a connection must have done something within uselessFor.
	crowded    = 0.5
	uselessFor = 10 * time.Second
)

// budget bounds the bytes of frames that this node holds on their way in, or on their way out.
type budget struct {
	taken atomic.Int64
	most  int64
}

// take is false, and takes nothing, where with it more than most were taken, which is b.most or less. Whoever has taken
// gives back.
func (b *budget) take(bytes int, most int64) bool {
	if b.taken.Add(int64(bytes)) <= most {
		return true
	}
	b.give(bytes)
	return false
}

// insist takes what is due to somebody anyway.
func (b *budget) insist(bytes int) { b.taken.Add(int64(bytes)) }

func (b *budget) give(bytes int) { b.taken.Add(-int64(bytes)) }

// tight tells that nothing is left.
func (b *budget) tight() bool { return b.taken.Load() >= b.most }

// sweepUseless makes room for others on a crowded node: whoever is here for a purpose has attached, opened or logged in
// by now.
func (r *Relay) sweepUseless(all []*conn) {
	if float64(len(all)) < crowded*float64(r.config.MaxConnections) {
		return
	}
	oldest := r.now().Add(-uselessFor)
	for _, c := range all {
		if !c.useful.Load() && c.since.Before(oldest) {
			c.finish(chat.CloseOverloaded)
		}
	}
}
