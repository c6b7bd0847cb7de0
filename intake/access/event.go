package access

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/roster"
)

// Bounds of a file.
const (
	MaxLog  = 64 << 20
	maxLine = 512
)

// ErrMalformed is wrapped by every refusal of a text.
var ErrMalformed = errors.New("not as utvag writes it")

const (
	hourLayout  = "2006-01-02 15"
	monthLayout = "2006-01"
	firstWords  = "utvag access log 1"
	nobody      = "-" // instead of a reference, and of an alias that the roster no longer has
)

// SignIn is the one kind of event that is about no conversation.
const SignIn = "signed-in"

// Kinds are what an event can be, in the order of a review's columns.
var Kinds = []string{SignIn, "opened", "joined", "read", "claimed", "left", "ended"}

// Event is one line.
type Event struct {
	Hour      string // on the clock of the kommun, such as «2026-11-25 14»
	Device    string // 16 hexadecimal digits
	What      string // of Kinds
	Reference string // 16 hexadecimal digits; «-» for SignIn
	Alias     string // as the roster had it then; «-» where it had none
}

func (e Event) String() string {
	return strings.Join([]string{e.Hour, e.Device, e.What, e.Reference, e.Alias}, " ")
}

// Month is the month of the event's file.
func (e Event) Month() string { return e.Hour[:len(monthLayout)] }

// Name is the name of the file of a month.
func Name(kommun, month string) string { return kommun + "-" + month + ".log" }

// MonthOf gives the month of a file that Name has named for this kommun, and false for any other.
func MonthOf(kommun, name string) (string, bool) {
	month, ok := strings.CutPrefix(name, kommun+"-")
	if !ok {
		return "", false
	}
	month, ok = strings.CutSuffix(month, ".log")
	return month, ok && ValidMonth(month)
}

// ValidMonth reports whether a month is written such as 2026-11.
func ValidMonth(month string) bool {
	_, err := time.Parse(monthLayout, month)
	return err == nil && len(month) == len(monthLayout)
}

// Head is the first line of a file.
func Head(kommun, month string) string { return firstWords + " " + kommun + " " + month }

// Log is a file that was read.
type Log struct {
	Kommun, Month string
	Events        []Event
	Sum           [sha256.Size]byte // of its bytes
}

var hexPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Parse reads a file strictly: every line must be one that the server writes, of the file's own month.
func Parse(r io.Reader) (*Log, error) {
	hash := sha256.New()
	limited := &io.LimitedReader{R: r, N: MaxLog + 1}
	lines := bufio.NewScanner(io.TeeReader(limited, hash))
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	ended := true
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		n, token, err := bufio.ScanLines(data, atEOF)
		if n > 0 {
			ended = data[n-1] == '\n'
			token = data[:n]
		}
		return n, token, err
	})
	l := &Log{}
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSuffix(lines.Text(), "\n")
		if err := l.take(n, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: %w: longer than %d bytes", n+1, ErrMalformed, maxLine)
	case err != nil:
		return nil, err
	case limited.N == 0:
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrMalformed, MaxLog)
	case n == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrMalformed)
	case !ended:
		return nil, fmt.Errorf("line %d: %w: it breaks off", n, ErrMalformed)
	}
	l.Sum = [sha256.Size]byte(hash.Sum(nil))
	return l, nil
}

func (l *Log) take(n int, line string) error {
	if n == 1 {
		f := strings.Split(line, " ")
		if len(f) != 6 || strings.Join(f[:4], " ") != firstWords || !roster.ValidKommun(f[4]) || !ValidMonth(f[5]) {
			return fmt.Errorf("%w: no access log begins so", ErrMalformed)
		}
		l.Kommun, l.Month = f[4], f[5]
		return nil
	}
	e, err := parseEvent(line)
	if err != nil {
		return err
	}
	if e.Month() != l.Month {
		return fmt.Errorf("%w: it is of another month than the file, which is of %s", ErrMalformed, l.Month)
	}
	l.Events = append(l.Events, e)
	return nil
}

func parseEvent(line string) (Event, error) {
	wrong := func(what string) (Event, error) { return Event{}, fmt.Errorf("%w: %s", ErrMalformed, what) }
	f := strings.SplitN(line, " ", 6)
	if len(f) != 6 {
		return wrong("fewer than six fields")
	}
	e := Event{f[0] + " " + f[1], f[2], f[3], f[4], f[5]}
	if when, err := time.Parse(hourLayout, e.Hour); err != nil || when.Format(hourLayout) != e.Hour {
		return wrong("no date and hour")
	}
	if !hexPattern.MatchString(e.Device) {
		return wrong("no device id")
	}
	if !slices.Contains(Kinds, e.What) {
		return wrong("an unknown kind of access")
	}
	if e.What == SignIn && e.Reference != nobody || e.What != SignIn && !hexPattern.MatchString(e.Reference) {
		return wrong("no reference")
	}
	if err := roster.CheckAlias(e.Alias); err != nil {
		return wrong(err.Error())
	}
	return e, nil
}
