package alarm

import (
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

var (
	phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	topic = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)
)

// CheckAddress says what is wrong with a person's address on a channel, and how to write it.
func CheckAddress(name Name, address string) error {
	switch name {
	case Push:
		return errors.New("is turned on by each person on the console, under Menu: leave it out")
	case Ntfy:
		if !topic.MatchString(address) {
			return errors.New(
				"not a topic: use 1 to 64 letters a to z, digits, hyphens and underscores, long and random, since whoever knows it can listen")
		}
	case Mail:
		if CheckMail(address) != nil {
			return errors.New("not a mail address such as jour@vidby.example")
		}
	case Webhook:
		if _, err := ParseURL(address); err != nil {
			return err
		}
	case SMS, Voice:
		if !phone.MatchString(address) {
			return errors.New("not a telephone number in international form, such as +46701234567")
		}
	}
	return nil
}

// CheckMail accepts a bare address that needs no quoting.
func CheckMail(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 || strings.ContainsAny(address, "\"\\ <>") {
		return errors.New("not a mail address")
	}
	return nil
}

// ParseURL reads where a service is: https, or plain http on this machine.
func ParseURL(text string) (*url.URL, error) {
	wrong := errors.New(
		"not an address: write https:// and what follows, without user, query or fragment; plain http only on 127.0.0.1 or [::1]")
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery ||
		u.Fragment != "" || len(text) > 1024 {
		return nil, wrong
	}
	switch u.Scheme {
	case "https":
		return u, nil
	case "http":
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() {
			return u, nil
		}
	}
	return nil, wrong
}

// inner are ranges that are not the internet, beside those that netip knows by name.
var inner = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// Public tells whether an address is one of the internet: where a browser's push service may be, and nothing of the
// operator's own.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, prefix := range inner {
		if prefix.Contains(ip) {
			return false
		}
	}
	return true
}
