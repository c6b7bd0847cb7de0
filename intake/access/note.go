package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
)

// Bounds of a signed review.
const (
	MaxSigned = 256 << 10
	MaxRemark = 500 // characters
	maxLogs   = 64
	maxCounts = 512
)

const firstOfReview = "utvag access review 1"

// Signed is what a team lead puts a name to: that these files were looked at, and what was in them.
type Signed struct {
	Kommun, Month string
	At            time.Time // to the day
	By, Remark    string    // Remark may be empty
	Sums          [][sha256.Size]byte
	Counts        []Count
}

// The refusals of a signed review.
var (
	ErrSignature = errors.New("no pinned team key has signed the review")
	ErrKommun    = errors.New("of another kommun")
)

// CheckSaid says why a name or remark cannot be signed, or nil. What is invisible could make it read as something else.
func CheckSaid(text string, most int) error {
	if !utf8.ValidString(text) {
		return errors.New("not UTF-8")
	}
	if utf8.RuneCountInString(text) > most {
		return fmt.Errorf("longer than %d characters", most)
	}
	for _, r := range text {
		if r != ' ' && !unicode.IsGraphic(r) {
			return errors.New("has a line break or an invisible character: write it in one line")
		}
	}
	if text != strings.TrimSpace(text) {
		return errors.New("begins or ends with a space")
	}
	return nil
}

// Text is the one spelling of the review.
func (s *Signed) Text() (string, error) {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\nkommun %s\nmonth %s\nreviewed %s\nby %s\n", firstOfReview, s.Kommun, s.Month,
		s.At.Format(time.DateOnly), s.By)
	if s.Remark != "" {
		fmt.Fprintf(&out, "remark %s\n", s.Remark)
	}
	for _, sum := range s.Sums {
		fmt.Fprintf(&out, "log %x\n", sum)
	}
	for _, c := range s.Counts {
		fmt.Fprintf(
			&out, "device %s signed-in %d opened %d joined %d read %d claimed %d left %d ended %d days %d closed %d unplanned %d alias %s\n",
			c.Device, c.Hours, c.Opened, c.Joined, c.Read, c.Claimed, c.Left, c.Ended, c.Days, c.Closed, c.Unplanned, c.Alias)
	}
	again, err := parseReview(out.String())
	if err != nil {
		return "", err
	}
	if again.Remark != s.Remark || len(again.Counts) != len(s.Counts) {
		return "", ErrMalformed // never
	}
	return out.String(), nil
}

// Sign signs the review with a team key of its kommun.
func (s *Signed) Sign(team note.Signer) ([]byte, error) {
	if team.Name() != roster.KeyName(s.Kommun) {
		return nil, fmt.Errorf("the log is %w: it is of «%s», and the key is named «%s»", ErrKommun, s.Kommun, team.Name())
	}
	text, err := s.Text()
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: text}, team)
}

// Open verifies a signed review: one of the keys, which are named for its own kommun, has signed it.
func Open(signed []byte, pins ...string) (*Signed, error) {
	if len(signed) > MaxSigned {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrMalformed, MaxSigned)
	}
	var verifiers []note.Verifier
	for _, pin := range pins {
		v, err := note.NewVerifier(pin)
		if err != nil {
			return nil, fmt.Errorf("the pin is no verifier key: %w", err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		var unverified *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		if errors.As(err, &unverified) || errors.As(err, &invalid) {
			return nil, ErrSignature
		}
		return nil, fmt.Errorf("%w: no signed note", ErrMalformed)
	}
	s, err := parseReview(n.Text)
	if err != nil {
		return nil, err
	}
	for _, sig := range n.Sigs {
		if sig.Name != roster.KeyName(s.Kommun) {
			return nil, fmt.Errorf("the review is %w: of «%s», signed by «%s»", ErrKommun, s.Kommun, sig.Name)
		}
	}
	return s, nil
}

// Holds tells whether this very file was reviewed.
func (s *Signed) Holds(sum [sha256.Size]byte) bool {
	for _, one := range s.Sums {
		if bytes.Equal(one[:], sum[:]) {
			return true
		}
	}
	return false
}

// parseReview accepts exactly what Text writes.
func parseReview(text string) (*Signed, error) {
	bad := func(n int, what string) (*Signed, error) {
		return nil, fmt.Errorf("line %d: %w: %s", n+1, ErrMalformed, what)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !strings.HasSuffix(text, "\n") || len(lines) < 6 || lines[0] != firstOfReview {
		return bad(0, "no access review begins so")
	}
	s := &Signed{}
	var day string
	for i, f := range []struct {
		name string
		into *string
	}{{"kommun", &s.Kommun}, {"month", &s.Month}, {"reviewed", &day}, {"by", &s.By}} {
		value, ok := strings.CutPrefix(lines[i+1], f.name+" ")
		if !ok {
			return bad(i+1, "not «"+f.name+" …»")
		}
		*f.into = value
	}
	var err error
	if s.At, err = time.Parse(time.DateOnly, day); err != nil || !roster.ValidKommun(s.Kommun) || !ValidMonth(s.Month) {
		return bad(1, "no kommun, month or day")
	}
	if err := CheckSaid(s.By, 100); err != nil || s.By == "" {
		return bad(4, "no name")
	}
	at := 5
	if remark, ok := strings.CutPrefix(lines[at], "remark "); ok {
		if err := CheckSaid(remark, MaxRemark); err != nil || remark == "" {
			return bad(at, "no remark")
		}
		s.Remark = remark
		at++
	}
	for ; at < len(lines); at++ {
		value, ok := strings.CutPrefix(lines[at], "log ")
		if !ok {
			break
		}
		sum, err := hex.DecodeString(value)
		if err != nil || len(sum) != sha256.Size || value != strings.ToLower(value) {
			return bad(at, "no SHA-256")
		}
		s.Sums = append(s.Sums, [sha256.Size]byte(sum))
	}
	if len(s.Sums) == 0 || len(s.Sums) > maxLogs {
		return bad(at, "no log, or too many")
	}
	for ; at < len(lines); at++ {
		c, ok := parseCount(lines[at])
		if !ok || len(s.Counts) == maxCounts {
			return bad(at, "no device's counts, or too many")
		}
		s.Counts = append(s.Counts, c)
	}
	return s, nil
}

func parseCount(line string) (Count, bool) {
	var c Count
	f := strings.SplitN(line, " ", 24)
	if len(f) != 24 || f[0] != "device" || !hexPattern.MatchString(f[1]) || f[22] != "alias" ||
		roster.CheckAlias(f[23]) != nil {
		return c, false
	}
	c.Device, c.Alias = f[1], f[23]
	for i, v := range []struct {
		name string
		into *int
	}{
		{"signed-in", &c.Hours}, {"opened", &c.Opened}, {"joined", &c.Joined}, {"read", &c.Read}, {"claimed",
			&c.Claimed}, {"left", &c.Left},
		{"ended", &c.Ended}, {"days", &c.Days}, {"closed", &c.Closed}, {"unplanned", &c.Unplanned},
	} {
		n, err := strconv.Atoi(f[3+2*i])
		if err != nil || f[2+2*i] != v.name || strconv.Itoa(n) != f[3+2*i] || n < -1 {
			return c, false
		}
		*v.into = n
	}
	return c, true
}
