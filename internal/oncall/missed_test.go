package oncall

import (
	"testing"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/testkit"
)

// Where a browser takes its push stands in Redis, which a probe does not read.
func TestAProbeCallsByNothingOfTheServersOwn(t *testing.T) {
	p := testkit.WithChannels(t)
	checked, err := config.LoadVisitors(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	channels := NewMissedProbe(checked.Channels, checked.Kommuner[0], time.Now, nil).channels
	if len(channels) != len(alarm.Names)-1 || channels[alarm.Push] != nil {
		t.Errorf("a probe calls by %v", channels)
	}
}
