package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/utvag/utvag/chat"
)

// history is one of two writers and three readers, one of whom is taken out with entry 3; everything in it is right.
func history() *ledger {
	l := new(ledger)
	readers := []*reader{l.reader("visitor"), l.reader("claimer"), l.reader("third")}
	counters := map[string]uint64{}
	for seq := uint64(1); seq <= 8; seq++ {
		writer := "visitor"
		if seq%3 == 0 {
			writer = "claimer"
		}
		counters[writer]++
		s := l.say(writer, counters[writer], fmt.Sprint("entry ", seq))
		c := chat.Cursor{Incarnation: chat.Incarnation{1}, Seq: seq, Tag: chat.Tag{byte(seq)}}
		if err := l.accepted(s, c); err != nil {
			panic(err)
		}
		for _, r := range readers {
			if r.name != "third" || seq <= 3 {
				l.read(r, read{c, s.counter, s.text})
			}
		}
	}
	readers[0].head, readers[1].head = 8, 8
	readers[2].until = 3
	return l
}

func TestARightHistoryIsRight(t *testing.T) {
	for _, mayLose := range []bool{false, true} {
		if wrong := history().judge(mayLose); len(wrong) > 0 {
			t.Errorf("%q", wrong)
		}
	}
}

// A checker that cannot fail proves nothing: whatever a relay may do wrong to a history is found, wherever in it.
func TestEveryWrongIsFound(t *testing.T) {
	for name, spoil := range map[string]func(l *ledger, reads *[]read, at int){
		"an entry is lost":     func(_ *ledger, reads *[]read, at int) { *reads = slices.Delete(*reads, at, at+1) },
		"an entry is doubled":  func(_ *ledger, reads *[]read, at int) { *reads = slices.Insert(*reads, at, (*reads)[at]) },
		"an entry comes again": func(_ *ledger, reads *[]read, at int) { *reads = append(*reads, (*reads)[at]) },
		"two entries are swapped": func(_ *ledger, reads *[]read, at int) {
			other := (at + 1) % len(*reads)
			(*reads)[at], (*reads)[other] = (*reads)[other], (*reads)[at]
		},
		"two texts are swapped": func(_ *ledger, reads *[]read, at int) {
			other := (at + 1) % len(*reads)
			(*reads)[at].text, (*reads)[other].text = (*reads)[other].text, (*reads)[at].text
		},
		"an entry is invented":         func(_ *ledger, reads *[]read, at int) { (*reads)[at].text = "never said" },
		"an entry has another tag":     func(_ *ledger, reads *[]read, at int) { (*reads)[at].cursor.Tag[7]++ },
		"an entry has another counter": func(_ *ledger, reads *[]read, at int) { (*reads)[at].counter++ },
		"an entry is of another life":  func(_ *ledger, reads *[]read, at int) { (*reads)[at].cursor.Incarnation[0]++ },
		"the end is cut off":           func(_ *ledger, reads *[]read, at int) { *reads = (*reads)[:at] },
		"a frame was doubled in the box": func(_ *ledger, reads *[]read, at int) {
			e := (*reads)[at]
			e.cursor.Seq = uint64(len(*reads) + 1)
			*reads = append(*reads, e)
		},
		"a frame was never answered":   func(l *ledger, _ *[]read, at int) { l.said[at].place = nil; l.said[at].text += "?" },
		"a member is told for nothing": func(l *ledger, _ *[]read, at int) { l.readers[at%3].told = "cursor_mismatch" },
	} {
		for who := range 3 {
			for at := range len(history().readers[who].reads) {
				l := history()
				spoil(l, &l.readers[who].reads, at)
				if len(l.judge(false)) == 0 {
					t.Errorf("not found: %s, by %s at %d", name, l.readers[who].name, at)
				}
			}
		}
	}
}

// Where the store may lose its tail, only who was told may lack it, and even then nothing is doubled, invented or out
// of order.
func TestOnlyWhoWasToldMayLackTheTail(t *testing.T) {
	l := history()
	l.readers[0].reads = l.readers[0].reads[:6]
	if wrong := l.judge(true); !strings.Contains(strings.Join(wrong, "\n"), "up to 6 of 8") {
		t.Errorf("silently: %q", wrong)
	}
	l.tell(l.readers[0], "cursor_mismatch")
	if wrong := l.judge(true); len(wrong) != 0 {
		t.Errorf("told: %q", wrong)
	}
	if wrong := l.judge(false); len(wrong) == 0 {
		t.Error("a store that lost nothing may not tell so")
	}
	l.readers[0].reads = append(l.readers[0].reads, l.readers[0].reads[2])
	if wrong := l.judge(true); len(wrong) == 0 {
		t.Error("an entry came twice to who was told")
	}
}

// What is lost without a trace is found by its sender: a reader who never had it reads to the end of what there is.
func TestASenderIsToldOfWhatIsLost(t *testing.T) {
	l := history()
	for _, r := range l.readers[:2] {
		r.reads, r.head = r.reads[:6], 6
	}
	if wrong := l.judge(true); len(wrong) != 2 || !strings.Contains(wrong[0], "told nothing") {
		t.Errorf("a sender was told nothing: %q", wrong)
	}
	l.tell(l.readers[0], "the counter is below the own")
	if wrong := l.judge(true); len(wrong) != 0 {
		t.Errorf("the sender was told: %q", wrong)
	}
	l.readers[1].head = 0
	if wrong := l.judge(true); len(wrong) == 0 {
		t.Error("a member never came to the end")
	}
}

func TestARepeatHasOnePlace(t *testing.T) {
	l := history()
	c := *l.said[2].place
	if err := l.accepted(l.said[2], c); err != nil {
		t.Error(err)
	}
	c.Seq++
	if l.accepted(l.said[2], c) == nil {
		t.Error("a repeat was given another place")
	}
}
