package live

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/rota"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

// The rota itself, without a server: what changes in a file counts, and what is broken does not.
func TestARotaIsFollowed(t *testing.T) {
	p := testkit.NewFolder(t)
	file := p.Write(t, "vidby.ics", testkit.Calendar(testkit.Daily("Sara")))
	now := testkit.Now
	log := new(testkit.Log)
	k := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{file}, Limits: rota.Usual}}
	r := StartRota(t.Context(), k, func() time.Time { return now }, quietlog.New(log))
	first := func() string {
		var all []string
		for _, turn := range r.Present().At(now) {
			all = append(all, turn.Alias)
		}
		return strings.Join(all, " ")
	}
	if first() != "Sara" {
		t.Fatalf("on duty: %q\n%s", first(), log)
	}
	look := func() error { return r.Read(t.Context()) }
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
	k := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{filepath.Join(t.TempDir(), "none.ics")}}}
	r := StartRota(t.Context(), k, time.Now, quietlog.New(log))
	if r.Hours(k).At(time.Now()).Within || !strings.Contains(log.String(), "THE ROTA CANNOT BE READ") {
		t.Errorf("open without a rota, or silent: %s", log)
	}
}

// An address is fetched from its own host alone, within bounds; what it holds beyond the host's name is in no log.
func TestACalendarFromAnAddress(t *testing.T) {
	var mode atomic.Value
	mode.Store("right")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		t.Error("a redirect was followed")
	}))
	defer elsewhere.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch mode.Load() {
		case "right":
			w.Write(testkit.Calendar(testkit.Daily("Sara")))
		case "redirect":
			http.Redirect(w, q, elsewhere.URL, http.StatusFound)
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
	k := &config.Kommun{ID: "vidby", Rota: &config.Rota{Calendars: []string{server.URL + "/geheim-1234.ics"}}}
	log := new(testkit.Log)
	r := NewRota(k, func() time.Time { return testkit.Now }, quietlog.New(log))
	if err := r.Read(t.Context()); err == nil {
		t.Error("a certificate of nobody was trusted")
	}
	trust := x509.NewCertPool()
	trust.AddCert(server.Certificate())
	r.client = calendarClient(&tls.Config{RootCAs: trust})
	if err := r.Read(t.Context()); err != nil ||
		len(r.Present().At(testkit.Now)) != 1 {
		t.Fatalf("%v", err)
	}
	for how, want := range map[string]string{"redirect": "status 302", "huge": "more than", "broken": "broke off",
		"login": "cut off", "gone": "status 404"} {
		mode.Store(how)
		err := r.Read(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") ||
			len(r.Present().At(testkit.Now)) != 1 {
			t.Errorf("%s: %v", how, err)
		}
		if err != nil {
			r.complain(err)
		}
	}
	server.Close()
	if err := r.Read(t.Context()); err == nil ||
		strings.Contains(err.Error(), "geheim") {
		t.Errorf("a host that is gone: %v", err)
	}
	if strings.Contains(log.String(), "geheim") || !strings.Contains(log.String(), "the one before it goes on") {
		t.Errorf("the log: %s", log)
	}
}
