package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/term"

	"github.com/utvag/utvag/internal/config"
)

// This file alone imports age: it opens the team lead's own key file, and never anything that a visitor wrote.

// fewestCharacters of a passphrase. Whoever steals the file can try as long as they like.
const fewestCharacters = 12

// work is how much each try of a passphrase costs, as a power of two: about a second.
var work = 18

// sealTeamKey encrypts an encoded signer key for its file: once with the passphrase, and once more for the recipients
// where there are some. They are two armored parts, because age lets no file have both; either opens the key.
func sealTeamKey(key, passphrase string, power int, recipients ...age.Recipient) ([]byte, error) {
	byWords, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	byWords.SetWorkFactor(power)
	sealed, err := sealFor(key, byWords)
	if err != nil || len(recipients) == 0 {
		return sealed, err
	}
	more, err := sealFor(key, recipients...)
	return append(sealed, more...), err
}

func sealFor(key string, recipients ...age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	armored := armor.NewWriter(&out)
	w, err := age.Encrypt(armored, recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, key+"\n"); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), armored.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parseRecipients reads the recipients of a command line.
func parseRecipients(keys []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, key := range keys {
		one, err := age.ParseRecipients(strings.NewReader(key))
		if err != nil || len(one) != 1 {
			return nil, fmt.Errorf(
				"%w: --recipient: «%s» is not an age recipient: write one that age-keygen prints, such as age1…", errUsage, key)
		}
		all = append(all, one...)
	}
	return all, nil
}

// teamKey is an opened team key.
type teamKey struct {
	note.Signer
	verifier string
}

// errWrongPassphrase and errWrongIdentity stand for a team key that is whole, but not for whoever tried.
var (
	errWrongPassphrase = errors.New("the passphrase does not open this team key")
	errWrongIdentity   = errors.New(
		"the identity file does not open this team key: none of its recipients is that identity's")
)

func openTeamKey(file, passphrase string) (*teamKey, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	return openTeamKeyWith(file, errWrongPassphrase, identity)
}

func openTeamKeyByIdentity(file, identityFile string) (*teamKey, error) {
	f, err := os.Open(identityFile)
	if err != nil {
		return nil, fmt.Errorf("the identity file %s cannot be read: %s", identityFile, config.WithoutPath(err))
	}
	defer f.Close()
	identities, err := age.ParseIdentities(io.LimitReader(f, 64<<10))
	if err != nil {
		// age's own words could repeat a line of it.
		return nil, fmt.Errorf("%s is not an age identity file: name one that age-keygen wrote, not encrypted", identityFile)
	}
	return openTeamKeyWith(file, errWrongIdentity, identities...)
}

// openTeamKeyWith tries each armored part of the file; none is the error where no part is for these identities.
func openTeamKeyWith(file string, none error, identities ...age.Identity) (*teamKey, error) {
	sealed, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the team key %s cannot be read: %s", file, config.WithoutPath(err))
	}
	for _, part := range bytes.SplitAfter(sealed, []byte(armor.Footer+"\n")) {
		if len(bytes.TrimSpace(part)) == 0 {
			continue
		}
		r, err := age.Decrypt(armor.NewReader(bytes.NewReader(part)), identities...)
		var wrong *age.NoIdentityMatchError
		if errors.As(err, &wrong) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s is not a team key file: %w", file, err)
		}
		encoded, err := io.ReadAll(io.LimitReader(r, 4096))
		if err != nil {
			return nil, fmt.Errorf("%s is damaged: %w", file, err)
		}
		return parseTeamKey(strings.TrimSpace(string(encoded)))
	}
	return nil, none
}

// parseTeamKey reads an encoded signer key and derives the verifier key that pages pin.
func parseTeamKey(encoded string) (*teamKey, error) {
	signer, err := note.NewSigner(encoded)
	if err != nil {
		return nil, errors.New("what is in the file is not a team key")
	}
	// PRIVATE+KEY+<name>+<hash>+<base64 of the algorithm and the seed>; NewSigner has checked it.
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(encoded, "+", 5)[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, errors.New("what is in the file is not a team key")
	}
	public := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return nil, err
	}
	return &teamKey{signer, verifier}, nil
}

// passphrase reads one from a file or from the terminal; twice asks again, for a new one.
func passphrase(t terminal, file string, twice bool) (string, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("the passphrase file cannot be read: %s", config.WithoutPath(err))
		}
		line, _, _ := strings.Cut(string(text), "\n")
		return line, nil
	}
	in, ok := t.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", errors.New("there is no terminal to ask for the passphrase: use --passphrase-file")
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(t.stderr, prompt)
		defer fmt.Fprintln(t.stderr)
		typed, err := term.ReadPassword(int(in.Fd()))
		return string(typed), err
	}
	first, err := ask("Passphrase: ")
	if err != nil || !twice {
		return first, err
	}
	second, err := ask("The same again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two were not the same")
	}
	return first, nil
}

func checkPassphrase(p string) error {
	if utf8.RuneCountInString(p) < fewestCharacters {
		return fmt.Errorf("the passphrase is shorter than %d characters: five random words are easy to keep",
			fewestCharacters)
	}
	return nil
}

// confirm asks a question that only «y» or «yes» answers with yes.
func confirm(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprint(out, question+" [y/N] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(out)
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}
