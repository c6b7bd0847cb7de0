// Package claims is the registry of safety claims: facts on which a sentence to visitors depends. Each is proven by
// tests of this repository, by somebody of the kommun who vouches for it with name and date, or only by both together;
// one with neither never holds. A claim that does not hold is left out of the page, which then shows the honest
// alternative.
package claims

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// VouchLasts is how long somebody's word holds.
const VouchLasts = 365 * 24 * time.Hour

// Soon is how long before its end a vouching is reported.
const Soon = 30 * 24 * time.Hour

// Test names a test function of this repository; a test of this package checks that it exists.
type Test struct {
	File string // from the root of the repository
	Name string // the function, or the title of a TypeScript test
}

// Claim is one entry of the registry.
type Claim struct {
	Name string
	// Means is the fact, as the one who vouches must be able to say it.
	Means string
	// Tests prove what the program can prove. Empty where it can prove nothing.
	Tests []Test
	// Vouched claims hold only while somebody vouches for them: the fact is about people, networks or contracts.
	Vouched bool
}

// Vouch is one person's word, from the configuration.
type Vouch struct {
	By string
	On time.Time
}

// Holds reports whether the word is given and not too old. A date in the future is no word.
func (v Vouch) Holds(now time.Time) bool {
	return strings.TrimSpace(v.By) != "" && !v.On.IsZero() && v.On.Before(now.Add(24*time.Hour)) &&
		now.Before(v.On.Add(VouchLasts))
}

// Find returns the claim of this name.
func Find(name string) (Claim, bool) {
	i := slices.IndexFunc(Registry, func(c Claim) bool { return c.Name == name })
	if i < 0 {
		return Claim{}, false
	}
	return Registry[i], true
}

// Holding returns the names of the claims that hold at now, in the registry's order.
func Holding(vouches map[string]Vouch, now time.Time) []string {
	var names []string
	for _, c := range Registry {
		if c.Vouched && vouches[c.Name].Holds(now) || !c.Vouched && len(c.Tests) > 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

// Report tells the operator, in a sentence for each, which claims do not hold and which soon will not.
func Report(vouches map[string]Vouch, now time.Time) []string {
	var report []string
	for _, c := range Registry {
		if !c.Vouched {
			if len(c.Tests) == 0 {
				report = append(report, fmt.Sprintf("%s does not hold: no test of this release shows that %s", c.Name, c.Means))
			}
			continue
		}
		v, given := vouches[c.Name]
		ends := v.On.Add(VouchLasts)
		switch {
		case !given:
			report = append(report, fmt.Sprintf("%s does not hold: nobody vouches that %s", c.Name, c.Means))
		case !v.Holds(now):
			report = append(report, fmt.Sprintf("%s does not hold: the word of %s is over or not yet good", c.Name,
				v.On.Format(time.DateOnly)))
		case ends.Sub(now) < Soon:
			report = append(report, fmt.Sprintf("%s holds until %s: check it again", c.Name, ends.Format(time.DateOnly)))
		}
	}
	return report
}
