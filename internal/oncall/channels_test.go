package oncall

import (
	"testing"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/testkit"
)

// What is configured can be rung by.
func TestEveryConfiguredChannelIsMade(t *testing.T) {
	p := testkit.WithChannels(t)
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	made := channelsOf(&checked.Channels, nil)
	for _, name := range alarm.Names {
		if made[name] == nil {
			t.Errorf("%s was not made", name)
		}
	}
}
