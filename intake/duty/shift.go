package duty

import "time"

// Begin is what counts once somebody has begun a shift.
func (s *Snapshot) Begin() Declared { return Declared{Begun: s.Now.Add(MaxShift)} }

// Pause is what counts once alias, who said before, pauses for a time; false where nobody else can be reached: then
// there is no break.
func (s *Snapshot) Pause(alias string, before Declared, length time.Duration) (Declared, bool) {
	if !s.Reachable(alias) {
		return Declared{}, false
	}
	return Declared{Begun: before.Begun, Paused: s.Now.Add(length)}, true
}

// End is what counts once alias has ended their shift: to the end of their present shifts, or without a rota for
// as long as anything counts. Whoever has no shift has nothing to end.
func (s *Snapshot) End(alias string) Declared {
	latest := s.Now.Add(MaxShift)
	if s.Rota == nil {
		return Declared{Ended: latest}
	}
	var end time.Time
	for _, t := range s.Rota.At(s.Now) {
		if t.Alias == alias {
			end = later(end, t.End)
		}
	}
	if end.After(latest) {
		end = latest
	}
	return Declared{Ended: end}
}
