package main

import (
	"testing"

	"github.com/alecthomas/kong"
)

// Whoever types --help learns what each command and each flag is for.
func TestEveryCommandAndFlagHasHelp(t *testing.T) {
	parser, err := kong.New(new(commands), kong.Name("utvag"))
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(true)
	for _, leaf := range leaves {
		if leaf.Help == "" {
			t.Errorf("%s has no help", leaf.FullPath())
		}
		for _, value := range leaf.Flags {
			if value.Help == "" {
				t.Errorf("%s --%s has no help", leaf.FullPath(), value.Name)
			}
		}
		for _, value := range leaf.Positional {
			if value.Help == "" {
				t.Errorf("%s %s has no help", leaf.FullPath(), value.Name)
			}
		}
	}
	if len(leaves) < 10 {
		t.Errorf("only %d commands were looked at", len(leaves))
	}
}
