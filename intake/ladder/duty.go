package ladder

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Together is how long after a call the same person is not called again by the same channel: several who wait are one alarm. What was not
// said for one of them is said by its next step.
const Together = time.Minute

// Duty is who plays which part at a moment, by alias; "" where nobody does.
type Duty struct {
	First, Second string
	Leads         []string
	Everyone      []string // on duty, First and Second among them
	Operators     []string
}

// Called gives the aliases that a call goes to, each once. claimer is the alias of who has claimed the conversation, or "". A part that
// nobody plays falls to the leads, and theirs to the operators: a hole in the rota must not end in silence.
func (d *Duty) Called(who Who, claimer string) []string {
	var called []string
	switch who {
	case First:
		called = some(d.First)
		if claimer != "" {
			called = some(claimer)
		}
	case Second:
		called = some(d.Second)
		// Whoever is first has not been called yet where somebody else had claimed.
		if claimer != "" && d.First != claimer && d.First != "" {
			called = some(d.First)
		} else if claimer != "" && d.Second == claimer {
			called = nil
		}
	case Everyone:
		called = d.Everyone
	case Operator:
		return once(d.Operators)
	}
	if len(called) == 0 {
		called = d.Leads
	}
	if len(called) == 0 {
		called = d.Operators
	}
	return once(called)
}

func some(alias string) []string {
	if alias == "" {
		return nil
	}
	return []string{alias}
}

func once(aliases []string) []string {
	sorted := slices.Clone(aliases)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// Key is what a channel gets to tell a repeat from another alarm, in hex: of the step's own key, one for each person and channel. It says
// nothing about the step.
func Key(step, alias, channel string) string {
	sum := sha256.Sum256([]byte(step + "\x00" + alias + "\x00" + channel))
	return hex.EncodeToString(sum[:16])
}
