package escalation

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Together is how long after a call the same person is not called again by the same channel: several who wait are one
// alarm. What was not said for one of them is said by its next step.
const Together = time.Minute

// Responders is who plays which part at a moment, by alias; "" where nobody does.
type Responders struct {
	First, Second string
	Leads         []string
	Everyone      []string // on duty, First and Second among them
	Operators     []string
}

// Of returns the aliases that a call goes to, each once. claimer is the alias of who has claimed the conversation, or
// "". A part that nobody plays falls to whoever else is on duty, then to the leads, and theirs to the operators: a hole
// in the rota must not end in silence, and a break of the first one's is no reason to wake a lead while the second is
// there.
func (r *Responders) Of(who Who, claimer string) []string {
	var called []string
	switch who {
	case First:
		called = r.first(claimer)
	case Second:
		called = r.second(claimer)
	case Everyone:
		called = r.Everyone
	case Operator:
		return once(r.Operators)
	}
	if len(called) == 0 {
		called = r.Leads
	}
	if len(called) == 0 {
		called = r.Operators
	}
	return once(called)
}

// first is who should answer.
func (r *Responders) first(claimer string) []string {
	for _, alias := range []string{claimer, r.First, r.Second} {
		if alias != "" {
			return []string{alias}
		}
	}
	return r.Everyone
}

// second is somebody else.
func (r *Responders) second(claimer string) []string {
	before := r.first(claimer)
	another := func(alias string) bool { return alias != "" && !slices.Contains(before, alias) }
	for _, alias := range []string{r.First, r.Second} {
		if another(alias) {
			return []string{alias}
		}
	}
	return slices.DeleteFunc(slices.Clone(r.Everyone), func(alias string) bool { return !another(alias) })
}

func once(aliases []string) []string {
	sorted := slices.Clone(aliases)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// Key is what a channel gets to tell a repeat from another alarm, in hex: of the step's own key, one for each person
// and channel. It says nothing about the step.
func Key(step, alias, channel string) string {
	sum := sha256.Sum256([]byte(step + "\x00" + alias + "\x00" + channel))
	return hex.EncodeToString(sum[:16])
}
