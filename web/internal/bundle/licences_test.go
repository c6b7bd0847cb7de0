package main

import (
	"strings"
	"testing"
)

func TestPackageOf(t *testing.T) {
	for file, want := range map[string]string{
		"src/visitor/main.tsx":                      "",
		"node_modules/preact/dist/preact.mjs":       "node_modules/preact",
		"node_modules/@noble/hashes/sha2.js":        "node_modules/@noble/hashes",
		"node_modules/a/node_modules/@b/c/index.js": "node_modules/a/node_modules/@b/c",
		"node_modules/stray.js":                     "",
	} {
		if got := packageOf(file); got != want {
			t.Errorf("%s: %q", file, got)
		}
	}
}

// Every package whose code is in the scripts has its notice in the release.
func TestLicencesGoAlong(t *testing.T) {
	built := rebuild(t)
	text := string(built.files["licences.txt"])
	for _, name := range []string{"preact", "ts-mls", "hpke", "@panva/hpke-noble", "@noble/hashes", "@noble/curves"} {
		_, rest, found := strings.Cut(text, "\n== "+name+" ")
		notice, _, _ := strings.Cut(rest, "\n== ")
		if !found || !strings.Contains(notice, "Copyright") || !strings.Contains(notice, "Permission is hereby granted") {
			t.Errorf("no notice of %s", name)
		}
	}
	carried := 0
	for _, page := range built.inputs {
		for file := range page {
			if name := packageOf(file); name != "" {
				carried++
				if !strings.Contains(text, "\n== "+nameOf(name)+" ") {
					t.Errorf("%s is carried without a notice", name)
				}
			}
		}
	}
	if carried < 10 {
		t.Errorf("only %d files of packages", carried)
	}
}
