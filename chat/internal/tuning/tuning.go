// Package tuning is what tests and measurements change in a relay, and nobody who serves people: it cannot be imported
// from outside of chat, and chattest alone hands it on. The zero value is the relay that is served.
package tuning

import "time"

// Tuning changes the paces and prices of a relay.
type Tuning struct {
	// Sweep is the pace of the one goroutine that looks for idle connections and notes left in the outbox, and for the
	// timers of nodes that are gone. Default 5 seconds.
	Sweep time.Duration
	// PendingAfter is the age at which a note in the outbox counts as left by its node. Default 5 seconds.
	PendingAfter time.Duration
	// WorkBits is the price of an opening on a usual day (spec §6.4). Negative: none, and any number are made. Default:
	// relay.WorkBits.
	WorkBits int
	// Lenient fines nobody, and gives newcomers as many frames as everybody and as soon.
	Lenient bool
	// NewcomerRate bounds what either kind of newcomers costs a node, in bytes a second. Default: relay.NewcomerRate.
	NewcomerRate int
}
