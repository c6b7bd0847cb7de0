package relay

// Stats counts what happened since New, for tests that have no other way to see it.
type Stats struct {
	Connections int   // open now
	SlowReaders int64 // closed with CloseSlowReader
	CaughtUp    int64 // times that a reader was brought up to date from the store
}

// Stats returns the counts of this node.
func (r *Relay) Stats() Stats {
	return Stats{Connections: len(r.connections()), SlowReaders: r.slow.Load(), CaughtUp: r.caughtUp.Load()}
}

// Tests wait for these instead of for time.

// Owed is how many bytes the newcomers who wait have reserved.
func (r *Relay) Owed() (strangers, unanswered int) {
	now := r.now()
	return int(max(0, -r.strangers.TokensAt(now))), int(max(0, -r.unanswered.TokensAt(now)))
}

// Held is how many bytes of frames are held that are not answered yet.
func (r *Relay) Held() int { return int(r.incoming.taken.Load()) }

// LongCost is what a long frame costs whoever waits for their turn.
const LongCost = longCost
