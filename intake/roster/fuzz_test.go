package roster

import (
	"bytes"
	"testing"
	"time"
)

// What Parse takes, Text writes back byte for byte: nobody can sign one text and have another read.
func FuzzParse(f *testing.F) {
	seeds := 0
	for _, v := range makeVectors().Cases {
		if text, _, ok := bytes.Cut([]byte(v.Note), []byte("\n\n")); ok {
			f.Add(append(text, '\n'))
			seeds++
		}
	}
	if seeds < fewestRosterCases {
		f.Fatalf("%d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse(text)
		if err != nil {
			if Code(err) != "roster_malformed" {
				t.Errorf("refused as %q: %v", Code(err), err)
			}
			return
		}
		again, err := r.Text()
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q became %q, %v", text, again, err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	for _, v := range makeVectors().Cases {
		f.Add([]byte(v.Note))
	}
	var pins Pins
	for _, word := range []string{"first", "second"} {
		pin, err := ParsePin(newTeamKey("team.vidby", word).pin())
		if err != nil {
			f.Fatal(err)
		}
		pins = append(pins, pin)
	}
	now := time.Unix(unix("2026-11-23T12:00:00Z"), 0)
	f.Fuzz(func(t *testing.T, signed []byte) {
		if r, err := pins.Verify(signed, "vidby", now, 0); (err == nil) == (r == nil) || err != nil && Code(err) == "" {
			t.Errorf("%v, %v", r, err)
		}
	})
}

func FuzzEnrolment(f *testing.F) {
	for _, c := range makeEnrolments().Cases {
		f.Add([]byte(c.Request))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := ParseEnrolment(text); err == nil &&
			(!ValidKommun(e.Kommun) || CheckAlias(e.Alias) != nil || IDOf(e.Key) != e.Device) {
			t.Errorf("taken: %+v", e)
		}
	})
}
