package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/utvag/utvag/web/internal/manifest"
)

// licences collects the notice of every package that any page carries code of: their licences want it in all copies,
// and minified files hold none.
func licences(web string, inputs map[manifest.Page]map[string]input) ([]byte, error) {
	var packages []string
	for _, page := range inputs {
		for file := range page {
			if name := packageOf(file); name != "" && !slices.Contains(packages, name) {
				packages = append(packages, name)
			}
		}
	}
	slices.Sort(packages)
	var all bytes.Buffer
	all.WriteString(
		"The scripts beside this file contain code of these packages; web/patches tells what was changed in them.\n")
	for _, name := range packages {
		folder := filepath.Join(web, filepath.FromSlash(name))
		version, err := versionOf(folder)
		if err != nil {
			return nil, err
		}
		notice, err := noticeOf(folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&all, "\n== %s %s\n\n%s\n", nameOf(name), version, notice)
	}
	return all.Bytes(), nil
}

// packageOf is the folder of the package that an input belongs to, node_modules/@a/b; "" for our own.
func packageOf(file string) string {
	at := strings.LastIndex(file, "node_modules/")
	if at < 0 {
		return ""
	}
	parts := strings.Split(file[at+len("node_modules/"):], "/")
	depth := 1
	if strings.HasPrefix(parts[0], "@") {
		depth = 2
	}
	if len(parts) <= depth {
		return ""
	}
	return path.Join(file[:at]+"node_modules", path.Join(parts[:depth]...))
}

// nameOf is the package's own name, wherever it was installed.
func nameOf(folder string) string {
	return folder[strings.LastIndex(folder, "node_modules/")+len("node_modules/"):]
}

func versionOf(folder string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return "", err
	}
	var about struct{ Version string }
	err = json.Unmarshal(raw, &about)
	return about.Version, err
}

var licenceFiles = []string{"LICENSE", "LICENSE.md", "LICENSE.txt"}

func noticeOf(folder string) ([]byte, error) {
	for _, name := range licenceFiles {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			return bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, errors.New("no licence file")
}
