package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// member is one member of a mailbox as the pages are: it keeps its state, repeats the stored frame with the same
// counter until it has an answer, goes on from its cursor on whichever node, and believes no store that has gone back
// (spec §7.5, §7.6). Its messages have real MLS headers; what is inside them is not encrypted, because the relay could
// not tell.
type member struct {
	life   *life
	name   string
	device *device // nil: the visitor
	rand   *rand.Rand
	reader *reader

	mu       sync.Mutex
	cursor   chat.Cursor
	counter  uint64 // the last that was accepted
	epoch    uint64
	advanced uint64
	pending  *frame
	before   *frame // the one that was accepted last
	over     bool   // taken out, or told

	flushed atomic.Bool // nothing is pending and nothing more will be said
	final   atomic.Bool // has read to the head after everything
}

// frame is what was stored before it was sent.
type frame struct {
	said   *said
	commit bool
	closes []chat.Device
	lines  int  // the visitor's line that it carries, or 0
	tried  bool // it may have arrived
}

const mark = "¤utvag¤"

func textOf(message []byte) string {
	if at := bytes.Index(message, []byte(mark)); at >= 0 {
		return string(message[at:])
	}
	return fmt.Sprintf("%x", message)
}

func (m *member) send(f *frame) *chat.Send {
	content := chat.Application
	if f.commit {
		content = chat.Commit
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return &chat.Send{Mailbox: m.life.mailbox, Counter: f.said.counter, Closes: f.closes,
		Message: chattest.Message(m.life.mailbox, m.epoch, content, []byte(f.said.text))}
}

// live connects again and again until the run is over or the member has nothing left to do.
func (m *member) live(ctx context.Context) {
	for ctx.Err() == nil && !m.done() {
		c, err := m.connect()
		if err == nil {
			m.session(ctx, c)
			c.Cut()
		}
		pause(ctx, time.Duration(20+m.rand.IntN(250))*time.Millisecond)
	}
}

func (m *member) done() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.over || m.final.Load()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (m *member) connect() (*chattest.Client, error) {
	return m.life.talk.stage.any(m.rand).dial(m.device)
}

func (m *member) attach(c *chattest.Client) (*chat.Attached, error) {
	m.mu.Lock()
	request := &chat.Attach{Mailbox: m.life.mailbox, Cursor: m.cursor}
	m.mu.Unlock()
	if m.device == nil {
		request.Capability = m.life.capability
	}
	answer, err := c.Ask(request)
	if err != nil {
		return nil, err
	}
	found := answer.(*chat.Attached)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch mine := m.counter; {
	case found.Head.Seq < m.cursor.Seq:
		return nil, back("the head is below the cursor")
	case found.Counter < mine:
		return nil, back("the counter is below the own")
	case found.Epoch < m.epoch:
		return nil, back("the epoch is below the own")
	case found.Counter > mine+1 || found.Counter == mine+1 && m.pending == nil:
		return nil, back("the counter is above the own")
	}
	m.cursor.Incarnation = found.Head.Incarnation
	return found, nil
}

// back is what a member finds out about a store that is not what it was.
type back string

func (b back) Error() string { return string(b) }

// heed decides what an error means: false where the connection is of no more use.
func (m *member) heed(ctx context.Context, err error) bool {
	var why back
	var refusal *chat.Error
	switch {
	case errors.As(err, &why):
		m.tell(string(why))
	case !errors.As(err, &refusal):
		return false
	default:
		switch refusal.Code {
		case chat.NoMailbox, chat.CursorMismatch, chat.Trimmed, chat.CounterGap, chat.CounterOld, chat.CounterReused:
			m.tell(refusal.Code.String())
		case chat.Busy, chat.Unavailable, chat.Full:
			pause(ctx, 300*time.Millisecond)
			return true
		case chat.WrongEpoch:
			m.mu.Lock()
			behind := refusal.Detail < m.epoch
			m.mu.Unlock()
			if behind {
				m.tell("an epoch that is over")
			}
		case chat.SlotClosed:
			m.life.ledger.late(m.reader)
			m.leave(refusal.Detail)
		case chat.BadCapability: // another connection of its own has taken the slot meanwhile
		default:
			m.life.talk.complain("%s was refused with %v", m.name, refusal.Code)
			m.tell("a refusal that cannot be")
		}
	}
	return false
}

func (m *member) tell(why string) {
	m.life.ledger.tell(m.reader, why)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
}

func (m *member) leave(at uint64) {
	m.life.ledger.takenOut(m.reader, at)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
}

func (m *member) session(ctx context.Context, c *chattest.Client) {
	last := m.life.talk.finishing.Load()
	found, err := m.attach(c)
	if err != nil {
		m.heed(ctx, err)
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		m.read(c)
	}()
	defer func() {
		c.Cut()
		<-gone
	}()
	for ctx.Err() == nil && !m.done() {
		select {
		case <-gone:
			return
		default:
		}
		if last {
			m.mu.Lock()
			all := m.cursor.Seq >= found.Head.Seq
			m.mu.Unlock()
			if all {
				m.life.ledger.atHead(m.reader, found.Head.Seq)
				m.final.Store(true)
				return
			}
			pause(ctx, 10*time.Millisecond)
			continue
		}
		if m.life.talk.finishing.Load() {
			return
		}
		if !m.write(ctx, c) {
			return
		}
	}
}

// write does one thing of what is to be said, or advances.
func (m *member) write(ctx context.Context, c *chattest.Client) bool {
	m.mu.Lock()
	if m.pending == nil {
		m.pending = m.life.next(m)
	}
	f, reached := m.pending, m.cursor
	due := m.cursor.Seq > m.advanced+uint64(m.rand.IntN(8))
	m.mu.Unlock()
	if due {
		if _, err := c.Ask(&chat.Advance{Mailbox: m.life.mailbox, Cursor: reached}); err != nil {
			return m.heed(ctx, err)
		}
		m.mu.Lock()
		m.advanced = reached.Seq
		m.mu.Unlock()
	}
	if f == nil {
		m.flushed.Store(m.life.nothingLeft(m))
		pause(ctx, 50*time.Millisecond)
		return true
	}
	if !m.disorder(ctx, c, f) {
		return false
	}
	f.tried = true
	answer, err := c.Ask(m.send(f))
	var refusal *chat.Error
	if errors.As(err, &refusal) && refusal.Code == chat.WrongEpoch {
		return m.awaitEpoch(ctx, refusal.Detail)
	}
	if err != nil {
		return m.heed(ctx, err)
	}
	at := answer.(*chat.Accepted).Cursor
	if err := m.life.ledger.accepted(f.said, at); err != nil {
		m.tell(err.Error())
		return false
	}
	m.life.talk.stage.accepted.add(m.life, at)
	m.mu.Lock()
	m.counter, m.before, m.pending = f.said.counter, f, nil
	m.mu.Unlock()
	if f.lines == 0 || m.rand.IntN(4) > 0 {
		pause(ctx, time.Duration(m.rand.IntN(int(2*m.life.talk.pace))))
	}
	return true
}

// disorder sends what a broken client or network might: the frame twice at a time, the one before again, the next one
// before this one. None of it may change anything.
func (m *member) disorder(ctx context.Context, c *chattest.Client, f *frame) bool {
	switch m.rand.IntN(12) {
	case 0: // nobody waits for the first answer
		f.tried = true
		if _, err := c.Begin(m.send(f)); err != nil {
			return false
		}
	case 1:
		if m.before == nil {
			return true
		}
		answer, err := c.Ask(m.send(m.before))
		var refusal *chat.Error
		if errors.As(err, &refusal) && refusal.Code == chat.CounterReused {
			return true // encrypted again, for a newer epoch: that is another frame
		}
		if err != nil {
			// It is refused as older than the relay's where the frame after it has arrived without an answer.
			return errors.As(err, &refusal) && refusal.Code == chat.CounterOld || m.heed(ctx, err)
		}
		if err := m.life.ledger.accepted(m.before.said, answer.(*chat.Accepted).Cursor); err != nil {
			m.tell(err.Error())
			return false
		}
	case 2:
		if f.tried {
			return true // the next one would not be before its time
		}
		// Bound to another counter still: a request that was answered «unavailable» may be carried out much later, when it
		// would fit.
		early := m.send(&frame{said: &said{counter: f.said.counter + 1, text: mark + " before its time"}})
		early.Message = chattest.Bind(early.Message, chat.Bound{Counter: 1 << 40})
		_, err := c.Ask(early)
		var refusal *chat.Error
		if err == nil {
			m.life.talk.complain("%s's frame %d was taken before its time", m.name, early.Counter)
			return false
		}
		if errors.As(err, &refusal) && (refusal.Code == chat.CounterGap || refusal.Code == chat.WrongEpoch) {
			return true
		}
		return m.heed(ctx, err)
	}
	return true
}

// awaitEpoch reads on until the commit has come that the relay speaks of.
func (m *member) awaitEpoch(ctx context.Context, wanted uint64) bool {
	m.mu.Lock()
	behind := wanted < m.epoch
	m.mu.Unlock()
	if behind {
		m.tell("an epoch that is over")
		return false
	}
	for range 100 {
		m.mu.Lock()
		there := m.epoch == wanted
		m.mu.Unlock()
		if there || ctx.Err() != nil {
			return true
		}
		pause(ctx, 20*time.Millisecond)
	}
	return false
}

func (m *member) read(c *chattest.Client) {
	for {
		f, err := c.Next()
		if errors.Is(err, chattest.ErrSilent) {
			continue
		}
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *chat.Entry:
			m.take(f)
		case *chat.Gone:
			if f.Mailbox != m.life.mailbox {
				continue
			}
			switch f.Reason {
			case chat.GoneClosed:
				m.mu.Lock()
				at := m.cursor.Seq
				m.mu.Unlock()
				m.leave(at)
			case chat.GoneLost:
				m.tell("gone")
			}
			return
		}
	}
}

func (m *member) take(e *chat.Entry) {
	if e.Mailbox != m.life.mailbox {
		return // of the device's other mailboxes
	}
	text := textOf(e.Message)
	m.mu.Lock()
	m.cursor.Seq, m.cursor.Tag = e.Seq, e.Tag
	if strings.Contains(text, " claims") {
		m.epoch = 2
	}
	at := m.cursor
	m.mu.Unlock()
	m.life.ledger.read(m.reader, read{at, e.Counter, text})
	m.life.heard(m, text)
}
