package chattest

import (
	"github.com/utvag/utvag/chat/internal/tuning"
	"github.com/utvag/utvag/chat/relay"
)

// Tuning is what tests and measurements change in a relay.
type Tuning = tuning.Tuning

// NewRelay starts a relay that differs in this from one that is served.
func NewRelay(c relay.Config, t Tuning) *relay.Relay { return relay.NewTuned(c, t) }
