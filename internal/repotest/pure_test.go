package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pure are packages that are rules alone: what they say follows from what they are given. What they may import stands
// in the table of imports; this is what imports do not show.
var pure = []string{"intake/duty", "intake/escalation"}

// clocks are the functions of package time that ask the clock, or wait for it.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}

// serving is what of net/http answers others.
var serving = []string{
	"Handler",
	"HandlerFunc",
	"Handle",
	"HandleFunc",
	"ResponseWriter",
	"Server",
	"ServeMux",
	"NewServeMux",
	"Serve",
	"ServeTLS",
	"ListenAndServe",
	"ListenAndServeTLS",
	"Hijacker",
}

// callers of others only: they may ask by HTTP, and answer nobody.
var asking = []string{"internal/live"}

// impure lists what in a file is more than a rule.
func impure(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, "go")
		case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
			found = append(found, "a channel")
		case *ast.SelectorExpr:
			if p, ok := n.X.(*ast.Ident); ok && p.Name == "time" && slices.Contains(clocks, n.Sel.Name) {
				found = append(found, "time."+n.Sel.Name)
			}
		}
		return true
	})
	return found
}

// answering lists what in a file answers by HTTP.
func answering(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if p, ok := s.X.(*ast.Ident); ok && p.Name == "http" && slices.Contains(serving, s.Sel.Name) {
				found = append(found, "http."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestRulesHaveNoClock(t *testing.T) {
	looked := 0
	for _, p := range own(t) {
		var judge func(*ast.File) []string
		switch {
		case slices.Contains(pure, p.name()):
			judge = impure
		case slices.Contains(asking, p.name()):
			judge = answering
		default:
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			for _, what := range judge(file) {
				t.Errorf("%s/%s uses %s", p.name(), name, what)
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d files were looked at", looked)
	}
}

func TestRulesWithAClockAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"_ = time.Now()": "time.Now", "go f()": "go", "select {}": "a channel", "var c chan int; _ = c": "a channel",
		"_ = time.Unix(0, 0).After(time.Time{})": "", "_ = time.Duration(1)": "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { "+text+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(impure(file), ", "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "x.go",
		"package x\nfunc f(w http.ResponseWriter, c *http.Client) { _ = http.ErrUseLastResponse }", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(answering(file), ", "); got != "http.ResponseWriter" {
		t.Errorf("what answers: %q", got)
	}
}
