package testkit

import (
	"fmt"
	"strings"
	"time"
)

// Calendar is an iCalendar of events, each the lines between BEGIN:VEVENT and END:VEVENT.
func Calendar(events ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\nBEGIN:VEVENT\r\n" +
		strings.ReplaceAll(strings.Join(events, "\nEND:VEVENT\nBEGIN:VEVENT\n"), "\n", "\r\n") +
		"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

// Daily is an event: alias is first on duty each day from 8 to 21.
func Daily(alias string) string {
	return "UID:daily\nDTSTART:20261101T080000\nDTEND:20261101T210000\nRRULE:FREQ=DAILY\nSUMMARY:first: " + alias
}

// AllDay is a calendar in which these are on duty all day, yesterday to tomorrow.
func AllDay(now time.Time) []byte {
	var text strings.Builder
	text.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Vidby//jour//SV\r\n")
	for _, turn := range []string{"first: Sara", "second: Ali", "lead: Karin"} {
		fmt.Fprintf(
			&text,
			"BEGIN:VEVENT\r\nUID:%s@vidby\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:%s\r\nDTEND:%s\r\nSUMMARY:%s\r\nEND:VEVENT\r\n",
			turn[:4],
			now.Add(-24*time.Hour).UTC().Format("20060102T150405Z"),
			now.Add(24*time.Hour).UTC().Format("20060102T150405Z"),
			turn,
		)
	}
	text.WriteString("END:VCALENDAR\r\n")
	return []byte(text.String())
}
