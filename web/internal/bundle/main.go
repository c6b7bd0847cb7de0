// Bundle builds web/dist from web/src and i18n/catalog: the same bytes from the same sources, in whatever folder they
// lie. It is run by `make dist`, needs web/node_modules, and is not part of the server.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root, err := findRoot()
	if err == nil {
		err = write(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// findRoot looks for go.mod upwards, since `go generate` runs in web/ and `go run` anywhere.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = parent
	}
}

// write replaces web/dist as a whole, so that no file of an older build stays behind.
func write(root string) error {
	built, err := build(root)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "web", "dist")
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	for name, body := range built.files {
		file := filepath.Join(dist, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}
