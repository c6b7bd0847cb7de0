package live

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

// Rota is the rota of one kommun as this server holds it: the newest that could be read. A nil Rota is that of a kommun
// without one: Present, Hours and Follow work on it. Present and Hours may be called by several goroutines, Read and
// Follow by one.
type Rota struct {
	kommun *config.Kommun
	now    func() time.Time
	log    *slog.Logger
	client *http.Client

	mu    sync.RWMutex
	rota  *rota.Rota
	texts [][]byte // of the calendars, as they were last read

	refused []refusal // of the goroutine that reads
}

// NewRota returns one that was not read yet, or nil for a kommun without a rota.
func NewRota(k *config.Kommun, now func() time.Time, log *slog.Logger) *Rota {
	if k.Rota == nil {
		return nil
	}
	return &Rota{kommun: k, now: now, log: log, client: calendarClient(nil)}
}

// StartRota returns a kommun's rota, read for the first time, or nil for a kommun without one. What cannot be read is
// complained of: a file was there when the configuration was checked, but an address may not answer yet.
func StartRota(ctx context.Context, k *config.Kommun, now func() time.Time, log *slog.Logger) *Rota {
	r := NewRota(k, now, log)
	if r == nil {
		return nil
	}
	if err := r.Read(ctx); err != nil {
		r.complain(err)
	}
	return r
}

// FetchTimeout bounds the whole of one fetch.
const FetchTimeout = 10 * time.Second

// calendarClient goes to the host that was named, and to no other: a calendar that redirects could point into the
// operator's network.
func calendarClient(trust *tls.Config) *http.Client {
	return &http.Client{
		Timeout:       FetchTimeout,
		Transport:     &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NameOf says which calendar is meant. The path of an address is often a secret.
func NameOf(calendar string) string {
	if u, err := url.Parse(calendar); err == nil && config.IsURL(calendar) {
		return "the calendar at " + u.Host
	}
	return calendar
}

func (r *Rota) fetch(ctx context.Context, calendar string) ([]byte, error) {
	var reader io.ReadCloser
	if config.IsURL(calendar) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, calendar, nil)
		if err != nil {
			return nil, errors.New("its address cannot be used")
		}
		request.Header.Set("Accept", "text/calendar")
		response, err := r.client.Do(request)
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

// Read fetches every calendar, and works out the whole. A calendar that cannot be read stays as it was, and the others
// go on; the error joins what is wrong with each of them.
func (r *Rota) Read(ctx context.Context) error { return r.read(ctx, func(string) bool { return true }) }

// read fetches what is due.
func (r *Rota) read(ctx context.Context, due func(calendar string) bool) error {
	r.mu.RLock()
	texts, held := slices.Clone(r.texts), r.rota
	r.mu.RUnlock()
	if texts == nil {
		texts = make([][]byte, len(r.kommun.Rota.Calendars))
	}
	if r.refused == nil {
		r.refused = make([]refusal, len(texts))
	}
	var problems []error
	changed := false
	for i, calendar := range r.kommun.Rota.Calendars {
		if texts[i] != nil && !due(calendar) {
			continue
		}
		text, err := r.fetch(ctx, calendar)
		switch was := r.refused[i]; {
		case err != nil:
		case bytes.Equal(text, texts[i]):
			continue
		case was.text != nil && bytes.Equal(text, was.text):
			err = was.why // it costs too much to be judged each second
		default:
			if _, err = r.work(ctx, text); err != nil {
				r.refused[i] = refusal{text, err}
			}
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s cannot be read: %w", NameOf(calendar), err))
			continue
		}
		texts[i], changed = text, true
	}
	if slices.ContainsFunc(texts, func(text []byte) bool { return text == nil }) {
		return errors.Join(problems...) // a rota without all of its calendars says things that nobody meant
	}
	if held != nil && !changed && r.now().Sub(held.Covers.Start.Add(rota.Before)).Abs() < time.Hour {
		return errors.Join(problems...)
	}
	made, err := r.work(ctx, texts...)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	r.mu.Lock()
	r.rota, r.texts = made, texts
	r.mu.Unlock()
	if changed {
		r.tell(made)
	}
	return errors.Join(problems...)
}

// refusal is a text that was judged and refused.
type refusal struct {
	text []byte
	why  error
}

func (r *Rota) work(ctx context.Context, texts ...[]byte) (*rota.Rota, error) {
	ctx, cancel := context.WithTimeout(ctx, config.RotaTimeout)
	defer cancel()
	return rota.Read(ctx, r.now(), r.kommun.Hours.Zone(), texts...)
}

func (r *Rota) tell(made *rota.Rota) {
	r.log.Info("rota", "kommun", r.kommun.ID, "count", len(made.Between(made.Covers.Start, made.Covers.End)))
	for _, n := range made.Notes {
		r.log.Warn("an event of the rota is left out", "kommun", r.kommun.ID, "problem",
			n.Event+" in "+NameOf(r.kommun.Rota.Calendars[n.Calendar])+": "+n.Problem)
	}
}

// Present is the rota as it was last read: nil where there is none, and nobody is on duty then.
func (r *Rota) Present() *rota.Rota {
	if r == nil {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.rota
}

// Hours are those of the kommun, as its rota changes them. Where a rota is named and has never been read, nothing is
// open.
func (r *Rota) Hours(k *config.Kommun) *hours.Hours {
	if r == nil {
		return k.Hours
	}
	return k.Hours.With(r.Present().Hours())
}

const (
	lookEvery  = time.Second     // at files
	fetchEvery = 5 * time.Minute // from addresses
	sayEvery   = time.Hour       // that the rota cannot be read
)

// Follow reads the calendars again as they change, until ctx ends.
func (r *Rota) Follow(ctx context.Context) {
	if r == nil {
		return
	}
	fetched, far := r.now(), error(nil)
	w := Watch{First: lookEvery, Every: lookEvery, Again: sayEvery, Wrong: r.complain,
		Look: func(ctx context.Context) error {
			now := r.now()
			// A clock that was set back must not keep an old rota for as long as it was ahead.
			remote := now.Sub(fetched) >= fetchEvery || now.Before(fetched)
			err := r.read(ctx, func(calendar string) bool { return remote || !config.IsURL(calendar) })
			switch {
			case remote:
				fetched, far = now, nil
				if slices.ContainsFunc(r.kommun.Rota.Calendars, config.IsURL) {
					far = err // it holds until they are asked again
				}
			case err == nil:
				return far
			}
			return err
		},
		Right: func() { r.log.Info("the rota is read again", "kommun", r.kommun.ID) },
	}
	w.Run(ctx)
}

func (r *Rota) complain(err error) {
	held := r.Present()
	if held == nil {
		r.log.Error("THE ROTA CANNOT BE READ: nobody counts as on duty, and the page says closed", "kommun", r.kommun.ID,
			"problem", err)
		return
	}
	r.log.Error("THE ROTA CANNOT BE READ; the one before it goes on", "kommun", r.kommun.ID, "problem",
		fmt.Sprintf("%v; it was last worked out on %s", err, held.Covers.Start.Add(rota.Before).Format(time.RFC3339)))
}
