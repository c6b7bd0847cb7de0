// Package alarm is how somebody who is not at the console hears that there is something to do. A channel says the same
// few words every time, in the same number of bytes, whoever is called, for whichever kommun, and whether it is a test:
// who reads a locked screen, a mail server or an SMS gateway learns that an alarm rang, and when.
//
// This package has no I/O. Each channel is a package below it; internal/oncall makes them. When and whom to call is
// package escalation's to decide.
package alarm

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"github.com/utvag/utvag/i18n"
)

// Call is one alarm to one person by one channel.
type Call struct {
	Kommun string
	// Alias is the person's, as in the roster.
	Alias string
	// Address is where the channel finds them, as CheckAddress has accepted it. It is empty for Push, which has it from
	// the console.
	Address string
	// Key is an idempotency key in lower-case hex, the same when a step is fired again. Channels that can pass it on do.
	Key string
	// Test says that somebody asked to hear it. Nothing that is sent depends on it.
	Test bool
}

// Channel calls people. Call returns once whoever carries the message has accepted it, or with a *Failure: it never
// lasts longer than the channel's own time, ends when ctx does, and may be used by many goroutines. Accepted is not
// heard: only a person's word says that.
type Channel interface {
	Call(ctx context.Context, c Call) error
}

// Name names a channel in the configuration, in Redis and on the console.
type Name string

// The channels. The console itself is none: it needs no call.
const (
	Push    Name = "push"
	Ntfy    Name = "ntfy"
	Mail    Name = "mail"
	Webhook Name = "webhook"
	SMS     Name = "sms"
	Voice   Name = "voice"
)

// Names are all channels, in the order in which they are shown.
var Names = []Name{Push, Ntfy, Mail, Webhook, SMS, Voice}

// Known tells whether a channel has that name.
func Known(name string) bool { return slices.Contains(Names, Name(name)) }

// TestedFor is how long a person's word holds that a channel reached them.
const TestedFor = 30 * 24 * time.Hour

// Reach tells who can be reached; the rota asks it.
type Reach interface {
	// Tested gives the channels by which a person has confirmed an alarm within TestedFor, at the address that is
	// configured now.
	Tested(ctx context.Context, kommun, alias string) ([]Name, error)
}

// Words is all that an alarm says, on every channel.
func Words() string { return words }

// Title stands where a channel wants a title beside the words.
const Title = "Kontakt"

var words = func() string {
	text, err := i18n.Text("sv", "desk.alarm.words", nil)
	if err != nil {
		panic(err) // the catalogs are part of the program
	}
	return text
}()

// Limits say how long and how often a channel tries. The zero value is right outside tests.
type Limits struct {
	// Try is the time of one attempt, 8 seconds if zero; Tries how many there are at most, 3; Pause the first pause
	// between two, 1 second, which doubles and varies by half.
	Try, Pause time.Duration
	Tries      int
	// Roots are trusted instead of those of the system, where they are set.
	Roots *x509.CertPool
}

// Filled gives every limit its value.
func (l Limits) Filled() Limits {
	if l.Try == 0 {
		l.Try = 8 * time.Second
	}
	if l.Tries == 0 {
		l.Tries = 3
	}
	if l.Pause == 0 {
		l.Pause = time.Second
	}
	return l
}
