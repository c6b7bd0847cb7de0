package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/utvag/utvag/web/internal/manifest"
)

const root = "../../.."

// needModules skips a test that builds, where nobody has installed what the build reads. Where tests may not be skipped
// it fails.
func needModules(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, "web", "node_modules", "preact")); err != nil {
		if os.Getenv("UTVAG_NO_SKIP") != "" {
			t.Fatal("web/node_modules is missing: run npm ci --ignore-scripts in web/")
		}
		t.Skip("web/node_modules is missing: run npm ci --ignore-scripts in web/")
	}
}

var built = sync.OnceValues(func() (result, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return result{}, err
	}
	return build(absolute)
})

// rebuild builds from the tree, once for all tests.
func rebuild(t *testing.T) result {
	t.Helper()
	needModules(t)
	whole, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// committed reads dist as it lies in the tree.
func committed(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	dist := os.DirFS(filepath.Join(root, "web", "dist"))
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(dist, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is committed is what the sources give, and the folder they lie in leaves no trace.
func TestDistIsCurrent(t *testing.T) {
	here := rebuild(t)
	elsewhere := filepath.Join(t.TempDir(), "another", "folder with blanks")
	for _, folder := range []string{"i18n/catalog", "web/pages", "web/patches", "web/src/returncode/lists"} {
		copyTree(t, folder, elsewhere)
	}
	for _, file := range []string{"go.mod", "i18n/first.json", "i18n/languages.json", "web/package.json",
		"web/tsconfig.json", "web/src/console/service.ts", "web/src/puzzle/worker.ts", "web/src/puzzle/search.ts"} {
		copyFile(t, file, elsewhere)
	}
	// Of sources and packages, what the first build read, with the package.json files that told it where to look and the
	// licences.
	for _, inputs := range here.inputs {
		for name := range inputs {
			copyFile(t, filepath.Join("web", name), elsewhere)
			if strings.HasPrefix(name, "node_modules/") {
				for dir := filepath.Dir(name); dir != "node_modules"; dir = filepath.Dir(dir) {
					for _, beside := range append([]string{"package.json"}, licenceFiles...) {
						if _, err := os.Stat(filepath.Join(root, "web", dir, beside)); err == nil {
							copyFile(t, filepath.Join("web", dir, beside), elsewhere)
						}
					}
				}
			}
		}
	}
	again, err := build(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	files := committed(t)
	if len(files) < 20 {
		t.Errorf("dist holds only %d files", len(files))
	}
	for _, name := range slices.Sorted(maps.Keys(again.files)) {
		switch body, ok := files[name]; {
		case !ok:
			t.Errorf("dist lacks %s: run make dist", name)
		case !bytes.Equal(body, again.files[name]):
			t.Errorf("dist/%s is not what the sources give: run make dist", name)
		}
		if !bytes.Equal(here.files[name], again.files[name]) {
			t.Errorf("%s depends on the folder it is built in", name)
		}
	}
	for name := range files {
		if _, ok := again.files[name]; !ok {
			t.Errorf("dist/%s is left over: run make dist", name)
		}
	}
}

func copyTree(t *testing.T, folder, to string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, folder), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, file)
		copyFile(t, relative, to)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, file, to string) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(to, file)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The two clients never import each other, and each dependency has one door.
func TestWhoImportsWhom(t *testing.T) {
	built := rebuild(t)
	packages := []string{"preact", "ts-mls", "hpke", "@panva/hpke-noble", "@noble/", "@hpke/"}
	for page, inputs := range built.inputs {
		packages := packages
		if page == manifest.Console {
			packages = append(slices.Clone(packages), "qr")
		}
		for name, about := range inputs {
			other := map[manifest.Page]string{manifest.Visitor: "src/console/", manifest.Console: "src/visitor/"}[page]
			if strings.HasPrefix(name, other) {
				t.Errorf("the %s contains %s", page, name)
			}
			if dependency, ok := strings.CutPrefix(name, "node_modules/"); ok &&
				!slices.ContainsFunc(packages, func(allowed string) bool {
					return strings.HasPrefix(dependency, strings.TrimSuffix(allowed, "/")+"/")
				}) {
				t.Errorf("the %s contains %s, of a package that nobody agreed to", page, name)
			}
			for _, imported := range about.Imports {
				// esbuild's own few helpers are called so.
				if imported.External && imported.Path != "<runtime>" {
					t.Errorf("%s imports %s from outside of the bundle", name, imported.Path)
				}
				if !strings.HasPrefix(name, "node_modules/") && strings.HasPrefix(imported.Path, "node_modules/ts-mls/") &&
					!strings.HasPrefix(name, "src/mls/") {
					t.Errorf("%s imports ts-mls; src/mls is its only door", name)
				}
			}
		}
	}
}

// The weights that the visitor's page promises to those on a bad network, in bytes as sent.
func TestVisitorWeighsLittle(t *testing.T) {
	built := rebuild(t)
	release := built.release.Pages[manifest.Visitor]
	weight := func(names ...string) int {
		sum := 0
		for _, name := range names {
			entry, ok := release.Entries[name]
			if !ok {
				t.Fatalf("the manifest lacks %s", name)
			}
			sum += entry.Brotli
		}
		return sum
	}
	// Every language weighs the same; TestNothingTellsTheLanguage holds that.
	var first, rest string
	catalogs := map[string]bool{}
	for _, catalog := range release.Catalogs {
		first, rest = catalog.First, catalog.Rest
		catalogs[first], catalogs[rest] = true, true
	}
	screen := pageAllowance + weight(release.Script, release.Style, release.Icon, first) + weight(release.Imports...)
	whole := pageAllowance + weight(first, rest)
	for name := range release.Entries {
		if !catalogs[name] {
			whole += weight(name)
		}
	}
	t.Logf("first screen %d bytes, everything %d bytes; whoever chooses another language loads %d more", screen, whole,
		weight(first, rest))
	if screen > 30_000 {
		t.Errorf("the first screen takes %d bytes, at most 30,000", screen)
	}
	if whole > 114_000 {
		t.Errorf("everything takes %d bytes, at most 114,000", whole)
	}
	if len(release.Later) == 0 {
		t.Error("the engine is not loaded on its own, while the questions are read")
	}
}

// What crosses the network is of one length for every language, in every encoding, and says the same once it is
// unpacked. The gzip is made by web, whose test holds it.
func TestNothingTellsTheLanguage(t *testing.T) {
	built := rebuild(t)
	release := built.release.Pages[manifest.Visitor]
	for part, name := range map[string]func(manifest.Catalog) string{
		"first": func(c manifest.Catalog) string { return c.First },
		"rest":  func(c manifest.Catalog) string { return c.Rest },
	} {
		lengths := map[[3]int]bool{}
		for tag, catalog := range release.Catalogs {
			plain, small := built.files["visitor/"+name(catalog)], built.files["visitor/"+name(catalog)+".br"]
			lengths[[3]int{len(name(catalog)), len(plain), len(small)}] = true
			unpacked, err := io.ReadAll(brotli.NewReader(bytes.NewReader(small)))
			if err != nil || !bytes.Equal(unpacked, plain) || !json.Valid(plain) {
				t.Errorf("%s, %s: the compressed file is not the plain one: %v", tag, part, err)
			}
		}
		if len(lengths) != 1 || len(release.Catalogs) < 2 {
			t.Errorf("%s: %d languages with these lengths of name, plain and compressed file: %v", part, len(release.Catalogs),
				lengths)
		}
	}
}

func TestPaddingIsOfAnyLength(t *testing.T) {
	const text = "a text that is short, and a text that is short"
	begun := unfinished([]byte(text))
	for extra := range 600 {
		stream := append(padding(begun, len(begun)+extra), lastBlock)
		got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(stream)))
		if err != nil || string(got) != text || len(stream) != len(begun)+extra+1 {
			t.Fatalf("%d more: %d bytes, %q, %v", extra, len(stream), got, err)
		}
	}
}

