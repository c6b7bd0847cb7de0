package chat

import (
	"encoding/hex"
	"fmt"
	"io"
)

// Mailbox is the id of a mailbox, which is the group id of its MLS group.
//
// It never appears in a log or an error: whatever verb formats it, the word «mailbox» comes out.
type Mailbox [32]byte

// Format keeps ids out of formatted text.
func (Mailbox) Format(s fmt.State, _ rune) { io.WriteString(s, "mailbox") }

// MarshalText returns the same word, so that no encoder writes the id by accident.
func (Mailbox) MarshalText() ([]byte, error) { return []byte("mailbox"), nil }

// Device is the id of a device in a roster.
type Device [8]byte

// String is the id as it stands in a roster: 16 lower-case hex digits.
func (d Device) String() string { return hex.EncodeToString(d[:]) }

// ParseDevice reads what String writes, and nothing else.
func ParseDevice(text string) (Device, bool) {
	var d Device
	if len(text) != 2*len(d) {
		return d, false
	}
	if _, err := hex.Decode(d[:], []byte(text)); err != nil || d.String() != text {
		return Device{}, false
	}
	return d, true
}

// capabilitySize is the length of a capability in bytes.
const capabilitySize = 32

// CapabilityHash is the SHA-256 of the capability that opens slot 0.
type CapabilityHash [32]byte

// Format keeps the hash out of formatted text.
func (CapabilityHash) Format(s fmt.State, _ rune) { io.WriteString(s, "slot") }

// Capability is a secret that only a visitor's client knows.
type Capability [capabilitySize]byte

// Format keeps the secret out of formatted text.
func (Capability) Format(s fmt.State, _ rune) { io.WriteString(s, "capability") }

// MarshalText returns the same word.
func (Capability) MarshalText() ([]byte, error) { return []byte("capability"), nil }

// Locator is where a blob lies. Who knows it may read the blob, which is sealed.
type Locator [32]byte

// Format keeps locators out of formatted text.
func (Locator) Format(s fmt.State, _ rune) { io.WriteString(s, "locator") }

// MarshalText returns the same word.
func (Locator) MarshalText() ([]byte, error) { return []byte("locator"), nil }

// Tag is a random value that the relay gives to each entry.
type Tag [8]byte

// Incarnation is one life of a mailbox.
type Incarnation [16]byte

// Cursor is the position of a reader: the last entry that it has stored. The zero Cursor means «from the beginning, in
// whatever incarnation».
type Cursor struct {
	Incarnation Incarnation
	Seq         uint64
	Tag         Tag
}

func (c *Cursor) fields(k coder) {
	k.fixed(c.Incarnation[:])
	k.uint64(&c.Seq)
	k.fixed(c.Tag[:])
}
