package repotest

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/utvag/utvag"
)

// goPackage is what `go list` says of a package. Imports are those of its own code, without its tests.
type goPackage struct {
	ImportPath   string
	Dir          string
	Doc          string
	Standard     bool
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// name is the path inside the module: chat/relay.
func (p *goPackage) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func list(t *testing.T, arguments ...string) []*goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list",
		"-json=ImportPath,Dir,Doc,Standard,GoFiles,Imports,TestImports,XTestImports"}, arguments...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []*goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(goPackage)
		if err := d.Decode(p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// own lists the module's packages.
func own(t *testing.T) []*goPackage {
	t.Helper()
	all := slices.DeleteFunc(list(t, "./..."),
		func(p *goPackage) bool { return strings.Contains(p.ImportPath, "/node_modules/") })
	if len(all) < 10 {
		t.Fatalf("only %d packages were found", len(all))
	}
	return all
}

// textFiles calls f with every file that is written by hand.
func textFiles(t *testing.T, f func(path string, text string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if d.IsDir() {
			switch {
			case d.Name() == "node_modules", d.Name() == ".git", d.Name() == "test-results", d.Name() == "playwright-report",
				name == "web/dist":
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".go", ".ts", ".tsx", ".mjs", ".js", ".css", ".html", ".lua", ".md", ".yaml", ".yml", ".json", ".conf",
			".service", ".acl", ".txtar", ".sh", "":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a test beside this one has taken its file away
		}
		if err != nil {
			return err
		}
		seen++
		f(name, string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d files were looked at", seen)
	}
}
