// Command clockshift runs `go` with a clock that is ahead:
//
//	go run ./internal/clockshift -ahead 1080h test ./...
//	go run ./internal/clockshift -at 2027-10-31T02:30:00+02:00 test ./...
//
// The clock of everything that Go builds meanwhile is shifted, the programs that the tests build included. Timers and
// synctest's bubbles keep their own time, and so do other programs, such as redis-server.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

const (
	was = "\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {\n"
	is  = "\tsec, nsec, mono := runtimeNow()\n\tif !runtimeIsBubbled() {\n\t\tsec += ahead\n\t}\n\tif mono == 0 {\n"
	// Read when the program starts, so that one build serves every shift.
	reads = `package time

import "syscall"

var ahead = func() int64 {
	text, _ := syscall.Getenv("UTVAG_CLOCK_AHEAD")
	seconds, _ := atoi(text)
	return int64(seconds)
}()
`
)

func main() {
	ahead := flag.Duration("ahead", 0, "how far ahead the clock is")
	at := flag.String("at", "", "what time it is, as RFC 3339, in place of -ahead")
	flag.Parse()
	if *at != "" {
		begins, err := time.Parse(time.RFC3339, *at)
		if err != nil {
			fail(err)
		}
		*ahead = time.Until(begins)
	}
	folder, err := os.MkdirTemp("", "clockshift")
	if err != nil {
		fail(err)
	}
	err = run(folder, *ahead, flag.Args())
	os.RemoveAll(folder)
	if err != nil {
		fail(err)
	}
}

func run(folder string, ahead time.Duration, arguments []string) error {
	overlay, err := writeOverlay(folder)
	if err != nil {
		return err
	}
	c := exec.Command("go", arguments...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay,
		"UTVAG_CLOCK_AHEAD="+strconv.FormatInt(int64(ahead.Seconds()), 10))
	return c.Run()
}

// writeOverlay writes what replaces a file of the installed Go's package time.
func writeOverlay(folder string) (name string, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	original := filepath.Join(string(bytes.TrimSpace(root)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if bytes.Count(text, []byte(was)) != 1 {
		return "", fmt.Errorf("%s of %s has another time.Now than clockshift knows", original, runtime.Version())
	}
	now, shift := filepath.Join(folder, "time.go"), filepath.Join(folder, "ahead.go")
	if err := os.WriteFile(now, bytes.Replace(text, []byte(was), []byte(is), 1), 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(shift, []byte(reads), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {
		original: now,
		filepath.Join(filepath.Dir(original), "ahead.go"): shift,
	}})
	if err != nil {
		return "", err
	}
	name = filepath.Join(folder, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "clockshift:", err)
	os.Exit(1)
}
