package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/intake/roster"
)

// Report says which numbers and safety claims the page does not show, or soon will not, and which translations nobody
// has reviewed: a line for each.
func (t *Kommun) Report(now time.Time) []string {
	lines := number.Report(t.Numbers, now)
	for i := range lines {
		lines[i] = "number " + lines[i]
	}
	for _, line := range claims.Report(t.Vouches, now) {
		lines = append(lines, "claim "+line)
	}
	if problem := t.Escalation.Lacks(); problem != "" {
		lines = append(lines, "escalation: "+problem)
	}
	if drafts := t.Drafts(); len(drafts) > 0 {
		lines = append(
			lines, "languages offered as drafts that nobody has reviewed, because the configuration names them: "+strings.Join(
				drafts, ", "))
	}
	return lines
}

// RosterReport says which certificates end soon: a line for each.
func RosterReport(r *roster.Roster, now time.Time) []string {
	var lines []string
	for i := range r.Devices {
		d := &r.Devices[i]
		switch {
		case !d.Valid(now):
			lines = append(lines, fmt.Sprintf("device %s %s: its certificate ended on %s", d.ID, d.Alias,
				d.Expires.Format(time.DateOnly)))
		case d.Expires.Sub(now) < 14*24*time.Hour:
			lines = append(lines, fmt.Sprintf("device %s %s: its certificate ends on %s", d.ID, d.Alias,
				d.Expires.Format(time.DateOnly)))
		}
	}
	return lines
}
