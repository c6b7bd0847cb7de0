package ladder

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

// Call is one thing to do in a climb: whom to call, by which channel, and how long after the beginning.
type Call struct {
	Who   Who
	By    string
	After time.Duration
}

// Ladder is what a kommun has decided. Its steps are the times at which there is something to do: calls at the same
// time are one step. Step number Steps() is the failing at the end.
type Ladder struct {
	// Calls, in the order of their times.
	Calls []Call
	// Fails is how long after its beginning a climb has failed; later than the last call.
	Fails time.Duration
	// Claimed is how long the visitor of a claimed conversation waits for a word before the climb begins.
	Claimed time.Duration
	// Hold is how long an acknowledgement holds the ladder.
	Hold time.Duration
	// Again is how long after a failed climb the next begins.
	Again time.Duration
}

// The times of a ladder for which the configuration names none.
const (
	defaultFails   = 2 * time.Minute // after the last call
	defaultClaimed = 5 * time.Minute
	defaultHold    = 3 * time.Minute
	defaultAgain   = 10 * time.Minute
)

// Default is the ladder of a kommun that has written none. soft is a channel that may wake nobody, such as push; loud
// one that does, such as SMS. Where one of them is empty the other stands in; without both, consoles alone are told,
// which Lacks complains about.
func Default(soft, loud string) *Ladder {
	if soft == "" {
		soft = loud
	}
	if loud == "" {
		loud = soft
	}
	l := &Ladder{Calls: []Call{{Everyone, Console, 0}}}
	if soft == "" {
		l.Calls = append(l.Calls, Call{Everyone, Console, time.Minute}, Call{Everyone, Console, 3 * time.Minute})
	} else {
		l.Calls = append(l.Calls, Call{First, soft, 20 * time.Second}, Call{First, loud, time.Minute},
			Call{Second, loud, 3 * time.Minute}, Call{Lead, loud, 6 * time.Minute})
	}
	l.fill()
	return l
}

// fill gives every time that is not set its default.
func (l *Ladder) fill() {
	set := func(t *time.Duration, usual time.Duration) {
		if *t == 0 {
			*t = usual
		}
	}
	if n := len(l.Calls); n > 0 {
		set(&l.Fails, l.Calls[n-1].After+defaultFails)
	}
	set(&l.Claimed, defaultClaimed)
	set(&l.Hold, defaultHold)
	set(&l.Again, defaultAgain)
}

// Steps is how many steps a climb has before it fails.
func (l *Ladder) Steps() int { return len(l.times()) }

// At gives the calls of a step; none where step is Steps() or more.
func (l *Ladder) At(step int) []Call {
	times := l.times()
	if step < 0 || step >= len(times) {
		return nil
	}
	var calls []Call
	for _, c := range l.Calls {
		if c.After == times[step] {
			calls = append(calls, c)
		}
	}
	return calls
}

// First is the step with which a climb begins, and how long after the visitor's entry. An opening tells the consoles
// itself, so that a step at once for them alone is taken already; whoever has claimed has the conversation before them,
// and gets the time to write.
func (l *Ladder) First(claimed bool) (step int, after time.Duration) {
	times := l.times()
	if claimed {
		return 0, l.Claimed + times[0]
	}
	if len(times) > 1 && times[0] == 0 && l.consolesAlone(0) {
		return 1, times[1]
	}
	return 0, times[0]
}

// Held is how long an acknowledgement holds the ladder; after it a climb begins with step 0.
func (l *Ladder) Held() time.Duration { return l.Hold }

// Next is how long after a step the one that follows is taken: the next, the failing, or after that step 0 of the next
// climb.
func (l *Ladder) Next(step int) time.Duration {
	times := append(l.times(), l.Fails)
	if step+1 < len(times) {
		return times[step+1] - times[step]
	}
	return l.Again
}

// Longest is the longest of all these times: a timer that lies further ahead was set by a clock that has been set back
// since.
func (l *Ladder) Longest() time.Duration {
	_, claimed := l.First(true)
	longest := max(claimed, l.Hold, l.Again)
	for step := range l.Steps() {
		longest = max(longest, l.Next(step))
	}
	return longest
}

// times are the different times of the calls, rising.
func (l *Ladder) times() []time.Duration {
	var times []time.Duration
	for _, c := range l.Calls {
		if n := len(times); n == 0 || c.After > times[n-1] {
			times = append(times, c.After)
		}
	}
	return times
}

func (l *Ladder) consolesAlone(step int) bool {
	for _, c := range l.At(step) {
		if c.By != Console {
			return false
		}
	}
	return true
}
