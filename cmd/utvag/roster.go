package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
)

type rosterCommands struct {
	Add    rosterAddCommand    `cmd:"" help:"Add the device of an enrolment request, and sign the next roster for seven days."`
	Renew  rosterRenewCommand  `cmd:"" help:"Sign the roster again, for seven days; prolong certificates."`
	Revoke rosterRevokeCommand `cmd:"" help:"Take a device out, and sign the next roster for seven days."`
	Show   rosterShowCommand   `cmd:"" help:"Show a roster."`
	Diff   rosterDiffCommand   `cmd:"" help:"Say what a newer roster changes: added, revoked, prolonged, re-keyed."`
	Doctor rosterDoctorCommand `cmd:"" help:"Say what expires when and what is thin. Status 1: somebody has to act."`
}

// signing is what every command that signs needs.
type signing struct {
	teamKeyFlags
	Roster string   `required:"" placeholder:"FILE" help:"Roster file; its next version replaces it."`
	Pin    []string `placeholder:"KEY" sep:"none" help:"Team key of another lead who may have signed the present roster. Repeatable."`
}

// open returns the key and the present roster, verified: signing one again would vouch for devices that somebody else
// slipped in.
func (s *signing) open(t terminal, mayBeNew bool) (*teamKey, *roster.Roster, error) {
	key, err := s.unlock(t)
	if err != nil {
		return nil, nil, err
	}
	kommun, ok := strings.CutPrefix(key.Name(), roster.KeyName(""))
	if !ok || !roster.ValidKommun(kommun) {
		return nil, nil, fmt.Errorf("the key is named «%s», which is no kommun's", key.Name())
	}
	signed, err := config.ReadRoster(s.Roster)
	if errors.Is(err, fs.ErrNotExist) && mayBeNew {
		fmt.Fprintf(t.stderr, "%s is not there: this begins a new roster for %s.\n", s.Roster, kommun)
		return key, roster.New(kommun), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the roster %s cannot be read: %s", s.Roster, config.WithoutPath(err))
	}
	pins, err := parsePins(append([]string{key.verifier}, s.Pin...))
	if err != nil {
		return nil, nil, err
	}
	present, err := pins.Open(signed, kommun)
	if err != nil {
		if errors.Is(err, roster.ErrSignature) {
			err = fmt.Errorf("%w. If another lead signed it, name that lead's key with --pin", err)
		}
		return nil, nil, err
	}
	return key, present, nil
}

func (s *signing) write(t terminal, key *teamKey, next *roster.Roster) error {
	signed, err := next.Sign(key)
	if err != nil {
		return err
	}
	if err := replaceFile(s.Roster, signed, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "%s now has serial %d and is valid until %s. Copy it to the server.\n", s.Roster, next.Serial,
		next.Expires.Format(time.RFC3339))
	return nil
}

type rosterAddCommand struct {
	signing
	Request string `required:"" placeholder:"FILE" help:"Enrolment request that the console shows; - for standard input."`
	Role    string `default:"coordinator" enum:"coordinator,caseworker,peer,interpreter,lead" help:"What its owner does: ${enum}."`
	Expires string `default:"180d" help:"How long the device's certificate holds, 1d to 366d."`
	Yes     bool   `help:"Do not ask."`
}

// Run adds a device once a person has looked at it.
func (c *rosterAddCommand) Run(t terminal) error {
	validity, err := parseValidity(c.Expires)
	if err != nil {
		return err
	}
	if c.Request == "-" && !c.Yes {
		return fmt.Errorf("%w: a request from standard input leaves nothing to ask on: save it in a file, or say --yes",
			errUsage)
	}
	text, err := readRequest(t, c.Request)
	if err != nil {
		return err
	}
	request, err := roster.ParseEnrolment(text)
	if err != nil {
		return err
	}
	key, present, err := c.open(t, true)
	if err != nil {
		return err
	}
	now := t.now()
	next, err := present.Add(request, roster.Role(c.Role), now.Add(validity), now)
	if err != nil {
		return err
	}
	added := next.Device(request.Device)
	fmt.Fprintf(t.stderr, "To be added to %s:\n", next.Kommun)
	showDevices(t.stderr, []roster.Device{*added}, now)
	fmt.Fprintf(
		t.stderr,
		"Fingerprint: %s\nLet %s read it to you from the console, face to face or by telephone, before you say yes.\n",
		request.Fingerprint(),
		added.Alias,
	)
	if !c.Yes && !confirm(t.stdin, t.stderr, "Add it?") {
		return errors.New("nothing was changed")
	}
	return c.write(t, key, next)
}

func parseValidity(text string) (time.Duration, error) {
	validity, err := config.ParseDuration(text)
	if err != nil || validity < 24*time.Hour || validity > 366*24*time.Hour {
		return 0, fmt.Errorf("%w: --expires: write 1d to 366d", errUsage)
	}
	return validity, nil
}

func readRequest(t terminal, name string) ([]byte, error) {
	in := t.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("the request %s cannot be read: %s", name, config.WithoutPath(err))
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("the request cannot be read: %s", config.WithoutPath(err))
	}
	return trimPasted(text), nil
}

// trimPasted forgives what copying a text through mail does to it: other line ends, and empty lines around it.
func trimPasted(text []byte) []byte {
	return []byte(strings.Trim(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n \t\ufeff") + "\n")
}

type rosterRevokeCommand struct {
	signing
	Device string `required:"" placeholder:"ID" help:"Device id, 16 hex digits, as roster show prints it."`
	Yes    bool   `help:"Do not ask."`
}

// Run takes a device out.
func (c *rosterRevokeCommand) Run(t terminal) error {
	id, err := roster.ParseDeviceID(c.Device)
	if err != nil {
		return fmt.Errorf("%w: --device: %w", errUsage, err)
	}
	key, present, err := c.open(t, false)
	if err != nil {
		return err
	}
	gone := present.Device(id)
	if gone == nil {
		return fmt.Errorf("%w: %s. `utvag roster show` lists them", roster.ErrAbsent, id)
	}
	next, err := present.Revoke(id, t.now())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "To be revoked in %s:\n", next.Kommun)
	showDevices(t.stderr, []roster.Device{*gone}, t.now())
	if !c.Yes && !confirm(t.stdin, t.stderr, "Revoke it?") {
		return errors.New("nothing was changed")
	}
	return c.write(t, key, next)
}

type rosterRenewCommand struct {
	signing
	Device  []string `placeholder:"ID" help:"A device whose certificate is prolonged as well. Repeatable."`
	Expires string   `default:"180d" help:"How long the certificates of these devices hold from now on, 1d to 366d."`
	Yes     bool     `help:"Do not ask."`
}

// Run signs what is there once more, or begins a roster without devices.
func (c *rosterRenewCommand) Run(t terminal) error {
	validity, err := parseValidity(c.Expires)
	if err != nil {
		return err
	}
	var ids []roster.DeviceID
	for _, text := range c.Device {
		id, err := roster.ParseDeviceID(text)
		if err != nil {
			return fmt.Errorf("%w: --device: %w", errUsage, err)
		}
		ids = append(ids, id)
	}
	// Where there is none yet, an empty one begins: without a roster nothing serves the console that shows the first
	// request.
	key, present, err := c.open(t, true)
	if err != nil {
		return err
	}
	next, err := present.Prolong(ids, t.now().Add(validity), t.now())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "These devices will answer for %s:\n", next.Kommun)
	showDevices(t.stderr, next.Devices, t.now())
	if !c.Yes && !confirm(t.stdin, t.stderr, "Sign it?") {
		return errors.New("nothing was changed")
	}
	return c.write(t, key, next)
}
