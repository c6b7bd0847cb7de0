package relay_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// masked is a frame as a client writes it, with a mask of zeros.
func (s *stage) masked(f chat.Frame) []byte {
	s.Helper()
	frame, err := chat.Encode(f)
	s.must(err)
	if len(frame) < 126 {
		return append([]byte{0x82, 0x80 | byte(len(frame)), 0, 0, 0, 0}, frame...)
	}
	head := binary.BigEndian.AppendUint16([]byte{0x82, 0x80 | 126}, uint16(len(frame)))
	return append(append(head, 0, 0, 0, 0), frame...)
}

// What comes in one segment is read at once and wakes nobody again: nothing of it may be left lying, and nothing may
// wait for what follows.
func TestFramesThatComeInOneSegment(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	v := s.visitor(n)
	raw := v.Socket().NetConn()
	answered := func(refs ...uint32) {
		t.Helper()
		for _, ref := range refs {
			if r := next[*chat.Ready](s, v.Client); r.Ref != ref {
				t.Fatalf("answered %d, want %d", r.Ref, ref)
			}
		}
	}
	write := func(parts ...[]byte) {
		t.Helper()
		var segment []byte
		for _, part := range parts {
			segment = append(segment, part...)
		}
		_, err := raw.Write(segment)
		s.must(err)
	}
	one, two, three, four := s.masked(&chat.Ping{Ref: 101}), s.masked(&chat.Ping{Ref: 102}),
		s.masked(&chat.Ping{Ref: 103}), s.masked(&chat.Ping{Ref: 104})
	write(one, two, three[:3])
	answered(101, 102)
	write(three[3:], four)
	answered(103, 104)
	// A frame that is longer than what is read at a time, with the beginning of another behind it.
	open := v.opening(sara)
	open.Ref, open.Message = 105, chattest.Bind(open.Message, chat.Bound{Counter: 1, Opens: open.Devices})
	long := s.masked(open)
	if len(long) < 300 {
		t.Fatalf("the opening has %d bytes only", len(long))
	}
	write(long[:200])
	write(long[200:], one[:1])
	if a := next[*chat.Accepted](s, v.Client); a.Ref != 105 {
		t.Fatalf("accepted %d", a.Ref)
	}
	write(one[1:])
	answered(101)
}

// The header of a frame has three forms, by its length.
func TestFramesOfEveryLength(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	sara.on(n)
	for _, size := range []int{1, 120, 300, 65_000, 65_600, 98_300} {
		v := s.visitor(n)
		opening := v.opening(sara)
		opening.Welcome = chattest.Welcome(size)
		_, err := v.Ask(opening)
		s.must(err)
		answer, err := sara.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.must(err)
		if got := answer.(*chat.Welcome).Welcome; !bytes.Equal(got, opening.Welcome) {
			t.Errorf("of %d bytes %d came, or others", len(opening.Welcome), len(got))
		}
	}
}
