// Package strictyaml reads the small YAML files that people write by hand here. It knows where each value stands,
// refuses what it does not know, and goes on after a mistake, so that one run names them all: yaml.Unmarshal stops at
// the first.
package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Mistake is one thing wrong with a file. Text says what is wrong and what to do.
type Mistake struct {
	Line int
	Text string
}

// Source is a file as it was written: where each value stands, and what is wrong so far.
type Source struct {
	// Lines are by path, such as kommuner[0].visitor.origin.
	Lines    map[string]int
	Mistakes []Mistake
}

// Wrong notes a mistake at a path, or at the nearest thing around it that was written.
func (s *Source) Wrong(path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	s.wrongAt(s.Line(path), text)
}

func (s *Source) wrongAt(line int, text string) { s.Mistakes = append(s.Mistakes, Mistake{line, text}) }

// Line returns where the value of a path stands, or the nearest thing around it that was written.
func (s *Source) Line(path string) int {
	for p := path; ; {
		if n, ok := s.Lines[p]; ok {
			return n
		}
		i := strings.LastIndexAny(p, ".[")
		if i < 0 {
			return 1
		}
		p = p[:i]
	}
}

// Sorted returns the mistakes in the order of their lines.
func (s *Source) Sorted() []Mistake {
	slices.SortStableFunc(s.Mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return s.Mistakes
}

// Read fills into, a pointer to a struct or map of strings, whole numbers, booleans, structs, lists and maps by string.
// Fields are named by `yaml` tags. empty says what to do about a file that says nothing. It returns false where nothing
// could be read.
func Read(text []byte, into any, empty string) (*Source, bool) {
	s := &Source{Lines: make(map[string]int)}
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
		s.wrongAt(line, "this is not YAML: "+message)
		return s, false
	}
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			s.wrongAt(lineOf(doc.Body), "a second document: keep one")
			return s, false
		}
		body = doc.Body
	}
	if body == nil {
		s.wrongAt(1, "the file says nothing: "+empty)
		return s, false
	}
	s.read(body, reflect.ValueOf(into).Elem(), "")
	return s, true
}

func lineOf(node ast.Node) int {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

func (s *Source) read(node ast.Node, into reflect.Value, path string) {
	if _, ok := s.Lines[path]; !ok && path != "" {
		s.Lines[path] = lineOf(node)
	}
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		s.Wrong(path, "anchors, aliases and tags are not read: write the value out")
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
			s.Wrong(path, "this is a list: write each entry on a line with a hyphen before it")
			return
		}
		for i, value := range list.Values {
			v := reflect.New(into.Type().Elem()).Elem()
			s.read(value, v, fmt.Sprintf("%s[%d]", path, i))
			into.Set(reflect.Append(into, v))
		}
	default:
		s.readScalar(node, into, path)
	}
}

func (s *Source) readScalar(node ast.Node, into reflect.Value, path string) {
	var value string
	switch n := node.(type) {
	case *ast.LiteralNode:
		value = strings.TrimSpace(n.Value.Value)
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		// The value as it was typed: 08 is not eight, and 2026-11-22 is not a number.
		value = node.GetToken().Value
	default:
		s.Wrong(path, "one value is meant here, not a list or a block")
		return
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(value)
	case reflect.Int:
		n, err := strconv.Atoi(value)
		if err != nil {
			s.Wrong(path, "%q is not a whole number", value)
			return
		}
		into.SetInt(int64(n))
	case reflect.Bool:
		switch value {
		case "true", "false":
			into.SetBool(value == "true")
		default:
			s.Wrong(path, "%q is neither true nor false", value)
		}
	}
}

func (s *Source) readStruct(node ast.Node, into reflect.Value, path string) {
	fields := make(map[string]int)
	var names []string
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("yaml")
		fields[name] = i
		names = append(names, name)
	}
	slices.Sort(names)
	s.each(node, path, func(key string, value ast.Node, at string) {
		i, ok := fields[key]
		if !ok {
			s.Wrong(at, "unknown field; known here: %s", strings.Join(names, ", "))
			return
		}
		s.read(value, into.Field(i), at)
	})
}

// each calls f for each key of a mapping, and notes keys that stand twice.
func (s *Source) each(node ast.Node, path string, f func(key string, value ast.Node, at string)) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		s.Wrong(path, "named values are meant here, such as «name: value»")
		return
	}
	seen := make(map[string]bool)
	for _, v := range values {
		if v.Key.IsMergeKey() {
			s.Wrong(path, "merge keys are not read: write the values out")
			continue
		}
		token := v.Key.GetToken()
		if token == nil || token.Position == nil {
			s.Wrong(path, "a name is missing before the colon")
			continue
		}
		key := token.Value
		at := key
		if path != "" {
			at = path + "." + key
		}
		if seen[key] {
			s.wrongAt(token.Position.Line, at+": stands twice: keep one")
			continue
		}
		seen[key] = true
		s.Lines[at] = token.Position.Line
		f(key, v.Value, at)
	}
}
