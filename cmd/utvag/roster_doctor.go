package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
)

type rosterDoctorCommand struct {
	Config         string   `placeholder:"FILE" xor:"what" required:"" help:"Configuration file: rosters, pins and languages are taken from it."`
	Roster         string   `placeholder:"FILE" xor:"what" required:"" help:"One roster file, with its pins."`
	Pin            []string `placeholder:"KEY" sep:"none" help:"With --roster: each key that the page pins."`
	Language       []string `placeholder:"TAG" help:"With --roster: a language that visitors are offered. Repeatable."`
	TeamKey        string   `placeholder:"FILE" help:"A team key that is opened, to see that it still can be and that it is pinned."`
	PassphraseFile string   `placeholder:"FILE" help:"File whose first line is the passphrase; asked for if left out."`
	Identity       string   `placeholder:"FILE" help:"An age identity file that opens the key instead of the passphrase."`
	Quiet          bool     `help:"Say only what somebody has to act on: nothing at all where all is well."`
}

// errUnwell is what doctor ends with where somebody has to act: status 1, with the findings printed already.
var errUnwell = errors.New("somebody has to act")

// examined is one kommun's roster with what it is judged by.
type examined struct {
	kommun    string
	signed    []byte
	pins      roster.Pins
	languages []string
}

// Run prints what it finds, and ends with an error where somebody has to act.
func (c *rosterDoctorCommand) Run(t terminal) error {
	all, err := c.targets(t)
	if err != nil {
		return err
	}
	var key *teamKey
	if c.TeamKey != "" {
		if key, err = (&teamKeyFlags{c.TeamKey, c.PassphraseFile, c.Identity}).unlock(t); err != nil {
			return err
		}
	}
	unwell := false
	for _, one := range all {
		for _, f := range one.examine(t.now(), key) {
			unwell = unwell || f.Act
			mark := "  "
			if f.Act {
				mark = "! "
			}
			if f.Act || !c.Quiet {
				fmt.Fprintf(t.stdout, "%s%s: %s\n", mark, one.kommun, f.Text)
			}
		}
	}
	if unwell {
		return errUnwell
	}
	return nil
}

func (c *rosterDoctorCommand) targets(t terminal) ([]examined, error) {
	if c.Config != "" {
		checked, err := config.Load(c.Config, t.now())
		if err != nil {
			return nil, err
		}
		var all []examined
		for _, k := range checked.Kommuner {
			signed, err := config.ReadRoster(k.RosterFile)
			if err != nil {
				return nil, fmt.Errorf("the roster %s cannot be read: %s", k.RosterFile, config.WithoutPath(err))
			}
			all = append(all, examined{k.ID, signed, k.Pins, k.Languages})
		}
		return all, nil
	}
	if len(c.Pin) == 0 {
		return nil, fmt.Errorf("%w: --pin: name each key that the page pins, as `utvag team pin` prints it", errUsage)
	}
	r, pins, err := (&checking{Pin: c.Pin}).open(t, c.Roster)
	if err != nil {
		return nil, err
	}
	signed, err := config.ReadRoster(c.Roster)
	if err != nil {
		return nil, fmt.Errorf("the roster %s cannot be read: %s", c.Roster, config.WithoutPath(err))
	}
	return []examined{{r.Kommun, signed, pins, c.Language}}, nil
}

func (e *examined) examine(now time.Time, key *teamKey) []roster.Finding {
	findings := e.pins.Examine(e.kommun)
	for _, p := range e.pins.Signers(e.signed, e.kommun) {
		findings = append(findings, roster.Finding{Text: "the roster is signed by " + p.Short()})
	}
	if key != nil {
		findings = append(findings, e.examineKey(key))
	}
	r, err := e.pins.Open(e.signed, e.kommun)
	if err != nil {
		return append(findings, roster.Finding{Act: true, Text: err.Error() + ". " + config.RosterAdvice(err)})
	}
	return append(findings, r.Examine(now, e.languages)...)
}

func (e *examined) examineKey(key *teamKey) roster.Finding {
	for _, p := range e.pins {
		if p.String() == key.verifier {
			return roster.Finding{Text: "the team key opens, and is pinned: " + p.Short()}
		}
	}
	return roster.Finding{Act: true, Text: "the team key opens, but no page pins it: a roster that it signs is refused"}
}
