package server

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/testkit"
)

// A team lead who is late shuts the door for new visitors, who are told; it takes nobody out of a conversation that
// goes on.
func TestARosterThatRanOutReachesNobodyAndCutsNobody(t *testing.T) {
	url, err := redisstore.InProcess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })

	// Noon of today: it must not become another day on the way.
	now := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	clock := func() time.Time { return now }
	open, faults := hours.New(hours.Spec{Week: map[string]string{}})
	if faults != nil {
		t.Fatal(faults)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	device := roster.Device{ID: roster.IDOf(key), Role: roster.Coordinator, Languages: []string{"sv"},
		Expires: now.AddDate(0, 0, 90), Key: key, Alias: "Sara"}
	signed, pins := testkit.Roster(t, "vidby", now.Add(time.Hour-roster.Validity), device)
	k := &config.Kommun{ID: "vidby", Hours: open, Pins: pins}
	held := live.NewRoster(k, clock, quietlog.New(new(testkit.Log)))
	if err := held.Put(signed); err != nil {
		t.Fatal(err)
	}
	today := chat.DatedKeyPackage{Day: uint32(now.Unix() / 86400), KeyPackage: []byte("key package")}
	if err := store.PutKeyPackages(t.Context(), "vidby", chat.Device(device.ID), now,
		[]chat.DatedKeyPackage{today}); err != nil {
		t.Fatal(err)
	}
	if err := store.Present(t.Context(), "vidby", "node", now, now.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}

	ask := func() (s status) {
		t.Helper()
		p := &public{kommun: &live.Kommun{Config: k, Roster: held}, store: store, now: clock}
		w := httptest.NewRecorder()
		p.status().ServeHTTP(w, httptest.NewRequest("GET", "/status", nil))
		if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
			t.Fatalf("%d %s: %v", w.Code, w.Body, err)
		}
		return s
	}
	if s := ask(); !s.Reachable || !s.Ready {
		t.Fatalf("with a roster in force: %+v", s)
	}
	now = now.Add(time.Hour + time.Second)
	if s := ask(); s.Reachable || s.Ready {
		t.Errorf("with a roster that ran out: %+v", s)
	}
	cert, ok := authority{"vidby": held}.Device("vidby", chat.Device(device.ID))
	if !ok || !cert.Key.Equal(key) {
		t.Error("the device was cut off by the roster's age")
	}
}
