package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
)

// checking is what the commands that only read a roster need to judge it.
type checking struct {
	Pin    []string `placeholder:"KEY" sep:"none" help:"Team key to check the signature with. Repeatable."`
	Kommun string   `placeholder:"ID" help:"Id of the kommun; taken from the pins if left out."`
}

// open reads a roster, expired or not; without a pin it says that nothing vouches for it.
func (c *checking) open(t terminal, file string) (*roster.Roster, roster.Pins, error) {
	signed, err := config.ReadRoster(file)
	if err != nil {
		return nil, nil, fmt.Errorf("the roster %s cannot be read: %s", file, config.WithoutPath(err))
	}
	pins, err := parsePins(c.Pin)
	if err != nil {
		return nil, nil, err
	}
	if len(pins) == 0 {
		fmt.Fprintf(t.stderr, "The signature of %s was not checked: name a team key with --pin.\n", file)
		text, _, _ := strings.Cut(string(signed), "\n\n")
		r, err := roster.Parse([]byte(text + "\n"))
		if err == nil && c.Kommun != "" && r.Kommun != c.Kommun {
			err = fmt.Errorf("%w: it says «%s», not «%s»", roster.ErrKommun, r.Kommun, c.Kommun)
		}
		return r, nil, refusedRoster(file, err)
	}
	kommun := c.Kommun
	if kommun == "" {
		kommun = strings.TrimPrefix(pins[0].Name(), roster.KeyName(""))
	}
	r, err := pins.Open(signed, kommun)
	if err != nil {
		return nil, nil, refusedRoster(file, err)
	}
	return r, pins, nil
}

// refusedRoster says which file it was and what to do about it.
func refusedRoster(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w. %s", file, err, config.RosterAdvice(err))
}

type rosterShowCommand struct {
	checking
	Roster string `required:"" placeholder:"FILE" help:"Roster file."`
}

// Run prints a roster.
func (c *rosterShowCommand) Run(t terminal) error {
	r, _, err := c.open(t, c.Roster)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.stdout, "Kommun %s, serial %d, issued %s, expires %s\n", r.Kommun, r.Serial,
		r.Issued.Format(time.RFC3339), r.Expires.Format(time.RFC3339))
	if !t.now().Before(r.Expires) {
		fmt.Fprintln(t.stdout, "It has expired: no visitor can be reached with it. Run `utvag roster renew`.")
	}
	showDevices(t.stdout, r.Devices, t.now())
	return nil
}

type rosterDiffCommand struct {
	checking
	Before string `arg:"" placeholder:"OLD" help:"The roster before."`
	After  string `arg:"" placeholder:"NEW" help:"The roster after."`
}

// Run prints what has changed. A newer roster with an older serial is an error: a server would refuse it.
func (c *rosterDiffCommand) Run(t terminal) error {
	before, _, err := c.open(t, c.Before)
	if err != nil {
		return err
	}
	after, _, err := c.open(t, c.After)
	if err != nil {
		return err
	}
	if before.Kommun != after.Kommun {
		return fmt.Errorf("%w: %s is of «%s», %s of «%s»", roster.ErrKommun, c.Before, before.Kommun, c.After, after.Kommun)
	}
	fmt.Fprintf(t.stdout, "serial %d -> %d\nexpires %s -> %s\n", before.Serial, after.Serial,
		before.Expires.Format(time.RFC3339), after.Expires.Format(time.RFC3339))
	writeDiff(t.stdout, roster.Compare(before, after))
	switch {
	case after.Serial < before.Serial:
		return refusedRoster(c.After, fmt.Errorf("%w: serial %d after %d", roster.ErrOld, after.Serial, before.Serial))
	case roster.Forked(before, after):
		return roster.ErrForked
	}
	return nil
}

func writeDiff(w io.Writer, d roster.Diff) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	line := func(what string, d *roster.Device) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\tuntil %s\n", what, d.ID, d.Alias, d.Role, strings.Join(d.Languages, ","),
			d.Expires.Format(time.DateOnly))
	}
	for i := range d.Added {
		line("added", &d.Added[i])
	}
	for i := range d.Revoked {
		line("revoked", &d.Revoked[i])
	}
	for i := range d.Rekeyed {
		line("re-keyed from", &d.Rekeyed[i].Before)
		line("re-keyed to", &d.Rekeyed[i].After)
	}
	for i := range d.Changed {
		c := &d.Changed[i]
		was, is, differs := c.Prolonged()
		if differs {
			what := "prolonged"
			if is.Before(was) {
				what = "shortened"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\tuntil %s -> %s\n", what, c.After.ID, c.After.Alias, was.Format(time.DateOnly),
				is.Format(time.DateOnly))
		}
		before := c.Before
		before.Expires = c.After.Expires
		if one := (roster.Replaced{Before: before, After: c.After}); !one.Same() {
			line("changed from", &c.Before)
			line("changed to", &c.After)
		}
	}
	if len(d.Added)+len(d.Revoked)+len(d.Rekeyed)+len(d.Changed) == 0 {
		fmt.Fprintln(table, "the same devices")
	}
}

func parsePins(keys []string) (roster.Pins, error) {
	var pins roster.Pins
	for _, key := range keys {
		pin, err := roster.ParsePin(key)
		if err != nil {
			return nil, fmt.Errorf("%w: --pin: %w", errUsage, err)
		}
		pins = append(pins, pin)
	}
	return pins, nil
}

func showDevices(w io.Writer, devices []roster.Device, now time.Time) {
	if len(devices) == 0 {
		fmt.Fprintln(w, "  no device")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range devices {
		d := &devices[i]
		until := d.Expires.Format(time.DateOnly)
		if !d.Valid(now) {
			until += " (expired)"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\tuntil %s\n", d.ID, d.Alias, d.Role, strings.Join(d.Languages, ","), until)
	}
	table.Flush()
}
