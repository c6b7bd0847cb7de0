// Package chattest helps to test relays: a client of the protocol, opaque messages with valid headers, and a suite that
// judges a relay.Store.
package chattest

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"slices"

	"github.com/utvag/utvag/chat"
)

// Message makes an MLSMessage whose header is valid and whose rest is body: what a relay sees of a real one. It is not
// bound to a frame yet (its counter is 0); Client does that, or Bind.
func Message(mailbox chat.Mailbox, epoch uint64, content chat.ContentType, body []byte) []byte {
	return BoundMessage(mailbox, epoch, content, chat.Bound{}, body)
}

// BoundMessage is a Message that is bound to a frame from the start.
func BoundMessage(mailbox chat.Mailbox, epoch uint64, content chat.ContentType, b chat.Bound, body []byte) []byte {
	bound := boundBytes(b)
	out := make([]byte, 0, 64+len(mailbox)+len(bound)+len(body))
	out = append(out, 0, 1, 0, byte(chat.PrivateMessage), byte(len(mailbox)))
	out = append(out, mailbox[:]...)
	out = binary.BigEndian.AppendUint64(out, epoch)
	out = append(out, byte(content))
	out = append(out, bound...)
	out = append(out, 0) // no sender data
	return append(appendLength(out, len(body)), body...)
}

// Bind returns a copy of a message of Message that is bound to a frame. What is bound already, or no message, stays as
// it is.
func Bind(message []byte, b chat.Bound) []byte {
	h, err := chat.ParseHeader(message)
	if err != nil || !h.Bound.Equal(&chat.Bound{}) {
		return message
	}
	at := 2 + 2 + 1 + len(h.Mailbox) + 8 + 1
	return slices.Concat(message[:at], boundBytes(b), message[at+len(boundBytes(chat.Bound{})):])
}

// boundBytes is a Bound with the length before it.
func boundBytes(b chat.Bound) []byte {
	bytes, err := chat.EncodeBound(&b)
	if err != nil {
		panic(err) // more devices than a test has
	}
	return append(appendLength(nil, len(bytes)), bytes...)
}

// Text is an application message.
func Text(mailbox chat.Mailbox, epoch uint64, text string) []byte {
	return Message(mailbox, epoch, chat.Application, []byte(text))
}

// Commit is a commit.
func Commit(mailbox chat.Mailbox, epoch uint64) []byte {
	return Message(mailbox, epoch, chat.Commit, bytes.Repeat([]byte{0xc0}, 256))
}

// Welcome is the beginning of a Welcome, and as many bytes more.
func Welcome(size int) []byte {
	return append([]byte{0, 1, 0, byte(chat.WelcomeMessage)}, bytes.Repeat([]byte{0x3e}, size)...)
}

// KeyPackage is the beginning of a key package, and as many bytes more.
func KeyPackage(size int) []byte {
	return append([]byte{0, 1, 0, byte(chat.KeyPackageMessage)}, bytes.Repeat([]byte{0x4b}, size)...)
}

// NewMailbox makes a random id.
func NewMailbox() (id chat.Mailbox) {
	rand.Read(id[:])
	return id
}

func appendLength(out []byte, n int) []byte {
	switch {
	case n < 1<<6:
		return append(out, byte(n))
	case n < 1<<14:
		return binary.BigEndian.AppendUint16(out, 1<<14|uint16(n))
	}
	return binary.BigEndian.AppendUint32(out, 1<<31|uint32(n))
}
