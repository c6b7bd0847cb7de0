package live

import (
	"io"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

// Two rosters with one serial: clients could not tell which is the newer.
func TestAForkedRosterIsRefused(t *testing.T) {
	p := testkit.NewFolder(t)
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRoster(checked.Kommuner[0], func() time.Time { return testkit.Now }, quietlog.New(io.Discard))
	sign := func(alias string) []byte {
		text, err := testkit.EnrolmentRequest("vidby", alias)
		if err != nil {
			t.Fatal(err)
		}
		request, err := roster.ParseEnrolment(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := roster.New("vidby").Add(request, roster.Coordinator, testkit.Now.AddDate(0, 1, 0), testkit.Now)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := r.Sign(p.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	calls := 0
	r.OnChange(func(_, _ *roster.Roster) { calls++ })
	first := sign("Sara")
	for range 2 {
		if err := r.Put(first); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Put(sign("Vera")); err != roster.ErrForked {
		t.Errorf("got %v", err)
	}
	if signed, held := r.Present(); string(signed) != string(first) || held.Devices[0].Alias != "Sara" || calls != 2 {
		t.Errorf("%d calls; it holds %s", calls, signed)
	}
}

// The log warns at 5, 3 and 1 days, once each, and says loudly that it is over.
func TestTheEndOfARosterIsWarnedOf(t *testing.T) {
	log := new(testkit.Log)
	now := testkit.Now
	r := NewRoster(&config.Kommun{ID: "vidby"}, func() time.Time { return now }, quietlog.New(log))
	r.roster = &roster.Roster{Expires: testkit.Now.AddDate(0, 0, 7)}
	said, stage := []int{}, 0
	for hour := range 8 * 24 {
		now = testkit.Now.Add(time.Duration(hour) * time.Hour)
		before := len(log.String())
		r.warn(&stage)
		if len(log.String()) > before {
			said = append(said, hour)
		}
	}
	if len(said) != 4 || said[0] != 48 || said[1] != 96 || said[2] != 144 || said[3] != 168 {
		t.Errorf("warned at hours %v", said)
	}
}
