package redisstore

import (
	"maps"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// What a script says that it uses is what runs with it, and what a reader believes of it. The compiler of the
// in-process Redis knows what it uses: a name that it takes for a global is nobody's own.
func TestScriptsNameTheFunctionsThatTheyUse(t *testing.T) {
	_, functions := common()
	var names []string
	units := map[string]string{}
	for _, f := range functions {
		if slices.Contains(names, f.name) {
			t.Errorf("common.lua has two functions %s", f.name)
		}
		names = append(names, f.name)
		units["common.lua, "+f.name] = f.text
	}
	for file, text := range scripts(t) {
		units[file] = text
		units[file+" without what is for commits"] = withoutCommits(text)
	}
	for unit, text := range units {
		var uses []string
		for _, name := range globals(t, unit, text) {
			if slices.Contains(names, name) {
				uses = append(uses, name)
			}
		}
		if says := slices.Sorted(slices.Values(usedBy(text))); !slices.Equal(says, uses) {
			t.Errorf("%s says that it uses %s, and uses %s",
				unit, strings.Join(says, ", "), strings.Join(uses, ", "))
		}
	}
}

// A script that is linked finds everything that it names but what Redis has for it.
func TestScriptsAreWhole(t *testing.T) {
	redis := []string{"ARGV", "KEYS", "ipairs", "math", "pairs", "redis", "string", "table", "tonumber", "unpack"}
	for file, text := range scripts(t) {
		for _, text := range []string{linked(text), linked(withoutCommits(text))} {
			for _, name := range globals(t, file, text) {
				if !slices.Contains(redis, name) {
					t.Errorf("%s: nobody has %s", file, name)
				}
			}
		}
	}
}

// A script says at its very beginning what it uses.
func TestScriptsBeginWithWhatTheyUse(t *testing.T) {
	for file, text := range scripts(t) {
		if !strings.HasPrefix(text, "-- uses: ") && len(usedBy(text)) > 0 {
			t.Errorf("%s does not begin with what it uses", file)
		}
	}
}

// scripts are all files but common.lua.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	files, err := sources.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		if name := strings.TrimSuffix(file.Name(), ".lua"); name != "common" {
			texts[file.Name()] = source(name)
		}
	}
	return texts
}

// globals are the names of a text that it does not declare itself, sorted.
func globals(t *testing.T, unit, text string) []string {
	t.Helper()
	chunk, err := parse.Parse(strings.NewReader(text), unit)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := lua.Compile(chunk, unit)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var read func(*lua.FunctionProto)
	read = func(f *lua.FunctionProto) {
		for _, instruction := range f.Code {
			if code := int(instruction >> 26); code == lua.OP_GETGLOBAL || code == lua.OP_SETGLOBAL {
				found[f.Constants[instruction&(1<<18-1)].String()] = true
			}
		}
		for _, inner := range f.FunctionPrototypes {
			read(inner)
		}
	}
	read(whole)
	return slices.Sorted(maps.Keys(found))
}
