// Command write writes what TypeScript reads of the flow, below the root named by its argument.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/intake/flow/internal/walks"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(root string) error {
	d := flow.Shipped()
	plain, err := d.Flow.JSON()
	if err != nil {
		return err
	}
	var pages bytes.Buffer
	if err := json.Indent(&pages, plain, "", " "); err != nil {
		return err
	}
	pages.WriteByte('\n')
	if err := os.WriteFile(filepath.Join(root, "web/src/flow/shipped.gen.json"), pages.Bytes(), 0o644); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "intake/flow/testdata/own.yaml"))
	if err != nil {
		return err
	}
	vectors, err := walks.Vectors(&d.Flow, &flow.Read(text).Flow)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "intake/flow/testdata/walks.json"), vectors, 0o644)
}
