package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What no Go of this repository may touch but where named: who calls, and the logger that anybody can write to. The
// server does not know who; what it does not read it can neither log nor keep.
const (
	address = "the address of whoever calls"
	header  = "a header that says who calls, or from where"
	logger  = "the default logger, which lets everything through"
)

// permitted are the places that need something of this, as "file what", each with its reason.
var permitted = map[string]string{
	"intake/alarm/internal/outbound/outbound.go " + header: "calls out: the one name that every alarm goes under",
	"cmd/utvag/main.go " + logger:                          "puts quietlog in the place of the default logger",
}

// callers are fields and methods that say who calls.
var callers = map[string]string{
	"RemoteAddr": address, "RemoteIP": address, "ClientIP": address,
	"UserAgent": header, "Referer": header,
}

// headers that say who calls, in small letters. Any that begins as one of beginnings is one, too.
var (
	headers = []string{"forwarded", "via", "referer", "user-agent", "true-client-ip", "cf-connecting-ip",
		"fastly-client-ip", "client-ip", "remote-addr", "http_x_forwarded_for", "accept-language", "cookie"}
	beginnings = []string{"x-forwarded", "x-real-", "x-client-", "x-cluster-", "x-remote-", "x-original-", "sec-ch-ua"}
)

// defaults are what package log and log/slog do with the default logger.
var defaults = map[string][]string{
	"log": {"Default", "Fatal", "Fatalf", "Fatalln", "Output", "Panic", "Panicf", "Panicln", "Print", "Printf", "Println",
		"SetFlags", "SetOutput", "SetPrefix", "Writer"},
	"log/slog": {"Debug", "DebugContext", "Default", "Error", "ErrorContext", "Info", "InfoContext", "Log", "LogAttrs",
		"SetDefault", "SetLogLoggerLevel", "Warn", "WarnContext", "With"},
}

// A use is one place that touches what is forbidden.
type use struct {
	what string
	at   token.Pos
}

// forbidden lists what of it a file touches.
func forbidden(file *ast.File) (uses []use) {
	loggers := map[string][]string{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if defaults[path] == nil {
			continue
		}
		name := filepath.Base(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			uses = append(uses, use{logger, spec.Pos()}) // its functions could not be told from others
		}
		loggers[name] = defaults[path]
	}
	folded := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if what := callers[n.Sel.Name]; what != "" {
				uses = append(uses, use{what, n.Pos()})
			}
			// A variable of that name has an object; a package has none.
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(loggers[x.Name], n.Sel.Name) {
				uses = append(uses, use{logger, n.Pos()})
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Obj == nil && (f.Name == "print" || f.Name == "println") {
				uses = append(uses, use{logger, n.Pos()})
			}
		case *ast.BinaryExpr, *ast.BasicLit:
			expr := n.(ast.Expr)
			text, parts, ok := constant(expr)
			if !ok || folded[expr] {
				return true
			}
			for _, part := range parts {
				folded[part] = true
			}
			if namesCaller(text) {
				uses = append(uses, use{header, n.Pos()})
			}
		}
		return true
	})
	return uses
}

// constant is the text of a string constant, put together where it is a sum, and the expressions that it is made of.
func constant(e ast.Expr) (text string, parts []ast.Expr, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", nil, false
		}
		text, err := strconv.Unquote(e.Value)
		return text, []ast.Expr{e}, err == nil
	case *ast.ParenExpr:
		return constant(e.X)
	case *ast.BinaryExpr:
		left, some, ok := constant(e.X)
		if !ok || e.Op != token.ADD {
			return "", nil, false
		}
		right, others, ok := constant(e.Y)
		return left + right, append(append(some, others...), e), ok
	}
	return "", nil, false
}

func namesCaller(text string) bool {
	text = strings.ToLower(strings.TrimRight(strings.TrimSpace(text), ": "))
	return slices.Contains(headers, text) ||
		slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(text, b) })
}

func TestNobodyAsksWhoCalls(t *testing.T) {
	looked, needed := 0, map[string]bool{}
	for _, p := range own(t) {
		for _, file := range p.GoFiles {
			files := token.NewFileSet()
			parsed, err := parser.ParseFile(files, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			name := strings.TrimPrefix(p.name()+"/"+file, "/")
			for _, u := range forbidden(parsed) {
				if permitted[name+" "+u.what] != "" {
					needed[name+" "+u.what] = true
					continue
				}
				t.Errorf("%s:%d uses %s", name, files.Position(u.at).Line, u.what)
			}
		}
	}
	for place := range permitted {
		if !needed[place] {
			t.Errorf("%s: not needed any more: take the line out", place)
		}
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}

func TestWhatAsksWhoCallsIsFound(t *testing.T) {
	for _, c := range []struct{ what, body string }{
		{address, `_ = r.RemoteAddr`},
		{address, `_ = conn.RemoteAddr()`},
		{address, `f := conn.RemoteAddr; _ = f`},
		{header, `_ = r.Header.Get("X-Forwarded-For")`},
		{header, `_ = r.Header["X-Forwarded-Host"]`},
		{header, "_ = r.Header.Get(`x-real-ip`)"},
		{header, `_ = r.Header.Get("Forwar" + "ded")`},
		{header, `_ = r.Header.Get(("x-" + "real") + "-ip")`},
		{header, `const name = "User-Agent"`},
		{header, `_ = r.Header.Get("Referer")`},
		{header, `_ = r.UserAgent() + r.Header.Get("Origin")`},
		{header, `_ = r.Referer()`},
		{header, `fmt.Fprint(w, "Via: ")`},
		{logger, `log.Printf("%v", r)`},
		{logger, `log.Default().Print(r)`},
		{logger, `print := log.Println; print(r)`},
		{logger, `log.SetOutput(w)`},
		{logger, `slog.Info("refused", "request", r)`},
		{logger, `slog.Default().Warn("refused")`},
		{logger, `slog.With("request", r).Warn("refused")`},
		{logger, `slog.SetDefault(nil)`},
		{logger, `println(r)`},
	} {
		if got := found(t, c.body); !slices.Equal(got, []string{c.what}) {
			t.Errorf("%s: found %q", c.body, got)
		}
	}
	for _, body := range []string{
		`log := slog.New(nil); log.Info("serving"); log.Error("down")`,
		`s.log.Warn("late")`,
		`_ = log.New(w, "", 0)`,
		`_ = slog.String("a", "b")`,
		`w.Header().Set("Referrer-Policy", "no-referrer")`,
		`_ = r.Header.Get("Origin") + " is forwarded from here"`,
		`_ = conn.LocalAddr()`,
	} {
		if got := found(t, body); len(got) > 0 {
			t.Errorf("%s: found %q", body, got)
		}
	}
}

func found(t *testing.T, body string) (whats []string) {
	t.Helper()
	source := "package p\nimport (\"log\"; \"log/slog\")\nfunc f() {\n" + body + "\n}\n"
	parsed, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range forbidden(parsed) {
		whats = append(whats, u.what)
	}
	return whats
}

func TestALoggerUnderAnotherNameIsFound(t *testing.T) {
	for _, source := range []string{
		"package p\nimport l \"log\"\nfunc f() { l.Print(1) }\n",
		"package p\nimport . \"log/slog\"\nfunc f() { Info(\"x\") }\n",
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if uses := forbidden(parsed); len(uses) != 1 || uses[0].what != logger {
			t.Errorf("%s: found %v", source, uses)
		}
	}
}
