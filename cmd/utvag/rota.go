package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
)

type rotaCommands struct {
	Check rotaCheckCommand `cmd:"" help:"List where nobody is on duty, and what else a rota lacks. Ends with status 1 where it lacks something."`
}

type rotaCheckCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file."`
	Weeks  int    `default:"4" placeholder:"N" help:"How far to look ahead: 1 to 8 weeks."`
}

// errLacking is what check ends with where a rota lacks something, which is printed already.
var errLacking = errors.New("the rota lacks something")

// Run prints what every rota of the configuration lacks.
func (c *rotaCheckCommand) Run(t terminal) error {
	if c.Weeks < 1 || c.Weeks > 8 {
		return fmt.Errorf("%w: --weeks: write 1 to 8", errUsage)
	}
	now := t.now()
	checked, err := config.Load(c.Config, now)
	if err != nil {
		return err
	}
	lacking := false
	for _, k := range checked.Kommuner {
		lines, err := c.examine(t.ctx, k, now)
		if err != nil {
			lines = []string{err.Error()}
		}
		for _, line := range lines {
			fmt.Fprintf(t.stdout, "%s: %s\n", k.ID, line)
		}
		if len(lines) == 0 {
			fmt.Fprintf(t.stdout, "%s: nothing is lacking for %d weeks\n", k.ID, c.Weeks)
		}
		lacking = lacking || len(lines) > 0
	}
	if lacking {
		return errLacking
	}
	return nil
}

func (c *rotaCheckCommand) examine(ctx context.Context, t *config.Kommun, now time.Time) ([]string, error) {
	p := live.NewRota(t, func() time.Time { return now }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if p == nil {
		return []string{"no rota: name its calendars under rota"}, nil
	}
	if err := p.Read(ctx); err != nil {
		return nil, err
	}
	signed, err := config.ReadRoster(t.RosterFile)
	if err != nil {
		return nil, fmt.Errorf("the roster cannot be read: %s", config.WithoutPath(err))
	}
	r, err := t.Pins.Verify(signed, t.ID, now, 0)
	if err != nil {
		return nil, err
	}
	return lacks(t, p, r, now, now.AddDate(0, 0, 7*c.Weeks)), nil
}

// lacks are the sentences about a rota from one time to another: who is missing, when, and by which rule.
func lacks(t *config.Kommun, p *live.Rota, r *roster.Roster, from, to time.Time) []string {
	held, zone := p.Present(), t.Hours.Zone()
	var all []string
	for _, n := range held.Notes {
		all = append(all, fmt.Sprintf("left out: %s in %s: %s", n.Event, live.NameOf(t.Rota.Calendars[n.Calendar]),
			n.Problem))
	}
	open := p.Hours(t).Meant(from, to)
	if len(open) == 0 {
		all = append(all, "no opening hours at all: write hours in the configuration, or open: in a calendar")
	}
	for _, gap := range held.Gaps(open) {
		all = append(all, fmt.Sprintf("%s: open, and NOBODY is first on duty%s", gap.Text(zone),
			holidayWord(gap.Start.In(zone))))
	}
	for _, w := range held.Warnings(t.Rota.Limits, zone, open, from, to) {
		all = append(all, fmt.Sprintf("%s: %s %s", w.Span.Text(zone), w.Alias, ruleWords(w)))
	}
	for _, s := range duty.Strangers(held, r, from, to) {
		all = append(all, strangerWords(s, zone))
	}
	return all
}

func strangerWords(s duty.Stranger, zone *time.Location) string {
	span := hours.Span{Start: s.Shift.Start, End: s.Shift.End}.Text(zone)
	if s.Until.IsZero() {
		return fmt.Sprintf("%s: %s is on the rota, but no device that may answer has this alias in the roster", span,
			s.Shift.Alias)
	}
	return fmt.Sprintf("%s: every device of %s has expired by then (%s): prolong one with utvag roster prolong", span,
		s.Shift.Alias, s.Until.In(zone).Format("2006-01-02"))
}

func holidayWord(t time.Time) string {
	if name := hours.Holiday(t); name != "" {
		return " (" + name + ")"
	}
	return ""
}

func ruleWords(w rota.Warning) string {
	words := map[rota.Rule]string{
		rota.Block:      "chats for %s at a stretch, more than %s",
		rota.LongShift:  "has a shift of %s, longer than %s",
		rota.DailyRest:  "has %s of rest in these 24 hours, less than %s",
		rota.WeeklyRest: "has %s of rest in this week, less than %s",
	}
	if form, ok := words[w.Rule]; ok {
		return fmt.Sprintf(form, length(w.Has), length(w.Limit))
	}
	return "is alone on duty in the evening"
}

// length is a time such as 10 h 30 min.
func length(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	if m == 0 {
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}
