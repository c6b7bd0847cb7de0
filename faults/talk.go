package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// talk is one visitor's conversation with one coordinator, while a second device reads and a third is taken out by the
// claim. It outlives its mailboxes: where a store was lost the visitor's client makes another and says again what
// nobody has confirmed.
type talk struct {
	stage   *stage
	number  int
	rand    *rand.Rand
	pace    time.Duration
	mayLose bool

	quiet     atomic.Bool // nothing new is said
	finishing atomic.Bool // everybody reads to the end once more

	mu        sync.Mutex
	lives     []*life
	lines     int          // what the visitor has said so far, 1 to lines
	confirmed int          // up to which line the coordinator has confirmed
	heard     map[int]bool // lines that the coordinator has
	stranded  int          // times that only the coordinator was told, so that a person had to begin anew
	wrong     []string
}

// life is one mailbox.
type life struct {
	talk       *talk
	number     int
	mailbox    chat.Mailbox
	capability []byte
	ledger     *ledger
	members    []*member // visitor, claimer, second, third

	mu     sync.Mutex
	next1  int // the line that the visitor says next
	have   int // the newest line that the coordinator has
	claims bool
	staff  int // lines of the coordinator's
	left   atomic.Bool
	ended  chan struct{} // the visitor knows that it is lost
}

func (t *talk) complain(format string, a ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong = append(t.wrong, fmt.Sprintf("conversation %d: ", t.number)+fmt.Sprintf(format, a...))
}

// run talks until ctx ends, in as many mailboxes as it takes.
func (t *talk) run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for ctx.Err() == nil {
		l := t.begin()
		if !l.open(ctx) {
			continue
		}
		t.mu.Lock()
		t.lives = append(t.lives, l)
		t.mu.Unlock()
		for _, m := range l.members {
			all.Go(func() { m.live(ctx) })
		}
		l.await(ctx)
		l.left.Store(true)
	}
}

func (t *talk) begin() *life {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &life{talk: t, number: len(t.lives), mailbox: chattest.NewMailbox(), capability: chattest.NewCapability(),
		ledger: new(ledger), ended: make(chan struct{})}
	l.next1, l.have = t.confirmed+1, t.confirmed
	for i, name := range []string{"visitor", "claimer", "second", "third"} {
		m := &member{life: l, name: fmt.Sprintf("%d.%d %s", t.number, l.number, name), epoch: 1,
			rand: rand.New(rand.NewPCG(t.rand.Uint64(), uint64(i)))}
		m.reader = l.ledger.reader(m.name)
		if i > 0 {
			m.device = t.stage.devices[(t.number+i)%len(t.stage.devices)]
		}
		l.members = append(l.members, m)
	}
	return l
}

// open repeats the opening until it has an answer; false where another mailbox has to be made.
func (l *life) open(ctx context.Context) bool {
	v := l.members[0]
	text := fmt.Sprintf("%s %s opens", mark, v.name)
	first := l.ledger.say(v.name, 1, text)
	request := &chat.Open{Mailbox: l.mailbox, Slot: sha256.Sum256(l.capability), Welcome: chattest.Welcome(600),
		Message: chattest.Text(l.mailbox, 1, text)}
	for _, m := range l.members[1:] {
		request.Devices = append(request.Devices, m.device.id)
	}
	for ctx.Err() == nil {
		if request.Work == nil {
			work, err := l.talk.stage.any(v.rand).work(ctx, l.mailbox)
			if err != nil {
				pause(ctx, 200*time.Millisecond)
				continue
			}
			request.Work = work
		}
		c, err := v.connect()
		if err != nil {
			pause(ctx, 200*time.Millisecond)
			continue
		}
		answer, err := c.Ask(request)
		c.Cut()
		if err == nil {
			l.ledger.accepted(first, answer.(*chat.Accepted).Cursor)
			v.counter = 1
			return true
		}
		var refusal *chat.Error
		if errors.As(err, &refusal) && refusal.Code != chat.Unavailable && refusal.Code != chat.Busy {
			return false
		}
		pause(ctx, 200*time.Millisecond)
	}
	return false
}

