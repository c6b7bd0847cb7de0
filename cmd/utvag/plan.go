package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
)

// plan is the rota of one kommun as this server holds it: the newest that could be read. A nil plan is that of a kommun
// without a rota.
type plan struct {
	tenant *config.Kommun
	now    func() time.Time
	log    *slog.Logger
	client *http.Client

	mu    sync.RWMutex
	rota  *rota.Rota
	texts [][]byte // of the calendars, as they were last read

	refused []refusal // of the goroutine that reads
}

func newPlan(t *config.Kommun, now func() time.Time, log *slog.Logger) *plan {
	if t.Rota == nil {
		return nil
	}
	return &plan{tenant: t, now: now, log: log, client: calendarClient(nil)}
}

// calendarTimeout bounds the whole of one fetch.
const calendarTimeout = 10 * time.Second

// calendarClient goes to the host that was named, and to no other: a calendar that redirects could point into the
// operator's network.
func calendarClient(trust *tls.Config) *http.Client {
	return &http.Client{
		Timeout:       calendarTimeout,
		Transport:     &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// nameOf says which calendar is meant. The path of an address is often a secret.
func nameOf(calendar string) string {
	if u, err := url.Parse(calendar); err == nil && config.IsURL(calendar) {
		return "the calendar at " + u.Host
	}
	return calendar
}

func (p *plan) fetch(ctx context.Context, calendar string) ([]byte, error) {
	var reader io.ReadCloser
	if config.IsURL(calendar) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, calendar, nil)
		if err != nil {
			return nil, errors.New("its address cannot be used")
		}
		request.Header.Set("Accept", "text/calendar")
		response, err := p.client.Do(request)
		if err != nil {
			var wrapped *url.Error // it holds the whole address
			if errors.As(err, &wrapped) {
				err = wrapped.Err
			}
			return nil, err
		}
		reader = response.Body
		if response.StatusCode != http.StatusOK {
			reader.Close()
			return nil, fmt.Errorf("it was answered with status %d, and other addresses are not followed", response.StatusCode)
		}
	} else {
		file, err := os.Open(calendar)
		if err != nil {
			return nil, errors.New(config.WithoutPath(err))
		}
		reader = file
	}
	defer reader.Close()
	text, err := io.ReadAll(io.LimitReader(reader, rota.MaxCalendar+1))
	if err != nil {
		return nil, errors.New("it broke off while it was read")
	}
	if len(text) > rota.MaxCalendar {
		return nil, fmt.Errorf("it has more than %d bytes", rota.MaxCalendar)
	}
	return text, nil
}

// read fetches what is due, and works out the whole. A calendar that cannot be read stays as it was, and the others go
// on.
func (p *plan) read(ctx context.Context, due func(calendar string) bool) error {
	p.mu.RLock()
	texts, held := slices.Clone(p.texts), p.rota
	p.mu.RUnlock()
	if texts == nil {
		texts = make([][]byte, len(p.tenant.Rota.Calendars))
		p.refused = make([]refusal, len(texts))
	}
	var problems []error
	changed := false
	for i, calendar := range p.tenant.Rota.Calendars {
		if texts[i] != nil && !due(calendar) {
			continue
		}
		text, err := p.fetch(ctx, calendar)
		switch was := p.refused[i]; {
		case err != nil:
		case bytes.Equal(text, texts[i]):
			continue
		case was.text != nil && bytes.Equal(text, was.text):
			err = was.why // it costs too much to be judged each second
		default:
			if _, err = p.work(ctx, text); err != nil {
				p.refused[i] = refusal{text, err}
			}
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s cannot be read: %w", nameOf(calendar), err))
			continue
		}
		texts[i], changed = text, true
	}
	if slices.ContainsFunc(texts, func(text []byte) bool { return text == nil }) {
		return errors.Join(problems...) // a rota without all of its calendars says things that nobody meant
	}
	if held != nil && !changed && p.now().Sub(held.Covers.Start.Add(rota.Before)).Abs() < time.Hour {
		return errors.Join(problems...)
	}
	made, err := p.work(ctx, texts...)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	p.mu.Lock()
	p.rota, p.texts = made, texts
	p.mu.Unlock()
	if changed {
		p.tell(made)
	}
	return errors.Join(problems...)
}

// refusal is a text that was judged and refused.
type refusal struct {
	text []byte
	why  error
}

func (p *plan) work(ctx context.Context, texts ...[]byte) (*rota.Rota, error) {
	ctx, cancel := context.WithTimeout(ctx, config.RotaTimeout)
	defer cancel()
	return rota.Read(ctx, p.now(), p.tenant.Hours.Zone(), texts...)
}

func (p *plan) tell(made *rota.Rota) {
	p.log.Info("rota", "kommun", p.tenant.ID, "count", len(made.Between(made.Covers.Start, made.Covers.End)))
	for _, n := range made.Notes {
		p.log.Warn("an event of the rota is left out", "kommun", p.tenant.ID, "problem",
			n.Event+" in "+nameOf(p.tenant.Rota.Calendars[n.Calendar])+": "+n.Problem)
	}
}

// present is the rota as it was last read: nil where there is none, and nobody is on duty then.
func (p *plan) present() *rota.Rota {
	if p == nil {
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.rota
}

// hours are the kommun's, as its rota changes them. Where a rota is named and has never been read, nothing is open.
func (p *plan) hours(t *config.Kommun) *hours.Hours {
	if p == nil {
		return t.Hours
	}
	return t.Hours.With(p.present().Hours())
}

const (
	lookEvery  = time.Second     // at files
	fetchEvery = 5 * time.Minute // from addresses
	sayEvery   = time.Hour       // that the rota cannot be read
)

// follow reads the calendars again as they change, until ctx ends.
func (p *plan) follow(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	fetched, said, failed := p.now(), time.Time{}, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := p.now()
		// A clock that was set back must not keep an old rota for as long as it was ahead.
		remote := now.Sub(fetched) >= fetchEvery || now.Before(fetched)
		if remote {
			fetched = now
		}
		err := p.read(ctx, func(calendar string) bool { return remote || !config.IsURL(calendar) })
		switch {
		case ctx.Err() != nil:
		case err == nil:
			if failed != "" && (remote || !p.remote()) {
				p.log.Info("the rota is read again", "kommun", p.tenant.ID)
				failed = ""
			}
		case err.Error() != failed || now.Sub(said) >= sayEvery:
			failed, said = err.Error(), now
			p.complain(err)
		}
	}
}

func (p *plan) remote() bool { return slices.ContainsFunc(p.tenant.Rota.Calendars, config.IsURL) }

func (p *plan) complain(err error) {
	held := p.present()
	if held == nil {
		p.log.Error("THE ROTA CANNOT BE READ: nobody counts as on duty, and the page says closed", "kommun", p.tenant.ID,
			"problem", err)
		return
	}
	p.log.Error("THE ROTA CANNOT BE READ; the one before it goes on", "kommun", p.tenant.ID, "problem",
		fmt.Sprintf("%v; it was last worked out on %s", err, held.Covers.Start.Add(rota.Before).Format(time.RFC3339)))
}

// startPlan reads a kommun's rota for the first time. A file was there when the configuration was checked; an address
// may not answer yet.
func startPlan(ctx context.Context, t *config.Kommun, now func() time.Time, log *slog.Logger) *plan {
	p := newPlan(t, now, log)
	if p == nil {
		return nil
	}
	if err := p.read(ctx, func(string) bool { return true }); err != nil {
		p.complain(err)
	}
	return p
}
