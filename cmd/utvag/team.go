package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
)

type teamCommands struct {
	Init teamInitCommand `cmd:"" help:"Make a team key, encrypted with a passphrase, and print the line to pin."`
	Pin  teamPinCommand  `cmd:"" help:"Print the line to pin of a team key."`
}

type teamInitCommand struct {
	Kommun         string   `required:"" placeholder:"ID" help:"Id of the kommun."`
	Out            string   `required:"" placeholder:"FILE" help:"Where the key goes. Keep it off servers, with a copy in a safe."`
	PassphraseFile string   `placeholder:"FILE" help:"File whose first line is the passphrase; asked for if left out."`
	Recipient      []string `placeholder:"age1…" sep:"none" help:"An age recipient whose identity file opens the key, too. Repeatable."`
}

// Run makes a key, and never replaces one.
func (c *teamInitCommand) Run(t terminal) error {
	if !roster.ValidKommun(c.Kommun) {
		return fmt.Errorf("%w: «%s» is not a kommun id: use small letters a to z, digits and hyphens", errUsage, c.Kommun)
	}
	if _, err := os.Lstat(c.Out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already, and a team key is never replaced: choose another name", c.Out)
	}
	recipients, err := parseRecipients(c.Recipient)
	if err != nil {
		return err
	}
	words, err := passphrase(t, c.PassphraseFile, true)
	if err != nil {
		return err
	}
	if err := checkPassphrase(words); err != nil {
		return err
	}
	private, public, err := note.GenerateKey(rand.Reader, roster.KeyName(c.Kommun))
	if err != nil {
		return fmt.Errorf("making the key: %w", err)
	}
	sealed, err := sealTeamKey(private, words, work, recipients...)
	if err != nil {
		return fmt.Errorf("encrypting the key: %w", err)
	}
	if err := createFile(c.Out, sealed, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "The team key is in %s. Pin this line, under pins of %s:\n", c.Out, c.Kommun)
	fmt.Fprintln(t.stdout, public)
	return nil
}

type teamPinCommand struct{ teamKeyFlags }

// Run prints the verifier key.
func (c *teamPinCommand) Run(t terminal) error {
	key, err := c.unlock(t)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.stdout, key.verifier)
	return nil
}

// teamKeyFlags name a team key and what opens it.
type teamKeyFlags struct {
	TeamKey        string `required:"" placeholder:"FILE" help:"Team key, as team init made it."`
	PassphraseFile string `placeholder:"FILE" help:"File whose first line is the passphrase; asked for if left out."`
	Identity       string `placeholder:"FILE" help:"An age identity file that opens the key instead of the passphrase."`
}

func (f *teamKeyFlags) unlock(t terminal) (*teamKey, error) {
	if f.Identity != "" {
		if f.PassphraseFile != "" {
			return nil, fmt.Errorf("%w: --identity and --passphrase-file: name one of them", errUsage)
		}
		return openTeamKeyByIdentity(f.TeamKey, f.Identity)
	}
	words, err := passphrase(t, f.PassphraseFile, false)
	if err != nil {
		return nil, err
	}
	return openTeamKey(f.TeamKey, words)
}
