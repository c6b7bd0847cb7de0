package oncall

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// A person's word holds for the address that they had, on a channel that is there, and for thirty days.
func TestTestedIsOfTheAddressThatHoldsNow(t *testing.T) {
	p := testkit.NewFolder(t)
	testkit.WriteSecrets(t, p)
	now := testkit.Now
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	sara := roster.Device{
		ID:        roster.IDOf(key),
		Key:       key,
		Alias:     "Sara",
		Role:      roster.Coordinator,
		Languages: []string{"sv"},
		Expires:   now.AddDate(0, 6, 0),
	}
	signed, pins := testkit.Roster(t, "vidby", now, sara)
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: redistest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	load := func(address string) *PersonChannels {
		text := strings.Replace(p.Text, "kommuner:\n",
			"channels:\n  sms: {user: u01, password_file: elks-password, from: Kontakt}\nkommuner:\n", 1) +
			"    people: {Sara: {sms: \"" + address + "\"}}\n"
		checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(text)), now)
		if err != nil {
			t.Fatal(err)
		}
		k := checked.Kommuner[0]
		k.Pins = pins
		held := live.NewRoster(k, func() time.Time { return now }, nil)
		if err := held.Put(signed); err != nil {
			t.Fatal(err)
		}
		a := NewPersonChannels(checked.Channels, store, func() time.Time { return now }, nil)
		a.Add(k, held)
		return a
	}
	tested := func(a *PersonChannels) string {
		names, err := a.Tested(t.Context(), "vidby", "Sara")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(names)
	}
	a := load("+46701234567")
	if err := a.store.PutTrial(t.Context(), "vidby", "sms", "Sara", chat.ChannelAccepted); err != nil {
		t.Fatal(err)
	}
	if got := tested(a); got != "[]" {
		t.Errorf("before the word: %s", got)
	}
	if err := a.Confirm(t.Context(), "vidby", chat.Device(sara.ID), "sms"); err != nil {
		t.Fatal(err)
	}
	if got := tested(a); got != "[sms]" {
		t.Errorf("after the word: %s", got)
	}
	if got := tested(load("+46709999999")); got != "[]" {
		t.Errorf("with another number: %s", got)
	}
	now = now.Add(30*24*time.Hour + time.Second)
	if got := tested(a); got != "[]" {
		t.Errorf("after thirty days: %s", got)
	}
}
