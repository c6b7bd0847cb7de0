package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// patch is one mend of a dependency (web/patches/README.md): in file, a slash path below node_modules, find stands
// exactly once and becomes replace.
type patch struct {
	File    string `json:"file"`
	Find    string `json:"find"`
	Replace string `json:"replace"`
	Reason  string `json:"reason"`
}

// readPatches reads every list in a folder.
func readPatches(folder string) ([]patch, error) {
	lists, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []patch
	for _, file := range lists {
		raw, err := os.ReadFile(file)
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
		all = append(all, patches...)
	}
	return all, nil
}

// patcher mends files of dependencies while esbuild reads them.
type patcher struct {
	folder  string
	patches []patch

	mu      sync.Mutex
	applied map[string]int
}

func newPatcher(folder string, patches []patch) *patcher {
	return &patcher{folder: folder, patches: patches, applied: map[string]int{}}
}

// apply returns the text with every patch of that file, slash path below node_modules.
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
		build.OnLoad(api.OnLoadOptions{Filter: `[\\/]node_modules[\\/].*\.m?js$`},
			func(args api.OnLoadArgs) (api.OnLoadResult, error) {
				relative, err := filepath.Rel(p.folder, args.Path)
				if err != nil {
					return api.OnLoadResult{}, err
				}
				file := filepath.ToSlash(relative)
				raw, err := os.ReadFile(args.Path)
				if err != nil {
					return api.OnLoadResult{}, err
				}
				text, count, err := p.apply(file, string(raw))
				if err != nil {
					return api.OnLoadResult{}, err
				}
				if count > 0 {
					p.mu.Lock()
					p.applied[file] += count
					p.mu.Unlock()
				}
				text = silence(text)
				return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
			})
		build.OnLoad(api.OnLoadOptions{Filter: `[\\/]web[\\/]src[\\/].*\.tsx?$`},
			func(args api.OnLoadArgs) (api.OnLoadResult, error) {
				raw, err := os.ReadFile(args.Path)
				if err != nil {
					return api.OnLoadResult{}, err
				}
				text, loader := silenceOwn(string(raw)), api.LoaderTS
				if strings.HasSuffix(args.Path, "x") {
					loader = api.LoaderTSX
				}
				return api.OnLoadResult{Contents: &text, Loader: loader}, nil
			})
	}}
}

// check says which patches went nowhere in a build that contains their package: a file that moved would else be shipped
// unmended.
func (p *patcher) check(meta metafile) error {
	wanted := map[string]int{}
	for _, patch := range p.patches {
		wanted[patch.File]++
	}
	for file, count := range wanted {
		folder, _, _ := strings.Cut(file, "/")
		contained := false
		for name := range meta.Inputs {
			contained = contained || strings.HasPrefix(name, "node_modules/"+folder+"/")
		}
		if contained && p.applied[file] != count {
			return fmt.Errorf("%s: %d of %d patches were applied", file, p.applied[file], count)
		}
	}
	return nil
}
