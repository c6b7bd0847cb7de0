package main

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
)

// dutyStore is what duty needs of the memory that nodes share.
type dutyStore interface {
	SignIn(ctx context.Context, kommun string, devices []chat.Device, now, until time.Time) error
	SignedIn(ctx context.Context, kommun string, now time.Time) ([]chat.Device, error)
	PutShift(ctx context.Context, kommun string, device chat.Device, p redisstore.Shift, now time.Time) error
	Shifts(ctx context.Context, kommun string, now time.Time) (map[chat.Device]redisstore.Shift, error)
}

// teller is what duty needs of the relay.
type teller interface {
	LoggedIn(kommun string) []chat.Device
	TellDuty(kommun string, device chat.Device, f *chat.Duty)
}

// duty knows who is on duty in one kommun: on the rota, or having begun a pass; signed in, or reachable on a tested
// channel.
type duty struct {
	tenant *config.Kommun
	book   *live.Roster
	plan   *live.Rota
	store  dutyStore
	relay  teller
	now    func() time.Time
	log    *slog.Logger
	// reachable tells whether a channel that somebody has tested reaches a person who is not signed in. Nil: none does.
	reachable func(ctx context.Context, alias string) bool
	// unmanned is told once of each stretch of opening hours in which nobody can be reached, as it comes near. Nil: nobody
	// is told.
	unmanned func(from, until time.Time)

	mu     sync.Mutex
	told   map[chat.Device][]byte
	warned hours.Span
}

const (
	dutyEvery = 5 * time.Second
	// signedInFor outlives a node that died by as much as staff may be believed to be there.
	signedInFor = 20 * time.Second
	// gapsAhead and warningsAhead are how far a console looks.
	gapsAhead     = 7 * 24 * time.Hour
	warningsAhead = 14 * 24 * time.Hour
	// unmannedAhead is how long before it begins an unmanned stretch is told of.
	unmannedAhead = 12 * time.Hour
)

// person is somebody on duty at one moment.
type person struct {
	rota.Turn // with a zero place where they are not on the rota
	state     chat.DutyState
}

// scene is who is on duty at one moment, in the order first, second, lead, others.
type scene struct {
	now    time.Time
	rota   *rota.Rota
	people []person
}

// look asks the rota and the store.
func (d *duty) look(ctx context.Context) (*scene, error) {
	now := d.now()
	signedIn, err := d.store.SignedIn(ctx, d.tenant.ID, now)
	if err != nil {
		return nil, err
	}
	passes, err := d.store.Shifts(ctx, d.tenant.ID, now)
	if err != nil {
		return nil, err
	}
	_, r := d.book.Present()
	here := make(map[string]bool)
	said := make(map[string]redisstore.Shift)
	for _, device := range signedIn {
		if alias, ok := answers(r, device, now); ok {
			here[alias] = true
		}
	}
	for device, p := range passes {
		if alias, ok := answers(r, device, now); ok {
			held := said[alias]
			said[alias] = redisstore.Shift{Begun: later(held.Begun, p.Begun), Ended: later(held.Ended, p.Ended),
				Paused: later(held.Paused, p.Paused)}
		}
	}
	s := &scene{now: now, rota: d.plan.Present()}
	add := func(t rota.Turn) {
		p := person{t, chat.DutyMissing}
		switch word := said[t.Alias]; {
		case word.Ended.After(now):
			p.state = chat.DutyEnded
		case word.Paused.After(now):
			p.state = chat.DutyPaused
		case here[t.Alias] || d.reachable != nil && d.reachable(ctx, t.Alias):
			p.state = chat.DutyHere
		}
		s.people = append(s.people, p)
	}
	for _, t := range s.rota.At(now) {
		add(t)
	}
	var extra []string
	for alias := range here {
		// Without a rota whoever is signed in is on duty.
		if !s.rota.On(alias, now) && (d.plan == nil || said[alias].Begun.After(now)) {
			extra = append(extra, alias)
		}
	}
	slices.Sort(extra)
	for _, alias := range extra {
		add(rota.Turn{Alias: alias})
	}
	return s, nil
}

