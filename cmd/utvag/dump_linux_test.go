package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/utvag/utvag/internal/testkit"
)

// However it is asked to end, the process leaves neither its memory nor a word of what went on in it.
func TestProcessLeavesNoDump(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		// So that a core file would be allowed, wherever this runs.
		var before syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &before); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_CORE,
			&syscall.Rlimit{Cur: 1 << 30, Max: max(before.Max, 1<<30)}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Setrlimit(syscall.RLIMIT_CORE, &before) })
	}
	cmd := exec.Command(binary(t), "demo", "--listen", "127.0.0.1:0")
	cmd.Dir = t.TempDir()
	out, complaints := new(testkit.Log), new(testkit.Log)
	cmd.Stdout, cmd.Stderr = out, complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Await(t, "Ctrl-C")
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
	if err != nil || !regexp.MustCompile(`Max core file size +0 +0 `).Match(limits) {
		t.Errorf("core files are allowed: %v\n%s", err, limits)
	}
	// Of a process that may not be dumped, everything in /proc belongs to root; for root itself that shows nothing.
	cmd.Process.Signal(syscall.SIGQUIT)
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGQUIT: %v", err)
	}
	if said := complaints.String(); strings.Contains(said, "goroutine") {
		t.Errorf("SIGQUIT prints what goes on: %.600s", said)
	}
}

// What the process cannot forbid itself is forbidden by what starts it.
func TestDeployedServerLeavesNoDump(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"utvag.service":       {"LimitCORE=0", "Environment=GOTRACEBACK=none", "MemorySwapMax=0"},
		"utvag-redis.service": {"LimitCORE=0", "MemorySwapMax=0"},
		"Containerfile":       {"ENV GOTRACEBACK=none"},
		"compose.yaml":        {"    ulimits: {core: 0}"},
	} {
		text := "\n" + testkit.ReadDeploy(t, name)
		for _, line := range lines {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("%s lacks the line %s", name, line)
			}
		}
	}
}
