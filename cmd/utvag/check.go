package main

import (
	"fmt"
	"io"
	"time"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/server"
)

type checkCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file."`
}

// Run checks all that can be checked without Redis, and reports what is running out.
func (c *checkCommand) Run(t terminal) error {
	now := t.now()
	checked, err := config.Load(c.Config, now)
	if err != nil {
		return err
	}
	for _, k := range checked.Kommuner {
		report(t.stdout, k, now)
	}
	if checked.Channels.Any() {
		if err := server.Outward(); err != nil {
			fmt.Fprintln(t.stdout, "alarms:", err)
		}
	}
	fmt.Fprintln(t.stdout, "The configuration is right.")
	return nil
}

// report writes a line for each thing that the operator should know of a kommun.
func report(w io.Writer, t *config.Kommun, now time.Time) {
	if signed, err := config.ReadRoster(t.RosterFile); err == nil {
		if r, err := t.Pins.Verify(signed, t.ID, now, 0); err == nil {
			fmt.Fprintf(w, "%s: roster %d is valid until %s, with %d devices\n", t.ID, r.Serial, r.Expires.Format(time.RFC3339),
				len(r.Devices))
			for _, line := range config.RosterReport(r, now) {
				fmt.Fprintf(w, "%s: %s\n", t.ID, line)
			}
		}
	}
	for _, line := range t.Report(now) {
		fmt.Fprintf(w, "%s: %s\n", t.ID, line)
	}
}
