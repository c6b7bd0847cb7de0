// Package number holds telephone numbers with the date on which somebody verified each. A number that nobody has
// verified within its time is not shown: pages have gone on listing lines for years after they closed.
package number

import (
	_ "embed" // national.json
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// DefaultValidity is how long a verification holds where nothing else is said.
const DefaultValidity = 180 * 24 * time.Hour

// Soon is how long before its date a number is reported.
const Soon = 14 * 24 * time.Hour

// Number is a telephone number as it is shown.
type Number struct {
	// ID says what the number is for: emergency, police, children, suicide, kommun, …
	ID     string
	Number string            // as shown, such as 114 14
	Label  map[string]string // by language tag
	Hours  map[string]string // when it answers, by language tag; may be empty
	// Verified is the day on which somebody last called or read it at its source; the zero time where nobody has.
	Verified time.Time
	// Validity is how long that holds; 0 means DefaultValidity.
	Validity time.Duration
	// Lasting numbers, such as 112, need no verification.
	Lasting bool
}

// Until returns the moment from which the number is not shown. It is meaningless for a lasting one.
func (n *Number) Until() time.Time {
	validity := n.Validity
	if validity == 0 {
		validity = DefaultValidity
	}
	return n.Verified.Add(validity)
}

// Holds reports whether the number may be shown at now. A verification from the future does not hold.
func (n *Number) Holds(now time.Time) bool {
	if n.Lasting {
		return true
	}
	// The clock of whoever wrote the date may be a zone ahead.
	return !n.Verified.IsZero() && n.Verified.Before(now.Add(24*time.Hour)) && now.Before(n.Until())
}

// Current returns the numbers that may be shown at now, in their order.
func Current(all []Number, now time.Time) []Number {
	var current []Number
	for i := range all {
		if all[i].Holds(now) {
			current = append(current, all[i])
		}
	}
	return current
}

// Report tells the operator, in a sentence for each, which numbers are not shown and which soon will not be.
func Report(all []Number, now time.Time) []string {
	var report []string
	for i := range all {
		n := &all[i]
		switch {
		case n.Lasting:
		case n.Verified.IsZero():
			report = append(report, fmt.Sprintf("%s %s is not shown: nobody has verified it", n.ID, n.Number))
		case !n.Holds(now):
			report = append(report, fmt.Sprintf("%s %s is not shown: verified %s, which held until %s", n.ID, n.Number,
				n.Verified.Format(time.DateOnly), n.Until().Format(time.DateOnly)))
		case n.Until().Sub(now) < Soon:
			report = append(report, fmt.Sprintf("%s %s is shown until %s: call it, and write the new date", n.ID, n.Number,
				n.Until().Format(time.DateOnly)))
		}
	}
	return report
}

var (
	idPattern     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	numberPattern = regexp.MustCompile(`^\+?[0-9](?:[ -]?[0-9]){2,18}$`)
)

// Fault is what is wrong with one field of a number.
type Fault struct{ Field, Problem string }

func (f *Fault) Error() string { return f.Field + ": " + f.Problem }

// Check returns what is wrong with the number itself, or nil.
func (n *Number) Check() *Fault {
	switch {
	case !idPattern.MatchString(n.ID):
		return &Fault{"id", "write a word of small letters, such as kommun"}
	case !numberPattern.MatchString(n.Number):
		return &Fault{"number", "not a telephone number: write digits with single spaces or hyphens, such as 08-530 610 00"}
	case n.Validity < 0:
		return &Fault{"valid", "less than nothing"}
	case strings.TrimSpace(n.Label["sv"]) == "":
		return &Fault{"label", "no label in Swedish: write label: {sv: …}"}
	}
	return nil
}

//go:embed national.json
var nationalJSON []byte

var national = sync.OnceValue(func() map[string]Number {
	var entries []struct {
		ID       string            `json:"id"`
		Number   string            `json:"number"`
		Label    map[string]string `json:"label"`
		Hours    map[string]string `json:"hours"`
		Verified string            `json:"verified"`
		Expires  bool              `json:"expires"`
	}
	if err := json.Unmarshal(nationalJSON, &entries); err != nil {
		panic(err) // part of the release; a test reads it
	}
	all := make(map[string]Number, len(entries))
	for _, e := range entries {
		verified, err := time.Parse(time.DateOnly, e.Verified)
		if err != nil {
			panic(err)
		}
		all[e.ID] = Number{ID: e.ID, Number: e.Number, Label: e.Label, Hours: e.Hours, Verified: verified,
			Lasting: !e.Expires}
	}
	return all
})

// National returns a number that is the same in every kommun, with the date of the release's own verification, which an
// operator's later one replaces. The ids are in NationalIDs.
func National(id string) (Number, bool) {
	n, ok := national()[id]
	return n, ok
}

// NationalIDs are the numbers that National knows, in the order of a page.
var NationalIDs = []string{"emergency", "police", "children", "suicide"}
