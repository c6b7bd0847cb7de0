package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/utvag/utvag/web/internal/manifest"
)

// result is a whole dist, and what went into it.
type result struct {
	// files are by slash path below dist.
	files map[string][]byte
	// inputs are the sources of each page by slash path below web, with what each of them imports.
	inputs  map[manifest.Page]map[string]input
	release manifest.Manifest
}

type input struct {
	Imports []struct {
		Path     string `json:"path"`
		Kind     string `json:"kind"`
		External bool   `json:"external"`
	} `json:"imports"`
}

// metafile is the part of esbuild's that we read.
type metafile struct {
	Inputs  map[string]input `json:"inputs"`
	Outputs map[string]struct {
		EntryPoint string `json:"entryPoint"`
		Imports    []struct {
			Path string `json:"path"`
			Kind string `json:"kind"`
		} `json:"imports"`
	} `json:"outputs"`
}

// styles are where the style of each page begins.
var styles = map[manifest.Page]string{
	manifest.Visitor: "pages/visitor.css",
	manifest.Console: "src/console/style.css",
}

func build(root string) (result, error) {
	whole := result{files: map[string][]byte{}, inputs: map[manifest.Page]map[string]input{}}
	release := manifest.Manifest{Pages: map[manifest.Page]manifest.Files{}}
	patches, err := readPatches(filepath.Join(root, "web", "patches"))
	if err != nil {
		return whole, err
	}
	for _, page := range []manifest.Page{manifest.Visitor, manifest.Console} {
		built, err := buildPage(root, page, patches)
		if err != nil {
			return whole, fmt.Errorf("%s: %w", page, err)
		}
		whole.inputs[page] = built.inputs
		release.Pages[page] = built.names
		for name, body := range built.files {
			whole.files[path.Join(string(page), name)] = body
		}
	}
	notices, err := licences(filepath.Join(root, "web"), whole.inputs)
	if err != nil {
		return whole, err
	}
	whole.files["licences.txt"] = notices
	listing, err := json.MarshalIndent(release, "", "  ")
	if err != nil {
		return whole, err
	}
	whole.release = release
	whole.files["manifest.json"] = append(listing, '\n')
	return whole, nil
}

// pageBuild collects the files of one page.
type pageBuild struct {
	files  map[string][]byte
	names  manifest.Files
	inputs map[string]input
}

func buildPage(root string, page manifest.Page, patches []patch) (pageBuild, error) {
	built := pageBuild{files: map[string][]byte{}, names: manifest.Files{
		Imports: []string{}, Later: []string{}, Catalogs: map[string]manifest.Catalog{}, Entries: map[string]manifest.Entry{},
	}}
	worker := ""
	if page == manifest.Visitor {
		var err error
		if worker, err = built.worker(root); err != nil {
			return built, err
		}
	}
	if err := built.bundle(root, page, patches, worker); err != nil {
		return built, err
	}
	if err := built.catalogs(root, page); err != nil {
		return built, err
	}
	icon, err := os.ReadFile(filepath.Join(root, "web", "pages", "icon.png"))
	if err != nil {
		return built, err
	}
	built.names.Icon = hashed("icon", ".png", icon)
	built.add(built.names.Icon, icon)
	if page == manifest.Console {
		err = built.install(root)
	}
	return built, err
}

// worker builds the one script that the visitor's page runs beside itself, and gives its name. It shares no chunk with
// the page: browsers of five years ago know no workers of modules.
func (b *pageBuild) worker(root string) (string, error) {
	built := api.Build(api.BuildOptions{
		AbsWorkingDir:     filepath.Join(root, "web"),
		EntryPoints:       []string{"src/puzzle/worker.ts"},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Platform:          api.PlatformBrowser,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Target:            api.ES2020,
		LogLevel:          api.LogLevelSilent,
	})
	if len(built.Errors)+len(built.Warnings) > 0 || len(built.OutputFiles) != 1 {
		return "", fmt.Errorf("the worker: %v", append(built.Errors, built.Warnings...))
	}
	body := built.OutputFiles[0].Contents
	name := hashed("work", ".js", body)
	b.add(name, body)
	return name, nil
}