// answers gives the alias of a device that may answer.
func answers(r *roster.Roster, device chat.Device, now time.Time) (string, bool) {
	d := r.Device(roster.DeviceID(device))
	if d == nil || !d.Valid(now) || !d.Role.Intake() {
		return "", false
	}
	return d.Alias, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// called is who plays which part for the escalation. Whoever pauses or has ended their pass is not called; whoever is
// missing is, by the channels that they have.
func (s *scene) called() escalation.Duty {
	var l escalation.Duty
	for _, p := range s.people {
		if p.state == chat.DutyPaused || p.state == chat.DutyEnded {
			continue
		}
		switch {
		case p.Place == rota.Lead:
			l.Leads = append(l.Leads, p.Alias)
			continue
		case p.Place == rota.First && l.First == "":
			l.First = p.Alias
		case p.Place == rota.Second && l.Second == "":
			l.Second = p.Alias
		}
		l.Everyone = append(l.Everyone, p.Alias)
	}
	return l
}

// there tells whether somebody else than alias can be reached now, the lead apart.
func (s *scene) there(but string) bool {
	return slices.ContainsFunc(s.people, func(p person) bool {
		return p.Alias != but && p.Place != rota.Lead && p.state == chat.DutyHere
	})
}

// pass carries out what a person says of their pass.
func (d *duty) pass(ctx context.Context, device chat.Device, f *chat.Shift) error {
	s, err := d.look(ctx)
	if err != nil {
		return err
	}
	_, r := d.book.Present()
	alias, ok := answers(r, device, s.now)
	if !ok {
		return chat.Refuse(chat.Policy, 0)
	}
	passes, err := d.store.Shifts(ctx, d.tenant.ID, s.now)
	if err != nil {
		return err
	}
	word := passes[device]
	word.Paused, word.Ended = time.Time{}, time.Time{}
	switch f.State {
	case chat.ShiftBegun:
		word.Begun = s.now.Add(redisstore.MaxShift)
	case chat.ShiftPaused:
		if !s.there(alias) {
			return chat.Refuse(chat.Policy, 0)
		}
		word.Paused = s.now.Add(time.Duration(f.Minutes) * time.Minute)
	case chat.ShiftEnded:
		word.Begun, word.Ended = time.Time{}, s.ends(alias)
	}
	// One person's other devices say what they said last.
	for other := range passes {
		if name, ok := answers(r, other, s.now); ok && name == alias && other != device {
			if err := d.store.PutShift(ctx, d.tenant.ID, other, redisstore.Shift{}, s.now); err != nil {
				return err
			}
		}
	}
	if err := d.store.PutShift(ctx, d.tenant.ID, device, word, s.now); err != nil {
		return err
	}
	return d.tell(ctx)
}

// ends is until when an ended pass counts: the end of the present turns, or, without any, of the longest pass where
// there is no rota.
func (s *scene) ends(alias string) time.Time {
	latest := s.now.Add(redisstore.MaxShift)
	if s.rota == nil {
		return latest
	}
	var end time.Time
	for _, t := range s.rota.At(s.now) {
		if t.Alias == alias {
			end = later(end, t.End)
		}
	}
	if end.After(latest) {
		return latest
	}
	return end
}

// forget makes the next telling reach this device, whatever it was told before.
func (d *duty) forget(device chat.Device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.told, device)
}

// tell sends to each device of this node what has changed for it.
func (d *duty) tell(ctx context.Context) error {
	own := d.relay.LoggedIn(d.tenant.ID)
	now := d.now()
	if err := d.store.SignIn(ctx, d.tenant.ID, own, now, now.Add(signedInFor)); err != nil {
		return err
	}
	s, err := d.look(ctx)
	if err != nil {
		return err
	}
	common := d.frame(s)
	_, r := d.book.Present()
	d.mu.Lock()
	defer d.mu.Unlock()
	told := make(map[chat.Device][]byte)
	for _, device := range own {
		alias, ok := answers(r, device, now)
		if !ok {
			continue
		}
		f := *common
		f.Warnings = d.warnings(s, alias)
		encoded, err := chat.Encode(&f)
		if err != nil {
			return err
		}
		if told[device] = encoded; !bytes.Equal(encoded, d.told[device]) {
			d.relay.TellDuty(d.tenant.ID, device, &f)
		}
	}
	d.told = told
	d.watch(s)
	return nil
}

func (d *duty) frame(s *scene) *chat.Duty {
	f := &chat.Duty{}
	switch {
	case d.plan == nil:
	case s.rota == nil:
		f.Plan = chat.DutyUnread
	default:
		f.Plan = chat.DutyPlanned
	}
	for _, p := range s.people[:min(len(s.people), chat.LimitDuty)] {
		f.On = append(f.On, turnFrame(p.Turn, p.state))
	}
	next := s.rota.Next(s.now)
	for _, t := range next[:min(len(next), chat.LimitDuty)] {
		f.Next = append(f.Next, turnFrame(t, chat.DutyMissing))
	}
	open := d.plan.Hours(d.tenant)
	if d.plan != nil {
		gaps := s.rota.Gaps(open.Meant(s.now, s.now.Add(gapsAhead)))
		for _, g := range gaps[:min(len(gaps), chat.LimitDuty)] {
			f.Gaps = append(f.Gaps, chat.DutySpan{Start: unix(g.Start), End: unix(g.End)})
		}
	}
	if closes, ok := closing(open, s.now); ok {
		f.Closes = unix(closes)
		if before := d.tenant.Duty.LastStart; before > 0 {
			f.LastStart = unix(closes.Add(-before))
		}
	}
	return f
}

