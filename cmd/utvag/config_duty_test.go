package main

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/web"
)

const leave = "    leave: https://www.smhi.se/\n"

func TestWhatIsAskedOfDuty(t *testing.T) {
	usual := web.DutyRules{AtOnce: 2, Breaks: []int{10, 20, 30, 60}}
	for text, want := range map[string]struct {
		page web.DutyRules
		last time.Duration
	}{
		"":                          {usual, 25 * time.Minute},
		"duty: {at_once: 1}":        {web.DutyRules{AtOnce: 1, Breaks: usual.Breaks}, 25 * time.Minute},
		"duty: {last_start: 45m}":   {usual, 45 * time.Minute},
		"duty: {last_start: off}":   {usual, 0},
		"duty: {breaks: [5m, 15m]}": {web.DutyRules{AtOnce: 2, Breaks: []int{5, 15}}, 25 * time.Minute},
	} {
		p := newPlace(t)
		if text != "" {
			p.text = strings.Replace(p.text, leave, "    "+text+"\n"+leave, 1)
		}
		if err := p.load(t); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		checked, err := loadConfig(p.dir+"/utvag.yaml", testNow)
		if err != nil {
			t.Fatal(err)
		}
		rules := checked.tenants[0].duty
		if got := *rules.page(); !reflect.DeepEqual(got, want.page) || rules.lastStart != want.last {
			t.Errorf("%q: %+v, last start %v", text, got, rules.lastStart)
		}
	}
}

func TestWhatCannotBeAskedOfDuty(t *testing.T) {
	for text, want := range map[string]string{
		"duty: {at_once: 0}":                     "write 1 to 5",
		"duty: {at_once: 6}":                     "write 1 to 5",
		"duty: {at_once: two}":                   "write 1 to 5",
		"duty: {last_start: 25}":                 "write 5m to 3h before closing, or off",
		"duty: {last_start: 1m}":                 "write 5m to 3h before closing, or off",
		"duty: {last_start: 4h}":                 "write 5m to 3h before closing, or off",
		"duty: {breaks: [90s]}":                  "write whole minutes, 1m to 120m",
		"duty: {breaks: [121m]}":                 "write whole minutes, 1m to 120m",
		"duty: {breaks: [10]}":                   "write whole minutes, 1m to 120m",
		"duty: {breaks: [20m, 10m]}":             "the shortest first",
		"duty: {breaks: [10m, 10m]}":             "write each length once",
		"duty: {breaks: [1m,2m,3m,4m,5m,6m,7m]}": "at most 6",
		"duty: {chats: 3}":                       "known here: at_once, breaks, last_start",
	} {
		p := newPlace(t)
		p.text = strings.Replace(p.text, leave, "    "+text+"\n"+leave, 1)
		if err := p.load(t); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// The console is told what was set: the hour by the relay, the rest by its page, and the visitor's page nothing of it.
func TestTheConsoleIsToldWhatIsAsked(t *testing.T) {
	s := newShift(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "2100"))
	s.desks[0].in = []chat.Device{s.devices["Sara"]}
	tenant := s.nodes[0].tenant
	for _, before := range []time.Duration{40 * time.Minute, 0} {
		tenant.duty = dutySetup{atOnce: 3, lastStart: before, breaks: []time.Duration{15 * time.Minute}}
		s.tell()
		f := s.desks[0].told[s.devices["Sara"]]
		want := f.Closes - uint64(before/time.Second)
		if before == 0 {
			want = 0
		}
		if f.Closes == 0 || f.LastStart != want {
			t.Errorf("%v before closing at %d: told %d", before, f.Closes, f.LastStart)
		}
	}
}

func TestTheConsolesPageAloneHasWhatIsAsked(t *testing.T) {
	p := newPlace(t)
	p.text = strings.Replace(p.text, leave, "    duty: {at_once: 3, breaks: [15m]}\n"+leave, 1)
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	k := checked.tenants[0]
	visitor, console, err := (&public{tenant: k, now: func() time.Time { return testNow }}).sites(http.NotFoundHandler(),
		map[string]http.Handler{k.id: http.NotFoundHandler()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	page := func(site http.Handler, host string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w.Body.String()
	}
	const want = `"duty":{"atOnce":3,"breaks":[15]}`
	if got := page(console, k.console.host); !strings.Contains(got, want) {
		t.Errorf("the console's page does not hold %s", want)
	}
	if got := page(visitor, k.visitor.host); !strings.Contains(got, `"pins":`) || strings.Contains(got, "atOnce") {
		t.Error("how many conversations one person has stands on the visitor's page, or there is no page")
	}
}
