package repotest

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guides are what a newcomer reads first: a name in them that leads nowhere ends the reading.
var guides = []string{"CONTRIBUTING.md", "docs/architecture.md"}

var (
	fenced = regexp.MustCompile("(?s)```.*?```")
	quoted = regexp.MustCompile("`([^`\n]+)`")
	// A file has an ending that files here have; `alarm.Channel` has none of them.
	fileForm = regexp.MustCompile(`^[\w.@/-]*\.(?:acl|css|go|json|lua|md|mod|patch|sh|sum|svg|ts|tsx|txtar|yaml)$`)
	// A folder is written with a slash. What begins with one is a page's address.
	folderForm = regexp.MustCompile(`^(?:\./)?[\w.@-]+/[\w.@/-]*$`)
	// Somebody puts a name of their own there: intake/alarm/NAME/, TAG.json.
	placeholder = regexp.MustCompile(`NAME|TAG`)
	target      = regexp.MustCompile(`^make ([a-z0-9-]+)$`)
)

// pathsIn are the paths of this repository, and the targets of make, that a text names between backticks. Of a command
// they are the packages, such as ./chat.
func pathsIn(text string) (paths, targets []string) {
	for _, match := range quoted.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		if found := target.FindStringSubmatch(match[1]); found != nil {
			targets = append(targets, found[1])
		}
		words := strings.Fields(match[1])
		for _, word := range words {
			command := len(words) > 1
			switch {
			case placeholder.MatchString(word), command && !strings.HasPrefix(word, "./"), strings.Contains(word, "..."):
			case fileForm.MatchString(word), folderForm.MatchString(word):
				paths = append(paths, word)
			}
		}
	}
	return paths, targets
}

// everyPath is every file and folder of the repository, from its root.
func everyPath(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a test beside this one has taken its file away
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		}
		all[filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// leads tells whether a name that stands in a guide leads somewhere: from the root, from the guide's own folder, or as
// the end of a path, as `mailbox.ts` and `conversation/visitor` are.
func leads(all map[string]bool, guide, name string) bool {
	name = strings.TrimSuffix(name, "/")
	if all[path.Clean(name)] || all[path.Join(path.Dir(guide), name)] {
		return true
	}
	for file := range all {
		if strings.HasSuffix(file, "/"+name) {
			return true
		}
	}
	return false
}

func TestWhatTheGuidesNameIsThere(t *testing.T) {
	all, made := everyPath(t), read(t, "Makefile")
	for _, guide := range guides {
		paths, targets := pathsIn(read(t, guide))
		for _, name := range paths {
			if !leads(all, guide, name) {
				t.Errorf("%s names %s, which is not there", guide, name)
			}
		}
		for _, name := range targets {
			if !strings.Contains(made, "\n"+name+":") {
				t.Errorf("%s names make %s, which the Makefile does not have", guide, name)
			}
		}
		if len(paths) < 20 {
			t.Errorf("only %d paths were looked at in %s", len(paths), guide)
		}
	}
}

func TestWhatTheGuidesNameCanBeMissing(t *testing.T) {
	all := everyPath(t)
	for text, want := range map[string]struct{ named, there bool }{
		"`chat/codes.go`":              {true, true},
		"`chat/`":                      {true, true},
		"`imports_test.go`":            {true, true},
		"`../spec/protocol.md`":        {true, true},
		"`go test ./chat`":             {true, true},
		"`chat/code.go`":               {true, false},
		"`chat/rely/`":                 {true, false},
		"`mailboxes.go`":               {true, false},
		"`ports_test.go`":              {true, false},
		"`go test ./chatt`":            {true, false},
		"`intake/alarm/NAME/`":         {},
		"`alarm.Channel`":              {},
		"`/lamna`":                     {},
		"`go test ./...`":              {},
		"```\nweb/nowhere.ts\n```\n":   {},
		"`https://example.org/a.json`": {},
	} {
		paths, _ := pathsIn(text)
		if named := len(paths) == 1; named != want.named || named && leads(all, guides[1], paths[0]) != want.there {
			t.Errorf("%s: paths %v", text, paths)
		}
	}
}
