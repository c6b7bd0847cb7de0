package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// Nobody is on the rota on Christmas Eve: a real server, whose clock stands at noon of that day, says closed, and until
// when. A shift that somebody takes opens it, without a restart.
func TestNobodyOnTheRotaOnChristmasEve(t *testing.T) {
	t.Parallel()
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
	s.log.Await(t, "msg=serving")
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
	// Whoever has the shift is told on the wire, and says that they end it.
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
		t.Error("a visitor began a shift")
	}
	for _, key := range keys(t, s.redis) {
		if ttl := redistest.Command(t, s.redis, "TTL", key); strings.HasPrefix(ttl, "-") && ttl != "-2" {
			t.Errorf("a key without an end: %q", key)
		}
	}
}
