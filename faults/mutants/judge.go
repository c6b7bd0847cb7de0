package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// A verdict is what a run says of one test.
type verdict int

const (
	absent verdict = iota // the test did not run: nothing of that name, skipped, or nothing was built
	passed
	failed // by an assertion of its own
	broken // a crash, a wait in vain, a package that does not build: nothing was judged
)

func (v verdict) String() string { return [...]string{"absent", "passed", "failed", "broken"}[v] }

var (
	crash   = regexp.MustCompile(`(?m)^\s*(?:panic: |fatal error: |runtime: goroutine stack exceeds|signal: )`)
	claimed = regexp.MustCompile(`^\s+[\w.-]+\.go:\d+: (.*)`)
	// A test that says only that it waited in vain has judged nothing.
	waited = regexp.MustCompile(`(?i)deadline exceeded|timed? ?out|i/o timeout`)
	// A script of Redis is built only when it runs.
	unbuilt = "Error compiling script"
)

// event is one of «go test -json».
type event struct {
	Action, Test, Output, FailedBuild string
}

// judgeGo reads what «go test -json» of one package says of a test, and why.
func judgeGo(stream []byte, test string) (verdict, string) {
	var output, own strings.Builder
	result, build := "", false
	for line := range bytes.Lines(stream) {
		var e event
		if json.Unmarshal(line, &e) != nil {
			output.Write(line) // of go itself
			continue
		}
		output.WriteString(e.Output)
		build = build || e.FailedBuild != "" || e.Action == "build-fail"
		if e.Test == test || strings.HasPrefix(e.Test, test+"/") {
			own.WriteString(e.Output)
		}
		if e.Test == test && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			result = e.Action
		}
	}
	switch {
	case build:
		return broken, "does not build: " + last(output.String())
	case crash.MatchString(output.String()) || strings.Contains(output.String(), unbuilt):
		return broken, "crashes: " + last(output.String())
	case result == "pass":
		return passed, ""
	case result == "fail":
		return judgeClaims(own.String())
	case result == "skip":
		return absent, "is skipped"
	}
	return absent, "did not run: " + last(output.String())
}

// judgeClaims looks for what the test itself says: file, line and a sentence.
func judgeClaims(output string) (verdict, string) {
	why := ""
	for line := range strings.Lines(output) {
		parts := claimed.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case parts == nil:
		case !waited.MatchString(parts[1]):
			return failed, parts[1]
		default:
			why = parts[1]
		}
	}
	return broken, "says nothing but that it waited: " + why
}

// report is what Vitest's reporter «json» writes.
type report struct {
	TestResults []struct {
		Message          string
		AssertionResults []struct {
			FullName, Status string
			FailureMessages  []string
		}
	}
}

// judgeVitest reads what a report says of a test, and why. A test fails by an assertion where expect says so; what the
// code throws, or a wait in vain, judges nothing.
func judgeVitest(text []byte, test string) (verdict, string) {
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return broken, "no report: " + err.Error()
	}
	found, why := absent, "did not run"
	for _, file := range r.TestResults {
		if len(file.AssertionResults) == 0 {
			return broken, "does not load: " + last(file.Message)
		}
		for _, a := range file.AssertionResults {
			if a.FullName != test {
				continue
			}
			switch a.Status {
			case "passed":
				found, why = max(found, passed), ""
			case "failed":
				found, why = judgeMessages(a.FailureMessages)
				if found == failed {
					return found, why
				}
			}
		}
	}
	return found, why
}

// expected is how expect begins to say what is wrong, also where a promise ought to have been rejected.
var expected = regexp.MustCompile(`^AssertionError|^Error: (?:expected |promise resolved .* instead of rejecting)`)

func judgeMessages(messages []string) (verdict, string) {
	for _, m := range messages {
		first, _, _ := strings.Cut(m, "\n")
		if expected.MatchString(first) && !waited.MatchString(first) {
			return failed, first
		}
	}
	return broken, "fails by no assertion: " + fmt.Sprint(messages)
}

// last is the last line that says something, of at most 300 bytes.
func last(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	line := strings.TrimSpace(lines[len(lines)-1])
	for i := len(lines) - 1; i >= 0 && (line == "FAIL" || strings.HasPrefix(line, "FAIL\t")); i-- {
		line = strings.TrimSpace(lines[i])
	}
	return line[:min(len(line), 300)]
}
