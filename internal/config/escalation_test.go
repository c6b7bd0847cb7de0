package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/internal/testkit"
)

func TestEscalationsAreChecked(t *testing.T) {
	for name, c := range map[string]struct{ change, with, want string }{
		"an unknown channel": {"{who: first, by: ntfy, after: 1s}", "{who: first, by: pigeon, after: 1s}",
			"there is no channel «pigeon»"},
		"a time that is none":   {"after: 3s", "after: soon", "not a time such as 20s or 3m"},
		"steps out of order":    {"after: 6s", "after: 2s", "earlier than the step before it"},
		"nobody":                {"who: lead", "who: king", "«king» is nobody"},
		"an unknown operator":   {"[drift]", "[nobody]", "«nobody» is not among people"},
		"a fail before its end": {"fails: 8s", "fails: 5s", "later than the last step"},
	} {
		p := testkit.NewFolder(t)
		p.Write(t, "vidby.ics", testkit.AllDay(testkit.Now))
		text := strings.Replace(p.Text, "kommuner:\n",
			"channels:\n  ntfy: {url: \"https://ntfy.vidby.example\"}\nkommuner:\n", 1) + testkit.Escalation
		p.Write(t, "utvag.yaml", []byte(strings.Replace(text, c.change, c.with, 1)))
		if _, err := Load(filepath.Join(p.Dir, "utvag.yaml"), testkit.Now); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	set := Channels{}
	if set.Has(alarm.Push) {
		t.Fatal("an empty setup has channels")
	}
}
