package main

import (
	"fmt"
	"sync"

	"github.com/utvag/utvag/chat"
)

// ledger is all that was said and read in one mailbox: what the relay answered, and what each member was given, in the
// order in which it came. Nobody filters anything before it stands here.
type ledger struct {
	mu      sync.Mutex
	said    []*said
	readers []*reader
}

// said is one frame that a member has brought on its way.
type said struct {
	writer  string
	counter uint64
	text    string
	// place is where the relay says that it stands; nil until it has accepted it.
	place *chat.Cursor
}

// reader is one member as a reader. Its reads are never sorted or thinned out.
type reader struct {
	name  string
	reads []read
	// until is the entry with which the member was taken out; 0: it reads to the end.
	until uint64
	// late: it was taken out, and what it had not read by then is no longer kept for it (spec §5.4).
	late bool
	// head is the newest entry that the relay had in the end, when this member had read to it; 0: it never came so far.
	head uint64
	// told is what the relay or its own comparison has told the member about a store that is not what it was; empty:
	// nothing.
	told string
}

type read struct {
	cursor  chat.Cursor
	counter uint64
	text    string
}

func (l *ledger) say(writer string, counter uint64, text string) *said {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &said{writer: writer, counter: counter, text: text}
	l.said = append(l.said, s)
	return s
}

// accepted notes the relay's answer; an answer to a repeat must be the one before.
func (l *ledger) accepted(s *said, c chat.Cursor) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.place != nil && *s.place != c {
		return fmt.Errorf("a repeat of %s's frame %d was given another place", s.writer, s.counter)
	}
	s.place = &c
	return nil
}

func (l *ledger) reader(name string) *reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &reader{name: name}
	l.readers = append(l.readers, r)
	return r
}

func (l *ledger) read(r *reader, e read) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.reads = append(r.reads, e)
}

func (l *ledger) tell(r *reader, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.told == "" {
		r.told = why
	}
}

func (l *ledger) atHead(r *reader, seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.head = seq
}

func (l *ledger) late(r *reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.late = true
}

func (l *ledger) takenOut(r *reader, at uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.until = at
}

// judge proves for each reader: every accepted message exactly once, in order, none invented. It gives what is wrong, a
// line for each. Where the store may have lost its tail, a reader who was told may lack what comes after; nobody else
// may.
func (l *ledger) judge(mayLose bool) (wrong []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	complain := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	frames := map[string]*said{}
	head := uint64(0)
	for _, s := range l.said {
		frames[s.text] = s
		if s.place != nil {
			head = max(head, s.place.Seq)
		}
	}
	for _, r := range l.readers {
		if r.told != "" && !mayLose {
			complain("%s was told %q, and the store has lost nothing", r.name, r.told)
		}
		next, times, counters := uint64(1), map[string]int{}, map[string]uint64{}
		for _, e := range r.reads {
			switch seq := e.cursor.Seq; {
			case seq > next:
				complain("%s was not given entries %d to %d", r.name, next, seq-1)
				next = seq + 1
			case seq < next:
				complain("%s was given entry %d again or too late", r.name, seq)
			default:
				next++
			}
			s := frames[e.text]
			if s == nil {
				complain("%s was given what nobody has said: %.60q", r.name, e.text)
				continue
			}
			if times[e.text]++; times[e.text] == 2 {
				complain("%s was given %s's frame %d twice", r.name, s.writer, s.counter)
			}
			if e.counter != s.counter || e.counter != counters[s.writer]+1 {
				complain("%s was given %s's frame %d as %d, after %d", r.name, s.writer, s.counter, e.counter, counters[s.writer])
			}
			counters[s.writer] = e.counter
			if s.place != nil && *s.place != e.cursor && !(mayLose && s.place.Incarnation == e.cursor.Incarnation) {
				complain("%s was given %s's frame %d in another place than its sender", r.name, s.writer, s.counter)
			}
		}
		last := head
		switch {
		case r.until > 0:
			last = r.until
		case mayLose:
			// What was lost, and neither given to this member nor its own, it cannot know of: the one it came from is told.
			if last = r.head; last == 0 && r.told == "" {
				complain("%s never came to the end", r.name)
			}
		}
		if r.told == "" && !r.late && next != last+1 && (last > 0 || !mayLose) {
			complain("%s was given entries up to %d of %d", r.name, next-1, last)
		}
		if r.until > 0 && next > r.until+1 {
			complain("%s was given entry %d after it had been taken out with %d", r.name, next-1, r.until)
		}
	}
	wrong = append(wrong, l.disagreements(mayLose)...)
	if mayLose {
		wrong = append(wrong, l.silentLosses()...)
	}
	for _, s := range l.said {
		if s.place == nil && !l.wasTold(s.writer) {
			complain("%s never had an answer to frame %d", s.writer, s.counter)
		}
	}
	return wrong
}

// disagreements compares what readers have at one place. Two who were told nothing never differ.
func (l *ledger) disagreements(mayLose bool) (wrong []string) {
	type first struct {
		by *reader
		e  read
	}
	at := map[uint64]first{}
	for _, r := range l.readers {
		if mayLose && r.told != "" {
			continue
		}
		for _, e := range r.reads {
			if f, ok := at[e.cursor.Seq]; !ok {
				at[e.cursor.Seq] = first{r, e}
			} else if f.e != e {
				wrong = append(wrong, fmt.Sprintf("%s and %s have different entries at %d", f.by.name, r.name, e.cursor.Seq))
			}
		}
	}
	return wrong
}

// silentLosses are messages that were accepted and are in the store no more, though their sender was told nothing: it
// would believe that they stand there. Each member gets its own back.
func (l *ledger) silentLosses() (wrong []string) {
	writers, stands := map[string]string{}, map[string]bool{}
	for _, s := range l.said {
		writers[s.text] = s.writer
	}
	for _, r := range l.readers {
		for _, e := range r.reads {
			if writers[e.text] == r.name {
				stands[e.text] = true
			}
		}
	}
	for _, s := range l.said {
		if s.place != nil && !stands[s.text] && !l.wasTold(s.writer) {
			wrong = append(wrong, fmt.Sprintf("%s's frame %d is lost, and its sender was told nothing", s.writer, s.counter))
		}
	}
	return wrong
}

func (l *ledger) wasTold(name string) bool {
	for _, r := range l.readers {
		if r.name == name && r.told != "" {
			return true
		}
	}
	return false
}
