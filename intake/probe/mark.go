// Package probe is the mark by which a console knows a conversation that a probe began (spec/protocol.md §8.6). The
// mark is the first message, so that it lies inside the encryption: neither relay nor wire can tell a probe from a
// person.
package probe

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Lasts is how long after its minute a mark is one.
const Lasts = 15 * time.Minute

// KeyName is the name of a kommun's probe key. It is not that of a team key, so that neither can be taken for the
// other.
func KeyName(kommun string) string { return "probe." + kommun }

// Key signs marks.
type Key struct {
	kommun string
	signer note.Signer
}

// NewKey makes a key, and the verifier key that a console is given.
func NewKey(kommun string) (private, public string, err error) {
	return note.GenerateKey(rand.Reader, KeyName(kommun))
}

// ParseKey reads a private key of this kommun.
func ParseKey(private, kommun string) (*Key, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errors.New("not a probe key: make one with `utvag probe --new-key`")
	}
	if signer.Name() != KeyName(kommun) {
		return nil, fmt.Errorf("this key is named «%s», but the kommun's probe key is named «%s»", signer.Name(),
			KeyName(kommun))
	}
	return &Key{kommun, signer}, nil
}

// Public reads a verifier key of this kommun, as a file holds it, or says what is wrong with it.
func Public(content, kommun string) (string, error) {
	public := strings.TrimSpace(content)
	_, err := verifier(public, kommun)
	return public, err
}

func verifier(public, kommun string) (note.Verifier, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, errors.New(
			"not the public half of a probe key: it is the file that `utvag probe --new-key` writes beside the key, with .pub at its end",
		)
	}
	if v.Name() != KeyName(kommun) {
		return nil, fmt.Errorf("this key is named «%s», but the kommun's probe key is named «%s»", v.Name(), KeyName(kommun))
	}
	return v, nil
}

// Mark makes a mark of this minute, with a nonce of its own.
func (k *Key) Mark(now time.Time) (string, error) { return k.mark(rand.Reader, now) }

func (k *Key) mark(random io.Reader, now time.Time) (string, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(random, nonce[:]); err != nil {
		return "", err
	}
	minute, fresh := now.Unix()/60, hex.EncodeToString(nonce[:])
	signature, err := k.signer.Sign(signed(k.kommun, minute, fresh))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("utvag-probe %s %d %s %s", k.kommun, minute, fresh,
		base64.StdEncoding.EncodeToString(signature)), nil
}

func signed(kommun string, minute int64, nonce string) []byte {
	return fmt.Appendf(nil, "utvag.1 probe\n%s\n%d\n%s\n", kommun, minute, nonce)
}
