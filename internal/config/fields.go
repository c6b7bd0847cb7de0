package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/number"
)

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func (s *source) checkEndpoint(at string, o OriginConfig, haveTLS bool) Endpoint {
	var e Endpoint
	if o.Origin == "" {
		s.wrong(at, "no origin: write one such as https://kontakt.vidby.example")
	} else if u, err := parseOrigin(o.Origin); err != nil {
		s.wrong(at+".origin", "%v", err)
	} else {
		e.Origin, e.Host = o.Origin, u.Host
	}
	if o.Listen == "" {
		s.wrong(at, "no listen: write address:port, such as 127.0.0.1:8080, or unix:/run/utvag/web.sock")
		return e
	}
	if path, ok := strings.CutPrefix(o.Listen, "unix:"); ok {
		if !filepath.IsAbs(path) {
			s.wrong(at+".listen", "a unix socket needs an absolute path")
		}
		e.Network, e.Address = "unix", path
		return e
	}
	address, err := netip.ParseAddrPort(o.Listen)
	if err != nil || address.Port() == 0 {
		s.wrong(at+".listen", "not address:port: write an IP address and a port, such as 127.0.0.1:8080 or [::]:443")
		return e
	}
	e.Network, e.Address = "tcp", o.Listen
	e.TLS = haveTLS && !address.Addr().IsLoopback()
	if !address.Addr().IsLoopback() && !haveTLS {
		s.wrong(
			at+".listen",
			"%s can be reached from other machines, and without TLS browsers have no encryption to use: add tls, or listen on 127.0.0.1 behind a proxy that has it",
			o.Listen,
		)
	}
	return e
}

// parseOrigin reads an origin. Plain http is allowed only where browsers call it secure: on this machine.
func parseOrigin(origin string) (*url.URL, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host || origin != strings.ToLower(origin) {
		return nil, errors.New(
			"not an origin: write scheme and host in small letters and nothing after them, such as https://kontakt.vidby.example",
		)
	}
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		return nil, errors.New("leave the usual port out: browsers do")
	}
	switch u.Scheme {
	case "https":
		return u, nil
	case "http":
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return u, nil
		}
	}
	return nil, errors.New("not https: over plain http browsers refuse the encryption that this needs")
}

// checkListeners holds together those who share a listener.
func (s *source) checkListeners(checked *Checked) {
	hosts := make(map[string]string) // of listener and host
	for i, t := range checked.Kommuner {
		for _, end := range []struct {
			name string
			e    Endpoint
		}{{"visitor", t.Visitor}, {"console", t.Console}} {
			if end.e.Address == "" || end.e.Host == "" {
				continue
			}
			at := index("kommuner", i) + "." + end.name
			key := end.e.Network + " " + end.e.Address + " " + end.e.Host
			if other, taken := hosts[key]; taken {
				s.wrong(at+".listen", "%s has the same host on the same listener, so that the Host header cannot tell them apart",
					other)
				continue
			}
			hosts[key] = at
			if strings.HasPrefix(end.e.Origin, "http:") && end.e.TLS {
				s.wrong(at+".origin", "the listener speaks TLS: write https")
			}
		}
	}
}

// checkNames finds the certificate for each origin that the server itself speaks TLS for. Where none could be read,
// that is said already.
func (s *source) checkNames(checked *Checked, certificates []*x509.Certificate) {
	if len(certificates) == 0 {
		return
	}
	for i, t := range checked.Kommuner {
		for _, end := range []struct {
			name string
			e    Endpoint
		}{{"visitor", t.Visitor}, {"console", t.Console}} {
			u, err := url.Parse(end.e.Origin)
			if err != nil || u.Hostname() == "" || !end.e.TLS {
				continue
			}
			if !slices.ContainsFunc(certificates,
				func(c *x509.Certificate) bool { return c.VerifyHostname(u.Hostname()) == nil }) {
				s.wrong(index("kommuner", i)+"."+end.name+".origin", "no certificate under tls is for %s", u.Hostname())
			}
		}
	}
}

func (s *source) checkHours(at string, k *KommunConfig, t *Kommun) {
	if k.Hours == nil {
		return
	}
	var faults []hours.Fault
	t.Hours, faults = hours.New(hours.Spec{Zone: k.Hours.Zone, Week: k.Hours.Week, Exceptions: k.Hours.Exceptions,
		Holidays: k.Hours.Holidays})
	for _, f := range faults {
		s.wrong(at+".hours."+f.Key, "%v", f.Problem)
	}
	if len(faults) == 0 && len(k.Hours.Week) == 0 && len(k.Hours.Exceptions) == 0 {
		s.wrong(at+".hours", "no hours in it: write week, or leave hours out")
	}
}

