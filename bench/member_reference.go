package main

import (
	"context"
	"encoding/binary"
)

type referenceDialer struct{ address string }

func (d *referenceDialer) dial(ctx context.Context, id pairID, heard hear) (*pair, error) {
	return d.again(ctx, &pair{id: id, sides: [2]member{&referenceMember{}, &referenceMember{}}}, heard)
}

func (d *referenceDialer) again(ctx context.Context, before *pair, heard hear) (*pair, error) {
	p := &pair{id: before.id}
	for side := range p.sides {
		ws, err := connect(ctx, d.address)
		if err != nil {
			return nil, err
		}
		old := before.sides[side].(*referenceMember)
		m := &referenceMember{line: newLine(ws), id: before.id, counter: old.counter, had: old.had}
		m.inherit(&old.line)
		p.sides[side] = m
		m.write(binary.BigEndian.AppendUint64(append(append([]byte{'j'}, m.id[:]...), byte(side)), m.had))
		go m.read(func(text []byte) { heard(side, text) })
	}
	return p, nil
}

type referenceMember struct {
	line
	id      pairID
	counter uint64
	had     uint64 // counter of the last message from the other side
}

func (m *referenceMember) send(text []byte) { m.give(text, m.frame) }

// frame is called with mu held.
func (m *referenceMember) frame(text []byte) []byte {
	m.counter++
	out := append(make([]byte, 0, sendLength+len(text)), 's')
	out = binary.BigEndian.AppendUint64(append(out, m.id[:]...), m.counter)
	return append(out, text...)
}

func (m *referenceMember) read(heard func([]byte)) {
	defer close(m.ended)
	for {
		frame, err := m.next()
		if err != nil {
			return
		}
		switch frame[0] {
		case 'j':
			m.goOn()
		case 'a':
			m.answered(m.frame)
		case 'm':
			m.had = binary.BigEndian.Uint64(frame[1+len(m.id):])
			heard(frame[sendLength:])
		}
	}
}
