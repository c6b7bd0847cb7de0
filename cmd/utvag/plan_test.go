package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// Nobody is on the rota on Christmas Eve: a real server, whose clock stands at noon of that day, says closed, and until
// when. A turn that somebody takes opens it, without a restart.
func TestNobodyOnTheRotaOnChristmasEve(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	eve := time.Date(2026, 12, 24, 12, 0, 0, 0, zone)
	s := prepare(t, redistest.Start(t))
	s.Text = strings.Replace(s.Text, `      week: {mon: "08:00-21:00"}
      exceptions: {2026-12-24: closed}
`, `      week: {thu: "08:00-21:00", fri: "08:00-21:00", sat: "08:00-21:00"}
      holidays: open
    rota: {calendars: [vidby.ics]}
`, 1)
	s.Write(t, "utvag.yaml", []byte(s.Text))
	s.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Sara")+"\nEXDATE:20261224T080000"))
	listed, err := s.enrolled(eve)
	if err != nil {
		t.Fatal(err)
	}
	s.roster = listed
	s.publish(t)
	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		done <- run(terminal{ctx, strings.NewReader(""), io.Discard, s.log,
			func() time.Time { return eve.Add(time.Since(began)) }}, []string{"serve", "--config", filepath.Join(s.Dir,
			"utvag.yaml")})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != 0 {
			t.Errorf("serve ended with %d:\n%s", code, s.log)
		}
	})
	testkit.Eventually(t, "serve to start", func() bool { return strings.Contains(s.log.String(), "msg=serving") })
	ask := func() status {
		response, err := http.Get(s.visitor + "/status")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		var got status
		if err != nil || json.Unmarshal(body, &got) != nil {
			t.Fatalf("%d %s, %v", response.StatusCode, body, err)
		}
		if strings.Contains(string(body), "Sara") {
			t.Errorf("visitors are told who is on duty: %s", body)
		}
		return got
	}
	if got := ask(); got.Within || got.Opens == nil || got.Opens.InDays != 1 || got.Opens.Time != "08:00" {
		t.Errorf("on Christmas Eve, with nobody on the rota: %+v, opens %+v", got, got.Opens)
	}
	s.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Sara")))
	testkit.Eventually(t, "somebody to take the day", func() bool { return ask().Within })
	if got := ask(); got.Closes != "21:00" {
		t.Errorf("with somebody on the rota: %+v", got)
	}
	// Whoever has the turn is told on the wire, and says that they end it.
	sara := s.login(t)
	if f, err := sara.Duty(); err != nil || f.Plan != chat.DutyPlanned || len(f.On) != 1 || f.On[0].Alias != "Sara" ||
		f.On[0].Level != chat.DutyFirst {
		t.Errorf("Sara was told %+v, %v", f, err)
	}
	if _, err := sara.Ask(&chat.Shift{State: chat.ShiftPaused, Minutes: 20}); err == nil {
		t.Error("the only one on duty could pause")
	}
	if _, err := sara.Ask(&chat.Shift{State: chat.ShiftEnded}); err != nil {
		t.Error(err)
	}
	for {
		f, err := sara.Duty()
		if err != nil {
			t.Fatal(err)
		}
		if len(f.On) == 1 && f.On[0].State == chat.DutyEnded {
			break
		}
	}
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	if _, err := visitor.Ask(&chat.Shift{State: chat.ShiftBegun}); err == nil {
		t.Error("a visitor began a pass")
	}
	for _, key := range keys(t, s.redis) {
		if ttl := redistest.Command(t, s.redis, "TTL", key); strings.HasPrefix(ttl, "-") && ttl != "-2" {
			t.Errorf("a key without an end: %q", key)
		}
	}
}