// await returns when the visitor's client has found out that the mailbox is lost, or a person has given up on it.
func (l *life) await(ctx context.Context) {
	var told time.Time
	for ctx.Err() == nil {
		if l.members[0].told() {
			return
		}
		switch {
		case !l.members[1].told():
			told = time.Time{}
		case told.IsZero():
			told = time.Now()
		case time.Since(told) > 3*time.Second:
			// Nobody answers: the one who did has lost the conversation, and the visitor's client cannot know.
			l.talk.mu.Lock()
			l.talk.stranded++
			l.talk.mu.Unlock()
			return
		}
		pause(ctx, 50*time.Millisecond)
	}
}

func (m *member) told() bool {
	m.life.ledger.mu.Lock()
	defer m.life.ledger.mu.Unlock()
	return m.reader.told != ""
}

// next is what a member says next, or nothing for now. It is called with the member's state held.
func (l *life) next(m *member) *frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.talk
	f := new(frame)
	what := ""
	switch m {
	case l.members[0]:
		t.mu.Lock()
		if l.next1 > t.lines && (t.quiet.Load() || l.left.Load()) {
			t.mu.Unlock()
			return nil
		}
		t.lines = max(t.lines, l.next1)
		t.mu.Unlock()
		f.lines, what = l.next1, fmt.Sprintf("line=%d", l.next1)
		l.next1++
	case l.members[1]:
		switch {
		case m.cursor.Seq == 0 || l.left.Load() && l.claims:
			return nil
		case !l.claims:
			l.claims = true
			f.commit, f.closes, what = true, []chat.Device{l.members[3].device.id}, "claims"
		case m.epoch < 2, t.quiet.Load():
			return nil
		default:
			l.staff++
			what = fmt.Sprintf("answer=%d have=%d", l.staff, l.have)
		}
	default:
		return nil
	}
	size := 40 + m.rand.IntN(200)
	if m.rand.IntN(20) == 0 {
		size = m.rand.IntN(8 << 10)
	}
	f.said = l.ledger.say(m.name, m.counter+1, fmt.Sprintf("%s %s %s %s", mark, m.name, what, strings.Repeat("x", size)))
	return f
}

// nothingLeft tells whether a member has said all that it had to. It is called without the member's state held.
func (l *life) nothingLeft(m *member) bool {
	t := l.talk
	if !t.quiet.Load() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m {
	case l.members[0]:
		t.mu.Lock()
		defer t.mu.Unlock()
		return l.next1 > t.lines
	case l.members[1]:
		return l.claims
	}
	return true
}

// heard takes in what a person reads.
func (l *life) heard(m *member, text string) {
	t := l.talk
	if !strings.Contains(text, l.members[0].name+" line=") && m == l.members[1] || m != l.members[0] && m != l.members[1] {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch m {
	case l.members[1]:
		if line := numberIn(text, " line="); line > 0 {
			l.have = max(l.have, line)
			t.heard[line] = true
		}
	case l.members[0]:
		t.confirmed = max(t.confirmed, numberIn(text, " have="))
	}
}

func numberIn(text, name string) (n int) {
	if _, rest, found := strings.Cut(text, name); found {
		fmt.Sscan(rest, &n)
	}
	return n
}

// settled tells whether everybody in the newest mailbox has said all and had an answer.
func (t *talk) settled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lives) == 0 {
		return false
	}
	for _, m := range t.lives[len(t.lives)-1].members {
		if !m.flushed.Load() && !m.done() || m.told() {
			return false
		}
	}
	return true
}

// read tells whether everybody everywhere has read to the head.
func (t *talk) read() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !slices.ContainsFunc(t.lives, func(l *life) bool {
		return slices.ContainsFunc(l.members, func(m *member) bool { return !m.done() })
	})
}

// judge gives what is wrong with every mailbox and with the conversation as a whole.
func (t *talk) judge() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	wrong := slices.Clone(t.wrong)
	for _, l := range t.lives {
		wrong = append(wrong, l.ledger.judge(t.mayLose)...)
	}
	for line := 1; line <= t.lines; line++ {
		if !t.heard[line] {
			wrong = append(wrong, fmt.Sprintf("conversation %d: the visitor's line %d has reached nobody", t.number, line))
		}
	}
	return wrong
}
