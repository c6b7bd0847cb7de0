package main

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

	now := time.Now().UTC().Truncate(time.Second)
	open, faults := hours.New(hours.Spec{Week: map[string]string{}})
	if faults != nil {
		t.Fatal(faults)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	device := roster.Device{ID: roster.IDOf(key), Role: roster.Coordinator, Languages: []string{"sv"},
		Expires: now.AddDate(0, 0, 90), Key: key, Alias: "Sara"}
	b := newBook(&config.Kommun{ID: "vidby", Hours: open}, time.Now, quietlog.New(new(testkit.Log)))
	b.roster = &roster.Roster{Kommun: "vidby", Serial: 1, Issued: now, Expires: now.Add(time.Hour),
		Devices: []roster.Device{device}}
	today := chat.DatedKeyPackage{Day: uint32(now.Unix() / 86400), KeyPackage: []byte("key package")}
	if err := store.PutKeyPackages(t.Context(), "vidby", chat.Device(device.ID), now,
		[]chat.DatedKeyPackage{today}); err != nil {
		t.Fatal(err)
	}
	if err := store.Present(t.Context(), "vidby", "node", now, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}

	ask := func() (s status) {
		t.Helper()
		p := &public{tenant: b.tenant, book: b, store: store, now: time.Now}
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
	b.roster.Expires = now.Add(-time.Second)
	if s := ask(); s.Reachable || s.Ready {
		t.Errorf("with a roster that ran out: %+v", s)
	}
	cert, ok := authority{"vidby": b}.Device("vidby", chat.Device(device.ID))
	if !ok || !cert.Key.Equal(key) {
		t.Error("the device was cut off by the roster's age")
	}
}
