// Package chattest helps to test relays: a client of the protocol, opaque messages with valid headers, and a suite that judges a
// relay.Store.
package chattest

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"

	"github.com/utvag/utvag/chat"
)

// Message makes an MLSMessage whose header is valid and whose rest is body: what a relay sees of a real one.
func Message(mailbox chat.Mailbox, epoch uint64, content chat.ContentType, body []byte) []byte {
	out := []byte{0, 1, 0, byte(chat.PrivateMessage), byte(len(mailbox))}
	out = append(out, mailbox[:]...)
	out = binary.BigEndian.AppendUint64(out, epoch)
	out = append(out, byte(content), 0, 0) // no authenticated data, no sender data
	return append(appendLength(out, len(body)), body...)
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
