package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/roster"
)

// Load reads and checks a configuration. The error is Mistakes, with everything that is wrong, or says that the
// file itself cannot be read.
func Load(file string, now time.Time) (*Checked, error) { return load(file, now, false) }

// LoadVisitors is for who visits the page like a visitor: by another user or on another machine, where what the server
// keeps for itself (the password of Redis, certificates, the push key, the access log's folder) is not to be read.
func LoadVisitors(file string, now time.Time) (*Checked, error) { return load(file, now, true) }

func load(file string, now time.Time, visiting bool) (*Checked, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, Mistakes{{file, 1, "the configuration cannot be read: " + WithoutPath(err)}}
	}
	config, s := decode(file, text)
	if config == nil {
		return nil, s.sorted()
	}
	s.visiting = visiting
	checked := s.check(config, now)
	if len(s.mistakes) > 0 {
		return nil, s.sorted()
	}
	return checked, nil
}

// check goes on after each mistake. What it returns is of use only where there was none.
func (s *source) check(c *Config, now time.Time) *Checked {
	checked := &Checked{source: s}
	s.checkRedis(c, checked)
	checked.Channels = s.checkChannels(&c.Channels)
	var names []*x509.Certificate
	pairs := c.TLS
	if s.visiting {
		pairs = nil
	}
	for i, pair := range pairs {
		at := index("tls", i)
		if pair.Cert == "" || pair.Key == "" {
			s.wrong(at, "both cert and key are needed")
			continue
		}
		pair = CertificateConfig{s.path(pair.Cert), s.path(pair.Key)}
		certificate, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		switch {
		case err != nil:
			s.wrong(at, "the certificate cannot be used: %v", err)
		case now.Before(certificate.Leaf.NotBefore):
			s.wrong(at+".cert", "the certificate begins on %s: wait, or set this machine's clock",
				certificate.Leaf.NotBefore.Format(time.DateOnly))
		case now.After(certificate.Leaf.NotAfter):
			s.wrong(at+".cert", "the certificate expired on %s: renew it", certificate.Leaf.NotAfter.Format(time.DateOnly))
		}
		if err == nil {
			names = append(names, certificate.Leaf)
		}
		checked.Certificates = append(checked.Certificates, pair)
	}
	if len(c.Kommuner) == 0 {
		s.wrong("kommuner", "no kommun: name at least one")
	}
	ids := make(map[string]bool)
	origins := make(map[string]string)
	for i := range c.Kommuner {
		at := index("kommuner", i)
		t := s.checkKommun(at, &c.Kommuner[i], len(c.TLS) > 0, now)
		t.People = s.checkPeople(at, &c.Kommuner[i], &checked.Channels)
		s.checkEscalation(at, &c.Kommuner[i], &checked.Channels, t)
		if ids[t.ID] && t.ID != "" {
			s.wrong(at+".id", "another kommun is named «%s» already", t.ID)
		}
		ids[t.ID] = true
		for _, end := range []struct {
			at string
			e  Endpoint
		}{{at + ".visitor", t.Visitor}, {at + ".console", t.Console}} {
			if end.e.Origin == "" {
				continue
			}
			if other, taken := origins[end.e.Origin]; taken {
				s.wrong(
					end.at+".origin",
					"%s has this origin already: give each page its own, so that what one stores or wipes never touches the other",
					other,
				)
				continue
			}
			origins[end.e.Origin] = end.at
		}
		checked.Kommuner = append(checked.Kommuner, t)
	}
	s.checkPartners(c, checked)
	s.checkListeners(checked)
	s.checkNames(checked, names)
	return checked
}

func (s *source) checkRedis(c *Config, checked *Checked) {
	switch scheme, _, _ := strings.Cut(c.Redis.URL, "://"); {
	case c.Redis.URL == "":
		s.wrong("redis", "no url: write one such as unix:///run/utvag-redis/redis.sock")
	case scheme != "redis" && scheme != "rediss" && scheme != "unix":
		s.wrong("redis.url", "not a Redis URL: begin it with redis://, rediss:// or unix://")
	default:
		if err := checkRedisURL(c.Redis.URL); err != nil {
			s.wrong("redis.url", "%v", err)
		}
	}
	checked.RedisURL = c.Redis.URL
	if c.Redis.PasswordFile == "" || s.visiting {
		return
	}
	password, err := os.ReadFile(s.path(c.Redis.PasswordFile))
	switch {
	case err != nil:
		s.wrong("redis.password_file", "cannot be read: %s", WithoutPath(err))
	case strings.TrimSpace(string(password)) == "":
		s.wrong("redis.password_file", "the file is empty: write the password in it, or leave the field out")
	default:
		checked.RedisURL = withPassword(c.Redis.URL, strings.TrimSpace(string(password)))
	}
}

