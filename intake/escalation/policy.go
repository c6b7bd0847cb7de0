package escalation

import "time"

// Who is the part somebody plays at the moment of a step.
type Who string

const (
	First    Who = "first"    // on call; in a claimed conversation, who has claimed it
	Second   Who = "second"   // second on call
	Lead     Who = "lead"     // team lead
	Everyone Who = "everyone" // who is on duty
	Operator Who = "operator" // who runs the servers
)

// Parts lists every Who.
func Parts() []Who { return []Who{First, Second, Lead, Everyone, Operator} }

// Console is the channel that needs no configuration: every console that is open is told by the relay itself.
const Console = "console"

// Call is one thing to do in an escalation: whom to call, by which channel, and how long after the beginning.
type Call struct {
	Who   Who
	By    string
	After time.Duration
}

// Policy is what a kommun has decided. Its steps are the times at which there is something to do: calls at the same
// time are one step. Step number Steps() is the failing at the end.
type Policy struct {
	// Calls, in the order of their times.
	Calls []Call
	// Fails is how long after its beginning an escalation has failed; later than the last call.
	Fails time.Duration
	// Claimed is how long the visitor of a claimed conversation waits for a word before it begins.
	Claimed time.Duration
	// Hold is how long an acknowledgement holds the escalation.
	Hold time.Duration
	// Again is how long after a failed escalation the next begins.
	Again time.Duration
}

// The times of a policy for which the configuration names none.
const (
	defaultFails   = 2 * time.Minute // after the last call
	defaultClaimed = 5 * time.Minute
	defaultHold    = 3 * time.Minute
	defaultAgain   = 10 * time.Minute
)

// Default is the policy of a kommun that has written none. soft is a channel that may wake nobody, such as push; loud
// one that does, such as SMS. Where one of them is empty the other stands in; without both, consoles alone are told,
// which Lacks complains about.
func Default(soft, loud string) *Policy {
	if soft == "" {
		soft = loud
	}
	if loud == "" {
		loud = soft
	}
	p := &Policy{Calls: []Call{{Everyone, Console, 0}}}
	if soft == "" {
		p.Calls = append(p.Calls, Call{Everyone, Console, time.Minute}, Call{Everyone, Console, 3 * time.Minute})
	} else {
		p.Calls = append(p.Calls, Call{First, soft, 20 * time.Second}, Call{First, loud, time.Minute},
			Call{Second, loud, 3 * time.Minute}, Call{Lead, loud, 6 * time.Minute})
	}
	p.fill()
	return p
}

// fill gives every time that is not set its default.
func (p *Policy) fill() {
	set := func(t *time.Duration, usual time.Duration) {
		if *t == 0 {
			*t = usual
		}
	}
	if n := len(p.Calls); n > 0 {
		set(&p.Fails, p.Calls[n-1].After+defaultFails)
	}
	set(&p.Claimed, defaultClaimed)
	set(&p.Hold, defaultHold)
	set(&p.Again, defaultAgain)
}

// Steps is how many steps an escalation has before it fails.
func (p *Policy) Steps() int { return len(p.times()) }

// At gives the calls of a step; none where step is Steps() or more.
func (p *Policy) At(step int) []Call {
	times := p.times()
	if step < 0 || step >= len(times) {
		return nil
	}
	var calls []Call
	for _, c := range p.Calls {
		if c.After == times[step] {
			calls = append(calls, c)
		}
	}
	return calls
}

// First is the step with which an escalation begins, and how long after the visitor's entry. An opening tells the
// consoles itself, so that a step at once for them alone is taken already; whoever has claimed has the conversation
// before them, and gets the time to write.
func (p *Policy) First(claimed bool) (step int, after time.Duration) {
	times := p.times()
	if claimed {
		return 0, p.Claimed + times[0]
	}
	if len(times) > 1 && times[0] == 0 && p.consolesAlone(0) {
		return 1, times[1]
	}
	return 0, times[0]
}

// Held is how long an acknowledgement holds the escalation; after it one begins with step 0.
func (p *Policy) Held() time.Duration { return p.Hold }

// Next is how long after a step the one that follows is taken: the next, the failing, or after that step 0 of the next
// escalation.
func (p *Policy) Next(step int) time.Duration {
	times := append(p.times(), p.Fails)
	if step+1 < len(times) {
		return times[step+1] - times[step]
	}
	return p.Again
}

// Longest is the longest of all these times: a timer that lies further ahead was set by a clock that has been set back
// since.
func (p *Policy) Longest() time.Duration {
	_, claimed := p.First(true)
	longest := max(claimed, p.Hold, p.Again)
	for step := range p.Steps() {
		longest = max(longest, p.Next(step))
	}
	return longest
}

// times are the different times of the calls, rising.
func (p *Policy) times() []time.Duration {
	var times []time.Duration
	for _, c := range p.Calls {
		if n := len(times); n == 0 || c.After > times[n-1] {
			times = append(times, c.After)
		}
	}
	return times
}

func (p *Policy) consolesAlone(step int) bool {
	for _, c := range p.At(step) {
		if c.By != Console {
			return false
		}
	}
	return true
}
