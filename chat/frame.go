package chat

import "crypto/sha256"

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

// Encode gives the bytes of a frame, or a *FormatError where a field has no encoding.
func Encode(f Frame) ([]byte, error) {
	var w writer
	kind := uint8(f.Kind())
	w.uint8(&kind)
	f.fields(&w)
	bytes, err := w.end()
	if err == nil && len(bytes) > LimitFrame {
		return nil, &FormatError{Class: OverLimit, Limit: LimitFrame}
	}
	return bytes, err
}

// Digest is SHA-256 of a request's body without its ref: what tells a repeat from another frame (spec §5.3). It is zero for a
// request that has no encoding.
func Digest(f Request) [sha256.Size]byte {
	bytes, err := Encode(f)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(bytes[1+4:])
}

// DecodeRequest reads a frame from a client. The error is a *FormatError, with the request's ref where that could be read.
func DecodeRequest(frame []byte) (Request, error) {
	if len(frame) > LimitFrame {
		return nil, &FormatError{Class: OverLimit, Limit: LimitFrame}
	}
	r, kind := start(frame)
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
	case KindAck:
		return new(Ack)
	case KindEnd:
		return new(End)
	case KindPublish:
		return new(Publish)
	case KindFetch:
		return new(Fetch)
	case KindPing:
		return new(Ping)
	case KindAnswered:
		return new(Answered)
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

// within refuses a value that the spec does not name.
func within(k coder, value *uint8, lowest, highest uint8) {
	k.uint8(value)
	if *value < lowest || *value > highest {
		k.fail(NoMeaning, 0)
	}
}
