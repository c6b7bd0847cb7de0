package main

import (
	"fmt"
	"slices"
	"strings"
)

// table writes docs/rules.md: every rule with the faults that break it and the tests that catch them, and the rules
// that have none yet.
func table(rules []rule, all []*mutant) string {
	var b strings.Builder
	b.WriteString(`# Rules, and the faults that they catch

<!-- Written by «go generate ./faults/mutants» from the patches in faults/mutants/patches. Change those. -->

Each row is a deliberate fault, kept as a patch, with the test that is seen to fail on it: ` +
		"`make mutants`" + ` tries all.
A rule is an invariant of [the threat model](threat-model.md), or of [the protocol](../spec/protocol.md) a refusal code,
a sentence with a MUST (counted within its section), a section, a numbered rule, or a named paragraph.

`)
	fmt.Fprintf(&b, "%d faults.\n", len(all))
	group, gaps := "", []rule{}
	for _, r := range rules {
		broken := slices.DeleteFunc(slices.Clone(all), func(m *mutant) bool { return !slices.Contains(m.breaks, r.id) })
		if len(broken) == 0 {
			// What stands in parts is as good as its parts.
			if r.core && !slices.ContainsFunc(rules, func(part rule) bool {
				return strings.HasPrefix(part.id, r.id+".") || strings.HasPrefix(part.id, r.id+" ")
			}) {
				gaps = append(gaps, r)
			}
			continue
		}
		if r.group != group {
			group = r.group
			fmt.Fprintf(&b, "\n## %s\n\n| rule | fault | patch | test |\n| --- | --- | --- | --- |\n", group)
		}
		for i, m := range broken {
			name := ""
			if i == 0 {
				name = r.id
			}
			fmt.Fprintf(&b, "| %s | %s | `%s` | `%s` |\n", name, cell(m.fault), m.id, cell(m.test.String()))
		}
	}
	b.WriteString("\n## Without a fault of its own yet\n\n")
	if len(gaps) == 0 {
		b.WriteString("None.\n")
	}
	for _, r := range gaps {
		fmt.Fprintf(&b, "- %s\n", r.id)
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
