package testkit

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// broken is when a wait ends for what will never be. Nothing that works is judged by it, however slow the machine.
const broken = 2 * time.Minute

// Log is a buffer that may be read, and waited for, while it is written.
type Log struct {
	mu    sync.Mutex
	b     bytes.Buffer
	grown chan struct{} // closed with the next write
}

// Write never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
	return l.b.Write(p)
}

// String is everything that was written so far.
func (l *Log) String() string {
	text, _ := l.read()
	return text
}

func (l *Log) read() (text string, grown <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return l.b.String(), l.grown
}

// Await waits until one of the texts stands in the log.
func (l *Log) Await(t testing.TB, texts ...string) {
	t.Helper()
	timeout := time.After(broken)
	for {
		said, grown := l.read()
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(said, text) }) {
			return
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("waited in vain for %q in\n%s", texts, said)
		}
	}
}

// Eventually waits for what becomes true by itself, and of which no event tells: a cached answer ends, a file is looked
// at. Of a log, Await tells. It asks no more often than a page may.
func Eventually(t testing.TB, what string, true func() bool) {
	t.Helper()
	look, timeout := time.NewTicker(50*time.Millisecond), time.After(broken)
	defer look.Stop()
	for !true() {
		select {
		case <-look.C:
		case <-timeout:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
