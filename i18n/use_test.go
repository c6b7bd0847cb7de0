package i18n_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unused are sentences that are agreed on, and that no page says yet; with what they wait for. A name that ends in a
// dot stands for all that begin so.
var unused = map[string]string{
	"wait.late2":   "the alarm ladder",
	"chan.closed":  "closing hours during a conversation",
	"chat.closing": "closing hours during a conversation",
	"full.h1":      "telling that everybody is busy",
}

func waits(key string) string {
	for name := range unused {
		if key == name || strings.HasSuffix(name, ".") && strings.HasPrefix(key, name) {
			return name
		}
	}
	return ""
}

var (
	isFile = regexp.MustCompile(`\.(ts|tsx|js|css|json)$`)
	// A key is written as a literal; where a part of it varies, as a template that begins with the part that does not.
	literal  = regexp.MustCompile("[\"'`]([a-z][a-zA-Z0-9]*(?:\\.[a-zA-Z0-9_]+)+)[\"'`]")
	variable = regexp.MustCompile("`([a-z][a-zA-Z0-9]*(?:\\.[a-zA-Z0-9_]+)*\\.)\\$\\{")
	glued    = regexp.MustCompile(`["']([a-z][a-zA-Z0-9]*(?:\.[a-zA-Z0-9_]+)*\.)["'] *\+`)
	// What a page asks its texts for is a key, whatever it begins with.
	asked = regexp.MustCompile("\\b(?:t|say)\\([\"'`]([a-z][a-zA-Z0-9]*(?:\\.[a-zA-Z0-9_]+)+)[\"'`]")
)

const flowFile = "../web/src/flow/shipped.gen.json"

// mentions reads everything that names sentences: keys, and beginnings of keys. What looks like a key need not be one;
// what is certain is.
func mentions(t *testing.T) (keys, beginnings map[string]string, certain map[string]bool) {
	t.Helper()
	keys, beginnings, certain = map[string]string{}, map[string]string{}, map[string]bool{}
	read := func(file string) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range literal.FindAllStringSubmatch(string(raw), -1) {
			if !isFile.MatchString(match[1]) {
				keys[match[1]] = file
			}
		}
		for _, match := range asked.FindAllStringSubmatch(string(raw), -1) {
			certain[match[1]] = true
		}
		for _, match := range slices.Concat(variable.FindAllStringSubmatch(string(raw), -1),
			glued.FindAllStringSubmatch(string(raw), -1)) {
			beginnings[match[1]] = file
		}
	}
	err := filepath.WalkDir("../web/src", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(file, ".ts") || strings.HasSuffix(file, ".tsx")) {
			read(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{flowFile, "../web/page.go", "../web/statement.go", "claims.json",
		"../intake/alarm/alarm.go"} {
		read(file)
	}
	return keys, beginnings, certain
}

func TestEverySentenceIsUsedAndEveryUseHasASentence(t *testing.T) {
	all := everything(t, "sv")
	keys, beginnings, certain := mentions(t)
	met := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		_, named := keys[key]
		for beginning := range beginnings {
			named = named || strings.HasPrefix(key, beginning)
		}
		exception := waits(key)
		met[exception] = true
		switch {
		case !named && exception == "":
			t.Errorf("nobody uses %s", key)
		case named && exception == key:
			t.Errorf("%s is used: take it off the list of exceptions", key)
		}
	}
	for name := range unused {
		if !met[name] {
			t.Errorf("there is no sentence %s: take it off the list of exceptions", name)
		}
	}
	// What looks like a key is one where a catalog has keys of that area.
	areas := map[string]bool{}
	for key := range all {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	for key, file := range keys {
		area, _, _ := strings.Cut(key, ".")
		// The flow's steps have names of the same form; intake/flow checks its texts.
		if _, ok := all[key]; (areas[area] || certain[key]) && !ok && file != flowFile {
			t.Errorf("%s asks for %s, which is no sentence", file, key)
		}
	}
	for beginning, file := range beginnings {
		area, _, _ := strings.Cut(beginning, ".")
		if areas[area] && !slices.ContainsFunc(slices.Collect(maps.Keys(all)),
			func(key string) bool { return strings.HasPrefix(key, beginning) }) {
			t.Errorf("%s asks for %s…, and no sentence begins so", file, beginning)
		}
	}
}

// Both pages say what is wrong by name; a name without a sentence would show nothing at the worst moment.
func TestEveryTroubleHasASentence(t *testing.T) {
	raw, err := os.ReadFile("../web/src/conversation/api.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(raw), "export type Trouble =")
	union, _, ended := strings.Cut(rest, ";\n")
	if !found || !ended {
		t.Fatal("api.ts has no type Trouble")
	}
	names := regexp.MustCompile(`\| "([a-z_]+)"`).FindAllStringSubmatch(union, -1)
	if len(names) < 15 {
		t.Fatalf("only %d troubles were read", len(names))
	}
	all := everything(t, "sv")
	for _, name := range names {
		if _, ok := all["trouble."+name[1]]; !ok {
			t.Errorf("trouble %s has no sentence", name[1])
		}
	}
}
