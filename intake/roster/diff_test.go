package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/roster"
)

func TestWhoIsCutOff(t *testing.T) {
	key := func(seed byte) ed25519.PublicKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	}
	before := &roster.Roster{Devices: []roster.Device{{ID: roster.DeviceID{1}, Key: key(1)},
		{ID: roster.DeviceID{2}, Key: key(2)}, {ID: roster.DeviceID{3}, Key: key(3)}}}
	after := &roster.Roster{Devices: []roster.Device{{ID: roster.DeviceID{1}, Key: key(1), Alias: "Sara"},
		{ID: roster.DeviceID{2}, Key: key(9)}, {ID: roster.DeviceID{4}, Key: key(4)}}}
	if got, want := roster.CutOff(before, after), []roster.DeviceID{{2}, {3}}; !slices.Equal(got, want) {
		t.Errorf("cut off are %v, want %v: who got another key, and who was dropped", got, want)
	}
	if got := roster.CutOff(before, before); got != nil {
		t.Errorf("without a change %v", got)
	}
}

func TestForkedIsOneSerialWithTwoContents(t *testing.T) {
	one := &roster.Roster{Kommun: "vidby", Serial: 1, Issued: time.Unix(0, 0).UTC(), Expires: time.Unix(3600, 0).UTC()}
	same, other, newer := *one, *one, *one
	other.Expires = other.Expires.Add(time.Hour)
	newer.Serial = 2
	for _, c := range []struct {
		with *roster.Roster
		want bool
	}{{&same, false}, {&other, true}, {&newer, false}} {
		if got := roster.Forked(one, c.with); got != c.want {
			t.Errorf("%+v and %+v: %v", one, c.with, got)
		}
	}
}
