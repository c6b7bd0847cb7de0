package testkit

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// Log is a buffer that may be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything that was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Eventually waits for what becomes true by itself: a cached answer ends, a file is looked at.
func Eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !true() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
