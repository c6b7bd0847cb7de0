package main

import (
	"crypto/tls"
	"encoding/json"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/intake/roster"
)

// setup is a configuration in which nothing was wrong.
type setup struct {
	source        *source
	redisURL      string
	redisPassword string
	certificates  []CertificateConfig // with paths made absolute
	channels      channelSetup
	tenants       []*tenant
}

// tenant is one kommun, checked.
type tenant struct {
	id, name         string
	visitor, console endpoint
	rosterFile       string
	pins             roster.Pins
	languages        []string // offered to visitors, Swedish first
	hours            *hours.Hours
	rota             *rotaSetup // nil without one
	duty             dutySetup
	access           *accessSetup // nil without one
	numbers          []number.Number
	vouches          map[string]claims.Vouch
	slots            map[string]string
	liveHours        int
	messageDays      int
	leave            string
	links            map[string]string
	flow             json.RawMessage              // for the pages; nil where it is the release's
	words            map[string]map[string]string // by language and key
	people           people
	probeFile        string // of the probe key, which the server does not read
	probeKey         string // its public half; empty without one
	escalation       *escalation.Policy
	operators        []string  // aliases
	partners         []*tenant // whose staff may be let in, in the order of the configuration
}

// endpoint is where one origin is served.
type endpoint struct {
	origin  string // scheme://host[:port], as a browser writes it
	host    string // what the Host header says
	network string // tcp or unix
	address string
	tls     bool
}

func (t *tenant) live() time.Duration    { return time.Duration(t.liveHours) * time.Hour }
func (t *tenant) message() time.Duration { return time.Duration(t.messageDays) * 24 * time.Hour }

func (t *tenant) pinKeys() []string {
	keys := make([]string, len(t.pins))
	for i, pin := range t.pins {
		keys[i] = pin.String()
	}
	return keys
}

// loadCertificates reads every certificate; the error names the first pair that does not fit.
func loadCertificates(pairs []CertificateConfig) ([]tls.Certificate, error) {
	certificates := make([]tls.Certificate, 0, len(pairs))
	for _, pair := range pairs {
		c, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, c)
	}
	return certificates, nil
}
