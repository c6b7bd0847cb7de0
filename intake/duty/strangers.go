package duty

import (
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/intake/rota"
)

// Stranger is somebody's first shift in which they cannot answer.
type Stranger struct {
	Shift rota.Shift
	// Until is when the last of their devices expires; zero where no device that may answer has their alias.
	Until time.Time
}

// Strangers are those on the rota, between two times, whom the roster does not know, or no longer at the end of their
// shift, each once. A lead is called, and need not answer.
func Strangers(planned *rota.Rota, r *roster.Roster, from, to time.Time) []Stranger {
	until := make(map[string]time.Time)
	for i := range r.Devices {
		if d := &r.Devices[i]; d.Role.Intake() && d.Expires.After(until[d.Alias]) {
			until[d.Alias] = d.Expires
		}
	}
	var all []Stranger
	told := make(map[string]bool)
	for _, shift := range planned.Between(from, to) {
		if shift.Level == rota.Lead || told[shift.Alias] {
			continue
		}
		if ends, known := until[shift.Alias]; !known || ends.Before(shift.End) {
			told[shift.Alias] = true
			all = append(all, Stranger{shift, ends})
		}
	}
	return all
}
