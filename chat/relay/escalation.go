package relay

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
)

// Policy says when the steps of an escalation are taken, for one kommun. Step Steps() is the failing at its end, after
// which the next escalation begins with step 0. It must not block.
type Policy interface {
	Steps() int
	// First is the step with which an escalation begins, and how long after the visitor's entry; in a claimed
	// conversation it is 0.
	First(claimed bool) (step int, after time.Duration)
	// Held is how long an acknowledgement holds an escalation.
	Held() time.Duration
	// Next is how long after a step the one that follows is taken.
	Next(step int) time.Duration
	// Longest is the longest of these times.
	Longest() time.Duration
}

// Step is a step that OnStep carries out.
type Step struct {
	Kommun  string
	Number  int          // of the policy's steps; Steps() or more: nobody could be reached
	Claimer *chat.Device // who has claimed the conversation; nil where nobody has
	Key     string       // the same each time that this step is taken, and no other's; tells nothing
}

const (
	// stepFor is how long OnStep has. The node holds the step a little longer, so that it always settles before another
	// takes it.
	stepFor  = 40 * time.Second
	leaseFor = 45 * time.Second
	// stepsAtATime bounds what a node carries out at once. What is above waits for another node, or its next look.
	stepsAtATime = 256
	// late is how much later than due a step may be taken and still be what the next is counted from. Beyond it the clock
	// has jumped, or no node was there: steps that were missed are taken one after the other, not all at once.
	late = 2 * time.Second
	// skew is how far the clocks of nodes may differ before a timer looks as if it had been set by a clock that was set
	// back since.
	skew = 30 * time.Second
)

// ConsolesEvery tells the consoles again and again and calls nobody. It is what a relay does that has no policy.
type ConsolesEvery time.Duration

func (p ConsolesEvery) Steps() int                                 { return math.MaxInt32 }
func (p ConsolesEvery) First(bool) (step int, after time.Duration) { return 0, time.Duration(p) }
func (p ConsolesEvery) Held() time.Duration                        { return time.Duration(p) }
func (p ConsolesEvery) Next(int) time.Duration                     { return time.Duration(p) }
func (p ConsolesEvery) Longest() time.Duration                     { return time.Duration(p) }

// dueAt returns the times for an entry of the visitor's, and expects them.
func (r *Relay) dueAt(kommun string, now time.Time) Due {
	l := r.config.Policy(kommun)
	_, open := l.First(false)
	_, claimed := l.First(true)
	d := Due{Open: now.Add(open), Claimed: now.Add(claimed), Held: now.Add(l.Held())}
	r.expect(d.Open)
	r.expect(d.Held)
	r.expect(d.Claimed)
	return d
}

// acknowledge carries out acknowledge (spec §5.11).
func (c *conn) acknowledge(ctx context.Context, f *chat.Acknowledge) error {
	r := c.relay
	if _, ok := c.loggedIn(); !ok {
		return chat.Refuse(chat.NotLoggedIn, 0)
	}
	seat, refusal := c.seatFor(f.Mailbox)
	switch {
	case refusal != nil:
		return refusal
	case seat.Slot == 0 || !c.intake():
		return chat.Refuse(chat.Policy, 0)
	}
	if err := r.store.Acknowledge(ctx, seat, r.dueAt(seat.Kommun, r.now()).Held); err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

// clockwork is when the node looks at the timers next. What another node has set is found by the regular look.
type clockwork struct {
	mu      sync.Mutex
	at      time.Time
	changed chan struct{}
}

// expect makes the node look no later than that.
func (r *Relay) expect(due time.Time) {
	c := &r.alarms
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || due.Before(c.at) {
		c.at = due
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

// until is how long to wait: never longer than the sweep's pace, whatever a clock says that jumps.
func (r *Relay) until() time.Duration {
	c := &r.alarms
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return r.tuning.Sweep
	}
	// A timer stands for a whole millisecond.
	return min(max(0, c.at.Sub(r.now())+time.Millisecond), r.tuning.Sweep)
}

func (r *Relay) escalationLoop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.alarms.changed:
			timer.Reset(r.until())
			continue
		case <-timer.C:
		}
		r.alarms.mu.Lock()
		r.alarms.at = time.Time{}
		r.alarms.mu.Unlock()
		r.attempt("timers", r.escalate)
		timer.Reset(r.until())
	}
}

