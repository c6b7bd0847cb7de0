package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Ctrl-C ends the real process cleanly, with nothing on disk and the status that says so.
func TestDemoEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := exec.Command(binary(t), "demo", "--listen", "127.0.0.1:0")
		cmd.Dir = t.TempDir()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C") {
		}
		cmd.Process.Signal(signal)
		for lines.Scan() {
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
		if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
			t.Errorf("%v: it left %v, %v", signal, left, err)
		}
	}
}

// binary is this very test binary, which TestMain makes into utvag when it is called so.
func binary(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("utvag")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
