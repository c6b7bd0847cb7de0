package access

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/hours"
)

const sara, ali = "de17000000000001", "de17000000000002"

var stockholm = func() *time.Location {
	var h *hours.Hours
	return h.Zone()
}()

func clock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, stockholm)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func lines(events []Event) (all []string) {
	for _, e := range events {
		all = append(all, e.String())
	}
	return all
}

func TestAnHourIsGivenOutOnceItIsOverInNoOrderOfTime(t *testing.T) {
	b := NewBuffer(stockholm)
	one, two := []byte("one mailbox....."), []byte("another mailbox.")
	b.Note(clock(t, "2026-11-25 14:59"), sara, "Sara", "opened", one)
	b.Note(clock(t, "2026-11-25 14:02"), sara, "Sara", "read", one)
	b.Note(clock(t, "2026-11-25 14:03"), sara, "Sara", "read", one) // again
	b.Note(clock(t, "2026-11-25 14:01"), ali, "", SignIn, nil)
	b.Note(clock(t, "2026-11-25 15:00"), ali, "Ali", "opened", one)
	b.Note(clock(t, "2026-11-25 15:00"), ali, "Ali", "opened", two)
	if over := b.Over(clock(t, "2026-11-25 14:59"), false); len(over["2026-11"]) != 2 {
		t.Errorf("the hour is not over, and %v came out", over)
	}
	over := b.Over(clock(t, "2026-11-25 15:00"), false)["2026-11"]
	if got := lines(over); len(got) != 3 || !slices.IsSorted(got) ||
		!strings.HasPrefix(got[2], "2026-11-25 14 "+ali+" signed-in - -") {
		t.Errorf("got %q", got)
	}
	if over[0].Reference != over[1].Reference {
		t.Error("one conversation has two references")
	}
	b.Written(over)
	rest := b.Over(clock(t, "2026-11-25 15:01"), true)["2026-11"]
	if len(rest) != 2 || rest[0].Reference == rest[1].Reference {
		t.Errorf("got %q", lines(rest))
	}
	if rest[0].Reference != over[0].Reference && rest[1].Reference != over[0].Reference {
		t.Error("a conversation that goes on has another reference in the next hour")
	}
}

func TestAReferenceDiesWithItsMonthAndItsProcess(t *testing.T) {
	mailbox := []byte("a mailbox of 16.")
	seen := make(map[string]bool)
	note := func(b *Buffer, when string) {
		b.Note(clock(t, when), sara, "Sara", "read", mailbox)
		for _, events := range b.Over(clock(t, "2027-06-01 00:00"), true) {
			seen[events[0].Reference] = true
			b.Written(events)
		}
	}
	b := NewBuffer(stockholm)
	note(b, "2026-11-30 23:59")
	note(b, "2026-12-01 00:00")
	note(b, "2026-11-30 23:59") // a clock that is set back does not bring the old key back
	note(NewBuffer(stockholm), "2026-12-01 00:00")
	if len(seen) != 4 {
		t.Errorf("%d references, want 4", len(seen))
	}
}

func TestABufferIsBounded(t *testing.T) {
	b := NewBuffer(stockholm)
	for i := range maxHeld + 3 {
		b.Note(clock(t, "2026-11-25 14:00"), sara, "Sara", "read", fmt.Append(nil, i))
	}
	if b.Lost() != 3 || b.Lost() != 0 {
		t.Error("what was lost is not counted")
	}
}

func TestExpired(t *testing.T) {
	now := clock(t, "2026-11-25 14:00")
	for month, want := range map[string]bool{"2026-11": false, "2025-12": false, "2025-11": true, "2027-01": false} {
		if Expired(month, now, stockholm, 12) != want {
			t.Errorf("%s: %v", month, !want)
		}
	}
	if Expired("2026-11", now, stockholm, 1) || !Expired("2026-10", now, stockholm, 1) {
		t.Error("one month is not the present one")
	}
	for name, want := range map[string]bool{"vidby-2026-11.log": true, "vidby-2026-13.log": false,
		"annan-2026-11.log": false, "vidby-2026-11.log.gz": false, "vidby-norra-2026-11.log": false} {
		if _, ours := MonthOf("vidby", name); ours != want {
			t.Errorf("%s: %v", name, ours)
		}
	}
}

