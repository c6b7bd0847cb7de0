package relay

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPatienceIsLentForLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node, stop := context.WithCancel(t.Context())
		defer stop()
		var p timeouts
		lent := map[context.Context]int{}
		for range 100 {
			ctx := p.lend(node)
			lent[ctx]++
			if until, ok := ctx.Deadline(); !ok || time.Until(until) < storeTimeout-timeoutStep ||
				time.Until(until) > storeTimeout {
				t.Fatalf("it ends in %v", time.Until(until))
			}
			time.Sleep(timeoutStep / 10)
		}
		if len(lent) != 10 {
			t.Errorf("%d were made for 10 steps", len(lent))
		}
		last := p.lend(node)
		if last.Err() != nil {
			t.Error("the last has ended by itself")
		}
		stop()
		if !errors.Is(last.Err(), context.Canceled) {
			t.Error("it outlives its node")
		}
	})
}
