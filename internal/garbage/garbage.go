// Package garbage sets the pace at which Go's garbage is collected in a server that holds little and passes much on.
package garbage

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Least is what a node takes before its first collection: more than a thousand conversations hold, and little beside
// what ten thousand do.
const Least = 48 << 20

// usual is Go's own pace: a collection when as much has come as the last one left.
const usual = 100

// Floor lets no collection begin before the heap has `least` bytes, whatever the last one left. A heap that is larger
// is collected at Go's own pace. It is for the whole process and lasts until its end. Who sets GOGC decides alone: then
// it does nothing. A memory limit (GOMEMLIMIT) holds all the same.
func Floor(least uint64) {
	if os.Getenv("GOGC") != "" {
		return
	}
	// Of the heap with which a process begins Go makes this much itself.
	const first = 4 << 20
	debug.SetGCPercent(percent(least, first))
	watch(least)
}

// watch looks at what each collection has left.
func watch(least uint64) {
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		debug.SetGCPercent(percent(least, sample[0].Value.Uint64()))
		watch(least)
	})
}

// percent is the pace at which the next collection begins at `least` bytes or later.
func percent(least, live uint64) int {
	if live == 0 || live >= least/2 {
		return usual
	}
	return int(least*usual/live) - usual
}
