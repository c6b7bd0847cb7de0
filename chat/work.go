package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Salt names a puzzle.
type Salt [16]byte

// Puzzle is what an opening costs (spec §6.4). With 0 Bits it costs nothing, and the work is empty.
type Puzzle struct {
	Salt Salt
	Bits uint8 // each nonce hashes to as many zero bits; at most LimitWorkBits
}

// WorkNonces is the number of nonces in a solution: several small puzzles take a more even time than a large one.
const WorkNonces = 8

// WorkSalt returns the salt that a work claims to solve; false where it has not the form of one.
func WorkSalt(work []byte) (salt Salt, ok bool) {
	if len(work) != LimitWork {
		return salt, false
	}
	copy(salt[:], work)
	return salt, true
}

// Solves reports whether the work solves the puzzle for this mailbox and no other.
func (p Puzzle) Solves(mailbox Mailbox, work []byte) bool {
	if p.Bits == 0 {
		return len(work) == 0
	}
	if salt, ok := WorkSalt(work); !ok || salt != p.Salt {
		return false
	}
	attempt := p.attempt(mailbox)
	last := int64(-1)
	for nonces := work[len(p.Salt):]; len(nonces) > 0; nonces = nonces[4:] {
		nonce := binary.BigEndian.Uint32(nonces)
		if int64(nonce) <= last || !attempt(nonce) {
			return false
		}
		last = int64(nonce)
	}
	return true
}

// Solve does the work: about WorkNonces << Bits hashes.
func (p Puzzle) Solve(mailbox Mailbox) []byte {
	if p.Bits == 0 {
		return nil
	}
	work := bytes.Clone(p.Salt[:])
	attempt := p.attempt(mailbox)
	for nonce := uint32(0); len(work) < LimitWork; nonce++ {
		if attempt(nonce) {
			work = binary.BigEndian.AppendUint32(work, nonce)
		}
	}
	return work
}

func (p Puzzle) attempt(mailbox Mailbox) func(nonce uint32) bool {
	seed := sha256.New()
	seed.Write([]byte("utvag.1 work"))
	seed.Write(p.Salt[:])
	seed.Write(mailbox[:])
	var text [sha256.Size + 4]byte
	seed.Sum(text[:0])
	return func(nonce uint32) bool {
		binary.BigEndian.PutUint32(text[sha256.Size:], nonce)
		hash := sha256.Sum256(text[:])
		return bits.LeadingZeros32(binary.BigEndian.Uint32(hash[:])) >= int(p.Bits)
	}
}
