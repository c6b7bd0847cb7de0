package relay

import (
	"testing"
	"unsafe"

	"github.com/utvag/utvag/chat"
)

var stages = map[string]stage{
	"entering": entering, "seated": seated, "catching up": catchingUp, "live": live, "over": over,
}

func lived(at stage) *life {
	l := &life{}
	l.at.Store(uint32(at))
	if at == over {
		l.refusal = chat.Refuse(chat.Ended, 1)
	}
	return l
}

// Each step from each stage: where it leads, and that nothing moves where it may not be taken.
func TestWhichStepsALifeMayTake(t *testing.T) {
	steps := map[string]func(*life) bool{
		"take": (*life).take, "catch up": (*life).catchUp, "read": (*life).read, "miss": (*life).miss,
		"go live": (*life).goLive,
		"end":     func(l *life) bool { return l.end(chat.Refuse(chat.NoMailbox, 0)) },
	}
	allowed := map[string]map[string]stage{
		"take":     {"entering": seated},
		"catch up": {"seated": catchingUp, "live": catchingUp},
		"read":     {"catching up": catchingUp},
		"miss":     {"entering": entering, "seated": seated, "catching up": catchingUp},
		"go live":  {"seated": live, "catching up": live},
		"end":      {"entering": over, "seated": over, "catching up": over, "live": over},
	}
	for step, take := range steps {
		for name, from := range stages {
			l := lived(from)
			to, may := allowed[step][name]
			if !may {
				to = from
			}
			if took := take(l); took != may || l.stage() != to {
				t.Errorf("%s from %s: %v, now at stage %d", step, name, took, l.stage())
			}
			if l.isOver() != (l.refusal != nil) {
				t.Errorf("%s from %s: over with refusal %v", step, name, l.refusal)
			}
			if may && l.missed != (step == "miss") {
				t.Errorf("%s from %s: something missed is %v", step, name, l.missed)
			}
		}
	}
}

// What comes while a page is read is in the next one: nothing is live before that is read.
func TestNothingIsLiveThatHasMissedSomething(t *testing.T) {
	for _, from := range []stage{seated, catchingUp} {
		l := lived(from)
		l.miss()
		if l.goLive() || !l.is(from) {
			t.Errorf("from stage %d it went live", from)
		}
		if from == seated {
			l.catchUp()
		}
		if !l.read() || !l.goLive() {
			t.Errorf("from stage %d it did not go live once it had read", from)
		}
	}
}

// Events are delivered to what is live, marked before, and dropped behind the end.
func TestWhatALifeHears(t *testing.T) {
	for name, c := range map[string]struct {
		hears     hearing
		undecided bool // where it does not give way
	}{
		"entering": {marked, true}, "seated": {marked, false}, "catching up": {marked, false}, "live": {delivered, false},
		"over": {dropped, false},
	} {
		l := lived(stages[name])
		if l.hears() != c.hears || l.undecided() != c.undecided {
			t.Errorf("%s: hears %d, undecided %v", name, l.hears(), l.undecided())
		}
		l.yielding = true
		if l.hears() != c.hears || l.undecided() == l.isOver() {
			t.Errorf("%s, giving way: hears %d, undecided %v", name, l.hears(), l.undecided())
		}
	}
}

// A request that comes late hears what happened first, and the end is not taken back.
func TestALifeEndsOnce(t *testing.T) {
	l := lived(live)
	first := refusalAfter(chat.GoneClosed, 7)
	if !l.end(first) || l.end(refusalAfter(chat.GoneReplaced, 0)) || l.refusal != first || !l.isOver() {
		t.Errorf("over %v, with %v", l.isOver(), l.refusal)
	}
}

func TestWhatARequestGetsAfterTheEnd(t *testing.T) {
	for reason, want := range map[chat.GoneReason]chat.Error{
		chat.GoneByVisitor: {Code: chat.Ended, Detail: chat.GoneByVisitor.Tombstone()},
		chat.GoneByStaff:   {Code: chat.Ended, Detail: chat.GoneByStaff.Tombstone()},
		chat.GoneLeft:      {Code: chat.Ended, Detail: chat.GoneLeft.Tombstone()},
		chat.GoneClosed:    {Code: chat.SlotClosed, Detail: 7},
		chat.GoneReplaced:  {Code: chat.BadCapability},
		chat.GoneLost:      {Code: chat.NoMailbox},
	} {
		if got := refusalAfter(reason, 7); *got != want {
			t.Errorf("%v: %v", reason, got)
		}
	}
}

// Each idle connection holds an attachment: one of 257 bytes takes 288.
func TestAnAttachmentStaysSmall(t *testing.T) {
	if size := unsafe.Sizeof(attachment{}); size > 256 {
		t.Errorf("%d bytes", size)
	}
}