// bundle runs esbuild over the page's script and style. worker is the name of its worker, or "".
func (b *pageBuild) bundle(root string, page manifest.Page, patches []patch, worker string) error {
	folder := filepath.Join(root, "web")
	script, style := "src/"+string(page)+"/main.tsx", styles[page]
	patcher := newPatcher(filepath.Join(folder, "node_modules"), patches)
	const outdir = "out" // never written to: it only gives the outputs names
	built := api.Build(api.BuildOptions{
		AbsWorkingDir:     folder,
		EntryPoints:       []string{script, style},
		Outdir:            outdir,
		EntryNames:        "[name]-[hash]",
		ChunkNames:        "part-[hash]",
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Platform:          api.PlatformBrowser,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		// Browsers of about five years ago; docs/operations.md names them.
		Target: api.ES2020,
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "88"}, {Name: api.EngineFirefox, Version: "85"}, {Name: api.EngineSafari,
				Version: "14"},
		},
		// Safari 14.0 has a fault in one rare form of destructuring, for which esbuild would refuse all of them and cannot
		// rewrite any.
		Supported:       map[string]bool{"destructuring": true},
		JSX:             api.JSXAutomatic,
		JSXImportSource: "preact",
		Define: map[string]string{"process.env.NODE_ENV": `"production"`,
			"WORKER": strconv.Quote("/assets/" + worker), "DEVICE": strconv.FormatBool(page == manifest.Console)},
		Charset:       api.CharsetUTF8,
		MangleProps:   innerPattern(),
		LegalComments: api.LegalCommentsNone,
		Sourcemap:     api.SourceMapNone,
		TreeShaking:   api.TreeShakingTrue,
		Metafile:      true,
		Plugins:       []api.Plugin{patcher.plugin()},
		LogLevel:      api.LogLevelSilent,
	})
	var problems []error
	for _, message := range slices.Concat(built.Errors, built.Warnings) {
		where := ""
		if message.Location != nil {
			where = fmt.Sprintf("%s:%d: ", message.Location.File, message.Location.Line)
		}
		problems = append(problems, errors.New(where+message.Text))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	var meta metafile
	if err := json.Unmarshal([]byte(built.Metafile), &meta); err != nil {
		return err
	}
	b.inputs = meta.Inputs
	if err := patcher.check(meta); err != nil {
		return err
	}
	for _, file := range built.OutputFiles {
		name := filepath.Base(file.Path)
		if bytes.Contains(file.Contents, []byte(root)) {
			return fmt.Errorf("%s contains the path of this folder", name)
		}
		b.add(name, file.Contents)
	}
	if err := b.name(meta, outdir, script, style); err != nil {
		return err
	}
	if worker != "" {
		b.names.Later = append(b.names.Later, worker)
	}
	return nil
}

// name finds out which output plays which part.
func (b *pageBuild) name(meta metafile, outdir, script, style string) error {
	for out, about := range meta.Outputs {
		switch name := strings.TrimPrefix(out, outdir+"/"); {
		case about.EntryPoint == script && path.Ext(name) == ".js":
			b.names.Script = name
		case about.EntryPoint == style:
			b.names.Style = name
		case path.Ext(name) == ".css":
			return fmt.Errorf("%s: a style that the script imports; write it into style.css", name)
		}
	}
	if b.names.Script == "" || b.names.Style == "" {
		return fmt.Errorf("the build gave no script or no style")
	}
	reached := map[string]bool{path.Join(outdir, b.names.Script): true}
	b.names.Imports = follow(meta, outdir, reached, "import-statement")
	b.names.Later = follow(meta, outdir, reached, "import-statement", "dynamic-import")
	return nil
}

// follow extends reached along imports of the given kinds, and returns the names that are new.
func follow(meta metafile, outdir string, reached map[string]bool, kinds ...string) []string {
	names := []string{}
	queue := []string{}
	for out := range reached {
		queue = append(queue, out)
	}
	for len(queue) > 0 {
		out := queue[0]
		queue = queue[1:]
		for _, imported := range meta.Outputs[out].Imports {
			if slices.Contains(kinds, imported.Kind) && !reached[imported.Path] {
				reached[imported.Path] = true
				names = append(names, strings.TrimPrefix(imported.Path, outdir+"/"))
				queue = append(queue, imported.Path)
			}
		}
	}
	slices.Sort(names)
	return names
}

// add takes a file in, with its brotli twin where that is smaller.
func (b *pageBuild) add(name string, body []byte) {
	entry := manifest.Entry{SHA256: sum(body), Size: len(body), Brotli: len(body)}
	b.files[name] = body
	if small := compress(body); len(small) < len(body) {
		entry.Brotli = len(small)
		b.files[name+".br"] = small
	}
	b.names.Entries[name] = entry
}

func sum(body []byte) string {
	digest := sha256.Sum256(body)
	return hex.EncodeToString(digest[:])
}

// hashed names a file by its content, as esbuild does for the others.
func hashed(stem, extension string, body []byte) string {
	digest := sha256.Sum256(body)
	return stem + "-" + base32.StdEncoding.EncodeToString(digest[:5]) + extension
}

// compressed remembers what was compressed, by the plain file's hash: brotli at its best takes a second for the larger
// files, and a second build in the same process has the same ones.
var compressed sync.Map

func compress(body []byte) []byte {
	key := sha256.Sum256(body)
	if known, ok := compressed.Load(key); ok {
		return known.([]byte)
	}
	var out bytes.Buffer
	writer := brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 22})
	// Neither call can fail: the buffer grows.
	_, _ = writer.Write(body)
	_ = writer.Close()
	compressed.Store(key, out.Bytes())
	return out.Bytes()
}
