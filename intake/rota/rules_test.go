package rota

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

func shiftEvent(n int, level, alias, from, to string) string {
	clock := strings.NewReplacer("-", "", " ", "T", ":", "")
	return fmt.Sprintf("UID:%d\nSUMMARY:%s: %s\nDTSTART:%s00\nDTEND:%s00", n, level, alias, clock.Replace(from),
		clock.Replace(to))
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		shifts [][4]string
		open   string // until this hour, from eight
		want   []string
	}{
		"all is well": {[][4]string{{"first", "Sara", "2026-11-24 08:00", "2026-11-24 11:00"},
			{"second", "Amir", "2026-11-24 08:00", "2026-11-24 11:00"}}, "21:00", nil},
		"chat for too long": {[][4]string{{"first", "Sara", "2026-11-24 08:00", "2026-11-24 11:01"}}, "17:00",
			[]string{"Sara block 2026-11-24 08:00 to 2026-11-24 11:01, 3h1m0s of 3h0m0s"}},
		"joined shifts are one block": {[][4]string{{"first", "Sara", "2026-11-24 08:00", "2026-11-24 10:00"},
			{"first", "Sara", "2026-11-24 10:10", "2026-11-24 12:00"}}, "17:00",
			[]string{"Sara block 2026-11-24 08:00 to 2026-11-24 12:00, 4h0m0s of 3h0m0s"}},
		"with a break they are two": {[][4]string{{"first", "Sara", "2026-11-24 08:00", "2026-11-24 10:00"},
			{"first", "Sara", "2026-11-24 10:15", "2026-11-24 12:00"}}, "17:00", nil},
		"a long shift is too long, and leaves no rest": {[][4]string{{"second", "Sara", "2026-11-24 07:00",
			"2026-11-24 20:30"}}, "17:00",
			[]string{"Sara daily_rest 2026-11-24 07:00 to 2026-11-25 07:00, 10h30m0s of 11h0m0s",
				"Sara shift 2026-11-24 07:00 to 2026-11-24 20:30, 13h30m0s of 13h0m0s"}},
		"thirteen hours are allowed": {[][4]string{{"second", "Sara", "2026-11-24 07:00", "2026-11-24 20:00"}}, "17:00", nil},
		"late and early": {[][4]string{{"second", "Sara", "2026-11-24 17:00", "2026-11-24 22:00"},
			{"first", "Sara", "2026-11-25 07:00", "2026-11-25 10:00"}}, "17:00",
			[]string{"Sara daily_rest 2026-11-24 17:00 to 2026-11-25 17:00, 9h0m0s of 11h0m0s"}},
		"every day of a week, with one night of rest": {weekOfTurns("Sara"), "17:00",
			[]string{"Sara weekly_rest 2026-11-23 00:00 to 2026-11-30 00:00, 21h0m0s of 36h0m0s"}},
		"the lead's time is none of work": {[][4]string{{"lead", "Karin", "2026-11-23 00:00", "2026-11-30 00:00"}}, "17:00",
			nil},
		"alone in the evening": {[][4]string{{"first", "Sara", "2026-11-24 17:00", "2026-11-24 20:00"},
			{"second", "Amir", "2026-11-24 17:00", "2026-11-24 19:00"}, {"lead", "Karin", "2026-11-24 00:00",
				"2026-11-25 00:00"}}, "21:00",
			[]string{"Sara alone 2026-11-24 19:00 to 2026-11-24 20:00"}},
		"first and second in one person": {[][4]string{{"first", "Sara", "2026-11-24 19:00", "2026-11-24 20:00"},
			{"second", "Sara", "2026-11-24 19:00", "2026-11-24 20:00"}}, "21:00",
			[]string{"Sara alone 2026-11-24 19:00 to 2026-11-24 20:00"}},
		"alone after closing": {[][4]string{{"first", "Sara", "2026-11-24 18:00", "2026-11-24 20:00"}}, "18:00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var events []string
			for i, shift := range c.shifts {
				events = append(events, shiftEvent(i, shift[0], shift[1], shift[2], shift[3]))
			}
			r := mustRead(t, "2026-11-24 12:00", calendar(events...))
			open := []hours.Span{{Start: at(t, "2026-11-24 08:00"), End: at(t, "2026-11-24 "+c.open)}}
			var got []string
			for _, w := range r.Warnings(Usual, stockholm, open, at(t, "2026-11-23 00:00"), at(t, "2026-11-30 00:00")) {
				text := fmt.Sprintf("%s %s %s", w.Alias, w.Rule, spans([]hours.Span{w.Span})[0])
				if w.Limit > 0 {
					text += fmt.Sprintf(", %v of %v", w.Has, w.Limit)
				}
				got = append(got, text)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
			if off := r.Warnings(Limits{}, stockholm, open, r.Covers.Start, r.Covers.End); len(off) > 0 {
				t.Errorf("rules that are off warn: %v", off)
			}
		})
	}
}

func weekOfTurns(alias string) [][4]string {
	var all [][4]string
	for day := 23; day < 30; day++ {
		date := fmt.Sprintf("2026-11-%d ", day)
		all = append(all, [4]string{"first", alias, date + "08:00", date + "11:00"})
	}
	return all
}

func TestWarningsStayWithinTheTimesAskedFor(t *testing.T) {
	r := mustRead(t, "2026-11-24 12:00", calendar(shiftEvent(1, "first", "Sara", "2026-11-24 08:00", "2026-11-24 12:00")))
	if w := r.Warnings(Usual, stockholm, nil, at(t, "2026-11-24 12:00"), at(t, "2026-11-30 00:00")); len(w) != 0 {
		t.Errorf("what is over is warned of: %v", w)
	}
	if w := r.Warnings(Usual, stockholm, nil, at(t, "2026-11-20 12:00"),
		at(t, "2026-11-24 08:00").Add(time.Second)); len(w) != 1 {
		t.Errorf("what begins is not warned of: %v", w)
	}
}
