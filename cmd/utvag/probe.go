package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/probe"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/oncall"
	"github.com/utvag/utvag/internal/prober"
	"github.com/utvag/utvag/internal/quietlog"
)

type probeCommand struct {
	Config   string        `placeholder:"FILE" help:"Configuration file."`
	Kommun   string        `required:"" placeholder:"ID" help:"Id of the kommun."`
	Once     bool          `help:"Make one visit now, on duty or not, and end with status 1 where nobody answered."`
	Patience time.Duration `placeholder:"8m" help:"How long somebody may take to answer; 10s to 15m. As long as the kommun's escalation if left out, and 15m at most."`
	Every    time.Duration `default:"6h" placeholder:"6h" help:"How much duty lies between two visits on average; 10m to 168h."`
	Browser  string        `placeholder:"FILE" help:"Program of Chromium, where it has an unusual name."`
	NewKey   string        `placeholder:"FILE" help:"Make a probe key instead, and its public half in FILE.pub."`
}

// errMissed is what a visit ends with that nobody answered; what to do is logged already.
var errMissed = errors.New("the probe was not answered")

// Run visits the page, once or for as long as it runs.
func (c *probeCommand) Run(t terminal) error {
	if c.NewKey != "" {
		return c.makeKey(t)
	}
	switch {
	case c.Config == "":
		return fmt.Errorf("%w: --config: name the configuration file", errUsage)
	case c.Patience != 0 && (c.Patience < 10*time.Second || c.Patience > probe.Lasts):
		return fmt.Errorf("%w: --patience: write 10s to %v; the mark of a probe lasts no longer", errUsage, probe.Lasts)
	case c.Every < 10*time.Minute || c.Every > 7*24*time.Hour:
		return fmt.Errorf("%w: --every: write 10m to 168h", errUsage)
	}
	checked, err := config.LoadVisitors(c.Config, t.now())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(checked.Kommuner, func(k *config.Kommun) bool { return k.ID == c.Kommun })
	if i < 0 {
		return fmt.Errorf("%w: --kommun: the configuration has no kommun «%s»", errUsage, c.Kommun)
	}
	k := checked.Kommuner[i]
	if k.ProbeKeyFile == "" {
		return fmt.Errorf("%w: %s has no probe_key_file: make one with `utvag probe --kommun %s --new-key FILE`, and name it",
			errUsage, k.ID, k.ID)
	}
	private, err := readProbeKey(k.ProbeKeyFile, k.ID)
	if err != nil {
		return err
	}
	words, err := visitorWords(k)
	if err != nil {
		return err
	}
	log := quietlog.New(t.stderr)
	w := &watcher{
		kommun: k, log: log, now: t.now, out: t.stdout, missed: oncall.NewMissedProbe(checked.Channels, k, t.now, log),
		visit: &prober.Visit{Origin: k.Visitor.Origin, Browser: c.Browser, Words: words, Patience: c.patience(k.Escalation),
			Text: func() (string, error) { return private.Mark(t.now()) }},
	}
	if c.Once {
		return w.once(t.ctx)
	}
	return w.watch(t.ctx, c.Every)
}

// patience is what the command line says, or the time after which the kommun's own escalation has failed.
func (c *probeCommand) patience(l *escalation.Policy) time.Duration {
	if c.Patience != 0 {
		return c.Patience
	}
	return min(l.Fails, probe.Lasts)
}

func (c *probeCommand) makeKey(t terminal) error {
	if !roster.ValidKommun(c.Kommun) {
		return fmt.Errorf("%w: «%s» is not a kommun id: use small letters a to z, digits and hyphens", errUsage, c.Kommun)
	}
	private, public, err := probe.NewKey(c.Kommun)
	if err != nil {
		return fmt.Errorf("making the key: %w", err)
	}
	if err := createFile(c.NewKey, []byte(private+"\n"), 0o600); err != nil {
		return err
	}
	if err := createFile(c.NewKey+".pub", []byte(public+"\n"), 0o644); err != nil {
		os.Remove(c.NewKey)
		return err
	}
	fmt.Fprintf(
		t.stderr,
		"The probe key is in %s, for whoever runs `utvag probe`; the server needs %s.pub alone. Write under the kommun:\n",
		c.NewKey,
		c.NewKey,
	)
	fmt.Fprintf(t.stdout, "probe_key_file: %s\n", c.NewKey)
	return nil
}

