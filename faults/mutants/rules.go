package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A rule is something that the repository's own documents promise, by a name that a patch can give.
type rule struct {
	id    string
	group string // the heading that it stands under
	core  bool   // without a fault it is a gap
}

const (
	invariants = "Invariants"
	refusals   = "Refusals"
)

var (
	section   = regexp.MustCompile(`^#{2,3} (\d+(?:\.\d+)?)\.? (.+)$`)
	numbered  = regexp.MustCompile(`^(\d+)\. (.+)$`)
	paragraph = regexp.MustCompile(`^\*\*([A-Z][^*]+?)\.?\*\*`)
	refusal   = regexp.MustCompile(`^\| (\d+) \| ([a-z_]+) \| ([^|]+) \|`)
	must      = regexp.MustCompile(`\bMUST\b`)
)

// readRules collects the invariants of the threat model and, of the protocol, the refusal codes, each sentence with a
// MUST, each section, and within §5 to §8 what is numbered (§5.3 rule 2) or has a name in bold (§8 Claim).
func readRules(root string) (all []rule, err error) {
	threats, err := os.ReadFile(filepath.Join(root, "docs/threat-model.md"))
	if err != nil {
		return nil, err
	}
	inside := false
	for line := range strings.Lines(string(threats)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "## ") {
			inside = line == "## Invariants"
		}
		if parts := numbered.FindStringSubmatch(line); inside && parts != nil {
			// The eleventh is that there are these faults.
			all = append(all, rule{"invariant " + parts[1], invariants, parts[1] != "11"})
		}
	}
	spec, err := os.ReadFile(filepath.Join(root, "spec/protocol.md"))
	if err != nil {
		return nil, err
	}
	return append(all, specRules(string(spec))...), nil
}

func specRules(spec string) (all []rule) {
	at, group, code, musts := "", "", false, 0
	for line := range strings.Lines(spec) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if parts := section.FindStringSubmatch(line); !code && parts != nil {
			at, musts = "§"+parts[1], 0
			if !strings.Contains(parts[1], ".") {
				group = at + " " + parts[2]
			}
			all = append(all, rule{at, group, core(at)})
			continue
		}
		if parts := refusal.FindStringSubmatch(line); at == "§3.3" && parts != nil {
			all = append(all, rule{"refusal " + parts[2], refusals, true})
		}
		if must.MatchString(line) && at != "" {
			musts++
			all = append(all, rule{fmt.Sprintf("%s MUST %d", at, musts), group, true})
		}
		if code || !core(at) {
			continue
		}
		if parts := numbered.FindStringSubmatch(line); parts != nil {
			all = append(all, rule{at + " rule " + parts[1], group, true})
		}
		if parts := paragraph.FindStringSubmatch(line); parts != nil {
			all = append(all, rule{at + " " + parts[1], group, true})
		}
	}
	return all
}

// core is what the relay decides, the directory, MLS, and what is inside the encryption.
func core(section string) bool { return section >= "§5" && section < "§9" }
