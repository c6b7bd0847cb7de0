package garbage

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 4: 1500, 16: 300, 32: 100, 33: 100, 1000: 100} {
		if got := percent(64, live); got != want {
			t.Errorf("%d live: %d, want %d", live, got, want)
		}
	}
}

var kept, passing []byte

func TestASmallHeapIsCollectedSeldomAndALargeOneAsEver(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	count := func(bytes int) uint32 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range bytes >> 16 {
			passing = make([]byte, 1<<16)
		}
		runtime.ReadMemStats(&after)
		return after.NumGC - before.NumGC
	}
	const least = 64 << 20
	usually := count(256 << 20)
	Floor(least)
	runtime.GC()
	if got := count(256 << 20); got > 8 || got*4 > usually {
		t.Errorf("%d collections for 256 MiB of garbage, %d without the floor", got, usually)
	}
	kept = make([]byte, 2*least)
	runtime.GC()
	for range 100 { // the finalizer runs by itself
		p := debug.SetGCPercent(usual)
		debug.SetGCPercent(p)
		if p == usual {
			kept = nil
			return
		}
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("a large heap is not collected at the usual pace")
}