// The plan itself, without a server: what changes in a file counts, and what is broken does not.
func TestARotaIsFollowed(t *testing.T) {
	p := testkit.NewPlace(t)
	file := p.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Sara")))
	now := testkit.Now
	log := new(testkit.Log)
	tenant := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{file}, Limits: rota.Usual}}
	plan := startPlan(t.Context(), tenant, func() time.Time { return now }, quietlog.New(log))
	first := func() string {
		var all []string
		for _, turn := range plan.present().At(now) {
			all = append(all, turn.Alias)
		}
		return strings.Join(all, " ")
	}
	if first() != "Sara" {
		t.Fatalf("on duty: %q\n%s", first(), log)
	}
	look := func() error { return plan.read(t.Context(), func(string) bool { return true }) }
	p.Write(
		t,
		"vidby.ics",
		testkit.Calendar(testkit.Daily("Sara"), "UID:s\nDTSTART;VALUE=DATE:20261122\nSUMMARY:swap: Sara > Amir"),
	)
	if err := look(); err != nil || first() != "Amir" {
		t.Errorf("after a swap %q, %v", first(), err)
	}
	p.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Leyla"))[:60])
	for range 2 {
		if err := look(); err == nil || first() != "Amir" || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("after half a file %q, %v", first(), err)
		}
	}
	p.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Leyla")))
	if err := look(); err != nil || first() != "Leyla" {
		t.Errorf("after the whole file %q, %v", first(), err)
	}
	// The window moves on with the clock, though no file has changed.
	now = now.AddDate(0, 0, 100)
	if first() != "" {
		t.Error("a rota is known beyond what was read")
	}
	if err := look(); err != nil || first() != "Leyla" {
		t.Errorf("after a hundred days %q, %v", first(), err)
	}
}

func TestARotaThatWasNeverReadOpensNothing(t *testing.T) {
	log := new(testkit.Log)
	tenant := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{filepath.Join(t.TempDir(), "none.ics")}}}
	plan := startPlan(t.Context(), tenant, time.Now, quietlog.New(log))
	if plan.hours(tenant).At(time.Now()).Within || !strings.Contains(log.String(), "THE ROTA CANNOT BE READ") {
		t.Errorf("open without a rota, or silent: %s", log)
	}
}

// An address is fetched from its own host alone, within bounds; what it holds beyond the host's name is in no log.
func TestACalendarFromAnAddress(t *testing.T) {
	var mode atomic.Value
	mode.Store("right")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Error("a redirect was followed")
	}))
	defer elsewhere.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch mode.Load() {
		case "right":
			w.Write(testkit.Calendar(testkit.Daily("Sara")))
		case "redirect":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case "huge":
			w.Write(bytes.Repeat([]byte("x"), rota.MaxCalendar+2))
		case "broken":
			w.Header().Set("Content-Length", "5000")
			w.Write([]byte("BEGIN:VCALENDAR"))
		case "login":
			fmt.Fprint(w, "<title>Log in</title>")
		case "gone":
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	tenant := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{server.URL + "/geheim-1234.ics"}}}
	log := new(testkit.Log)
	plan := newPlan(tenant, func() time.Time { return testkit.Now }, quietlog.New(log))
	if err := plan.read(t.Context(), func(string) bool { return true }); err == nil {
		t.Error("a certificate of nobody was trusted")
	}
	trust := x509.NewCertPool()
	trust.AddCert(server.Certificate())
	plan.client = calendarClient(&tls.Config{RootCAs: trust})
	if err := plan.read(t.Context(), func(string) bool { return true }); err != nil ||
		len(plan.present().At(testkit.Now)) != 1 {
		t.Fatalf("%v", err)
	}
	for how, want := range map[string]string{"redirect": "status 302", "huge": "more than", "broken": "broke off",
		"login": "cut off", "gone": "status 404"} {
		mode.Store(how)
		err := plan.read(t.Context(), func(string) bool { return true })
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") ||
			len(plan.present().At(testkit.Now)) != 1 {
			t.Errorf("%s: %v", how, err)
		}
		if err != nil {
			plan.complain(err)
		}
	}
	server.Close()
	if err := plan.read(t.Context(), func(string) bool { return true }); err == nil ||
		strings.Contains(err.Error(), "geheim") {
		t.Errorf("a host that is gone: %v", err)
	}
	if strings.Contains(log.String(), "geheim") || !strings.Contains(log.String(), "the one before it goes on") {
		t.Errorf("the log: %s", log)
	}
}