func (s *source) checkKommun(at string, k *KommunConfig, haveTLS bool, now time.Time) *Kommun {
	t := &Kommun{ID: k.ID, Name: strings.TrimSpace(k.Name), Slots: k.Slots, Links: k.Links, Leave: k.Leave}
	switch {
	case k.ID == "":
		s.wrong(at, "no id: write one such as vidby")
	case !roster.ValidKommun(k.ID):
		s.wrong(at+".id", "not a kommun id: use 1 to 40 small letters a to z, digits and hyphens")
	}
	if t.Name == "" {
		s.wrong(at, "no name: write what visitors call the kommun")
	}
	t.Visitor = s.checkEndpoint(at+".visitor", k.Visitor, haveTLS)
	t.Console = s.checkEndpoint(at+".console", k.Console, haveTLS)
	s.checkPins(at, k, t)
	s.checkRoster(at, k, t, now)
	s.checkLanguages(at, k, t)
	s.checkHours(at, k, t)
	s.checkRota(at, k, t, now)
	s.checkDuty(at, k, t)
	s.checkAccessLog(at, k, t)
	s.checkNumbers(at, k, t)
	s.checkFlow(at, k, t)
	s.checkProbe(at, k, t)
	s.checkClaims(at, k, t, now)
	s.checkRetention(at+".retention", k.Retention, t)
	if k.Leave == "" {
		s.wrong(at, "no leave: write where «Leave this page now» goes, such as https://www.smhi.se/")
	} else if err := checkLink(k.Leave); err != nil {
		s.wrong(at+".leave", "%v", err)
	}
	for name, link := range k.Links {
		if err := checkLink(link); err != nil {
			s.wrong(at+".links."+name, "%v", err)
		}
	}
	return t
}

func (s *source) checkPins(at string, k *KommunConfig, t *Kommun) {
	if len(k.Pins) < 2 {
		s.wrong(
			at+".pins",
			"%d pinned, at least two are needed: with one team lead alone, a holiday or a lost key leaves the page without anyone it may trust once the roster's seven days are over. Make the second with `utvag team init`",
			len(k.Pins),
		)
	}
	seen := make(map[string]bool)
	for i, key := range k.Pins {
		pin, err := roster.ParsePin(key)
		switch {
		case err != nil:
			s.wrong(index(at+".pins", i), "not a verifier key: copy the line that `utvag team init` or `utvag team pin` prints")
		case pin.Name() != roster.KeyName(k.ID):
			s.wrong(index(
				at+".pins",
				i,
			), "this key is named «%s», but the kommun's keys are named «%s»: a key of one kommun never speaks for another", pin.Name(), roster.KeyName(k.ID))
		case seen[key]:
			s.wrong(index(at+".pins", i), "this key is pinned twice: two different team leads are needed")
		default:
			t.Pins = append(t.Pins, pin)
		}
		seen[key] = true
	}
}

func (s *source) checkRoster(at string, k *KommunConfig, t *Kommun, now time.Time) {
	if s.inMemory {
		return
	}
	if k.Roster == "" {
		s.wrong(at, "no roster: name the file that `utvag roster add` writes")
		return
	}
	t.RosterFile = s.path(k.Roster)
	signed, err := ReadRoster(t.RosterFile)
	if err != nil {
		s.wrong(at+".roster", "cannot be read: %s. Make it with `utvag roster renew`, still empty, or `utvag roster add`",
			WithoutPath(err))
		return
	}
	if len(t.Pins) == 0 {
		// Without a usable pin every roster looks forged; the pins' own mistakes say enough.
		return
	}
	if _, err := t.Pins.Verify(signed, t.ID, now, 0); err != nil {
		s.wrong(at+".roster", "%v. %s", err, RosterAdvice(err))
	}
}

// CheckInMemory applies the rules of a configuration file to one that is not in a file and has no roster file.
func CheckInMemory(c *Config, now time.Time) (*Checked, error) {
	s := &source{file: "demo", lines: make(map[string]int), inMemory: true}
	checked := s.check(c, now)
	if len(s.mistakes) > 0 {
		return nil, fmt.Errorf("the demo's own configuration: %w", s.sorted())
	}
	return checked, nil
}
