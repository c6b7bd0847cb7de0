package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// What the example must show; a command that is taken out of the document is missed here.
var exampleCommands = []string{
	"team init", "team init", "team pin", "roster renew", "roster add", "roster show", "roster diff", "roster doctor",
	"check --config", "serve --config", "roster revoke",
}

// The worked example in docs/operations.md is followed line by line: each command is run, and each line that is shown
// must come. «…» stands for anything.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## A worked example\n")
	if !found {
		t.Fatal("docs/operations.md has no worked example")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	visitor, console := freePort(t), freePort(t)
	local := strings.NewReplacer("unix:///run/redis.sock", redistest.Start(t), "127.0.0.1:8080", "127.0.0.1:"+visitor,
		"127.0.0.1:8081", "127.0.0.1:"+console)
	dir := t.TempDir()
	request, err := testkit.EnrolmentRequest("vidby", "Sara")
	if err != nil {
		t.Fatal(err)
	}
	device := regexp.MustCompile(`(?m)^device (\S+)`).FindSubmatch(request)
	if device == nil {
		t.Fatalf("no device in %s", request)
	}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("request.txt", request)
	missing := append([]string(nil), exampleCommands...)
	log := new(testkit.Log)
	for _, block := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(section, -1) {
		if block[1] == "yaml" {
			write("utvag.yaml", []byte(local.Replace(block[2])))
			continue
		}
		var output func() string
		for _, line := range strings.Split(strings.TrimSpace(block[2]), "\n") {
			command, is := strings.CutPrefix(line, "$ ")
			if !is {
				if output == nil {
					t.Fatalf("output without a command: %s", line)
				}
				want := regexp.MustCompile(`(?m)` + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
				if got := output(); !want.MatchString(got) {
					if !strings.Contains(log.String(), "msg=") {
						t.Fatalf("the document shows\n%s\nand there is\n%s", line, got)
					}
					testkit.Eventually(t, line+"\nin\n"+got, func() bool { return want.MatchString(output()) })
				}
				continue
			}
			if len(missing) > 0 && strings.Contains(command, "utvag "+missing[0]) {
				missing = missing[1:]
			}
			command = strings.ReplaceAll(command, "DEVICE", string(device[1]))
			background := strings.HasSuffix(command, " &")
			if background {
				command = "exec " + strings.TrimSuffix(command, " &")
			}
			cmd := exec.Command("sh", "-c", command)
			cmd.Dir, cmd.Stdin = dir, strings.NewReader("y\n")
			if background {
				cmd.Stdout, cmd.Stderr = log, log
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
				output = log.String
				log.Await(t, "msg=serving")
				continue
			}
			out, err := cmd.CombinedOutput()
			// The doctor ends with 1 because one device is too few, which the example says.
			if err != nil && !strings.Contains(command, "roster doctor") {
				t.Fatalf("%s: %v\n%s", command, err, out)
			}
			output = func() string { return string(bytes.TrimSpace(out)) + "\n" + log.String() }
		}
	}
	if len(missing) > 0 {
		t.Errorf("the example no longer shows, in this order: %v", missing)
	}
}