// escalate takes every step that is due.
func (r *Relay) escalate(ctx context.Context) error {
	now := r.now()
	due, next, err := r.store.DueSteps(ctx, now, r.longestStep()+skew)
	if !next.IsZero() {
		r.expect(next)
	}
	for i := range due {
		if problem := r.step(ctx, &due[i], now); problem != nil && err == nil {
			err = problem
		}
	}
	switch {
	case err != nil:
		r.expect(now.Add(time.Second))
	case len(due) > 0:
		r.expect(now) // there may be more than one look gives
	}
	return err
}

// longestStep is the longest time for which a timer is set.
func (r *Relay) longestStep() time.Duration {
	longest := max(leaseFor, maxSnooze)
	for kommun := range r.config.Kommuner {
		longest = max(longest, r.config.Policy(kommun).Longest())
	}
	return longest
}

// step takes one step and hands it to a goroutine of its own, so that none waits for another.
func (r *Relay) step(ctx context.Context, a *DueStep, now time.Time) error {
	l := r.config.Policy(a.Kommun)
	if until := r.snoozedUntil(a, now); !until.IsZero() {
		r.expect(until)
		return r.store.Snooze(ctx, *a, until)
	}
	select {
	case r.steps <- struct{}{}:
	default:
		r.stepTrouble.met(now)
		r.expect(now.Add(time.Second))
		return nil
	}
	number := numberOf(a, l)
	t := Taking{Next: follow(a.Due, now, l.Next(number)), Fails: number >= l.Steps(), Then: number + 1,
		Lease: now.Add(leaseFor)}
	taken, err := r.store.Take(ctx, *a, t)
	if !taken || err != nil {
		<-r.steps
		return err
	}
	r.expect(t.Next)
	r.expect(t.Lease)
	r.stepping.Go(func() {
		defer func() { <-r.steps }()
		defer r.rescue()
		r.carryOut(a, number)
	})
	return nil
}

// numberOf returns the policy's own number of a step.
func numberOf(a *DueStep, l Policy) int {
	if a.Step != FirstStep {
		return a.Step
	}
	step, _ := l.First(false)
	return step
}

// follow is when the step after one is due: counted from when that one was due, so that delays do not add up.
func follow(due, now time.Time, after time.Duration) time.Time {
	if off := now.Sub(due); off < 0 || off > late {
		due = now
	}
	return due.Add(after)
}

// maxSnooze bounds how long an alarm snoozes at a time, so that one which lies far ahead is always the work of a
// wrong clock.
const maxSnooze = time.Minute

// lastChance is what must be left of a mailbox's life for its alarm to snooze.
const lastChance = 2 * time.Hour

// snoozedUntil returns until when an alarm snoozes, or zero: the kommun is closed, it is a left message that nobody has
// begun with, and there is time. Whoever writes live is there, whatever the clock says.
func (r *Relay) snoozedUntil(a *DueStep, now time.Time) time.Time {
	until := r.config.SnoozedUntil(a.Kommun, now)
	if a.Expired || a.Claimer != nil || a.Retention <= r.config.Kommuner[a.Kommun].Live || !until.After(now) ||
		a.Retention < lastChance || until.Sub(now) > a.Retention-lastChance {
		return time.Time{}
	}
	if most := now.Add(maxSnooze); until.After(most) {
		return most
	}
	return until
}

// carryOut tells the consoles, calls whom the step names, and settles it. It ends before the lease does.
func (r *Relay) carryOut(a *DueStep, number int) {
	ctx, cancel := context.WithTimeout(r.calling, stepFor)
	defer cancel()
	told, stop := context.WithTimeout(ctx, storeTimeout)
	if err := r.store.Settle(told, a.Note); err != nil {
		r.storeFailed("timers", err)
	}
	stop()
	if err := r.config.OnStep(ctx, Step{Kommun: a.Kommun, Number: number, Claimer: a.Claimer, Key: keyOf(a)}); err != nil {
		return // whoever finds the lease ended takes it again
	}
	for ctx.Err() == nil {
		err := r.store.Complete(ctx, *a)
		if err == nil {
			return
		}
		r.storeFailed("timers", err)
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// letCallsEnd waits for the steps that are being carried out, and cuts them off when ctx ends: another node takes those
// again.
func (r *Relay) letCallsEnd(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		r.stepping.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	r.hangUp()
	<-ended
}

// keyOf names a step of an escalation of one life of a mailbox.
func keyOf(a *DueStep) string {
	h := sha256.New()
	h.Write([]byte("utvag.1 step"))
	h.Write(a.Mailbox[:])
	h.Write(a.Incarnation[:])
	h.Write(binary.BigEndian.AppendUint64(nil, a.Escalation))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(a.Step)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
