package oncall

import (
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/duty"
	"github.com/utvag/utvag/intake/rota"
)

// frame is what every device is told.
func (s *shifts) frame(on *duty.Snapshot) *chat.Duty {
	f := &chat.Duty{}
	switch {
	case !on.Planned:
	case on.Rota == nil:
		f.Plan = chat.DutyUnread
	default:
		f.Plan = chat.DutyPlanned
	}
	for _, p := range on.People[:min(len(on.People), chat.LimitDuty)] {
		f.On = append(f.On, shiftOf(p.Shift, p.State))
	}
	next := on.Rota.Next(on.Now)
	for _, t := range next[:min(len(next), chat.LimitDuty)] {
		f.Next = append(f.Next, shiftOf(t, duty.Missing))
	}
	open := s.kommun.Hours()
	if on.Planned {
		gaps := on.Rota.Gaps(open.Meant(on.Now, on.Now.Add(gapsAhead)))
		for _, g := range gaps[:min(len(gaps), chat.LimitDuty)] {
			f.Gaps = append(f.Gaps, chat.DutySpan{Start: unix(g.Start), End: unix(g.End)})
		}
	}
	if closes, ok := duty.Closing(open.Meant(on.Now, on.Now.Add(24*time.Hour)), on.Now); ok {
		f.Closes = unix(closes)
		if before := s.kommun.Config.Duty.LastStart; before > 0 {
			f.LastStart = unix(closes.Add(-before))
		}
	}
	return f
}

// warnings are what the rota breaks for one person, who alone is told.
func (s *shifts) warnings(on *duty.Snapshot, alias string) []chat.DutyWarning {
	if on.Rota == nil {
		return nil
	}
	to := on.Now.Add(warningsAhead)
	var all []chat.DutyWarning
	limits, zone := s.kommun.Config.Rota.Limits, s.kommun.Config.Hours.Zone()
	for _, w := range on.Rota.Warnings(limits, zone, s.kommun.Hours().Meant(on.Now, to), on.Now, to) {
		if w.Alias == alias && len(all) < chat.LimitDuty {
			all = append(all, chat.DutyWarning{Rule: dutyRules[w.Rule], Start: unix(w.Span.Start), End: unix(w.Span.End)})
		}
	}
	return all
}

var dutyRules = map[rota.Rule]chat.DutyRule{
	rota.Block: chat.RuleBlock, rota.LongShift: chat.RuleShift, rota.DailyRest: chat.RuleDailyRest,
	rota.WeeklyRest: chat.RuleWeeklyRest, rota.Alone: chat.RuleAlone,
}

var dutyLevels = map[rota.Level]chat.DutyLevel{rota.First: chat.DutyFirst, rota.Second: chat.DutySecond,
	rota.Lead: chat.DutyLead}

func shiftOf(t rota.Shift, state duty.State) chat.DutyShift {
	f := chat.DutyShift{Alias: t.Alias, Level: dutyLevels[t.Level], State: dutyStates[state]}
	if f.Level != chat.DutyExtra {
		f.Start, f.End = unix(t.Start), unix(t.End)
	}
	return f
}

var dutyStates = map[duty.State]chat.DutyState{duty.Missing: chat.DutyMissing, duty.Here: chat.DutyHere,
	duty.Paused: chat.DutyPaused, duty.Ended: chat.DutyEnded}

func unix(t time.Time) uint64 { return uint64(max(0, t.Unix())) }
