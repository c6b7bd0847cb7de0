package relay_test

import (
	"context"
	"testing"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/internal/redisstore"
)

func TestAShiftIsForIntake(t *testing.T) {
	s := onMini(t)
	var begun []chat.Device
	n := s.node(func(c *config, _ *redisstore.Options) {
		c.OnShift = func(_ context.Context, _ string, device chat.Device, _ *chat.Shift) error {
			begun = append(begun, device)
			return nil
		}
	})
	sara, tolk := s.certify(1, true), s.certify(2, false)
	begin := &chat.Shift{State: chat.ShiftBegun}
	for _, origin := range []string{visitorOrigin, staffOrigin} {
		_, err := s.dial(n, origin).Ask(begin)
		s.refused(err, chat.NotLoggedIn, 0)
	}
	_, err := tolk.on(n).Ask(begin)
	s.refused(err, chat.Policy, 0)
	_, err = sara.on(n).Ask(begin)
	s.must(err)
	if len(begun) != 1 || begun[0] != sara.id {
		t.Fatalf("%d shifts began", len(begun))
	}
}
