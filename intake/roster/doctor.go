package roster

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long before its end a thing wants somebody to act.
const (
	RosterSoon      = 3 * 24 * time.Hour
	CertificateSoon = 14 * 24 * time.Hour
)

// FewestIntake devices: with one, its owner's lunch shuts the door.
const FewestIntake = 2

// Finding is one thing about a roster. Act: somebody has to do something; else it is only worth knowing.
type Finding struct {
	Act  bool
	Text string
}

// Examine says what expires when and what is thin: first when the roster ends, then each device, then the team as a
// whole. languages are those that visitors are offered.
func (r *Roster) Examine(now time.Time, languages []string) []Finding {
	findings := []Finding{r.examineExpiry(now)}
	for i := range r.Devices {
		findings = append(findings, r.Devices[i].examine(now))
	}
	return append(findings, r.examineTeam(now, languages)...)
}

func (r *Roster) examineExpiry(now time.Time) Finding {
	at := r.Expires.Format(timeLayout)
	switch left := r.Expires.Sub(now); {
	case left <= 0:
		return Finding{true, fmt.Sprintf("roster %d expired at %s: nobody can be reached. Run `utvag roster renew`", r.Serial,
			at)}
	case left <= RosterSoon:
		return Finding{true, fmt.Sprintf("roster %d expires at %s: run `utvag roster renew`", r.Serial, at)}
	default:
		return Finding{false, fmt.Sprintf("roster %d expires at %s", r.Serial, at)}
	}
}

func (d *Device) examine(now time.Time) Finding {
	who := fmt.Sprintf("device %s %s (%s)", d.ID, d.Alias, d.Role)
	at := d.Expires.Format(time.DateOnly)
	switch left := d.Expires.Sub(now); {
	case left <= 0:
		return Finding{true, who + ": its certificate ended on " + at +
			". Prolong it with `utvag roster renew --device`, or revoke it"}
	case left <= CertificateSoon:
		return Finding{true, who + ": its certificate ends on " + at + ". Prolong it with `utvag roster renew --device`"}
	default:
		return Finding{false, who + ": its certificate ends on " + at}
	}
}

func (r *Roster) examineTeam(now time.Time, languages []string) []Finding {
	var findings []Finding
	intake, lead := 0, false
	spoken := make(map[string]bool)
	aliases := make(map[string]int)
	var twice []string
	for i := range r.Devices {
		d := &r.Devices[i]
		if !d.Valid(now) {
			continue
		}
		if d.Role.Intake() {
			intake++
		}
		lead = lead || d.Role == Lead
		for _, tag := range d.Languages {
			spoken[primary(tag)] = true
		}
		folded := strings.ToLower(d.Alias)
		if aliases[folded]++; aliases[folded] == 2 {
			twice = append(twice, d.Alias)
		}
	}
	if intake < FewestIntake {
		findings = append(findings, Finding{true,
			fmt.Sprintf("%d valid devices can answer a visitor, at least %d are needed: add one with `utvag roster add`", intake,
				FewestIntake)})
	}
	if !lead {
		findings = append(findings, Finding{true,
			"no valid device has the role lead: nobody is left to call when the coordinators do not answer"})
	}
	for _, alias := range twice {
		findings = append(findings, Finding{false,
			fmt.Sprintf("%d devices are called %s: right for one person's, but a visitor cannot tell two people apart",
				aliases[strings.ToLower(alias)], alias)})
	}
	var missing []string
	for _, tag := range languages {
		if !spoken[primary(tag)] && !slices.Contains(missing, tag) {
			missing = append(missing, tag)
		}
	}
	if len(missing) > 0 {
		findings = append(findings, Finding{false,
			"offered to visitors, and spoken by nobody with a valid device: " + strings.Join(missing, ", ")})
	}
	return findings
}

// primary is what two spellings of a language have in common: sv-FI is spoken by whoever speaks sv.
func primary(tag string) string {
	tag, _, _ = strings.Cut(tag, "-")
	return tag
}

// Examine says whether two team leads can sign: pins named for another kommun, or one key under two spellings, count
// for nothing.
func (pins Pins) Examine(kommun string) []Finding {
	var findings []Finding
	var usable []string
	for _, p := range pins {
		key := p.public()
		switch {
		case p.Name() != KeyName(kommun):
			findings = append(findings, Finding{true,
				fmt.Sprintf("the pinned key %s is named for another kommun and verifies nothing here", p.Short())})
		case slices.Contains(usable, key):
			findings = append(findings, Finding{true,
				fmt.Sprintf("the key %s is pinned twice: two different team leads are needed", p.Short())})
		default:
			usable = append(usable, key)
			findings = append(findings, Finding{false, "pinned and usable: " + p.Short()})
		}
	}
	if len(usable) < 2 {
		findings = append(findings, Finding{true,
			fmt.Sprintf("%d usable keys are pinned, at least two are needed: make another with `utvag team init`", len(usable))})
	}
	return findings
}
