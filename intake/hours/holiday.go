package hours

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/se"
)

// holidays are the Swedish ones with the three eves on which nobody works, and the two Sundays that the library's own
// list leaves out.
var holidays = append([]*cal.Holiday{se.Paskdagen, se.Pingstdagen}, se.Holidays...)

// Holiday is the Swedish name of the holiday that a date is, or empty. Only the date of t counts, in its own zone.
func Holiday(t time.Time) string {
	y, m, d := t.Date()
	for _, h := range holidays {
		actual, _ := h.Calc(y)
		if _, am, ad := actual.Date(); !actual.IsZero() && am == m && ad == d {
			return h.Name
		}
	}
	return ""
}
