package oncall

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// Whoever is first is on a break or cannot be reached by the step's channel: the second is called in their place, and
// not the lead, and the log says of a step that it called nobody.
func TestABreakWakesNoLead(t *testing.T) {
	s := newOnDuty(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "1300"),
		"UID:2\nSUMMARY:second: Amir\n"+utc("20261124", "0800", "1800"),
		"UID:3\nSUMMARY:lead: Karin\nDTSTART;VALUE=DATE:20261124")
	p := testkit.NewPhone(t, time.Now())
	place := testkit.NewFolder(t)
	place.Write(t, "vidby.ics", testkit.AllDay(testkit.Now))
	place.Write(t, "utvag.yaml", []byte(strings.NewReplacer("Sara: {ntfy: topic-of-sara}", "Amir: {ntfy: topic-of-amir}",
		"      Ali: {ntfy: topic-of-ali}\n", "").Replace(
		strings.Replace(
			place.Text,
			"kommuner:\n",
			"channels:\n  ntfy: {url: \""+p.URL+"\"}\nkommuner:\n",
			1,
		)+testkit.Escalation,
	)))
	checked, err := config.Load(filepath.Join(place.Dir, "utvag.yaml"), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	c, d := checked.Kommuner[0], s.nodes[0]
	k := &live.Kommun{Config: c, Roster: d.kommun.Roster, Rota: d.kommun.Rota}
	store := d.store.(*redisstore.Store)
	a := NewPersonChannels(checked.Channels, store, d.now, d.log)
	t.Cleanup(a.Close)
	a.Add(c, k.Roster)
	e := &escalator{log: d.log, now: d.now, alarms: a, calls: store, shifts: map[string]*shifts{c.ID: d},
		kommuner: map[string]*live.Kommun{c.ID: k}}
	s.desks[0].in = []chat.Device{s.devices["Sara"], s.devices["Amir"]}
	s.tell()
	take := func(number int, key string) {
		t.Helper()
		if err := e.step(t.Context(), relay.Step{Kommun: c.ID, Number: number, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = "A STEP OF THE ESCALATION CALLED NOBODY"
	take(0, "consoles")
	if strings.Contains(s.log.String(), nobody) {
		t.Error("a step that tells the consoles calls nobody")
	}
	take(1, "before")
	if p.Calls() != 0 || strings.Count(s.log.String(), nobody) != 1 {
		t.Errorf("Sara has no address, and there were %d calls: %s", p.Calls(), s.log)
	}
	if err := s.say(0, "Sara", chat.ShiftPaused, 20); err != nil {
		t.Fatal(err)
	}
	take(1, "during")
	if len(p.Rang("topic-of-amir")) != 1 || len(p.Rang("topic-of-karin")) != 0 ||
		strings.Count(s.log.String(), nobody) != 1 {
		t.Errorf("during the break there were %d calls", p.Calls())
	}
	take(2, "then")
	if len(p.Rang("topic-of-karin")) != 1 {
		t.Error("after the second nobody else is called")
	}
}

func TestWhoseKeyPackagesRunOutIsReminded(t *testing.T) {
	o := testkit.NewPhone(t, time.Now())
	p := testkit.NewFolder(t)
	p.Write(t, "vidby.ics", testkit.AllDay(testkit.Now))
	p.Write(t, "utvag.yaml", []byte(strings.Replace(p.Text, "kommuner:\n",
		"channels:\n  ntfy: {url: \""+o.URL+"\"}\nkommuner:\n", 1)+testkit.Escalation))
	checked, err := config.Load(filepath.Join(p.Dir, "utvag.yaml"), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: redistest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	log, now := quietlog.New(new(testkit.Log)), func() time.Time { return testkit.Now }
	nodes := make([]*escalator, 2)
	for i := range nodes {
		a := NewPersonChannels(checked.Channels, store, now, log)
		t.Cleanup(a.Close)
		a.Add(checked.Kommuner[0], live.NewRoster(checked.Kommuner[0], now, log))
		nodes[i] = &escalator{log: log, now: now, alarms: a, calls: store}
	}
	for _, node := range nodes {
		node.remind(t.Context(), "vidby", "Ali")
	}
	if n := len(o.Rang("topic-of-ali")); n != 1 {
		t.Errorf("Ali was reminded %d times by two nodes", n)
	}
	if n := len(o.Rang("topic-of-sara")) + len(o.Rang("topic-of-karin")); n != 0 {
		t.Errorf("others were called %d times", n)
	}
}
