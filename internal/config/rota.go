package config

import (
	"context"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/rota"
)

// RotaConfig is who is on duty. Where there is one, the page says open only while somebody is first on duty.
type RotaConfig struct {
	// Calendars are files or https addresses in iCalendar; a later one overrides those before it.
	Calendars []string `yaml:"calendars"`
	// Hosts are those of the operator's own from which calendars may be fetched.
	Hosts []string `yaml:"hosts"`
	// Evening is when nobody should be alone on duty from, such as 18:00, or off; 18:00 if left out.
	Evening string `yaml:"evening"`
}

var clockPattern = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)

func (s *source) checkRota(at string, k *KommunConfig, t *Kommun, now time.Time) {
	if k.Rota == nil {
		return
	}
	at += ".rota"
	r := &Rota{Limits: rota.Usual}
	if m := clockPattern.FindStringSubmatch(k.Rota.Evening); m != nil {
		h, _ := strconv.Atoi(m[1])
		min, _ := strconv.Atoi(m[2])
		r.Limits.Evening = time.Duration(h)*time.Hour + time.Duration(min)*time.Minute
	} else if k.Rota.Evening == "off" {
		r.Limits.NeverAlone = false
	} else if k.Rota.Evening != "" {
		s.wrong(at+".evening", "write a time such as 18:00, or off")
	}
	if len(k.Rota.Calendars) == 0 {
		s.wrong(at, "no calendars: name a file such as vidby.ics; deploy/rota.example.ics is one")
	}
	for i, calendar := range k.Rota.Calendars {
		here := index(at+".calendars", i)
		if IsURL(calendar) {
			if s.checkCalendarURL(here, calendar, k.Rota.Hosts) {
				r.Calendars = append(r.Calendars, calendar)
			}
			continue
		}
		path := s.path(calendar)
		r.Calendars = append(r.Calendars, path)
		text, err := os.ReadFile(path)
		if err != nil {
			s.wrong(here, "cannot be read: %s", WithoutPath(err))
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), RotaTimeout)
		_, err = rota.Read(ctx, now, t.Hours.Zone(), text)
		cancel()
		if err != nil {
			s.wrong(here, "%v", err)
		}
	}
	t.Rota = r
}

// checkCalendarURL holds an address to hosts that are named twice: a slip must not send the server to somebody else's.
func (s *source) checkCalendarURL(at, calendar string, hosts []string) bool {
	u, err := url.Parse(calendar)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		s.wrong(at, "not an address such as https://kalender.vidby.example/jour.ics, without user and fragment")
		return false
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && local):
		s.wrong(at, "not https: whoever is on the way could change who is on duty")
		return false
	case !slices.Contains(hosts, u.Host):
		s.wrong(
			at,
			"its host %s is not under hosts: name it there if it is your own. A rota on somebody else's server tells them when nobody answers",
			u.Host,
		)
		return false
	}
	return true
}

// Rota is a kommun's rota as the configuration names it, checked.
type Rota struct {
	Calendars []string // absolute paths, and URLs of the operator's own hosts
	Limits    rota.Limits
}

// IsURL reports whether a calendar is an address, and not a file.
func IsURL(calendar string) bool { return strings.Contains(calendar, "://") }

// RotaTimeout bounds what may be spent on working out the calendars of a rota: they are written by others.
const RotaTimeout = 5 * time.Second
