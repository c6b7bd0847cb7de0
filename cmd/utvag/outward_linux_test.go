package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/testkit"
)

// A process whose unit took the network away says so when its configuration is checked, as the unit does before each
// start.
func TestCheckSaysThatAlarmsCannotLeave(t *testing.T) {
	t.Parallel()
	p := testkit.NewFolder(t)
	check := func(network bool) (string, error) {
		cmd := exec.Command(binary(t), "check", "--config", filepath.Join(p.Dir, "utvag.yaml"))
		if !network {
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(),
					Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
		}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	const want = "nothing can leave this machine"
	// The roster of the place is of another day than that on which the process runs.
	p.Sign(t, "vidby", time.Now())
	p.Write(t, "utvag.yaml", []byte(p.Text))
	out, err := check(false)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOSPC) {
		t.Log("no network can be taken away here: ", err) // not a skip: what the kernel says then has a test of its own
		return
	}
	if err != nil || strings.Contains(out, want) {
		t.Errorf("without channels: %v\n%s", err, out)
	}
	p.Write(t, "utvag.yaml", []byte(strings.Replace(p.Text, "kommuner:\n",
		"channels:\n  ntfy: {url: \"https://ntfy.vidby.example\"}\nkommuner:\n", 1)))
	if out, err := check(false); err != nil || !strings.Contains(out, want) ||
		!strings.Contains(out, "network is unreachable") {
		t.Errorf("with a channel: %v\n%s", err, out)
	}
}
