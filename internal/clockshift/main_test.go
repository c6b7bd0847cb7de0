package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestTheInstalledGoCanBeShifted(t *testing.T) {
	if _, err := writeOverlay(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// The kernel gives a file its time, and knows of no shift.
func TestTheClockIsAsFarAheadAsIsSaid(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	seconds, _ := strconv.Atoi(os.Getenv("UTVAG_CLOCK_AHEAD"))
	want := time.Duration(seconds) * time.Second
	if ahead := time.Since(file.ModTime()); ahead < want-time.Minute || ahead > want+time.Minute {
		t.Errorf("the clock is %v ahead, want %v", ahead, want)
	}
}
