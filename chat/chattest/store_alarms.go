package chattest

import (
	"slices"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

const benchLongest = time.Hour

// alarms requires that as many are due, minutes after the beginning.
func (b *bench) alarms(minutes float64, want int) []relay.DueStep {
	b.Helper()
	found, _, err := b.store.DueSteps(b.ctx, b.after(minutes), benchLongest)
	b.must(err)
	if len(found) != want {
		b.Fatalf("after %v minutes %d alarms are due, want %d: %+v", minutes, len(found), want, found)
	}
	return found
}

func (b *bench) after(minutes float64) time.Time {
	return b.now.Add(time.Duration(minutes * float64(time.Minute)))
}

// take requires whether a step can be taken. The next is due 2 minutes after the beginning of that minute, the lease
// half a minute long.
func (b *bench) take(a relay.DueStep, minutes float64, fails, want bool) {
	b.Helper()
	taken, err := b.store.Take(b.ctx, a,
		relay.Taking{Next: b.after(minutes + 2), Fails: fails, Then: max(1, a.Step+1), Lease: b.after(minutes + 0.5)})
	b.must(err)
	if taken != want {
		b.Fatalf("step %d of escalation %d was taken: %v, want %v", a.Step, a.Escalation, taken, want)
	}
}

func (b *bench) told(want chat.AlarmState) {
	b.Helper()
	if got := b.read(0, b.head.Seq).Alarm; got != want {
		b.Fatalf("told of the alarm: %d, want %d", got, want)
	}
}

func (b *bench) resolve(slot uint16, c chat.Cursor) {
	b.Helper()
	b.must(b.store.Resolve(b.ctx, b.seat(slot), c))
}

func (b *bench) writes(counter uint64, epoch uint64) {
	b.Helper()
	p := b.appending(0, counter, "more")
	p.Epoch = epoch
	b.append(p)
}

func (b *bench) escalates() {
	b.opened(2)
	b.alarms(0.99, 0)
	a := b.alarms(1.01, 1)[0]
	if a.Mailbox != b.mailbox || a.Kommun != benchKommun || a.Token != "" || !slices.Equal(a.Opened, b.devices) ||
		a.Incarnation != b.incarnation ||
		a.Claimer != nil || a.Escalation != 0 || a.Step != relay.FirstStep || a.Expired || !a.Due.Equal(b.after(1)) ||
		a.Retention < 59*time.Minute || a.Retention > time.Hour {
		b.Fatalf("the alarm of an opening: %+v", a)
	}
	if _, next, err := b.store.DueSteps(b.ctx, b.now, benchLongest); err != nil || !next.Equal(b.after(1)) {
		b.Fatalf("the next is due at %v (%v)", next, err)
	}
	b.told(chat.Quiet)

	// To advance is not to acknowledge; a person's word is, for a while.
	b.must(b.store.Advance(b.ctx, b.seat(1), b.head))
	b.alarms(1.01, 1)
	b.must(b.store.Acknowledge(b.ctx, b.seat(2), b.after(3)))
	b.told(chat.OnIt)
	b.take(a, 1, false, false) // of an escalation that is over
	b.alarms(2.9, 0)
	a = b.alarms(3.1, 1)[0]
	if a.Escalation != 1 || a.Step != 0 || a.State != chat.OnIt {
		b.Fatalf("the escalation after an acknowledgement: %+v", a)
	}
	b.take(a, 3, false, true)
	b.told(chat.Quiet)
	b.must(b.store.Complete(b.ctx, a))

	// A escalation that fails says so until somebody acts.
	a = b.alarms(5.1, 1)[0]
	if a.Escalation != 1 || a.Step != 1 {
		b.Fatalf("the step after: %+v", a)
	}
	b.take(a, 5, true, true)
	b.must(b.store.Complete(b.ctx, a))
	b.told(chat.Unheeded)
	a = b.alarms(7.1, 1)[0]
	if a.Escalation != 2 || a.Step != 0 || a.State != chat.Unheeded {
		b.Fatalf("the escalation after a failed one: %+v", a)
	}
	b.take(a, 7, false, true)
	b.must(b.store.Complete(b.ctx, a))
	b.told(chat.Unheeded)
	b.writes(2, 1) // and is not begun anew by the one who waits
	b.alarms(8.9, 0)

	// A claim holds it like an acknowledgement, and only the claimer ends it.
	b.refused(b.store.Resolve(b.ctx, b.seat(1), b.head), chat.Policy, 0)
	one := b.head
	b.append(b.commit(1, 1, 1))
	b.told(chat.OnIt)
	b.alarms(2.9, 0)
	a = b.alarms(3.1, 1)[0]
	if a.Claimer == nil || *a.Claimer != b.devices[0] || a.Step != 0 {
		b.Fatalf("the alarm of a claimed conversation: %+v", a)
	}
	b.refused(b.store.Resolve(b.ctx, b.seat(2), one), chat.Policy, 0)
	b.refused(b.store.Resolve(b.ctx, b.seat(0), one), chat.Policy, 0)
	again := b.commit(1, 2, 2)
	again.Due.Held = b.after(30)
	b.append(again) // another commit of the claimer's is no claim
	b.alarms(3.1, 1)
	b.resolve(1, b.head)
	b.told(chat.Quiet)
	b.alarms(60, 0)
	b.must(b.store.Acknowledge(b.ctx, b.seat(1), b.after(3))) // nobody waits
	b.alarms(60, 0)
	b.told(chat.Quiet)

	// Whoever has been answered waits again, longer, and not anew with each word.
	b.writes(3, 3)
	waits := b.appending(0, 4, "and more")
	waits.Epoch, waits.Due = 3, relay.Due{Open: b.after(30), Claimed: b.after(40)}
	b.append(waits)
	b.alarms(4.9, 0)
	if a = b.alarms(5.1, 1)[0]; a.Step != 0 || a.Claimer == nil || len(a.Opened) != 2 {
		b.Fatalf("the alarm of who waits for a word: %+v", a)
	}
	b.resolve(1, one) // an answer to something older
	b.alarms(5.1, 1)
	wrong := b.head
	wrong.Tag[0]++
	b.refused(b.store.Resolve(b.ctx, b.seat(1), wrong), chat.CursorMismatch, 0)

	// Colleagues who are let in are called as for an opening.
	changes := b.commit(0, 5, 3)
	changes.Opens, changes.Closes, changes.Welcome = []chat.Device{benchDevice(9)}, b.devices[:1], Welcome(9)
	b.append(changes)
	b.alarms(0.9, 0)
	if a = b.alarms(1.1, 1)[0]; a.Step != relay.FirstStep || a.Claimer != nil || len(a.Opened) != 2 {
		b.Fatalf("the alarm of who was let in: %+v", a)
	}
	b.refused(b.store.Acknowledge(b.ctx, b.seat(1), b.after(3)), chat.SlotClosed, b.head.Seq)
	b.refused(b.store.Acknowledge(b.ctx, b.seat(7), b.after(3)), chat.BadCapability, 0)
	other := b.seat(2)
	other.Incarnation[0]++
	b.refused(b.store.Acknowledge(b.ctx, other, b.after(3)), chat.CursorMismatch, 0)
}

func (b *bench) steps() {
	b.opened(1)
	first := b.alarms(1.1, 1)[0]
	b.take(first, 1, false, true)
	b.take(first, 1, false, false) // another node was faster
	b.alarms(1.4, 0)

	// Nobody settles it: it is taken again with the same escalation and step, by one node.
	lost := b.alarms(1.6, 1)[0]
	if !lost.Expired || lost.Escalation != first.Escalation || lost.Step != first.Step || len(lost.Opened) != 1 ||
		lost.Incarnation != first.Incarnation {
		b.Fatalf("an unsettled step: %+v", lost)
	}
	b.take(lost, 1.6, false, true)
	b.take(lost, 1.6, false, false)
	b.alarms(2, 0)
	b.must(b.store.Complete(b.ctx, lost))
	b.alarms(2.9, 0)

	// A step that is never settled keeps none of those after it.
	second := b.alarms(3.1, 1)[0]
	b.take(second, 3, false, true)
	both := b.alarms(5.1, 2)
	slices.SortFunc(both, func(x, y relay.DueStep) int { return x.Step - y.Step })
	if both[0].Step != 1 || !both[0].Expired || both[1].Step != 2 || both[1].Expired {
		b.Fatalf("two steps: %+v", both)
	}
	b.take(both[1], 5, true, true)
	b.must(b.store.Complete(b.ctx, both[1]))
	// The failing ends the escalation, and what belongs to it is still carried out.
	b.take(both[0], 5.2, false, true)
	b.must(b.store.Complete(b.ctx, both[0]))
	b.alarms(6, 0)

	// Where somebody acts, nothing of the escalation before is called again.
	third := b.alarms(7.1, 1)[0]
	b.take(third, 7, false, true)
	b.must(b.store.Acknowledge(b.ctx, b.seat(1), b.after(30)))
	stale := b.alarms(7.6, 1)[0]
	b.take(stale, 7.6, false, false)
	b.alarms(7.6, 0)

	// Nor where nobody waits any more.
	fourth := b.alarms(30.1, 1)[0]
	b.take(fourth, 30.1, false, true)
	_, err := b.store.End(b.ctx, relay.Ending{Seat: b.seat(0), Reason: chat.GoneByVisitor, Now: b.now})
	b.must(err)
	b.alarms(59, 0)
	b.take(fourth, 30.1, false, false)
	b.must(b.store.Complete(b.ctx, fourth))
}

// clocks has timers that were set hours ahead of what is now.
func (b *bench) clocks() {
	b.opened(1)
	b.alarms(-58, 0)
	found, next, err := b.store.DueSteps(b.ctx, b.after(-120), benchLongest)
	b.must(err)
	if len(found) != 1 || !next.IsZero() {
		b.Fatalf("two hours back: %d due, the next at %v", len(found), next)
	}
	b.take(found[0], -120, false, true)
	b.alarms(-119.9, 0)
	b.must(b.store.Complete(b.ctx, found[0]))
	found = b.alarms(-117.9, 1)
	b.take(found[0], -118, false, true)
	// And hours ahead again: each is taken once.
	found = b.alarms(120, 2)
	for _, a := range found {
		b.take(a, 120, false, true)
	}
	b.alarms(120.1, 0)
}

func (b *bench) snoozing() {
	b.opened(1)
	a := b.alarms(1.1, 1)[0]
	b.must(b.store.Snooze(b.ctx, a, b.after(10)))
	b.alarms(9.9, 0)
	b.must(b.store.Snooze(b.ctx, a, b.after(20))) // of a time that is no longer set
	a = b.alarms(10.1, 1)[0]
	if a.Step != relay.FirstStep || a.Escalation != 0 {
		b.Fatalf("put off: %+v", a)
	}
}
