package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// mistake is one thing wrong with a configuration. Text says what is wrong and what to do.
type mistake struct {
	file string
	line int
	text string
}

func (m mistake) String() string { return fmt.Sprintf("%s:%d: %s", m.file, m.line, m.text) }

// mistakes is every mistake of a configuration, in the order of its lines.
type mistakes []mistake

func (m mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].String()
	}
	return strings.Join(lines, "\n")
}

// source is a configuration as it was written: where each value stands, and what is wrong so far.
type source struct {
	file     string
	lines    map[string]int // by path, such as kommuner[0].visitor.origin
	mistakes mistakes
	// inMemory is true where the roster does not come from a file.
	inMemory bool
}

// wrong notes a mistake at a path, or at the nearest thing around it that was written.
func (s *source) wrong(path, format string, args ...any) {
	line := 1
	for p := path; ; {
		if n, ok := s.lines[p]; ok {
			line = n
			break
		}
		i := strings.LastIndexAny(p, ".[")
		if i < 0 {
			break
		}
		p = p[:i]
	}
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	s.mistakes = append(s.mistakes, mistake{s.file, line, text})
}

func (s *source) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(s.file), name)
}

func (s *source) sorted() mistakes {
	slices.SortStableFunc(s.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	return s.mistakes
}

// decode reads YAML into a Config. It goes on after a mistake, so that one run names them all: yaml.Unmarshal stops at the first. The
// Config is nil where nothing could be read.
func decode(file string, text []byte) (*Config, *source) {
	s := &source{file: file, lines: make(map[string]int)}
	config := new(Config)
	parsed, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line := 1
		message := err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if t := syntax.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		s.mistakes = append(s.mistakes, mistake{file, line, "this is not YAML: " + message})
		return nil, s
	}
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			s.mistakes = append(s.mistakes, mistake{file, doc.Body.GetToken().Position.Line, "a second document: keep one"})
			return nil, s
		}
		body = doc.Body
	}
	if body == nil {
		s.mistakes = append(s.mistakes, mistake{file, 1, "the file says nothing: begin with deploy/utvag.example.yaml"})
		return nil, s
	}
	s.read(body, reflect.ValueOf(config).Elem(), "")
	return config, s
}

func (s *source) read(node ast.Node, into reflect.Value, path string) {
	if _, ok := s.lines[path]; !ok && path != "" {
		s.lines[path] = node.GetToken().Position.Line
	}
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		s.wrong(path, "anchors, aliases and tags are not read: write the value out")
		return
	case *ast.NullNode:
		// «key:» with nothing after it reads as left out; what is needed is asked for later.
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		s.read(node, into.Elem(), path)
	case reflect.Struct:
		s.readStruct(node, into, path)
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		s.each(node, path, func(key string, value ast.Node, at string) {
			v := reflect.New(into.Type().Elem()).Elem()
			s.read(value, v, at)
			into.SetMapIndex(reflect.ValueOf(key), v)
		})
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			s.wrong(path, "this is a list: write each entry on a line with a hyphen before it")
			return
		}
		for i, value := range list.Values {
			v := reflect.New(into.Type().Elem()).Elem()
			s.read(value, v, fmt.Sprintf("%s[%d]", path, i))
			into.Set(reflect.Append(into, v))
		}
	case reflect.String:
		switch n := node.(type) {
		case *ast.LiteralNode:
			into.SetString(strings.TrimSpace(n.Value.Value))
		case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			// The value as it was typed: 08 is not eight, and 2026-11-22 is not a number.
			into.SetString(node.GetToken().Value)
		default:
			s.wrong(path, "one value is meant here, not a list or a block")
		}
	}
}

func (s *source) readStruct(node ast.Node, into reflect.Value, path string) {
	fields := make(map[string]int)
	for i := range into.NumField() {
		fields[into.Type().Field(i).Tag.Get("yaml")] = i
	}
	s.each(node, path, func(key string, value ast.Node, at string) {
		i, ok := fields[key]
		if !ok {
			s.wrong(at, "unknown field; known here: %s", strings.Join(slices.Sorted(keysOf(fields)), ", "))
			return
		}
		s.read(value, into.Field(i), at)
	})
}

// each calls f for each key of a mapping, and notes keys that stand twice.
func (s *source) each(node ast.Node, path string, f func(key string, value ast.Node, at string)) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		s.wrong(path, "named values are meant here, such as «name: value»")
		return
	}
	seen := make(map[string]bool)
	for _, v := range values {
		if v.Key.IsMergeKey() {
			s.wrong(path, "merge keys are not read: write the values out")
			continue
		}
		key := v.Key.GetToken().Value
		at := key
		if path != "" {
			at = path + "." + key
		}
		if seen[key] {
			s.mistakes = append(s.mistakes, mistake{s.file, v.Key.GetToken().Position.Line, at + ": stands twice: keep one"})
			continue
		}
		seen[key] = true
		s.lines[at] = v.Key.GetToken().Position.Line
		f(key, v.Value, at)
	}
}

func keysOf(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
