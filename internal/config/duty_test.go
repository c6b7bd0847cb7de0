package config

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/testkit"
)

func TestWhatIsAskedOfDuty(t *testing.T) {
	const m = time.Minute
	usual := []time.Duration{10 * m, 20 * m, 30 * m, 60 * m}
	for text, want := range map[string]Duty{
		"":                          {2, 25 * m, usual},
		"duty: {at_once: 1}":        {1, 25 * m, usual},
		"duty: {last_start: 45m}":   {2, 45 * m, usual},
		"duty: {last_start: off}":   {2, 0, usual},
		"duty: {breaks: [5m, 15m]}": {2, 25 * m, []time.Duration{5 * m, 15 * m}},
	} {
		p := testkit.NewFolder(t)
		if text != "" {
			p.Text = strings.Replace(p.Text, testkit.Leave, "    "+text+"\n"+testkit.Leave, 1)
		}
		if err := loadFolder(t, p); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		checked, err := Load(p.Dir+"/utvag.yaml", testkit.Now)
		if err != nil {
			t.Fatal(err)
		}
		if got := checked.Kommuner[0].Duty; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestWhatCannotBeAskedOfDuty(t *testing.T) {
	for text, want := range map[string]string{
		"duty: {at_once: 0}":                     "write 1 to 5",
		"duty: {at_once: 6}":                     "write 1 to 5",
		"duty: {at_once: two}":                   "write 1 to 5",
		"duty: {last_start: 25}":                 "write 5m to 3h before closing, or off",
		"duty: {last_start: 1m}":                 "write 5m to 3h before closing, or off",
		"duty: {last_start: 4h}":                 "write 5m to 3h before closing, or off",
		"duty: {breaks: [90s]}":                  "write whole minutes, 1m to 120m",
		"duty: {breaks: [121m]}":                 "write whole minutes, 1m to 120m",
		"duty: {breaks: [10]}":                   "write whole minutes, 1m to 120m",
		"duty: {breaks: [20m, 10m]}":             "the shortest first",
		"duty: {breaks: [10m, 10m]}":             "write each length once",
		"duty: {breaks: [1m,2m,3m,4m,5m,6m,7m]}": "at most 6",
		"duty: {chats: 3}":                       "known here: at_once, breaks, last_start",
	} {
		p := testkit.NewFolder(t)
		p.Text = strings.Replace(p.Text, testkit.Leave, "    "+text+"\n"+testkit.Leave, 1)
		if err := loadFolder(t, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
