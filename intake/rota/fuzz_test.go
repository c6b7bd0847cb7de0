package rota

import (
	"context"
	"os"
	"testing"
	"time"
)

// Whatever a calendar says, reading it ends, and every shift that comes of it is one.
func FuzzRead(f *testing.F) {
	example, err := os.ReadFile("../../deploy/rota.example.ics")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add(calendar(
		outlook,
		"UID:a\nSUMMARY:swap: Sara > Amir\nDTSTART;TZID=Min egen tid:20260105T080000\nDURATION:P1D\nRRULE:FREQ=WEEKLY",
	))
	f.Fuzz(func(t *testing.T, text []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		r, err := Read(ctx, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), stockholm, text)
		if err != nil {
			return
		}
		for _, shift := range r.shifts {
			if !shift.Start.Before(shift.End) || shift.Alias == "" || shift.Level.rank() < 0 {
				t.Errorf("%+v", shift)
			}
		}
		r.Warnings(Usual, stockholm, r.Staffed(First), r.Covers.Start, r.Covers.End)
	})
}
