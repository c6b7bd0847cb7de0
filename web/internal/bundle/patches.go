package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// patch is one mend of a dependency: in file, find stands exactly once and becomes replace.
type patch struct {
	File    string `json:"file"`
	Find    string `json:"find"`
	Replace string `json:"replace"`
	Reason  string `json:"reason"`
}

func readPatches(file string) ([]patch, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var patches []patch
	if err := decoder.Decode(&patches); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	for i, p := range patches {
		if p.File == "" || p.Find == "" || p.Reason == "" || p.Find == p.Replace {
			return nil, fmt.Errorf("%s: patch %d needs file, find, replace and reason", filepath.Base(file), i+1)
		}
	}
	return patches, nil
}

// patcher mends the files of one package while esbuild reads them.
type patcher struct {
	folder  string
	patches []patch

	mu      sync.Mutex
	applied map[string]int
}

func newPatcher(folder string, patches []patch) *patcher {
	return &patcher{folder: folder, patches: patches, applied: map[string]int{}}
}

// apply returns the text with every patch of that file, slash path in the package.
func (p *patcher) apply(file, text string) (string, int, error) {
	count := 0
	for _, patch := range p.patches {
		if patch.File != file {
			continue
		}
		if found := strings.Count(text, patch.Find); found != 1 {
			return "", 0, fmt.Errorf("%s: the text to patch stands there %d times, not once: %q", file, found, patch.Find)
		}
		text = strings.Replace(text, patch.Find, patch.Replace, 1)
		count++
	}
	return text, count, nil
}

func (p *patcher) plugin() api.Plugin {
	return api.Plugin{Name: "patches", Setup: func(build api.PluginBuild) {
		build.OnLoad(api.OnLoadOptions{Filter: `[\\/]node_modules[\\/]ts-mls[\\/].*\.m?js$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			raw, err := os.ReadFile(args.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			relative, err := filepath.Rel(p.folder, args.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			file := filepath.ToSlash(relative)
			text, count, err := p.apply(file, string(raw))
			if err != nil {
				return api.OnLoadResult{}, err
			}
			p.mu.Lock()
			p.applied[file] += count
			p.mu.Unlock()
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
		})
	}}
}

// check says which patches went nowhere, in a build that has the package in it: a file that moved would else be shipped unmended.
func (p *patcher) check(meta metafile) error {
	uses := false
	for name := range meta.Inputs {
		uses = uses || strings.HasPrefix(name, "node_modules/ts-mls/")
	}
	if !uses {
		return nil
	}
	wanted := map[string]int{}
	for _, patch := range p.patches {
		wanted[patch.File]++
	}
	for file, count := range wanted {
		if p.applied[file] != count {
			return fmt.Errorf("ts-mls/%s: %d of %d patches were applied", file, p.applied[file], count)
		}
	}
	return nil
}
