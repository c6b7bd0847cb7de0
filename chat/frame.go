package chat

import (
	"bytes"
	"crypto/sha256"
	"sync"

	"golang.org/x/crypto/cryptobyte"
)

// Frame is one WebSocket message of this protocol.
type Frame interface {
	Kind() Kind
	fields(coder)
}

// Request is a frame from the client.
type Request interface {
	Frame
	// Number is the request's ref: chosen by the client, never 0, repeated by the answer.
	Number() uint32
}

// Encode returns the bytes of a frame, or a *FormatError where a field has no encoding.
func Encode(f Frame) (frame []byte, err error) {
	err = encoded(f.Kind(), func(w *writer) { f.fields(w) }, func(lent []byte) { frame = bytes.Clone(lent) })
	return frame, err
}

// EncodeEntry is Encode for an entry whose message is text, as a store gives it; that of e is not looked at.
func EncodeEntry(e *Entry, message string) (frame []byte, err error) {
	head := func(w *writer) {
		e.head(w)
		w.length(len(message), LimitCommit)
	}
	err = encoded(KindEntry, head, func(lent []byte) {
		frame = append(append(make([]byte, 0, len(lent)+len(message)), lent...), message...)
	})
	return frame, err
}

// scratch is lent to encode in: a frame's size is known only once it is encoded.
type scratch struct {
	w    writer
	room []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// largestScratch is more than nearly all frames have.
const largestScratch = 16 << 10

// encoded lends the bytes of a frame for the time of a call.
func encoded(kind Kind, fields func(*writer), use func([]byte)) error {
	s := scratches.Get().(*scratch)
	defer func() {
		s.w = writer{} // with what it holds of a frame that was too long to keep
		scratches.Put(s)
	}()
	s.w = writer{out: *cryptobyte.NewBuilder(s.room[:0])}
	s.w.uint8((*uint8)(&kind))
	fields(&s.w)
	lent, err := s.w.end()
	if err != nil {
		return err
	}
	if cap(lent) <= largestScratch {
		s.room = lent
	}
	if limit := frameLimit(kind); len(lent) > limit {
		return &FormatError{Class: OverLimit, Limit: uint64(limit)}
	}
	use(lent)
	return nil
}

// frameLimit is the size of a frame: a blob needs more than what travels in a conversation.
func frameLimit(kind Kind) int {
	if kind == KindPut || kind == KindBlob {
		return LimitPut
	}
	return LimitFrame
}

// Oversized reports whether a frame is over the limit of its kind.
func Oversized(frame []byte) bool { return len(frame) > 0 && len(frame) > frameLimit(Kind(frame[0])) }

// Digest is SHA-256 of a request's body without its ref: what tells a repeat from another frame (spec §5.3). It is zero
// for a request that has no encoding.
func Digest(f Request) (digest [sha256.Size]byte) {
	// an error leaves the zeros
	encoded(f.Kind(), func(w *writer) { f.fields(w) }, func(lent []byte) { digest = sha256.Sum256(lent[1+4:]) })
	return digest
}

// DecodeRequest reads a frame from a client. The error is a *FormatError, with the request's ref where that could be
// read.
func DecodeRequest(frame []byte) (Request, error) {
	r, kind := start(frame)
	if limit := frameLimit(kind); len(frame) > limit {
		return nil, &FormatError{Class: OverLimit, Limit: uint64(limit)}
	}
	f := newRequest(kind)
	if f == nil {
		return nil, r.unknown()
	}
	f.fields(r)
	if err := r.end(); err != nil {
		err.(*FormatError).Ref = f.Number()
		return nil, err
	}
	return f, nil
}

// DecodeReply reads a frame from a relay. The error is a *FormatError.
func DecodeReply(frame []byte) (Frame, error) {
	r, kind := start(frame)
	f := newReply(kind)
	if f == nil {
		return nil, r.unknown()
	}
	f.fields(r)
	if err := r.end(); err != nil {
		return nil, err
	}
	return f, nil
}

func start(frame []byte) (*reader, Kind) {
	r := &reader{rest: frame}
	var kind uint8
	r.uint8(&kind)
	return r, Kind(kind)
}

func (r *reader) unknown() error {
	r.fail(UnknownKind, 0)
	return &FormatError{Class: r.class}
}

func newRequest(kind Kind) Request {
	switch kind {
	case KindLogin:
		return new(Login)
	case KindOpen:
		return new(Open)
	case KindAttach:
		return new(Attach)
	case KindSend:
		return new(Send)
	case KindAdvance:
		return new(Advance)
	case KindEnd:
		return new(End)
	case KindPublish:
		return new(Publish)
	case KindFetch:
		return new(Fetch)
	case KindPing:
		return new(Ping)
	case KindResolve:
		return new(Resolve)
	case KindPut:
		return new(Put)
	case KindGet:
		return new(Get)
	case KindDrop:
		return new(Drop)
	case KindLeave:
		return new(Leave)
	case KindKeep:
		return new(Keep)
	case KindAcknowledge:
		return new(Acknowledge)
	case KindReach:
		return new(Reach)
	case KindShift:
		return new(Shift)
	}
	return nil
}

func newReply(kind Kind) Frame {
	switch kind {
	case KindHello:
		return new(Hello)
	case KindReady:
		return new(Ready)
	case KindRefused:
		return new(Refused)
	case KindAttached:
		return new(Attached)
	case KindAccepted:
		return new(Accepted)
	case KindEntry:
		return new(Entry)
	case KindWelcome:
		return new(Welcome)
	case KindWaiting:
		return new(Waiting)
	case KindGone:
		return new(Gone)
	case KindBlob:
		return new(Blob)
	case KindPresence:
		return new(Presence)
	case KindAlarm:
		return new(Alarm)
	case KindDuty:
		return new(Duty)
	case KindRoster:
		return new(Roster)
	}
	return nil
}

// ref is the number of a request and of the answer to it.
func ref(k coder, value *uint32) {
	k.uint32(value)
	if *value == 0 {
		k.fail(RefZero, 0)
	}
}

// version is that of a blob, or the serial of a roster: 1 for the first.
func version(k coder, value *uint64) {
	k.uint64(value)
	if *value == 0 {
		k.fail(NoMeaning, 0)
	}
}

// within refuses a value that the spec does not name.
func within(k coder, value *uint8, lowest, highest uint8) {
	k.uint8(value)
	if *value < lowest || *value > highest {
		k.fail(NoMeaning, 0)
	}
}
