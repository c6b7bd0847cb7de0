package webpush

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
)

// Key is the operator's key for Web Push (VAPID, RFC 8292). A browser that has subscribed takes messages signed with
// this one alone: with a new key everybody has to turn alarms on again.
type Key struct{ key *ecdh.PrivateKey }

// NewKey makes a key.
func NewKey() (*Key, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Key{key}, nil
}

// ParseKey reads what Text has written.
func ParseKey(text string) (*Key, error) {
	bytes, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("not a push key: make one with `utvag alarm keys`")
	}
	key, err := ecdh.P256().NewPrivateKey(bytes)
	if err != nil {
		return nil, errors.New("not a push key: make one with `utvag alarm keys`")
	}
	return &Key{key}, nil
}

// Text is the secret, for a file: 32 bytes in base64url, and a newline.
func (k *Key) Text() string { return k.private() + "\n" }

// Public is the half that browsers are given, in base64url.
func (k *Key) Public() string { return base64.RawURLEncoding.EncodeToString(k.key.PublicKey().Bytes()) }

// PublicBytes is the same as a point of 65 bytes.
func (k *Key) PublicBytes() []byte { return k.key.PublicKey().Bytes() }

func (k *Key) private() string { return base64.RawURLEncoding.EncodeToString(k.key.Bytes()) }
