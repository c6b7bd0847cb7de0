package roster

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Validity is the time for which Add and Renew sign a roster.
const Validity = MaxValidity

// KeyName is the name of a kommun's team keys.
func KeyName(kommun string) string { return "team." + kommun }

// Pin is a team key that a reader trusts.
type Pin struct {
	key      string
	verifier note.Verifier
}

// ParsePin reads a note verifier key, such as «team.botkyrka+1f2e3d4c+Aa…».
func ParsePin(key string) (Pin, error) {
	v, err := note.NewVerifier(key)
	if err != nil {
		return Pin{}, fmt.Errorf("not a note verifier key: %w", err)
	}
	_, rest, _ := strings.Cut(key, "+")
	_, b64, _ := strings.Cut(rest, "+")
	if _, err := strictBase64(b64); err != nil {
		return Pin{}, errors.New("not a note verifier key: not standard base64")
	}
	return Pin{key: key, verifier: v}, nil
}

// String returns the verifier key as it was read.
func (p Pin) String() string { return p.key }

// Name returns the key's name, which must be KeyName of the kommun for the pin to count.
func (p Pin) Name() string { return p.verifier.Name() }

// Short names the key without spelling it out: its name and the eight digits that tell keys of one name apart.
func (p Pin) Short() string {
	return strings.TrimSuffix(p.key, "+"+p.public())
}

func (p Pin) public() string {
	return strings.SplitN(p.key, "+", 3)[2]
}

// Signers gives those of the pins that have signed this note, whatever else is wrong with it.
func (pins Pins) Signers(signed []byte, kommun string) []Pin {
	n, err := note.Open(signed, pins.verifiers(kommun))
	if err != nil {
		return nil
	}
	var signers []Pin
	for _, p := range pins {
		if slices.ContainsFunc(n.Sigs, func(s note.Signature) bool {
			return s.Name == p.Name() &&
				s.Hash == p.verifier.KeyHash()
		}) {
			signers = append(signers, p)
		}
	}
	return signers
}

// Pins are the team keys of one kommun.
type Pins []Pin

// Verify opens a signed roster as a client does (spec/protocol.md §6.1): signature, text, kommun, clock, expiry,
// serial, in this order. newest is the highest serial seen before, or 0. The roster is returned only when nothing is
// wrong with it.
func (pins Pins) Verify(signed []byte, kommun string, now time.Time, newest uint64) (*Roster, error) {
	r, err := pins.Open(signed, kommun)
	if err != nil {
		return nil, err
	}
	if r.Issued.Sub(now) > MaxAhead {
		return nil, ErrClock
	}
	if !now.Before(r.Expires) {
		return nil, fmt.Errorf("%w: it was valid until %s", ErrExpired, r.Expires.Format(timeLayout))
	}
	if r.Serial < newest {
		return nil, fmt.Errorf("%w: serial %d, seen %d", ErrOld, r.Serial, newest)
	}
	return r, nil
}

// Open is Verify without the clock and the serial: what a team lead's tools do with a roster that may have expired.
func (pins Pins) Open(signed []byte, kommun string) (*Roster, error) {
	if len(signed) > MaxBytes {
		return nil, malformed("larger than %d bytes", MaxBytes)
	}
	if err := checkSignatureLines(signed); err != nil {
		return nil, err
	}
	n, err := note.Open(signed, pins.verifiers(kommun))
	if err != nil {
		var unverified *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		if errors.As(err, &unverified) || errors.As(err, &invalid) {
			return nil, fmt.Errorf("%w: %v", ErrSignature, err)
		}
		return nil, malformed("%v", err)
	}
	r, err := Parse([]byte(n.Text))
	if err != nil {
		return nil, err
	}
	if r.Kommun != kommun {
		return nil, fmt.Errorf("%w: it says «%s», not «%s»", ErrKommun, r.Kommun, kommun)
	}
	return r, nil
}

// verifiers leaves out what is not named for the kommun: a key of one kommun never speaks for another.
func (pins Pins) verifiers(kommun string) note.Verifiers {
	var list []note.Verifier
	var seen []string
	for _, p := range pins {
		if p.Name() == KeyName(kommun) && !slices.Contains(seen, p.key) {
			seen = append(seen, p.key)
			list = append(list, p.verifier)
		}
	}
	return note.VerifierList(list...)
}

// checkSignatureLines refuses a second base64 spelling of a signature, which package note lets pass.
func checkSignatureLines(signed []byte) error {
	split := bytes.LastIndex(signed, []byte("\n\n"))
	if split < 0 {
		return malformed("no signature")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(signed[split+2:]), "\n"), "\n") {
		_, b64, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		if _, err := strictBase64(b64); err != nil {
			return malformed("a signature line is not «— name base64»")
		}
	}
	return nil
}

// Sign writes the roster as a note signed by the team key.
func (r *Roster) Sign(team note.Signer) ([]byte, error) {
	if team.Name() != KeyName(r.Kommun) {
		return nil, fmt.Errorf("%w: the team key is named «%s», not «%s»", ErrKommun, team.Name(), KeyName(r.Kommun))
	}
	text, err := r.Text()
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, team)
	if err != nil {
		return nil, fmt.Errorf("signing the roster: %w", err)
	}
	if len(signed) > MaxBytes {
		return nil, malformed("larger than %d bytes", MaxBytes)
	}
	return signed, nil
}