// pageAllowance is what the HTML may take as sent; web's TestPageIsSmall holds it.
const pageAllowance = 8_000

// A return code is written down by the words of a list: what the page carries must be that list, word for word.
func TestWordsComeWithTheirLanguage(t *testing.T) {
	built := rebuild(t)
	for _, tag := range []string{"sv", "en", "ar"} {
		var sentences map[string]any
		if err := json.Unmarshal(built.files["visitor/"+built.release.Pages[manifest.Visitor].Catalogs[tag].Rest],
			&sentences); err != nil {
			t.Fatal(err)
		}
		coded, there := sentences["words"].(string)
		listed, err := os.ReadFile(filepath.Join(root, "web", "src", "returncode", "lists", tag+".txt"))
		if there != (err == nil) {
			t.Errorf("%s: a list on the page %v, in the tree %v", tag, there, err == nil)
		}
		var words []string
		var word []rune
		for _, part := range regexp.MustCompile(`\d\D+`).FindAllString(coded, -1) {
			word = append(word[:part[0]-'0':part[0]-'0'], []rune(part[1:])...)
			words = append(words, string(word))
		}
		if !slices.Equal(words, strings.Fields(string(listed))) {
			t.Errorf("%s: the page has other words than the tree", tag)
		}
	}
}

func TestEveryFileIsListedWithItsHash(t *testing.T) {
	files := committed(t)
	built := rebuild(t)
	for page, release := range built.release.Pages {
		listed := 0
		for name, entry := range release.Entries {
			body := files[string(page)+"/"+name]
			if sum(body) != entry.SHA256 {
				t.Errorf("%s/%s has another SHA-256 than its manifest", page, name)
			}
			listed++
			if entry.Brotli < entry.Size {
				listed++
			}
		}
		found := 0
		for name := range files {
			if strings.HasPrefix(name, string(page)+"/") {
				found++
			}
		}
		if found != listed {
			t.Errorf("%s: %d files, %d listed", page, found, listed)
		}
	}
}

