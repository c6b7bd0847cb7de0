package duty

import (
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
)

// Responders is who plays which part for an escalation. Whoever pauses or has ended their shift is not called;
// whoever is missing is, by the channels that they have. Without a rota everybody may be called who may answer. Leads
// are those of the rota, or where it names none now, of the roster.
func (s *Snapshot) Responders(r *roster.Roster, operators []string) *escalation.Responders {
	d := &escalation.Responders{Operators: operators}
	if s.Planned {
		s.fill(d)
	}
	planned := len(d.Leads) > 0
	for i := range r.Devices {
		device := &r.Devices[i]
		if !device.Valid(s.Now) {
			continue
		}
		if !s.Planned && device.Role.Intake() {
			d.Everyone = append(d.Everyone, device.Alias)
		}
		if device.Role == roster.Lead && !planned {
			d.Leads = append(d.Leads, device.Alias)
		}
	}
	return d
}

func (s *Snapshot) fill(d *escalation.Responders) {
	for _, p := range s.People {
		if p.State == Paused || p.State == Ended {
			continue
		}
		switch {
		case p.Level == rota.Lead:
			d.Leads = append(d.Leads, p.Alias)
			continue
		case p.Level == rota.First && d.First == "":
			d.First = p.Alias
		case p.Level == rota.Second && d.Second == "":
			d.Second = p.Alias
		}
		d.Everyone = append(d.Everyone, p.Alias)
	}
}

// Target is whom a step calls: without a rota nobody is first or second, and whoever may answer is called.
func (s *Snapshot) Target(who escalation.Who) escalation.Who {
	if !s.Planned && (who == escalation.First || who == escalation.Second) {
		return escalation.Everyone
	}
	return who
}
