package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/utvag/utvag/internal/strictyaml"
)

// Mistake is one thing wrong with a configuration. Text says what is wrong and what to do.
type Mistake struct {
	File string
	Line int
	Text string
}

// String is file:line: text.
func (m Mistake) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text) }

// Mistakes is every mistake of a configuration, in the order of its lines.
type Mistakes []Mistake

// Error has a line for each mistake.
func (m Mistakes) Error() string {
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
	mistakes Mistakes
	// inMemory is true where the roster does not come from a file.
	inMemory bool
	// visiting is true where what the server keeps for itself is not read.
	visiting bool
}

// wrong notes a mistake at a path, or at the nearest thing around it that was written.
func (s *source) wrong(path, format string, args ...any) {
	at := strictyaml.Source{Lines: s.lines}
	at.Wrong(path, format, args...)
	s.take(s.file, at.Mistakes)
}

// take adds what is wrong with a file: this one, or one that it names.
func (s *source) take(file string, found []strictyaml.Mistake) {
	for _, m := range found {
		s.mistakes = append(s.mistakes, Mistake{file, m.Line, m.Text})
	}
}

func (s *source) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(s.file), name)
}

// sorted has the configuration's own mistakes first, then those of the files that it names.
func (s *source) sorted() Mistakes {
	rank := func(m Mistake) string {
		if m.File == s.file {
			return ""
		}
		return m.File
	}
	slices.SortStableFunc(s.mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Line, b.Line))
	})
	return s.mistakes
}

// decode reads YAML into a Config. The Config is nil where nothing could be read.
func decode(file string, text []byte) (*Config, *source) {
	config := new(Config)
	found, ok := strictyaml.Read(text, config, "begin with deploy/utvag.example.yaml")
	s := &source{file: file, lines: found.Lines}
	s.take(file, found.Mistakes)
	if !ok {
		return nil, s
	}
	return config, s
}
