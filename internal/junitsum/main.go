// Command junitsum adds up what the test runners report:
//
//	go run ./internal/junitsum FOLDER go vitest playwright
//
// It reads FOLDER/go.xml and so on, prints one closing line, and fails unless every suite ran and nothing failed or was
// skipped: a test that does not run proves nothing.
package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

type counts struct{ passed, failed, skipped int }

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: junitsum FOLDER SUITE...")
		os.Exit(2)
	}
	total := sum(os.Args[1], os.Args[2:], os.Stdout)
	fmt.Printf("%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped)
	if total.failed > 0 || total.skipped > 0 {
		os.Exit(1)
	}
}

// sum counts a suite without a report, or with an empty one, as a failure.
func sum(folder string, suites []string, complaints io.Writer) (total counts) {
	for _, suite := range suites {
		c, err := read(filepath.Join(folder, suite+".xml"))
		if err == nil && c == (counts{}) {
			err = errors.New("no test ran")
		}
		if err != nil {
			fmt.Fprintf(complaints, "%s: the suite did not run: %v\n", suite, err)
			c.failed++
		}
		total.passed += c.passed
		total.failed += c.failed
		total.skipped += c.skipped
	}
	return total
}

type testSuite struct {
	Inner []testSuite `xml:"testsuite"`
	Cases []testCase  `xml:"testcase"`
}

type testCase struct {
	Failed  []struct{} `xml:"failure"`
	Broken  []struct{} `xml:"error"`
	Skipped []struct{} `xml:"skipped"`
}

// read counts cases, and does not believe what the report adds up itself: runners differ in what they count there.
func read(name string) (c counts, err error) {
	file, err := os.Open(name)
	if err != nil {
		return c, err
	}
	defer file.Close()
	var root testSuite
	if err := xml.NewDecoder(file).Decode(&root); err != nil {
		return c, err
	}
	c.add(root)
	return c, nil
}

func (c *counts) add(s testSuite) {
	for _, one := range s.Cases {
		switch {
		case len(one.Failed) > 0 || len(one.Broken) > 0:
			c.failed++
		case len(one.Skipped) > 0:
			c.skipped++
		default:
			c.passed++
		}
	}
	for _, inner := range s.Inner {
		c.add(inner)
	}
}