func (s *source) checkNumbers(at string, k *KommunConfig, t *Kommun) {
	if !slices.ContainsFunc(k.Numbers, func(n NumberConfig) bool { return n.National == "emergency" }) {
		s.wrong(at+".numbers", "112 is not among them: add «- national: emergency»")
	}
	seen := make(map[string]bool)
	for i := range k.Numbers {
		here := index(at+".numbers", i)
		n, ok := s.checkNumber(here, &k.Numbers[i])
		if !ok {
			continue
		}
		if seen[n.ID] {
			s.wrong(here, "another number has the id %s: give each its own", n.ID)
		}
		seen[n.ID] = true
		t.Numbers = append(t.Numbers, n)
	}
}

func (s *source) checkNumber(at string, c *NumberConfig) (number.Number, bool) {
	var n number.Number
	before := len(s.mistakes)
	if c.National != "" {
		var ok bool
		if n, ok = number.National(c.National); !ok {
			s.wrong(at+".national", "not in the national list: known are %s", strings.Join(number.NationalIDs, ", "))
			return n, false
		}
		if c.ID != "" || c.Number != "" || c.Label != nil || c.Hours != nil || c.Valid != "" {
			s.wrong(at, "a national number brings its own texts: write only verified beside it")
		}
	} else {
		n = number.Number{ID: c.ID, Number: c.Number, Label: c.Label, Hours: c.Hours}
		if fault := n.Check(); fault != nil {
			s.wrong(at+"."+fault.Field, "%s", fault.Problem)
		}
		if c.Verified == "" {
			s.wrong(at, "no verified: write the day on which somebody last called it, such as 2026-11-22")
		}
		if c.Valid != "" {
			d, err := ParseDuration(c.Valid)
			if err != nil || d < 24*time.Hour || d > 366*24*time.Hour {
				s.wrong(at+".valid", "write 1d to 366d")
			}
			n.Validity = d
		}
	}
	if c.Verified != "" {
		if day, ok := s.checkDate(at+".verified", c.Verified); ok {
			n.Verified = day
		}
	}
	return n, len(s.mistakes) == before
}

func (s *source) checkDate(at, text string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		s.wrong(at, "not a date such as 2026-11-22")
	}
	return day, err == nil
}

func (s *source) checkClaims(at string, k *KommunConfig, t *Kommun, now time.Time) {
	t.Vouches = make(map[string]claims.Vouch)
	for name, v := range k.Claims {
		here := at + ".claims." + name
		c, ok := claims.Find(name)
		switch {
		case !ok:
			s.wrong(here, "unknown claim; known are %s", strings.Join(claims.Vouchable(), ", "))
			continue
		case !c.Vouched:
			s.wrong(here, "tests prove this one, and nobody's word is needed: leave it out")
			continue
		}
		if strings.TrimSpace(v.By) == "" {
			s.wrong(here, "no by: write who vouches that %s, with title", c.Means)
		}
		if v.On == "" {
			s.wrong(here, "no on: write the day on which it was checked, such as 2026-11-22")
			continue
		}
		if day, ok := s.checkDate(here+".on", v.On); ok {
			if day.After(now.Add(24 * time.Hour)) {
				s.wrong(here+".on", "this day is still to come: write when it was checked")
			}
			t.Vouches[name] = claims.Vouch{By: v.By, On: day}
		}
	}
}

func (s *source) checkRetention(at string, r RetentionConfig, t *Kommun) {
	if r.Live == "" {
		s.wrong(at, "no live: write how long a conversation is kept after its last entry, such as 24h")
	} else if d, err := ParseDuration(r.Live); err != nil || d%time.Hour != 0 || d < time.Hour || d > 72*time.Hour {
		s.wrong(at+".live", "write whole hours, 1h to 72h: the page promises the number to visitors")
	} else {
		t.LiveHours = int(d / time.Hour)
	}
	const day = 24 * time.Hour
	if r.Message == "" {
		s.wrong(at, "no message: write how long a left message is kept, such as 7d")
	} else if d, err := ParseDuration(r.Message); err != nil || d%day != 0 || d < day || d > 30*day {
		s.wrong(at+".message", "write whole days, 1d to 30d: the page promises the number to visitors")
	} else {
		t.MessageDays = int(d / day)
	}
}

func checkLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("not a link: write a whole address that begins with https://")
	}
	return nil
}

var durationPattern = regexp.MustCompile(`^([1-9][0-9]{0,4})([smhd])$`)

// ParseDuration reads 90s, 90m, 24h or 7d.
func ParseDuration(text string) (time.Duration, error) {
	m := durationPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("not a time such as 24h or 7d")
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	return time.Duration(n) * map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour,
		"d": 24 * time.Hour}[m[2]], nil
}
