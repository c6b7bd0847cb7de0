package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
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

func (s *source) checkRota(at string, k *KommunConfig, t *tenant, now time.Time) {
	if k.Rota == nil {
		return
	}
	at += ".rota"
	r := &rotaSetup{limits: rota.Usual}
	if m := clockPattern.FindStringSubmatch(k.Rota.Evening); m != nil {
		h, _ := strconv.Atoi(m[1])
		min, _ := strconv.Atoi(m[2])
		r.limits.Evening = time.Duration(h)*time.Hour + time.Duration(min)*time.Minute
	} else if k.Rota.Evening == "off" {
		r.limits.NeverAlone = false
	} else if k.Rota.Evening != "" {
		s.wrong(at+".evening", "write a time such as 18:00, or off")
	}
	if len(k.Rota.Calendars) == 0 {
		s.wrong(at, "no calendars: name a file such as vidby.ics; deploy/rota.example.ics is one")
	}
	for i, calendar := range k.Rota.Calendars {
		here := index(at+".calendars", i)
		if isURL(calendar) {
			if s.checkCalendarURL(here, calendar, k.Rota.Hosts) {
				r.calendars = append(r.calendars, calendar)
			}
			continue
		}
		path := s.path(calendar)
		r.calendars = append(r.calendars, path)
		text, err := os.ReadFile(path)
		if err != nil {
			s.wrong(here, "cannot be read: %s", plain(err))
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), workPatience)
		_, err = rota.Read(ctx, now, t.hours.Zone(), text)
		cancel()
		if err != nil {
			s.wrong(here, "%v", err)
		}
	}
	t.rota = r
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
			at, "its host %s is not under hosts: name it there if it is your own. A rota on somebody else's server tells them when nobody answers", u.Host)
		return false
	}
	return true
}