func TestAPatchThatFindsNothingFailsTheBuild(t *testing.T) {
	patcher := newPatcher("", []patch{
		{File: "ts-mls/dist/a.js", Find: "one", Replace: "two", Reason: "r"},
		{File: "ts-mls/dist/b.js", Find: "x", Replace: "y", Reason: "r"},
	})
	if text, count, err := patcher.apply("ts-mls/dist/a.js", "just one here"); err != nil || text != "just two here" ||
		count != 1 {
		t.Errorf("got %q, %d, %v", text, count, err)
	}
	if text, count, err := patcher.apply("ts-mls/dist/c.js", "one x"); err != nil || text != "one x" || count != 0 {
		t.Errorf("another file: got %q, %d, %v", text, count, err)
	}
	for _, text := range []string{"nothing", "one and one"} {
		if _, _, err := patcher.apply("ts-mls/dist/a.js", text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	with := metafile{Inputs: map[string]input{"node_modules/ts-mls/dist/a.js": {}}}
	patcher.applied["ts-mls/dist/a.js"] = 1
	if err := patcher.check(with); err == nil {
		t.Error("a patch of a file that is not in the bundle went unnoticed")
	}
	patcher.applied["ts-mls/dist/b.js"] = 1
	if err := patcher.check(with); err != nil {
		t.Error(err)
	}
	if err := newPatcher("", []patch{{File: "ts-mls/a.js"}}).check(metafile{}); err != nil {
		t.Errorf("a page without the package needs no patch: %v", err)
	}
}

func TestPatchesFileIsStrict(t *testing.T) {
	folder := t.TempDir()
	for _, bad := range []string{`{}`, `[{}]`, `[{"file":"a","find":"b","replace":"c"}]`,
		`[{"file":"a","find":"b","replace":"b","reason":"r"}]`,
		`[{"file":"a","find":"b","replace":"c","reason":"r","extra":1}]`} {
		if err := os.WriteFile(filepath.Join(folder, "p.json"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPatches(folder); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if patches, err := readPatches(filepath.Join(root, "web", "patches")); err != nil || len(patches) == 0 {
		t.Errorf("%d patches: %v", len(patches), err)
	}
}
