package main

import (
	"context"
	"encoding/binary"
)

type referenceDialer struct{ address string }

func (d *referenceDialer) dial(ctx context.Context, id pairID, heard hear) (*pair, error) {
	p := &pair{id: id}
	for side := range p.sides {
		ws, err := connect(ctx, d.address)
		if err != nil {
			return nil, err
		}
		m := &referenceMember{line: newLine(ws), id: id}
		p.sides[side] = m
		m.write(append(append([]byte{'j'}, id[:]...), byte(side)))
		go m.read(func(text []byte) { heard(side, text) })
	}
	return p, nil
}

func (d *referenceDialer) again(ctx context.Context, before *pair, heard hear) (*pair, error) {
	return d.dial(ctx, before.id, heard)
}

type referenceMember struct {
	line
	id      pairID
	counter uint64
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
	for {
		_, frame, err := m.ws.ReadMessage()
		if err != nil {
			return
		}
		switch frame[0] {
		case 'j':
			m.open()
		case 'a':
			m.answered(m.frame)
		case 'm':
			heard(frame[1+len(m.id):])
		}
	}
}
