package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spec is a policy as it is configured; a time that is zero is left out.
type Spec struct {
	Steps                       []Call
	Fails, Claimed, Hold, Again time.Duration
}

// Fault is one thing wrong with a Spec. At is the field, such as steps[2].by; Problem says what to do.
type Fault struct{ At, Problem string }

// What a policy may hold.
const (
	maxSteps   = 16
	latest     = time.Hour // of a call, a hold, the wait of a claimed conversation
	latestNext = 4 * time.Hour
)

// New checks a configured policy against the channels there are, Console aside. The Policy is of use only where there
// are no faults.
func New(spec Spec, channels []string) (*Policy, []Fault) {
	p := &Policy{Calls: spec.Steps, Fails: spec.Fails, Claimed: spec.Claimed, Hold: spec.Hold, Again: spec.Again}
	var faults []Fault
	wrong := func(at, format string, args ...any) { faults = append(faults, Fault{at, fmt.Sprintf(format, args...)}) }
	switch n := len(spec.Steps); {
	case n == 0:
		wrong("steps", "no steps: write at least one that calls somebody, or leave escalation out for the usual one")
		return p, faults
	case n > maxSteps:
		wrong("steps", "%d steps: at most %d", n, maxSteps)
	}
	for i, c := range spec.Steps {
		at := fmt.Sprintf("steps[%d]", i)
		switch {
		case c.Who == "":
			wrong(at, "no who: write %s", listed(Parts()))
		case !slices.Contains(Parts(), c.Who):
			wrong(at+".who", "«%s» is nobody: write %s", c.Who, listed(Parts()))
		case c.By == Console && c.Who != Everyone:
			wrong(at+".who", "a console step tells every console: write everyone")
		}
		switch {
		case c.By == "":
			wrong(at, "no by: write console, or one of your channels")
		case c.By != Console && !slices.Contains(channels, c.By):
			wrong(at+".by", "there is no channel «%s»: known are %s", c.By, listed(append([]string{Console}, channels...)))
		}
		if c.After < 0 || c.After > latest {
			wrong(at+".after", "write 0s to 60m after the beginning")
		}
		if i > 0 && c.After < spec.Steps[i-1].After {
			wrong(at+".after", "earlier than the step before it: write the steps in the order of their times")
		}
		if slices.Contains(spec.Steps[:i], c) {
			wrong(at, "stands twice")
		}
	}
	p.fill()
	if last := spec.Steps[len(spec.Steps)-1].After; p.Fails <= last || p.Fails > 2*latest {
		wrong("fails", "write a time later than the last step, at most 120m")
	}
	for _, t := range []struct {
		at   string
		time time.Duration
		most time.Duration
	}{{"claimed", p.Claimed, latest}, {"hold", p.Hold, latest}, {"again", p.Again, latestNext}} {
		if t.time < time.Second || t.time > t.most {
			wrong(t.at, "write 1s to %dm", int(t.most/time.Minute))
		}
	}
	if problem := p.Lacks(); problem != "" && len(faults) == 0 {
		wrong("steps", "%s", problem)
	}
	return p, faults
}

// Lacks says what is wrong with a policy that tells nobody who is not at a console already, or "".
func (p *Policy) Lacks() string {
	if slices.ContainsFunc(p.Calls, func(c Call) bool { return c.By != Console && c.Who != Operator }) {
		return ""
	}
	return "no step reaches a person beyond an open console: add a channel, and a step that calls first, second, lead or everyone by it"
}

func listed[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}
