package roster

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func team(t *testing.T, members ...Device) *Roster {
	t.Helper()
	r := New("vidby")
	for i, m := range members {
		e := request(t, "vidby", strings.Repeat("x", i+1))
		m.ID, m.Key = e.Device, e.Key
		r.Devices = append(r.Devices, m)
	}
	slices.SortFunc(r.Devices, func(a, b Device) int { return slices.Compare(a.ID[:], b.ID[:]) })
	next, err := r.Renew(start)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func member(alias string, role Role, expires time.Time, languages ...string) Device {
	return Device{Alias: alias, Role: role, Expires: expires, Languages: languages}
}

func TestExamine(t *testing.T) {
	far := start.AddDate(0, 6, 0)
	well := []Device{member("Sara", Coordinator, far, "sv", "en"), member("Amir", Peer, far, "sv-FI", "ar"),
		member("Åsa", Lead, far, "sv")}
	for name, c := range map[string]struct {
		r    *Roster
		now  time.Time
		tags []string
		act  []string // a part of each finding that wants somebody to act
		tell []string // and of some that do not
	}{
		"nothing is wrong": {team(t, well...), start, []string{"sv", "ar"}, nil,
			[]string{"roster 1 expires at 2026-11-29", "Amir (peer): its certificate ends on 2027-05-22"}},
		"three days left": {team(t, well...), start.Add(4 * 24 * time.Hour), nil,
			[]string{"expires at 2026-11-29T10:00:00Z: run"}, nil},
		"more than three": {team(t, well...), start.Add(4*24*time.Hour - time.Second), nil, nil, nil},
		"expired": {team(t, well...), start.Add(8 * 24 * time.Hour), nil,
			[]string{"expired at 2026-11-29T10:00:00Z: nobody"}, nil},
		"a certificate ends soon": {team(t, append(well, member("Noor", Peer, start.Add(CertificateSoon), "so"))...), start,
			nil, []string{"Noor (peer): its certificate ends on"}, nil},
		"one that ended does not count": {team(t, well[0], well[2], member("Noor", Peer, start.Add(-time.Hour), "so")), start,
			[]string{"so"},
			[]string{"Noor (peer): its certificate ended on"}, []string{"spoken by nobody with a valid device: so"}},
		"one can answer": {team(t, well[2], member("Tolk", Interpreter, far, "so")), start, nil,
			[]string{"1 valid devices can answer"}, nil},
		"no lead": {team(t, well[:2]...), start, nil, []string{"role lead"}, nil},
		"an alias twice": {team(t, append(well, member("SARA", Peer, far, "sv"))...), start, nil, nil,
			[]string{"2 devices are called"}},
		"languages of nobody": {team(t, well...), start, []string{"sv", "ti", "pl", "ar", "ti"}, nil,
			[]string{"nobody with a valid device: ti, pl"}},
		"nobody at all": {team(t), start, []string{"sv"}, []string{"0 valid devices", "role lead"},
			[]string{"nobody with a valid device: sv"}},
	} {
		t.Run(name, func(t *testing.T) {
			findings := c.r.Examine(c.now, c.tags)
			var acts []string
			var all strings.Builder
			for _, f := range findings {
				all.WriteString(f.Text + "\n")
				if f.Act {
					acts = append(acts, f.Text)
				}
			}
			if len(acts) != len(c.act) {
				t.Errorf("wants somebody to act: %q", acts)
			}
			for i := range min(len(acts), len(c.act)) {
				if !slices.ContainsFunc(acts, func(a string) bool { return strings.Contains(a, c.act[i]) }) {
					t.Errorf("nothing says %q in %q", c.act[i], acts)
				}
			}
			for _, part := range c.tell {
				if !strings.Contains(all.String(), part) {
					t.Errorf("nothing says %q in\n%s", part, all.String())
				}
			}
		})
	}
}

func TestExaminePins(t *testing.T) {
	pin := func(name, seed string) Pin {
		p, err := ParsePin(newTeamKey(name, seed).pin())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one, two, foreign := pin("team.vidby", "one"), pin("team.vidby", "two"), pin("team.annanby", "one")
	// The eight digits may be spelled in capitals: it is the same key all the same.
	spelled := strings.SplitN(one.String(), "+", 3)
	again, err := ParsePin(spelled[0] + "+" + strings.ToUpper(spelled[1]) + "+" + spelled[2])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pins Pins
		acts int
	}{
		"two": {Pins{one, two}, 0}, "one": {Pins{one}, 1}, "none": {nil, 1}, "one twice": {Pins{one, again},
			2}, "one of another kommun": {Pins{one, foreign}, 2},
		"two and one of another kommun": {Pins{one, foreign, two}, 1},
	} {
		acts := 0
		for _, f := range c.pins.Examine("vidby") {
			if f.Act {
				acts++
			}
			if strings.Contains(f.Text, spelled[2]) {
				t.Errorf("%s: a whole key is spelled out: %s", name, f.Text)
			}
		}
		if acts != c.acts {
			t.Errorf("%s: %d want somebody to act, not %d", name, acts, c.acts)
		}
	}
}

func TestCompare(t *testing.T) {
	far := start.AddDate(0, 6, 0)
	add := func(r *Roster, alias string) *Roster {
		next, err := r.Add(request(t, "vidby", alias), Coordinator, far, start)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	before := add(add(add(New("vidby"), "Sara"), "Amir"), "Noor")
	sara, amir := request(t, "vidby", "Sara").Device, request(t, "vidby", "Amir").Device
	after, err := before.Revoke(amir, start)
	if err == nil {
		after, err = after.Prolong([]DeviceID{sara}, far.AddDate(0, 1, 0), start)
	}
	if err != nil {
		t.Fatal(err)
	}
	after = add(after, "Lena")
	// Noor has a new laptop: the same alias under another key.
	laptop := *after.Device(request(t, "vidby", "Noor").Device)
	other := request(t, "vidby", "Noor's laptop")
	after, err = after.Revoke(laptop.ID, start)
	if err != nil {
		t.Fatal(err)
	}
	other.Alias = "noor"
	if after, err = after.Add(other, Coordinator, far, start); err != nil {
		t.Fatal(err)
	}
	d := Compare(before, after)
	names := func(devices []Device) (all []string) {
		for _, d := range devices {
			all = append(all, d.Alias)
		}
		return all
	}
	if got := names(d.Added); !slices.Equal(got, []string{"Lena"}) {
		t.Errorf("added %q", got)
	}
	if got := names(d.Revoked); !slices.Equal(got, []string{"Amir"}) {
		t.Errorf("revoked %q", got)
	}
	if len(d.Rekeyed) != 1 || d.Rekeyed[0].Before.Alias != "Noor" || d.Rekeyed[0].After.ID != other.Device {
		t.Errorf("re-keyed %+v", d.Rekeyed)
	}
	if len(d.Changed) != 1 || d.Changed[0].After.ID != sara {
		t.Fatalf("changed %+v", d.Changed)
	}
	if was, is, differs := d.Changed[0].Prolonged(); !differs || !is.After(was) {
		t.Errorf("from %v to %v", was, is)
	}
	if same := Compare(after, after); len(same.Added)+len(same.Revoked)+len(same.Rekeyed)+len(same.Changed) != 0 {
		t.Errorf("a roster differs from itself: %+v", same)
	}
	// With an alias twice nobody can tell who is whose: both stand for themselves.
	third := request(t, "vidby", "third")
	third.Alias = "Noor"
	twice, err := after.Add(third, Coordinator, far, start)
	if err != nil {
		t.Fatal(err)
	}
	if d := Compare(before, twice); len(d.Rekeyed) != 0 || len(d.Revoked) != 2 || len(d.Added) != 3 {
		t.Errorf("with two of one name: %+v", d)
	}
}
