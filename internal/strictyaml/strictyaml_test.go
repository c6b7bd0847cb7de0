package strictyaml_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/utvag/utvag/internal/strictyaml"
)

type file struct {
	Name   string         `yaml:"name"`
	Count  int            `yaml:"count"`
	Open   bool           `yaml:"open"`
	Least  *int           `yaml:"least"`
	Inner  []inner        `yaml:"inner"`
	ByName map[string]int `yaml:"by_name"`
}

type inner struct {
	Date string `yaml:"date"`
}

func TestReadsWhatIsThere(t *testing.T) {
	var f file
	s, ok := strictyaml.Read([]byte(
		"name: 08\ncount: 3\nopen: true\nleast: 0\ninner:\n  - date: 2026-11-22\n  - {date: x}\nby_name: {a: 1}\n"), &f, "")
	if !ok || len(s.Mistakes) > 0 {
		t.Fatalf("%v %v", ok, s.Mistakes)
	}
	if f.Name != "08" || f.Count != 3 || !f.Open || f.Least == nil || *f.Least != 0 || len(f.Inner) != 2 ||
		f.Inner[0].Date != "2026-11-22" || f.ByName["a"] != 1 {
		t.Errorf("%+v", f)
	}
	for path, want := range map[string]int{"inner[1].date": 7, "inner[1].nothing": 7, "nothing": 1, "by_name.a": 8} {
		if got := s.Line(path); got != want {
			t.Errorf("%s stands on line %d, want %d", path, got, want)
		}
	}
}

func TestNamesEveryMistake(t *testing.T) {
	var f file
	s, _ := strictyaml.Read([]byte(
		"open: yes\nname: [a]\ncount: many\nname: b\nby_name: 3\ninner: x\ncolour: red\nleast: 1.5\n"), &f, "")
	s.Wrong("inner[0].date", "too late")
	var got []string
	for _, m := range s.Sorted() {
		got = append(got, fmt.Sprintf("%d %s", m.Line, m.Text))
	}
	want := []string{
		`1 open: "yes" is neither true nor false`,
		"2 name: one value is meant here, not a list or a block",
		`3 count: "many" is not a whole number`,
		"4 name: stands twice: keep one",
		"5 by_name: named values are meant here, such as «name: value»",
		"6 inner: this is a list: write each entry on a line with a hyphen before it",
		"6 inner[0].date: too late",
		"7 colour: unknown field; known here: by_name, count, inner, least, name, open",
		`8 least: "1.5" is not a whole number`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"", "# nothing\n", "a: [", "name: a\n---\nname: b\n"} {
		if _, ok := strictyaml.Read([]byte(text), &f, ""); ok {
			t.Errorf("%q was read", text)
		}
	}
}
