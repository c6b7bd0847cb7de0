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
