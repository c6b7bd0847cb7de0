package chat

import "slices"

// ContentType tells what an MLS PrivateMessage carries (RFC 9420 §6).
type ContentType uint8

const (
	Application ContentType = 1
	Proposal    ContentType = 2
	Commit      ContentType = 3
)

// WireFormat is the second field of an MLSMessage (RFC 9420 §6).
type WireFormat uint16

const (
	PrivateMessage    WireFormat = 2
	WelcomeMessage    WireFormat = 3
	KeyPackageMessage WireFormat = 5
)

const versionMLS10 = 1

// Classes of failure that only MLS messages have.
const (
	WrongVersion     Class = "version"
	WrongWireFormat  Class = "wire_format"
	WrongGroup       Class = "group_id"
	WrongContentType Class = "content_type"
)

// Bound is the authenticated data of every message: what the frame around it says, in the sender's own words (spec
// §7.7).
type Bound struct {
	Counter uint64
	Opens   []Device
	Closes  []Device
}

// Equal reports whether both say the same, in the same order.
func (b *Bound) Equal(other *Bound) bool {
	return b.Counter == other.Counter && slices.Equal(b.Opens, other.Opens) && slices.Equal(b.Closes, other.Closes)
}

// EncodeBound returns the bytes, or a *FormatError.
func EncodeBound(b *Bound) ([]byte, error) {
	var w writer
	b.fields(&w)
	return w.end()
}

func (b *Bound) fields(k coder) {
	k.uint64(&b.Counter)
	k.devices(&b.Opens)
	k.devices(&b.Closes)
}

// Header is what a relay may know of a PrivateMessage.
type Header struct {
	Mailbox Mailbox
	Epoch   uint64
	Content ContentType
	Bound   Bound
}

// ParseHeader reads a whole MLSMessage with a PrivateMessage whose group id has the length of a mailbox id and whose
// authenticated data is a Bound. It reads past the header too, so that nothing can hide behind a message. The error is
// a *FormatError.
func ParseHeader(message []byte) (Header, error) {
	r := reader{rest: message}
	r.preamble(PrivateMessage)
	var h Header
	var group []byte
	r.opaque(&group, noLimit)
	if r.class == "" && len(group) != len(h.Mailbox) {
		r.fail(WrongGroup, 0)
	}
	copy(h.Mailbox[:], group)
	r.uint64(&h.Epoch)
	r.uint8((*uint8)(&h.Content))
	if r.class == "" && (h.Content < Application || h.Content > Commit) {
		r.fail(WrongContentType, 0)
	}
	var authenticated, senderSealed, sealed []byte
	r.opaque(&authenticated, noLimit)
	if r.class == "" {
		inner := reader{rest: authenticated}
		h.Bound.fields(&inner)
		if err := inner.end(); err != nil {
			r.fail(inner.class, inner.limit)
		}
	}
	r.opaque(&senderSealed, noLimit)
	r.opaque(&sealed, noLimit)
	if err := r.end(); err != nil {
		return Header{}, err
	}
	return h, nil
}

// CheckWireFormat reports whether message begins as an MLSMessage of that format, which is all that a relay checks of
// Welcomes and key packages. The error is a *FormatError.
func CheckWireFormat(message []byte, format WireFormat) error {
	r := reader{rest: message}
	r.preamble(format)
	if r.class != "" {
		return &FormatError{Class: r.class}
	}
	return nil
}

func (r *reader) preamble(format WireFormat) {
	var version, found uint16
	r.uint16(&version)
	if r.class == "" && version != versionMLS10 {
		r.fail(WrongVersion, 0)
	}
	r.uint16(&found)
	if r.class == "" && WireFormat(found) != format {
		r.fail(WrongWireFormat, 0)
	}
}
