package config

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/utvag/utvag/intake/roster"
)

// ReadRoster reads a roster file, without judging it: no more than a roster can be, and a byte, so that a larger one is
// seen to be larger. The error is one of package os.
func ReadRoster(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, roster.MaxBytes+1))
}

// WithoutPath takes the path out of an error of package os: the message around it names the file already.
func WithoutPath(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// RosterAdvice says what to do about a refused roster.
func RosterAdvice(err error) string {
	switch roster.Code(err) {
	case "roster_signature":
		return "Sign it with a pinned team key, or pin the key that signed it"
	case "roster_kommun":
		return "Name this kommun's own file"
	case "roster_expired":
		return "Run `utvag roster renew`"
	case "roster_old":
		return "Copy the newest file here: an old one could bring back a device that was taken out"
	case "clock":
		return "Set this machine's clock, or the one where it was signed"
	default:
		return "Write it with `utvag roster add`, and copy it whole"
	}
}
