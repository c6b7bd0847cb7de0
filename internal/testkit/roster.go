package testkit

import (
	"bytes"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
)

// Roster is a roster with these devices, signed at a time by a key of its own, and the pins that trust it. It is valid
// for as long as any.
func Roster(t *testing.T, kommun string, at time.Time, devices ...roster.Device) ([]byte, roster.Pins) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, roster.KeyName(kommun))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	pin, err := roster.ParsePin(public)
	if err != nil {
		t.Fatal(err)
	}
	r := roster.New(kommun)
	r.Devices = slices.SortedFunc(
		slices.Values(devices),
		func(a, b roster.Device) int { return bytes.Compare(a.ID[:], b.ID[:]) },
	)
	next, err := r.Renew(at)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := next.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed, roster.Pins{pin}
}