func readProbeKey(name, kommun string) (*probe.Key, error) {
	about, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("the probe key %s cannot be read: %s", name, config.WithoutPath(err))
	}
	if about.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("everybody on this machine can read the probe key %s: chmod o-rwx", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the probe key %s cannot be read: %s", name, config.WithoutPath(err))
	}
	key, err := probe.ParseKey(strings.TrimSpace(string(text)), kommun)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// visitorWords are the buttons of the page in Swedish, as the kommun has them.
func visitorWords(t *config.Kommun) (prober.Words, error) {
	var problem error
	say := func(key string) string {
		if own, ok := t.Words["sv"][key]; ok {
			return own
		}
		text, err := i18n.Text("sv", key, nil)
		problem = errors.Join(problem, err)
		return text
	}
	words := prober.Words{
		Ask: say("who.ask"), Skip: say("common.skip"), Chat: say("chan.chat"), End: say("chat.end"), Now: say("chat.end.now"),
		Clear:   say("chat.clear"),
		Deleted: say("chat.done"), Accepted: []string{say("chat.sent"), say("chat.received")},
	}
	return words, problem
}

// watcher makes visits, and cries out where nobody answers.
type watcher struct {
	kommun *config.Kommun
	visit  *prober.Visit
	missed *oncall.MissedProbe
	log    *slog.Logger
	now    func() time.Time
	out    io.Writer
}

func (w *watcher) once(ctx context.Context) error {
	took, err := w.visit.Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	left := errors.Is(err, prober.ErrLeft)
	if left {
		w.log.Warn("the probe's conversation could not be ended; it expires by itself, and a console may show it until then",
			"kommun", w.kommun.ID)
	}
	if took > 0 && !errors.Is(err, prober.ErrMissed) && !errors.Is(err, prober.ErrPage) {
		fmt.Fprintf(w.out, "%s: answered after %v\n", w.kommun.ID, took.Round(100*time.Millisecond))
		return nil
	}
	advice := "See whether the server runs and the page opens, then try again with utvag probe --once"
	switch {
	case errors.Is(err, prober.ErrBrowser):
		// The page may be well: nobody is called, and whoever runs this is told.
		return err
	case errors.Is(err, prober.ErrMissed):
		advice = "Ring whoever is on duty; look whether a console is signed in with its sound on"
	case errors.Is(err, prober.ErrClosed):
		advice = "Ring whoever is on duty: somebody must sign in on a console; look at utvag rota check and utvag roster doctor"
	}
	w.log.Error("A PROBE WAS NOT ANSWERED: who writes now may find nobody", "kommun", w.kommun.ID, "problem",
		fmt.Sprintf("%v. %s", err, advice))
	w.missed.Call(ctx)
	return errMissed
}

// watch visits at times that nobody can foresee, within duty, until ctx ends.
func (w *watcher) watch(ctx context.Context, every time.Duration) error {
	r := live.StartRota(ctx, w.kommun, w.now, w.log)
	go r.Follow(ctx)
	for {
		// Spread evenly over twice the mean, so that the time since the last visit says little about the next.
		at := duty.After(meant(w.kommun, r, w.now()), w.now(), rand.N(2*every))
		if at.IsZero() {
			at = w.now().Add(time.Hour) // nobody is on duty for weeks: another look at the rota
		} else if !sleep(ctx, at.Sub(w.now())) {
			return nil
		} else if spans := meant(w.kommun, r, w.now()); len(spans) > 0 && spans[0].Holds(w.now()) {
			if err := w.once(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errMissed) {
				w.log.Error("a probe could not be made", "kommun", w.kommun.ID, "problem", err)
			}
			continue
		}
		if !sleep(ctx, min(time.Hour, max(time.Minute, at.Sub(w.now())))) {
			return nil
		}
	}
}

// sleep returns false where ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// horizon is how far ahead duty is looked for.
const horizon = 14 * 24 * time.Hour

// meant is when somebody is meant to answer from now on. Without hours and rota there is no time at which nobody is.
func meant(k *config.Kommun, r *live.Rota, now time.Time) []hours.Span {
	open := []hours.Span{{Start: now, End: now.Add(horizon)}}
	if r != nil || k.Hours != nil {
		open = r.Hours(k).Meant(now, now.Add(horizon))
	}
	return duty.Meant(open, r != nil, r.Present())
}