// closing is when the present opening hours end, if that is within a day.
func closing(open *hours.Hours, now time.Time) (time.Time, bool) {
	meant := open.Meant(now, now.Add(24*time.Hour))
	if len(meant) == 0 || !meant[0].Holds(now) || !meant[0].End.Before(now.Add(24*time.Hour)) {
		return time.Time{}, false
	}
	return meant[0].End, true
}

func (d *duty) warnings(s *scene, alias string) []chat.DutyWarning {
	if s.rota == nil {
		return nil
	}
	to := s.now.Add(warningsAhead)
	var all []chat.DutyWarning
	for _, w := range s.rota.Warnings(d.tenant.Rota.Limits, d.tenant.Hours.Zone(), d.plan.Hours(d.tenant).Meant(s.now, to),
		s.now, to) {
		if w.Alias == alias && len(all) < chat.LimitDuty {
			all = append(all, chat.DutyWarning{Rule: dutyRules[w.Rule], Start: unix(w.Span.Start), End: unix(w.Span.End)})
		}
	}
	return all
}

var dutyRules = map[rota.Rule]chat.DutyRule{
	rota.Block: chat.RuleBlock, rota.Pass: chat.RuleShift, rota.DailyRest: chat.RuleDailyRest,
	rota.WeeklyRest: chat.RuleWeeklyRest, rota.Alone: chat.RuleAlone,
}

var dutyPlaces = map[rota.Place]chat.DutyLevel{rota.First: chat.DutyFirst, rota.Second: chat.DutySecond,
	rota.Lead: chat.DutyLead}

func turnFrame(t rota.Turn, state chat.DutyState) chat.DutyShift {
	f := chat.DutyShift{Alias: t.Alias, Level: dutyPlaces[t.Place], State: state}
	if f.Level != chat.DutyExtra {
		f.Start, f.End = unix(t.Start), unix(t.End)
	}
	return f
}

func unix(t time.Time) uint64 { return uint64(max(0, t.Unix())) }

// watch tells, once for each stretch, that it is open and nobody can be reached, or soon will be.
func (d *duty) watch(s *scene) {
	if d.plan == nil {
		return
	}
	var span hours.Span
	open := d.plan.Hours(d.tenant).Meant(s.now, s.now.Add(gapsAhead))
	switch gaps := s.rota.Gaps(open); {
	case len(open) > 0 && open[0].Holds(s.now) && !s.there(""):
		span = open[0]
		if turns := s.rota.At(s.now); len(turns) > 0 {
			// Who is on the rota may come: it ends with their turn at the latest.
			span.End = slices.MinFunc(turns, func(a, b rota.Turn) int { return cmp.Compare(a.End.Unix(), b.End.Unix()) }).End
		}
	case len(gaps) > 0 && gaps[0].Start.Before(s.now.Add(unmannedAhead)):
		span = gaps[0]
	}
	// The same stretch begins later each time that it is looked at, once it has begun.
	if span.End.Equal(d.warned.End) {
		return
	}
	d.warned = span
	if span.End.IsZero() {
		d.log.Info("somebody is on duty again", "kommun", d.tenant.ID)
		return
	}
	d.log.Error("NOBODY IS ON DUTY", "kommun", d.tenant.ID, "problem",
		"open, and nobody can be reached: "+when(span, d.tenant.Hours.Zone()))
	if d.unmanned != nil {
		d.unmanned(span.Start, span.End)
	}
}

// follow tells what changes until ctx ends.
func (d *duty) follow(ctx context.Context) {
	tick := time.NewTicker(dutyEvery)
	defer tick.Stop()
	for {
		asked, cancel := context.WithTimeout(ctx, storePatience)
		// The relay complains where the store does not answer.
		_ = d.tell(asked)
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// startDuty follows who is on duty in every kommun of the server, until ctx ends.
func (s *server) startDuty(ctx context.Context) {
	for _, h := range s.hosted {
		s.background.Go(func() { s.duties[h.tenant.ID].follow(ctx) })
	}
}

func (s *server) makeDuties() {
	s.duties = make(map[string]*duty)
	for _, h := range s.hosted {
		s.duties[h.tenant.ID] = &duty{
			tenant: h.tenant, book: h.book, plan: h.plan, store: s.store, now: s.now, log: s.log,
			reachable: func(ctx context.Context, alias string) bool {
				channels, err := s.alarms.Tested(ctx, h.tenant.ID, alias)
				return err == nil && len(channels) > 0
			},
		}
	}
}

func (s *server) onLogin(kommun string, device chat.Device) {
	d, ok := s.duties[kommun]
	if !ok {
		return
	}
	d.forget(device)
	s.background.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), storePatience)
		defer cancel()
		_ = d.tell(ctx) // the next round says it
	})
}

func (s *server) onPass(ctx context.Context, kommun string, device chat.Device, f *chat.Shift) error {
	d, ok := s.duties[kommun]
	if !ok {
		return chat.Refuse(chat.Policy, 0)
	}
	return d.pass(ctx, device, f)
}
