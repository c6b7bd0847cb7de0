package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/live"
)

// publicStore is what the two public answers need of the relay's store.
type publicStore interface {
	KeyPackages(ctx context.Context, kommun string, day uint32) (map[chat.Device][]byte, error)
	Reachable(ctx context.Context, kommun string, now time.Time) (bool, error)
}

// How long one answer is given to everyone who asks. A status that followed each login at once would let a watcher read
// the staff's comings and goings by the second; a directory must show a device soon after it has enrolled.
const (
	statusLasts    = 5 * time.Second
	directoryLasts = time.Second
)

// storeTimeout bounds a question to the store.
const storeTimeout = 3 * time.Second

// public answers /status and /directory of one kommun: the same bytes for everyone who asks at that moment.
type public struct {
	kommun *live.Kommun
	store  publicStore
	puzzle func(context.Context) (chat.Puzzle, error)
	now    func() time.Time
}

// status is the twin of Status in web/src/config.ts.
type status struct {
	Reachable bool           `json:"reachable"`
	Within    bool           `json:"within"`
	Closes    string         `json:"closes"`
	Opens     *hours.Opening `json:"opens,omitempty"`
	Ready     bool           `json:"ready"`
	Time      int64          `json:"time"`
}

func (p *public) status() http.Handler {
	return &answer{kind: "application/json", lasts: statusLasts, now: p.now,
		make: func(ctx context.Context, now time.Time) ([]byte, error) {
			reachable, err := p.store.Reachable(ctx, p.kommun.Config.ID, now)
			if err != nil {
				return nil, err
			}
			_, packages, err := p.packages(ctx, now)
			if err != nil {
				return nil, err
			}
			state := p.kommun.Hours().At(now)
			if _, r := p.kommun.Roster.Present(); !now.Before(r.Expires) {
				// Those who are signed in cannot be reached: no visitor's client takes this roster.
				reachable, packages = false, nil
			}
			return json.Marshal(status{Reachable: reachable, Within: state.Within, Closes: state.Closes, Opens: state.Opens,
				Ready: len(packages) > 0, Time: now.Unix()})
		}}
}

func (p *public) directory() http.Handler {
	return &answer{kind: "application/octet-stream", lasts: directoryLasts, now: p.now,
		make: func(ctx context.Context, now time.Time) ([]byte, error) {
			signed, packages, err := p.packages(ctx, now)
			if err != nil {
				return nil, err
			}
			puzzle, err := p.puzzle(ctx)
			if err != nil {
				return nil, err
			}
			return chat.EncodeDirectory(&chat.Directory{Roster: string(signed), Time: uint64(now.Unix()), Puzzle: puzzle,
				KeyPackages: packages})
		}}
}

// packages returns the signed roster, and today's key package of each of its devices that has published one.
func (p *public) packages(ctx context.Context, now time.Time) ([]byte, []chat.DirectoryKeyPackage, error) {
	signed, r := p.kommun.Roster.Present()
	today := uint32(now.Unix() / (24 * 60 * 60))
	published, err := p.store.KeyPackages(ctx, p.kommun.Config.ID, today)
	if err != nil {
		return nil, nil, err
	}
	var packages []chat.DirectoryKeyPackage
	for i := range r.Devices {
		d := &r.Devices[i]
		if !d.Valid(now) || d.Role == roster.Interpreter {
			continue
		}
		if key, ok := published[chat.Device(d.ID)]; ok {
			packages = append(packages, chat.DirectoryKeyPackage{Device: chat.Device(d.ID), Day: today, KeyPackage: key})
		}
	}
	return signed, packages, nil
}

// answer is made at most once in its time, however many ask; one asks the store, the others wait for it.
type answer struct {
	kind  string
	lasts time.Duration
	now   func() time.Time
	make  func(ctx context.Context, now time.Time) ([]byte, error)

	mu   sync.Mutex
	body []byte
	made time.Time
}

func (a *answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body := a.fresh()
	if body == nil {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	// Deploys behind no site of ours keep this, too.
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

// fresh returns nil where the store did not answer. It uses no request's context: the one who waits first must not be
// able to cancel for the others.
func (a *answer) fresh() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if age := now.Sub(a.made); a.body != nil && age >= 0 && age < a.lasts {
		return a.body
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	body, err := a.make(ctx, now)
	if err != nil {
		a.body = nil
		return nil
	}
	a.body, a.made = body, now
	return body
}
