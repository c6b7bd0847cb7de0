package config

import (
	"encoding/json"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/intake/roster"
)

// Checked is a configuration in which nothing was wrong. Only Load, LoadVisitors and CheckInMemory make one.
type Checked struct {
	source *source
	// RedisURL holds the password: it is never shown.
	RedisURL     string
	Certificates []CertificateConfig // with paths made absolute
	Channels     Channels
	Kommuner     []*Kommun
}

// Wrong is the error of a configuration that what it was used for has found wrong at path, such as redis.url.
func (c *Checked) Wrong(path, format string, args ...any) error {
	c.source.wrong(path, format, args...)
	return c.source.sorted()
}

// Kommun is one kommun, checked.
type Kommun struct {
	ID, Name         string
	Visitor, Console Endpoint
	RosterFile       string // an absolute path; empty in the demo
	Pins             roster.Pins
	Languages        []string     // offered to visitors, Swedish first
	Hours            *hours.Hours // nil without any
	Rota             *Rota        // nil without one
	Duty             Duty
	AccessLog        *AccessLog // nil without one
	Numbers          []number.Number
	Vouches          map[string]claims.Vouch
	Slots            map[string]string
	LiveHours        int    // after the last entry
	MessageDays      int    // likewise, of a left message
	Leave            string // where «Leave this page now» goes
	Links            map[string]string
	Flow             json.RawMessage              // for the pages; nil where it is the release's
	Words            map[string]map[string]string // by language and key
	People           People
	ProbeKeyFile     string // of the probe key, which the server does not read
	ProbeKey         string // its public half; empty without one
	Escalation       *escalation.Policy
	Operators        []string  // aliases
	Partners         []*Kommun // whose staff may be let in, in the order of the configuration
}

// Endpoint is where one origin is served.
type Endpoint struct {
	Origin  string // scheme://host[:port], as a browser writes it
	Host    string // what the Host header says
	Network string // tcp or unix
	Address string // host:port, or the path of a socket
	TLS     bool   // whether the server itself speaks it
}

// Live is how long a conversation is kept after its last entry.
func (t *Kommun) Live() time.Duration { return time.Duration(t.LiveHours) * time.Hour }

// Message is how long a left message is kept.
func (t *Kommun) Message() time.Duration { return time.Duration(t.MessageDays) * 24 * time.Hour }

// PinKeys are the verifier keys of the kommun's team leads, as they are written.
func (t *Kommun) PinKeys() []string {
	keys := make([]string, len(t.Pins))
	for i, pin := range t.Pins {
		keys[i] = pin.String()
	}
	return keys
}
