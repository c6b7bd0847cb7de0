package repotest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// Whatever we chose to depend on stands in docs/decisions.md, with its version and the reason; what those bring along
// does not.
func TestEveryDependencyHasItsReason(t *testing.T) {
	rows := make(map[string]string)
	for line := range strings.Lines(read(t, "docs/decisions.md")) {
		if cells := strings.Split(line, "|"); len(cells) == 5 {
			for name := range strings.SplitSeq(cells[1], ",") {
				rows[strings.TrimSpace(name)] = cells[2]
			}
		}
	}
	looked := 0
	check := func(name, version string) {
		looked++
		if row, ok := rows[name]; !ok || !strings.Contains(row, strings.TrimPrefix(version, "v")) {
			t.Errorf("docs/decisions.md has no reason for %s %s", name, version)
		}
	}
	for _, file := range []string{"go.mod", "internal/tools/go.mod"} {
		m, err := modfile.Parse(file, []byte(read(t, file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range m.Require {
			isTool := false
			for _, tool := range m.Tool {
				isTool = isTool || under(tool.Path, r.Mod.Path)
			}
			if isTool || !r.Indirect {
				check(r.Mod.Path, r.Mod.Version)
			}
		}
	}
	var pages struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "web/package.json")), &pages); err != nil {
		t.Fatal(err)
	}
	for name, version := range pages.Dependencies {
		check(name, version)
	}
	for name := range pages.DevDependencies {
		check(name, "") // those stand together, as pinned in package.json
	}
	if looked < 40 {
		t.Errorf("only %d dependencies were looked at", looked)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
