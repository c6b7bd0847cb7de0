package roster

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 5e8, time.UTC)

func request(t *testing.T, kommun, alias string) *Enrolment {
	t.Helper()
	key := newTeamKey("", "device of "+alias).private
	text, err := SignEnrolment(kommun, key, []string{"sv"}, alias)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ParseEnrolment(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAddRenewProlongRevoke(t *testing.T) {
	team := newTeamKey("team.vidby", "first")
	signer := signerOf(t, team)
	pin, err := ParsePin(team.pin())
	if err != nil {
		t.Fatal(err)
	}
	r := New("vidby")
	for i, alias := range []string{"Sara", "Amir", "Noor", "Åsa"} {
		if r, err = r.Add(request(t, "vidby", alias), Coordinator, start.AddDate(0, 6, 0), start); err != nil {
			t.Fatal(err)
		}
		if r.Serial != uint64(i+1) || r.Expires.Sub(r.Issued) != Validity || len(r.Devices) != i+1 {
			t.Fatalf("after %d: %+v", i+1, r)
		}
	}
	signed, err := r.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Pins{pin}.Verify(signed, "vidby", start, 4)
	if err != nil {
		t.Fatal(err)
	}
	sara := request(t, "vidby", "Sara")
	if d := back.Device(sara.Device); d == nil || d.Alias != "Sara" || !d.Key.Equal(sara.Key) {
		t.Fatalf("Sara is %+v", d)
	}
	if _, err := back.Add(sara, Coordinator, start.AddDate(1, 0, 0), start); !errors.Is(err, ErrDuplicate) {
		t.Errorf("Sara twice: %v", err)
	}
	without, err := back.Revoke(sara.Device, start)
	if err != nil || without.Device(sara.Device) != nil || len(without.Devices) != 3 || without.Serial != 5 {
		t.Errorf("without Sara: %+v, %v", without, err)
	}
	if back.Device(sara.Device) == nil ||
		!slices.IsSortedFunc(back.Devices, func(a, b Device) int { return slices.Compare(a.ID[:], b.ID[:]) }) {
		t.Error("Revoke changed the roster before it")
	}
	if _, err := without.Revoke(sara.Device, start); !errors.Is(err, ErrAbsent) {
		t.Errorf("revoked twice: %v", err)
	}
	longer, err := back.Prolong([]DeviceID{sara.Device}, start.AddDate(1, 0, 0), start)
	if err != nil || longer.Serial != 5 ||
		!longer.Device(sara.Device).Expires.Equal(start.AddDate(1, 0, 0).Truncate(time.Second)) {
		t.Errorf("prolonged: %+v, %v", longer, err)
	}
	if back.Device(sara.Device).Expires.Equal(longer.Device(sara.Device).Expires) {
		t.Error("Prolong changed the roster before it")
	}
	if _, err := without.Prolong([]DeviceID{sara.Device}, start.AddDate(1, 0, 0), start); !errors.Is(err, ErrAbsent) {
		t.Errorf("prolonged what is not there: %v", err)
	}
	if _, err := back.Prolong([]DeviceID{sara.Device}, start, start); Code(err) == "" {
		t.Errorf("prolonged into the past: %v", err)
	}
	next, err := back.Renew(start.AddDate(0, 0, 6))
	if err != nil || next.Serial != 5 || len(next.Devices) != 4 || next.Issued.Nanosecond() != 0 {
		t.Errorf("renewed: %+v, %v", next, err)
	}
}

func signerOf(t *testing.T, k teamKey) note.Signer {
	t.Helper()
	s, err := note.NewSigner("PRIVATE+KEY+" + k.name + "+" + fmt.Sprintf("%x", k.hash()) + "+" +
		b64(append([]byte{1}, k.private.Seed()...)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAddRefuses(t *testing.T) {
	later := start.AddDate(0, 6, 0)
	good := request(t, "vidby", "Sara")
	filled := func(n int, role Role) *Roster {
		r := New("vidby")
		for i := range n {
			key := newTeamKey("", fmt.Sprint("full ", i)).private.Public().(ed25519.PublicKey)
			r.Devices = append(r.Devices, Device{ID: IDOf(key), Role: role, Languages: []string{"sv"}, Expires: later, Key: key,
				Alias: "x"})
		}
		slices.SortFunc(r.Devices, func(a, b Device) int { return slices.Compare(a.ID[:], b.ID[:]) })
		return r
	}
	if _, err := filled(MaxIntake, Peer).Add(good, Interpreter, later, start); err != nil {
		t.Errorf("an interpreter beside as many intake devices as there may be: %v", err)
	}
	for name, err := range map[string]error{
		"another kommun": second(New("annanby").Add(good, Coordinator, later, start)),
		"unknown role":   second(New("vidby").Add(good, "police", later, start)),
		"expired":        second(New("vidby").Add(good, Coordinator, start, start)),
		"full":           second(filled(MaxDevices, Interpreter).Add(good, Interpreter, later, start)),
		"full of intake": second(filled(MaxIntake, Peer).Add(good, Coordinator, later, start)),
		"last serial":    second((&Roster{Kommun: "vidby", Serial: math.MaxUint64}).Renew(start)),
	} {
		if Code(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ *Roster, err error) error { return err }

func TestSignRefusesAKeyOfAnotherKommun(t *testing.T) {
	r, err := New("vidby").Renew(start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Sign(signerOf(t, newTeamKey("team.annanby", "foreign"))); !errors.Is(err, ErrKommun) {
		t.Errorf("got %v", err)
	}
}

func TestRoles(t *testing.T) {
	for role, want := range map[Role][2]bool{
		Coordinator: {true, true}, Caseworker: {true, true}, Peer: {true, true}, Lead: {true, true}, Interpreter: {true,
			false}, "": {}, "police": {},
	} {
		if got := [2]bool{role.Valid(), role.Intake()}; got != want {
			t.Errorf("%q: %v", role, got)
		}
	}
}
