package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/intake/roster"
)

type checkCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file."`
}

// Run checks all that can be checked without Redis, and reports what is running out.
func (c *checkCommand) Run(t terminal) error {
	now := t.now()
	checked, err := loadConfig(c.Config, now)
	if err != nil {
		return err
	}
	for _, k := range checked.tenants {
		report(t.stdout, k, now)
	}
	if checked.channels.any() {
		if err := outward(net.Dial); err != nil {
			fmt.Fprintln(t.stdout, "alarms: "+noWayOut+err.Error())
		}
	}
	fmt.Fprintln(t.stdout, "The configuration is right.")
	return nil
}

// report writes a line for each thing that the operator should know of a kommun.
func report(w io.Writer, t *tenant, now time.Time) {
	if signed, err := readRosterFile(t.rosterFile); err == nil {
		if r, err := t.pins.Verify(signed, t.id, now, 0); err == nil {
			fmt.Fprintf(w, "%s: roster %d is valid until %s, with %d devices\n", t.id, r.Serial, r.Expires.Format(time.RFC3339),
				len(r.Devices))
			for _, line := range rosterReport(r, now) {
				fmt.Fprintf(w, "%s: %s\n", t.id, line)
			}
		}
	}
	for _, line := range tenantReport(t, now) {
		fmt.Fprintf(w, "%s: %s\n", t.id, line)
	}
}

// tenantReport tells which numbers and safety claims the page does not show, or soon will not, and which translations
// nobody has reviewed.
func tenantReport(t *tenant, now time.Time) []string {
	lines := number.Report(t.numbers, now)
	for i := range lines {
		lines[i] = "number " + lines[i]
	}
	for _, line := range claims.Report(t.vouches, now) {
		lines = append(lines, "claim "+line)
	}
	if problem := t.escalation.Lacks(); problem != "" {
		lines = append(lines, "escalation: "+problem)
	}
	if drafts := t.drafts(); len(drafts) > 0 {
		lines = append(
			lines, "languages offered as drafts that nobody has reviewed, because the configuration names them: "+strings.Join(
				drafts, ", "))
	}
	return lines
}

// rosterReport tells which certificates end soon.
func rosterReport(r *roster.Roster, now time.Time) []string {
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