const head = "utvag access log 1 vidby 2026-11\n"

func line(hour, device, what, reference, alias string) string {
	return Event{hour, device, what, reference, alias}.String() + "\n"
}

func TestAFileIsReadStrictly(t *testing.T) {
	good := line("2026-11-25 14", sara, "opened", "0123456789abcdef", "Sara B")
	if l, err := Parse(strings.NewReader(head + good)); err != nil || len(l.Events) != 1 ||
		l.Events[0].Alias != "Sara B" || l.Kommun != "vidby" {
		t.Fatalf("%+v, %v", l, err)
	}
	for name, text := range map[string]string{
		"empty": "", "no head": good, "another head": strings.Replace(head, "log 1", "log 2", 1) +
			good, "no kommun": "utvag access log 1 Vidby! 2026-11\n",
		"no month": "utvag access log 1 vidby 2026-13\n", "broken off": head +
			strings.TrimSuffix(good, "\n"), "head alone, broken off": strings.TrimSuffix(head, "\n"),
		"another month": head + line("2026-10-25 14", sara, "opened", "0123456789abcdef", "Sara"), "no hour": head +
			line("2026-11-25 24", sara, "opened", "0123456789abcdef", "Sara"),
		"a minute": head + line("2026-11-25 14:05", sara, "opened", "0123456789abcdef", "Sara"), "no device": head +
			line("2026-11-25 14", "Sara", "opened", "0123456789abcdef", "Sara"),
		"unknown": head + line("2026-11-25 14", sara, "peeked", "0123456789abcdef", "Sara"), "no reference": head +
			line("2026-11-25 14", sara, "opened", "-", "Sara"),
		"a reference of a login": head + line("2026-11-25 14", sara, SignIn, "0123456789abcdef", "Sara"), "capitals": head +
			line("2026-11-25 14", sara, "opened", "0123456789ABCDEF", "Sara"),
		"escape": head + line("2026-11-25 14", sara, "opened", "0123456789abcdef", "\x1b[2J"), "CR": head +
			strings.Replace(good, "\n", "\r\n", 1), "blank": head + "\n" + good,
		"NUL": head + "\x00\n", "turned": head + line("2026-11-25 14", sara, "opened", "0123456789abcdef", "\u202eara"),
		"huge line": head + strings.Repeat("a", 1<<20) +
			"\n", "huge line without end": strings.Repeat("utvag", 1<<20), "not UTF-8": head +
			line("2026-11-25 14", sara, "opened", "0123456789abcdef", "\xff"),
	} {
		if l, err := Parse(strings.NewReader(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}

func TestAReviewCounts(t *testing.T) {
	ref := func(n int) string { return fmt.Sprintf("%016x", n) }
	l := &Log{Events: []Event{
		{"2026-11-25 14", sara, SignIn, "-", "Sara"}, {"2026-11-25 14", sara, SignIn, "-", "Sara"}, {"2026-11-26 03", sara,
			SignIn, "-", "Sara"},
		{"2026-11-25 14", sara, "opened", ref(1), "Sara"}, {"2026-11-25 15", sara, "opened", ref(1),
			"Sara"}, {"2026-11-26 03", sara, "opened", ref(2), "Sara"},
		{"2026-11-25 14", sara, "claimed", ref(1), "Sara"}, {"2026-11-27 04", sara, "left", ref(1), "Sara"},
		{"2026-11-25 09", ali, "joined", ref(3), "-"}, {"2026-11-25 10", ali, "ended", ref(3), "Ali"},
		{"2026-10-25 02", ali, "read", ref(4), "Ali"},
	}}
	at := func(text string) time.Time { return clock(t, text) }
	within := func(spans ...hours.Span) func(from, to time.Time) []hours.Span {
		return func(from, to time.Time) []hours.Span { return hours.Both(spans, []hours.Span{{Start: from, End: to}}) }
	}
	// Open until half past two: that hour is no odd one. On 25 October the clock strikes two twice, and it is open in the
	// second.
	a := Against{Zone: stockholm, Open: within(hours.Span{Start: at("2026-11-25 08:00"), End: at("2026-11-25 14:30")},
		hours.Span{Start: time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 25, 2, 0, 0, 0, time.UTC)})}
	a.Shifts = func(alias string, from, to time.Time) []hours.Span {
		if alias != "Sara" {
			return nil
		}
		return []hours.Span{{Start: from, End: to}}
	}
	got := Review([]*Log{l, l}, a)
	want := []Count{
		{Device: ali, Alias: "Ali", Joined: 1, Read: 1, Ended: 1, Days: 2, Closed: 0, Unplanned: 3},
		{Device: sara, Alias: "Sara", Hours: 2, Opened: 2, Claimed: 1, Left: 1, Days: 2, Closed: 2, Unplanned: 0},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v,\nwant %+v", got, want)
	}
	for _, c := range Review([]*Log{l}, Against{Zone: stockholm}) {
		if c.Closed != -1 || c.Unplanned != -1 {
			t.Error("what was not looked at is counted")
		}
	}
}

func TestASignedReview(t *testing.T) {
	key := func(name string) (note.Signer, string) {
		private, public, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := note.NewSigner(private)
		if err != nil {
			t.Fatal(err)
		}
		return s, public
	}
	lead, pin := key("team.vidby")
	_, second := key("team.vidby")
	foreign, foreignPin := key("team.annanby")
	l, err := Parse(strings.NewReader(head + line("2026-11-25 14", sara, "opened", "0123456789abcdef", "Sara B")))
	if err != nil {
		t.Fatal(err)
	}
	s := &Signed{Kommun: "vidby", Month: "2026-11", At: clock(t, "2026-12-03 10:00"), By: "Karin Berg",
		Remark: "Frågade Sara.", Counts: Review([]*Log{l}, Against{Zone: stockholm})}
	s.Sums = append(s.Sums, l.Sum)
	text, err := s.Sign(lead)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(text, second, pin)
	if err != nil || again.By != s.By || again.Remark != s.Remark || !again.Holds(l.Sum) || again.Holds([32]byte{}) ||
		!slices.Equal(again.Counts, s.Counts) {
		t.Fatalf("%+v, %v", again, err)
	}
	if _, err := s.Sign(foreign); !errors.Is(err, ErrKommun) {
		t.Errorf("another kommun's key signed: %v", err)
	}
	inner, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	forged, err := note.Sign(&note.Note{Text: inner}, foreign)
	if err != nil {
		t.Fatal(err)
	}
	roster, err := note.Sign(&note.Note{Text: "utvag roster 1\nkommun vidby\n"}, lead)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text []byte
		pin  string
		want error
	}{
		"another pin": {text, second, ErrSignature}, "changed": {bytes.Replace(text, []byte("opened 1"), []byte("opened 0"),
			1), pin, ErrSignature},
		"another kommun's key": {forged, foreignPin, ErrKommun}, "a roster": {roster, pin, ErrMalformed}, "nothing": {nil,
			pin, ErrMalformed},
		"too large": {append(bytes.Clone(text), make([]byte, MaxSigned)...), pin, ErrMalformed},
	} {
		if got, err := Open(c.text, c.pin); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, by := range []string{"", "Karin\nremark x", " Karin", "Kar\u202ein", strings.Repeat("a", 101)} {
		bad := *s
		bad.By = by
		if _, err := bad.Sign(lead); err == nil {
			t.Errorf("%q may sign", by)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(head + line("2026-11-25 14", sara, "opened", "0123456789abcdef", "Sara"))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		again := Head(l.Kommun, l.Month) + "\n"
		for _, e := range l.Events {
			again += e.String() + "\n"
		}
		if again != text {
			t.Errorf("%q is read as %q", text, again)
		}
	})
}
