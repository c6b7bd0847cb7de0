package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A mutant is one deliberate fault: a patch, what it breaks, and the test that must fail on it.
type mutant struct {
	id     string
	breaks []string // ids of rules
	fault  string   // what the changed program does
	test   named
	diff   []byte
	files  []string // that the diff changes
}

// named is one test: of Go by package and name, of Vitest by file (below web) and full name.
type named struct{ runner, place, name string }

func (n named) String() string { return n.place + " " + n.name }

// patches is where they lie, from the root of the repository.
const patches = "faults/mutants/patches"

// readMutants reads all patches, sorted by id.
func readMutants(root string) (all []*mutant, err error) {
	paths, err := filepath.Glob(filepath.Join(root, patches, "*.patch"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		m, err := parse(strings.TrimSuffix(filepath.Base(path), ".patch"), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, errors.New("no patches in " + patches)
	}
	return all, nil
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)
	changed  = regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)$`)
	testForm = regexp.MustCompile(`^(go|vitest) (\S+) (.+)$`)
)

// parse reads a patch: the lines breaks, fault and test, an empty one, and a unified diff.
func parse(id string, text []byte) (*mutant, error) {
	head, diff, _ := bytes.Cut(text, []byte("\n\n"))
	m := &mutant{id: id, diff: diff}
	if !idForm.MatchString(id) {
		return nil, errors.New("its name is no id: small letters, digits and hyphens")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) != 3 {
		return nil, errors.New("it begins with the lines breaks, fault and test, and an empty one")
	}
	for i, key := range []string{"breaks", "fault", "test"} {
		value, ok := strings.CutPrefix(lines[i], key+": ")
		if !ok || value != strings.TrimSpace(value) || value == "" {
			return nil, fmt.Errorf("line %d is not «%s: …»", i+1, key)
		}
		switch key {
		case "breaks":
			m.breaks = strings.Split(value, "; ")
		case "fault":
			m.fault = value
		case "test":
			parts := testForm.FindStringSubmatch(value)
			if parts == nil {
				return nil, errors.New("test is «go PACKAGE NAME» or «vitest FILE NAME»")
			}
			m.test = named{parts[1], parts[2], parts[3]}
		}
	}
	for _, match := range changed.FindAllSubmatch(diff, -1) {
		m.files = append(m.files, string(match[1]))
	}
	if len(m.files) == 0 {
		return nil, errors.New("it changes no file")
	}
	if slices.ContainsFunc(m.files, isTest) {
		return nil, errors.New("it changes a test: a fault is one of the program")
	}
	return m, nil
}

func isTest(path string) bool {
	return strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "web/test/") ||
		strings.Contains(path, "/testdata/") || strings.HasPrefix(path, "spec/vectors/")
}
