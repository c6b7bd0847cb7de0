package rota

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/hours"
)

var stockholm = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return zone
}()

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, stockholm)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// calendar wraps events, of which each is its lines, in what a file has around them.
func calendar(events ...string) []byte {
	var all strings.Builder
	all.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n")
	for _, e := range events {
		if !strings.HasPrefix(e, "BEGIN:") {
			e = "BEGIN:VEVENT\n" + e + "\nEND:VEVENT"
		}
		all.WriteString(strings.ReplaceAll(e, "\n", "\r\n") + "\r\n")
	}
	all.WriteString("END:VCALENDAR\r\n")
	return []byte(all.String())
}

func mustRead(t *testing.T, around string, calendars ...[]byte) *Rota {
	t.Helper()
	r, err := Read(t.Context(), at(t, around), stockholm, calendars...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines are shifts as a person would write them.
func lines(shifts []Shift) []string {
	var all []string
	for _, shift := range shifts {
		all = append(all, fmt.Sprintf("%s %s %s to %s", shift.Level, shift.Alias,
			shift.Start.In(stockholm).Format("2006-01-02 15:04"), shift.End.In(stockholm).Format("2006-01-02 15:04")))
	}
	return all
}

func spans(all []hours.Span) []string {
	var texts []string
	for _, s := range all {
		texts = append(texts, s.Start.In(stockholm).Format("2006-01-02 15:04")+" to "+s.End.In(stockholm).Format(
			"2006-01-02 15:04"))
	}
	return texts
}

// Each calendar means exactly these shifts in the week of the date.
func TestWhatACalendarMeans(t *testing.T) {
	for name, c := range map[string]struct {
		week      string
		calendars [][]byte
		want      []string
	}{
		"one shift": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20261124T080000\nDTEND;TZID=Europe/Stockholm:20261124T110000")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"in Swedish, in small letters, with a length": {"2026-11-23",
			[][]byte{calendar("UID:a\nSUMMARY: Första :  Sara Lind \nDTSTART:20261124T080000\nDURATION:PT2H30M")},
			[]string{"first Sara Lind 2026-11-24 08:00 to 2026-11-24 10:30"}},
		"by category": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:Sara\nCATEGORIES:WORK,SECOND\nDTSTART:20261124T080000Z\nDTEND:20261124T110000Z")},
			[]string{"second Sara 2026-11-24 09:00 to 2026-11-24 12:00"}},
		"all day": {"2026-11-23", [][]byte{calendar("UID:a\nSUMMARY:lead: Karin\nDTSTART;VALUE=DATE:20261124")},
			[]string{"lead Karin 2026-11-24 00:00 to 2026-11-25 00:00"}},
		"folded": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:fir\n st: Sara\nDTSTART:20261124T080000\nDTEND:20261124T110000")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"repeated, without one, until a moment": {"2026-11-23",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20260105T080000\nDTEND;TZID=Europe/Stockholm:20260105T110000\n" +
					"RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261127T070000Z\nEXDATE;TZID=Europe/Stockholm:20261125T080000")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00", "first Sara 2026-11-27 08:00 to 2026-11-27 11:00"}},
		"until a date, which is in it": {"2026-11-23",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART:20261123T200000\nDTEND:20261123T220000\nRRULE:FREQ=DAILY;UNTIL=20261124")},
			[]string{"first Sara 2026-11-23 20:00 to 2026-11-23 22:00", "first Sara 2026-11-24 20:00 to 2026-11-24 22:00"}},
		"counted, and once more": {"2026-11-23",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART:20261122T080000\nDTEND:20261122T110000\nRRULE:FREQ=DAILY;COUNT=2\nRDATE:20261126T080000")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00", "first Sara 2026-11-26 08:00 to 2026-11-26 11:00"}},
		"every second week": {"2026-11-23",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART:20261109T080000\nDTEND:20261109T110000\nRRULE:FREQ=WEEKLY;INTERVAL=2")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00"}},
		"the second Thursday": {"2026-12-07",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART:20260108T080000\nDTEND:20260108T110000\nRRULE:FREQ=MONTHLY;BYDAY=2TH")},
			[]string{"first Sara 2026-12-10 08:00 to 2026-12-10 11:00"}},
		"over the change of clocks": {"2026-10-24",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20261023T200000\nDTEND;TZID=Europe/Stockholm:20261024T080000\nRRULE:FREQ=DAILY;COUNT=3")},
			[]string{"first Sara 2026-10-23 20:00 to 2026-10-24 08:00", "first Sara 2026-10-24 20:00 to 2026-10-25 08:00",
				"first Sara 2026-10-25 20:00 to 2026-10-26 08:00"}},
		"one moved and given away": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20261123T080000\nDTEND;TZID=Europe/Stockholm:20261123T110000\nRRULE:FREQ=DAILY;COUNT=2",
			"UID:a\nRECURRENCE-ID:20261124T070000Z\nSUMMARY:first: Amir\nDTSTART;TZID=Europe/Stockholm:20261124T100000\nDTEND;TZID=Europe/Stockholm:20261124T120000")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00", "first Amir 2026-11-24 10:00 to 2026-11-24 12:00"}},
		"one called off": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART:20261123T080000\nDTEND:20261123T110000\nRRULE:FREQ=DAILY;COUNT=2",
			"UID:a\nRECURRENCE-ID:20261123T080000\nSTATUS:CANCELLED\nSUMMARY:Inställt\nDTSTART:20261123T080000\nDTEND:20261123T110000")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"called off, with no times of its own": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART:20261123T080000\nDTEND:20261123T110000\nRRULE:FREQ=DAILY;COUNT=2",
			"UID:a\nRECURRENCE-ID:20261123T080000\nSTATUS:CANCELLED",
			"UID:b\nSUMMARY:second: Amir\nDTSTART:20261124T080000\nSTATUS:CANCELLED")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"exceptions and changes that are written as dates": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20261123T080000\nDTEND;TZID=Europe/Stockholm:20261123T110000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261124\nRDATE;VALUE=DATE:20261127",
			"UID:a\nRECURRENCE-ID;VALUE=DATE:20261125\nSUMMARY:first: Amir\nDTSTART:20261125T120000\nDTEND:20261125T130000")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00", "first Amir 2026-11-25 12:00 to 2026-11-25 13:00",
				"first Sara 2026-11-27 08:00 to 2026-11-27 11:00"}},
		"the exception of a whole day, as a time": {"2026-10-19",
			[][]byte{calendar(
				"UID:a\nSUMMARY:lead: Karin\nDTSTART;VALUE=DATE:20261023\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261024T000000Z")},
			[]string{"lead Karin 2026-10-23 00:00 to 2026-10-24 00:00", "lead Karin 2026-10-25 00:00 to 2026-10-26 00:00"}},
		"a rule in small letters": {"2026-11-23",
			[][]byte{calendar(
				"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T110000\nRRULE:freq=weekly;count=2")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"over the change of clocks in spring, and in UTC": {"2027-03-22", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Europe/Stockholm:20270327T200000\nDTEND;TZID=Europe/Stockholm:20270328T080000",
			"UID:b\nSUMMARY:second: Amir\nDTSTART:20270327T190000Z\nDURATION:PT12H",
			"UID:c\nSUMMARY:second: Lo\nDTSTART;VALUE=DATE:20270328")},
			[]string{"first Sara 2027-03-27 20:00 to 2027-03-28 08:00", "second Amir 2027-03-27 20:00 to 2027-03-28 09:00",
				"second Lo 2027-03-28 00:00 to 2027-03-29 00:00"}},
		"the later calendar overrides": {"2026-11-23", [][]byte{
			calendar("UID:a\nSEQUENCE:9\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T110000",
				"UID:b\nSUMMARY:second: Amir\nDTSTART:20261124T080000\nDTEND:20261124T110000"),
			calendar("UID:a\nSUMMARY:first: Leyla\nDTSTART:20261125T080000\nDTEND:20261125T110000")},
			[]string{"second Amir 2026-11-24 08:00 to 2026-11-24 11:00", "first Leyla 2026-11-25 08:00 to 2026-11-25 11:00"}},
		"the higher sequence of one calendar": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSEQUENCE:2\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T110000",
			"UID:a\nSEQUENCE:1\nSUMMARY:first: Amir\nDTSTART:20261124T080000\nDTEND:20261124T110000")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 11:00"}},
		"a swap of a part": {"2026-11-23", [][]byte{
			calendar("UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T120000"),
			calendar("UID:s\nSUMMARY:swap: Sara > Amir\nDTSTART:20261124T090000\nDTEND:20261124T100000")},
			[]string{"first Sara 2026-11-24 08:00 to 2026-11-24 09:00", "first Amir 2026-11-24 09:00 to 2026-11-24 10:00",
				"first Sara 2026-11-24 10:00 to 2026-11-24 12:00"}},
		"swapped on": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T120000",
			"UID:s\nSUMMARY:byte: Sara -> Amir\nDTSTART;VALUE=DATE:20261124",
			"UID:t\nSUMMARY:swap: Amir → Leyla\nDTSTART;VALUE=DATE:20261124")},
			[]string{"first Leyla 2026-11-24 08:00 to 2026-11-24 12:00"}},
		"off, at every level": {"2026-11-23", [][]byte{calendar(
			"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T120000",
			"UID:b\nSUMMARY:second: Sara\nDTSTART:20261124T120000\nDTEND:20261124T180000",
			"UID:c\nSUMMARY:second: Amir\nDTSTART:20261124T080000\nDTEND:20261124T180000",
			"UID:o\nSUMMARY:off: Sara\nDTSTART;VALUE=DATE:20261124")},
			[]string{"second Amir 2026-11-24 08:00 to 2026-11-24 18:00"}},
		"in a zone that only the file knows": {"2026-11-23", [][]byte{calendar(outlook,
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Min egen tid:20260105T080000\nDTEND;TZID=Min egen tid:20260105T110000\nRRULE:FREQ=WEEKLY")},
			[]string{"first Sara 2026-11-23 08:00 to 2026-11-23 11:00"}},
		"the same in summer": {"2026-07-06", [][]byte{calendar(outlook,
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Min egen tid:20260105T080000\nDTEND;TZID=Min egen tid:20260105T110000\nRRULE:FREQ=WEEKLY;UNTIL=20260706T060000Z")},
			[]string{"first Sara 2026-07-06 08:00 to 2026-07-06 11:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, c.week+" 12:00", c.calendars...)
			from := at(t, c.week+" 00:00")
			if got := lines(r.Between(from, from.AddDate(0, 0, 7))); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
			if len(r.Notes) > 0 {
				t.Errorf("notes: %v", r.Notes)
			}
		})
	}
}

// outlook is how a widespread calendar writes Central European time.
const outlook = `BEGIN:VTIMEZONE
TZID:Min egen tid
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`

func TestAZoneOfTheFilesOwnKeepsTimeLikeStockholm(t *testing.T) {
	r := mustRead(t, "2026-11-01 12:00",
		calendar(
			outlook,
			"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Min egen tid:20260101T003000\nDTEND;TZID=Min egen tid:20260101T043000\nRRULE:FREQ=DAILY",
		),
		calendar(
			"UID:b\nSUMMARY:second: Sara\nDTSTART;TZID=Europe/Stockholm:20260101T003000\nDTEND;TZID=Europe/Stockholm:20260101T043000\nRRULE:FREQ=DAILY",
		))
	first, second := r.Staffed(First), r.Staffed(Second)
	if len(first) < 70 || !reflect.DeepEqual(spans(first), spans(second)) {
		t.Errorf("%d and %d spans differ", len(first), len(second))
	}
}

func TestAtNextGaps(t *testing.T) {
	r := mustRead(t, "2026-11-23 12:00", calendar(
		"UID:l\nSUMMARY:lead: Karin\nDTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261130",
		"UID:s\nSUMMARY:second: Amir\nDTSTART:20261123T080000\nDTEND:20261123T180000",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261123T080000\nDTEND:20261123T110000",
		"UID:b\nSUMMARY:first: Leyla\nDTSTART:20261123T130000\nDTEND:20261123T160000",
		"UID:c\nSUMMARY:second: Sara\nDTSTART:20261123T130000\nDTEND:20261123T150000",
		"UID:o\nSUMMARY:open: lång dag\nDTSTART:20261123T080000\nDTEND:20261123T170000",
		"UID:x\nSUMMARY:closed: lunch\nDTSTART:20261123T113000\nDTEND:20261123T123000",
	))
	var on []string
	for _, shift := range r.At(at(t, "2026-11-23 10:59")) {
		on = append(on, string(shift.Level)+" "+shift.Alias)
	}
	if want := []string{"first Sara", "second Amir", "lead Karin"}; !reflect.DeepEqual(on, want) {
		t.Errorf("on duty %v, want %v", on, want)
	}
	if len(r.At(at(t, "2026-11-23 11:00"))) != 2 || len(r.At(at(t, "2026-11-30 00:00"))) != 0 {
		t.Error("a shift goes on beyond its end")
	}
	if got, want := lines(r.Next(at(t, "2026-11-23 11:00"))), []string{"first Leyla 2026-11-23 13:00 to 2026-11-23 16:00",
		"second Sara 2026-11-23 13:00 to 2026-11-23 15:00"}; !reflect.DeepEqual(got, want) {
		t.Errorf("next %v, want %v", got, want)
	}
	if !r.On("Karin", at(t, "2026-11-23 07:00")) || r.On("Sara", at(t, "2026-11-23 12:00")) ||
		r.On("sara", at(t, "2026-11-23 10:00")) {
		t.Error("who is on duty is wrong")
	}
	var none *hours.Hours
	open := none.With(r.Hours()).Meant(at(t, "2026-11-23 00:00"), at(t, "2026-11-24 00:00"))
	if got, want := spans(r.Gaps(open)), []string{"2026-11-23 11:00 to 2026-11-23 11:30",
		"2026-11-23 12:30 to 2026-11-23 13:00", "2026-11-23 16:00 to 2026-11-23 17:00"}; !reflect.DeepEqual(got, want) {
		t.Errorf("gaps %v, want %v", got, want)
	}
	var nobody *Rota
	if nobody.At(time.Now()) != nil || nobody.Next(time.Now()) != nil || len(nobody.Gaps(open)) == 0 ||
		nobody.On("Sara", time.Now()) || nobody.Hours().Staffed != nil {
		t.Error("the nil Rota has somebody")
	}
}

// The file with the week's changes may move a whole series: what was changed of the old one changes nothing then, and
// is not a second shift.
func TestAChangeOfWhatALaterCalendarHasReplaced(t *testing.T) {
	plan := calendar(
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261123T080000\nDTEND:20261123T110000\nRRULE:FREQ=DAILY;COUNT=2",
		"UID:a\nSUMMARY:first: Amir\nRECURRENCE-ID:20261124T080000\nDTSTART:20261124T090000\nDTEND:20261124T110000")
	from := at(t, "2026-11-23 00:00")
	for name, c := range map[string]struct {
		later string
		want  []string
		notes int
	}{
		"with other times": {
			"UID:a\nSUMMARY:first: Leyla\nDTSTART:20261123T100000\nDTEND:20261123T130000\nRRULE:FREQ=DAILY;COUNT=2",
			[]string{"first Leyla 2026-11-23 10:00 to 2026-11-23 13:00", "first Leyla 2026-11-24 10:00 to 2026-11-24 13:00"}, 1},
		"with the same times": {
			"UID:a\nSUMMARY:first: Leyla\nDTSTART:20261123T080000\nDTEND:20261123T110000\nRRULE:FREQ=DAILY;COUNT=2",
			[]string{"first Leyla 2026-11-23 08:00 to 2026-11-23 11:00", "first Amir 2026-11-24 09:00 to 2026-11-24 11:00"}, 0},
		"called off": {"UID:a\nSTATUS:CANCELLED", nil, 1},
	} {
		r := mustRead(t, "2026-11-23 12:00", plan, calendar(c.later))
		if got := lines(r.Between(from, from.AddDate(0, 0, 7))); !reflect.DeepEqual(got, c.want) || len(r.Notes) != c.notes {
			t.Errorf("%s: %v, notes %v; want %v", name, got, r.Notes, c.want)
		}
	}
}

// What is not understood is left out, named, and does not take the rest along.
func TestNotes(t *testing.T) {
	const times = "\nDTSTART:20261124T080000\nDTEND:20261124T110000"
	for event, problem := range map[string]string{
		"UID:a\nSUMMARY:Fika" + times:                                                              "write first:",
		"UID:a\nSUMMARY:frist: Sara" + times:                                                       "write first:",
		"UID:a" + times:                                                                            "write first:",
		"UID:a\nSUMMARY:first: " + times:                                                           "alias",
		"UID:a\nSUMMARY:first: Sa\u202era" + times:                                                 "alias",
		"UID:a\nSUMMARY:swap: Sara" + times:                                                        "who has them instead",
		"UID:a\nSUMMARY:swap: Sara >" + times:                                                      "alias",
		"UID:a\nSUMMARY:swap: Amir > Sara" + times:                                                 "changes nothing",
		"UID:a\nSUMMARY:off: Amir" + times:                                                         "changes nothing",
		"UID:a\nSUMMARY:first: Sara":                                                               "no DTSTART",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000":                                      "no end",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:tomorrow\nDURATION:PT1H":                              "no time such as",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDURATION:1H":                         "no length",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDURATION:-PT1H":                      "no length",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDURATION:PT0S":                       "ends before",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDURATION:P99D":                       "longer than a month",
		"UID:a\nSUMMARY:first: Sara\nDTSTART:00010101T080000\nDURATION:PT1H":                       "before the year",
		"UID:a\nSUMMARY:first: Sara\nDURATION:PT1H" + times:                                        "both DTEND and DURATION",
		"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=Local:20261124T080000\nDURATION:PT1H":            "unknown",
		"UID:a\nSUMMARY:first: Sara\nDTSTART;TZID=../../etc/passwd:20261124T080000\nDURATION:PT1H": "unknown",
		"UID:a\nSUMMARY:first: Sara\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY" + times:                  "two RRULEs",
		"UID:a\nSUMMARY:first: Sara\nRRULE:FREQ=HOURLY" + times:                                    "more often than daily",
		"UID:a\nSUMMARY:first: Sara\nRRULE:FREQ=DAILY;BYHOUR=1,2,3" + times:                        "not known here",
		"UID:a\nSUMMARY:first: Sara\nRRULE:FREQ=DAILY;INTERVAL=-1" + times:                         "RRULE",
		"UID:a\nSUMMARY:first: Sara\nRRULE:nonsense" + times:                                       "not known here",
		"UID:a\nSUMMARY:first: Sara\nEXRULE:FREQ=DAILY" + times:                                    "EXRULE",
		"UID:a\nSUMMARY:first: Sara\nRDATE;VALUE=PERIOD:20261124T080000/PT1H" + times:              "periods",
		"UID:a\nSUMMARY:first: Sara\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261124T080000" + times:    "RANGE",
	} {
		r := mustRead(t, "2026-11-23 12:00", calendar(event, "UID:z\nSUMMARY:lead: Karin"+times))
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Problem, problem) {
			t.Errorf("%q: notes %v, want one with %q", event, r.Notes, problem)
		}
		if got := lines(r.Between(r.Covers.Start, r.Covers.End)); !slices.Equal(got,
			[]string{"lead Karin 2026-11-24 08:00 to 2026-11-24 11:00"}) {
			t.Errorf("%q: shifts %v", event, got)
		}
	}
}

// A whole calendar is refused where it is none, or may be half of one, or is too much.
func TestRefused(t *testing.T) {
	whole := calendar("UID:a\nSUMMARY:first: Sara\nDTSTART:20261124T080000\nDTEND:20261124T110000")
	many := func(n int, lines string) []byte {
		events := make([]string, n)
		for i := range events {
			events[i] = fmt.Sprintf(strings.ReplaceAll(lines, "#", "%[1]d"), i)
		}
		return calendar(events...)
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":             {nil, "cut off"},
		"a page":              {[]byte("<!doctype html><title>Log in</title>"), "cut off"},
		"cut off":             {whole[:len(whole)-20], "cut off"},
		"cut off early":       {append(slices.Clone(whole[:len(whole)/2]), "\r\nEND:VCALENDAR\r\n"...), "not iCalendar"},
		"too large":           {make([]byte, MaxCalendar+1), "bytes, at most"},
		"a long line":         {calendar("UID:a\nSUMMARY:" + strings.Repeat(";a=b", 4000)), "a line of more than"},
		"a long line, folded": {calendar("UID:a\nSUMMARY:" + strings.Repeat("\n ;a=b", 4000)), "a line of more than"},
		"deep": {[]byte("BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:X\r\n", 20_000) + "END:VCALENDAR"),
			"nested too deep"},
		"many events": {many(maxEvents+1, "UID:#\nSUMMARY:x"), "events, at most"},
		"many shifts": {many(400,
			"UID:#\nSUMMARY:first: Sara\nDTSTART:20261001T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY"), "grow into more than"},
		"many people": {many(maxPeople+1, "UID:#\nSUMMARY:first: Sara#\nDTSTART:20261124T080000\nDURATION:PT1H"),
			"people, at most"},
	} {
		_, err := Read(t.Context(), at(t, "2026-11-23 12:00"), stockholm, whole, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(c.want, "cut") && !strings.Contains(err.Error(), "calendar 2") {
			t.Errorf("%s: it does not say which: %v", name, err)
		}
	}
}

// Rules that never fit are walked to the end of time: the caller's patience ends that.
func TestAHostileCalendarEndsWithTheCallersPatience(t *testing.T) {
	events := make([]string, 3000)
	for i := range events {
		events[i] = fmt.Sprintf(
			"UID:%d\nSUMMARY:first: Sara\nDTSTART:20261001T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := Read(ctx, at(t, "2026-11-23 12:00"), stockholm, calendar(events...)); err == nil ||
		!strings.Contains(err.Error(), "too long") {
		t.Errorf("error %v after %v", err, time.Since(began))
	}
}

func TestExample(t *testing.T) {
	text, err := os.ReadFile("../../deploy/rota.example.ics")
	if err != nil {
		t.Fatal(err)
	}
	r := mustRead(t, "2026-11-25 12:00", text)
	if len(r.Notes) > 0 {
		t.Errorf("notes: %v", r.Notes)
	}
	firsts := func(day string) []string {
		var all []string
		for _, shift := range r.Between(at(t, day+" 00:00"), at(t, day+" 23:59")) {
			if shift.Level == First {
				all = append(all, lines([]Shift{shift})...)
			}
		}
		return all
	}
	for day, want := range map[string][]string{
		"2026-11-27": {"first Sara 2026-11-27 08:00 to 2026-11-27 11:00"},
		"2026-11-30": {"first Leyla 2026-11-30 09:00 to 2026-11-30 11:00"},
		"2026-12-01": {"first Leyla 2026-12-01 08:00 to 2026-12-01 11:00"},
		"2026-12-04": nil,
		"2026-12-24": nil,
		"2026-12-25": {"first Leyla 2026-12-25 10:00 to 2026-12-25 13:00"},
	} {
		if got := firsts(day); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
}
