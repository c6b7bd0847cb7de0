package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// relayDialer makes conversations of a visitor and one device of its own: what a relay sees of a claimed one.
type relayDialer struct {
	addresses []string // of nodes, on which the sides are spread
	paid      bool     // openings cost work
}

// advanceEvery is how many entries a member reads before it advances; a page does so twice a second at most. Members
// begin to count anywhere: in life they do not advance in step.
const advanceEvery = 16

func (d *relayDialer) dial(ctx context.Context, id pairID, heard hear) (*pair, error) {
	p := &pair{id: id}
	for side := range p.sides {
		m, err := d.connect(ctx, id, side)
		if err != nil {
			return nil, err
		}
		p.sides[side] = m
	}
	var work []byte
	if d.paid {
		puzzle, err := puzzleOf(ctx, d.addresses[0])
		if err != nil {
			return nil, err
		}
		work = puzzle.Solve(chat.Mailbox(id))
	}
	visitor, device := p.sides[0].(*relayMember), p.sides[1].(*relayMember)
	if err := visitor.openMailbox(device.device, work); err != nil {
		return nil, err
	}
	if err := device.claim(); err != nil {
		return nil, err
	}
	return p, d.begin(p, heard)
}

func (d *relayDialer) again(ctx context.Context, before *pair, heard hear) (*pair, error) {
	p := &pair{id: before.id}
	for side := range p.sides {
		m, err := d.connect(ctx, before.id, side)
		if err != nil {
			return nil, err
		}
		old := before.sides[side].(*relayMember)
		m.counter, m.cursor = old.counter, old.cursor
		m.inherit(&old.line)
		p.sides[side] = m
	}
	return p, d.begin(p, heard)
}

func (d *relayDialer) begin(p *pair, heard hear) error {
	for side := range p.sides {
		m := p.sides[side].(*relayMember)
		if err := m.attach(); err != nil {
			return err
		}
		go m.read(func(text []byte) { heard(side, text) })
	}
	return nil
}

func (d *relayDialer) connect(ctx context.Context, id pairID, side int) (*relayMember, error) {
	ws, err := connect(ctx, d.addresses[(int(id[0])+side)%len(d.addresses)])
	if err != nil {
		return nil, err
	}
	m := &relayMember{line: newLine(ws), id: chat.Mailbox(id), side: side, unadvanced: int(id[1]) % advanceEvery}
	copy(m.device[:], id[:])
	hello, err := expect[*chat.Hello](m)
	if err != nil {
		return nil, err
	}
	if side == 0 {
		return m, nil
	}
	tbs := chat.LoginTBS(kommun, origin, hello.Nonce, m.device)
	if err := m.ask(&chat.Login{Ref: 1, Device: m.device, Signature: ed25519.Sign(deviceKey(), tbs)}); err != nil {
		return nil, err
	}
	_, err = expect[*chat.Ready](m)
	return m, err
}

type relayMember struct {
	line
	id     chat.Mailbox
	device chat.Device
	side   int

	counter    uint64
	cursor     chat.Cursor // what was read
	unadvanced int
}

// capability is any 32 bytes that nobody else has: here, those of the mailbox.
func (m *relayMember) capability() []byte {
	if m.side == 1 {
		return nil
	}
	return m.id[:]
}

func (m *relayMember) ask(request chat.Request) error {
	frame, err := chat.Encode(request)
	if err != nil {
		return err
	}
	m.write(frame)
	return nil
}

// expect reads on until a frame of the kind comes; before read has taken the socket over.
func expect[F chat.Frame](m *relayMember) (F, error) {
	var none F
	for {
		_, bytes, err := m.ws.ReadMessage()
		if err != nil {
			return none, err
		}
		frame, err := chat.DecodeReply(bytes)
		if err != nil {
			return none, err
		}
		if found, ok := frame.(F); ok {
			return found, nil
		}
		if refused, ok := frame.(*chat.Refused); ok {
			return none, fmt.Errorf("refused with %d", refused.Code)
		}
	}
}

func (m *relayMember) openMailbox(device chat.Device, work []byte) error {
	devices := []chat.Device{device}
	message := chattest.Bind(chattest.Text(m.id, 1, "open"), chat.Bound{Counter: 1, Opens: devices})
	err := m.ask(&chat.Open{Ref: 1, Mailbox: m.id, Slot: sha256.Sum256(m.capability()), Devices: devices, Work: work,
		Welcome: chattest.Welcome(64), Message: message})
	if err != nil {
		return err
	}
	_, err = expect[*chat.Accepted](m)
	m.counter = 1
	return err
}

// claim commits before anything is read, as a device does that answers.
func (m *relayMember) claim() error {
	if err := m.attach(); err != nil {
		return err
	}
	m.counter++
	message := chattest.Bind(chattest.Commit(m.id, 1), chat.Bound{Counter: m.counter})
	if err := m.ask(&chat.Send{Ref: 3, Mailbox: m.id, Counter: m.counter, Message: message}); err != nil {
		return err
	}
	_, err := expect[*chat.Accepted](m)
	return err
}

func (m *relayMember) attach() error {
	if err := m.ask(&chat.Attach{Ref: 2, Mailbox: m.id, Capability: m.capability(), Cursor: m.cursor}); err != nil {
		return err
	}
	found, err := expect[*chat.Attached](m)
	if err != nil {
		return err
	}
	m.cursor.Incarnation = found.Head.Incarnation
	m.counter = max(m.counter, found.Counter)
	m.goOn()
	return nil
}

// claimed is the epoch of a conversation that somebody has answered.
const claimed = 2

func (m *relayMember) send(text []byte) { m.give(text, m.frame) }

// frame is called with mu held.
func (m *relayMember) frame(text []byte) []byte {
	m.counter++
	message := chattest.BoundMessage(m.id, claimed, chat.Application, chat.Bound{Counter: m.counter}, text)
	frame, err := chat.Encode(&chat.Send{Ref: uint32(m.counter), Mailbox: m.id, Counter: m.counter, Message: message})
	if err != nil {
		panic(err) // the text is longer than any here
	}
	return frame
}

const replyEntry, replyAccepted = byte(chat.KindEntry), byte(chat.KindAccepted)

func (m *relayMember) read(heard func([]byte)) {
	defer close(m.ended)
	for {
		frame, err := m.next()
		if err != nil || len(frame) == 0 {
			return
		}
		switch frame[0] {
		case replyAccepted:
			m.answered(m.frame)
		case replyEntry:
			if decoded, err := chat.DecodeReply(frame); err == nil {
				m.take(decoded.(*chat.Entry), heard)
			}
		}
	}
}

func (m *relayMember) take(e *chat.Entry, heard func([]byte)) {
	m.mu.Lock()
	m.cursor.Seq, m.cursor.Tag = e.Seq, e.Tag
	m.unadvanced++
	if m.unadvanced >= advanceEvery {
		m.unadvanced = 0
		m.ask(&chat.Advance{Ref: 1 << 31, Mailbox: m.id, Cursor: m.cursor})
	}
	m.mu.Unlock()
	if int(e.Slot) != m.side && len(e.Message) > textLength {
		heard(e.Message[len(e.Message)-textLength:])
	}
}

// serial is the number of a message as the load writes it.
func serial(text []byte) uint64 { return binary.BigEndian.Uint64(text[8:]) }
