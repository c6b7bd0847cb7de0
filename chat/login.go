package chat

import (
	"crypto/sha256"
	"encoding/binary"
)

const loginLabel = "utvag.1 login"

// LoginTBS is what a device signs to log in (spec §4). Kommun and nonce are those of hello; origin is the page's.
func LoginTBS(kommun, origin string, nonce [32]byte, device Device) []byte {
	var w writer
	label := loginLabel
	w.text(&label, noLimit)
	w.text(&kommun, noLimit)
	w.text(&origin, noLimit)
	w.fixed(nonce[:])
	w.fixed(device[:])
	tbs, err := w.end()
	if err != nil {
		// Only a kommun or an origin that is no UTF-8 gets here; both are configuration that was checked. No signature fits
		// nil.
		return nil
	}
	return tbs
}

// Transcript is the running hash over the entries of a mailbox (spec §8). The zero value is T(0).
type Transcript [sha256.Size]byte

// Next gives T(seq) from T(seq-1) and the message of entry seq.
func (t Transcript) Next(seq uint64, message []byte) Transcript {
	inner := sha256.Sum256(message)
	outer := make([]byte, 0, len(t)+8+len(inner))
	outer = append(outer, t[:]...)
	outer = binary.BigEndian.AppendUint64(outer, seq)
	outer = append(outer, inner[:]...)
	return sha256.Sum256(outer)
}
