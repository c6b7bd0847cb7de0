package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// demoKommun is a place that does not exist.
const demoKommun = "vidby"

var demoCoordinators = []string{"Sara", "Amir"}

// Links are what a demo is begun with: the visitor's page, and a link for each coordinator that enrols one browser,
// once.
type Links struct {
	Visitor      string
	Coordinators []string
}

// ServeDemo serves a kommun that does not exist on two listeners, which it closes, with throwaway team keys and
// everything in memory, until ctx ends; it returns nil then. ready is called once, when both pages are served.
func ServeDemo(ctx context.Context, o Options, visitor, console net.Listener, ready func(Links)) error {
	s, enrol, stop, err := newDemo(ctx, o, visitor, console)
	defer stop()
	if err != nil {
		return errors.Join(err, visitor.Close(), console.Close())
	}
	if err := s.start(); err != nil {
		s.close()
		return err
	}
	k := s.kommuner[0].Config
	links := Links{Visitor: k.Visitor.Origin + "/"}
	for _, alias := range demoCoordinators {
		links.Coordinators = append(links.Coordinators,
			fmt.Sprintf("%s/#enrol=%s&alias=%s", k.Console.Origin, enrol.issue(), url.QueryEscape(alias)))
	}
	ready(links)
	return s.wait(ctx)
}

// newDemo makes a demo's server. stop frees what it uses, and must be called in any case.
func newDemo(ctx context.Context, o Options, visitor, console net.Listener) (s *server, enrol *enrolments, stop func(),
	err error) {
	redis := miniredis.NewMiniRedis()
	if err := redis.Start(); err != nil {
		return nil, nil, func() {}, fmt.Errorf("starting the store in memory: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	stop = func() { cancel(); redis.Close() }
	go drive(ctx, redis)
	teams, pins, err := throwawayKeys()
	if err != nil {
		return nil, nil, stop, err
	}
	address := "redis://" + redis.Addr()
	checked, err := config.CheckInMemory(
		demoConfig(visitor.Addr().String(), console.Addr().String(), address, pins, o.Now()), o.Now())
	if err != nil {
		return nil, nil, stop, err
	}
	k := checked.Kommuner[0]
	held := live.NewRoster(k, o.Now, o.Log)
	if err := putFirst(held, teams[0], o.Now()); err != nil {
		return nil, nil, stop, err
	}
	store, err := redisstore.Open(ctx, redisstore.Options{URL: address})
	if err != nil {
		return nil, nil, stop, fmt.Errorf("the store in memory: %w", err)
	}
	stop = func() { store.Close(); cancel(); redis.Close() }
	enrol = &enrolments{origin: k.Console.Origin, roster: held, team: teams[0], now: o.Now}
	s = &server{now: o.Now, log: o.Log, store: store}
	s.add(&live.Kommun{Config: k, Roster: held}, enrol)
	s.take(k.Visitor, visitor)
	s.take(k.Console, console)
	return s, enrol, stop, nil
}

// putFirst puts the first roster in place, which is empty.
func putFirst(held *live.Roster, team note.Signer, now time.Time) error {
	_, empty := held.Present()
	first, err := empty.Renew(now)
	if err != nil {
		return err
	}
	signed, err := first.Sign(team)
	if err != nil {
		return err
	}
	return held.Put(signed)
}

// drive moves the store's clock: keys in it end only when it is told that time has passed.
func drive(ctx context.Context, redis *miniredis.Miniredis) {
	last := time.Now()
	w := live.Watch{First: time.Second, Every: time.Second, Look: func(context.Context) error {
		now := time.Now()
		redis.FastForward(now.Sub(last))
		last = now
		return nil
	}}
	w.Run(ctx)
}

// throwawayKeys makes two team keys, as every kommun has, that are never written anywhere.
func throwawayKeys() (signers []note.Signer, pins []string, err error) {
	for range 2 {
		private, public, err := note.GenerateKey(rand.Reader, roster.KeyName(demoKommun))
		if err != nil {
			return nil, nil, fmt.Errorf("making a team key: %w", err)
		}
		signer, err := note.NewSigner(private)
		if err != nil {
			return nil, nil, fmt.Errorf("making a team key: %w", err)
		}
		signers, pins = append(signers, signer), append(pins, public)
	}
	return signers, pins, nil
}

// demoConfig is an ordinary configuration of a kommun that does not exist, and that never closes. Its numbers are
// national ones with the dates of the built-in list: those that have run out are not shown, as anywhere else. Its pages
// say that it is a demo.
func demoConfig(visitor, console, redisURL string, pins []string, now time.Time) *config.Config {
	today := now.UTC().Format(time.DateOnly)
	const open = "00:00-24:00"
	return &config.Config{
		Redis: config.RedisConfig{URL: redisURL},
		Kommuner: []config.KommunConfig{{
			ID:      demoKommun,
			Name:    "Vidby kommun",
			Visitor: config.OriginConfig{Origin: "http://" + visitor, Listen: visitor},
			Console: config.OriginConfig{Origin: "http://" + console, Listen: console},
			Pins:    pins,
			// All of them; the page marks the drafts.
			Languages: config.AllLanguages(),
			Hours: &config.HoursConfig{Week: map[string]string{"mon": open, "tue": open, "wed": open, "thu": open, "fri": open,
				"sat": open, "sun": open}, Holidays: "open"},
			Numbers: []config.NumberConfig{
				{National: "emergency"},
				{National: "police"},
				{National: "children"},
				{National: "suicide"},
			},
			Claims: map[string]config.VouchConfig{
				"no_ip_stored":       {By: "the demo, which only this machine can reach", On: today},
				"no_police_accounts": {By: "the demo, whose coordinators are whoever started it", On: today},
			},
			Retention: config.RetentionConfig{Live: "24h", Message: "7d"},
			Leave:     "https://www.smhi.se/",
			Links:     map[string]string{"report": "https://vidby.example/orosanmalan"},
		}},
	}
}
