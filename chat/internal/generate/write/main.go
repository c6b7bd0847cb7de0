// Command write writes the generated files below the root named by its argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/utvag/utvag/chat/internal/generate"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(root string) error {
	counts, err := os.ReadFile(filepath.Join(root, generate.CountFile))
	if err != nil {
		return err
	}
	files, err := generate.Files(counts)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
