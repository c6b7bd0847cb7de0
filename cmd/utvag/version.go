package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints what the build recorded of itself.
func (versionCommand) Run(t terminal) error {
	fmt.Fprintln(t.stdout, "utvag", version())
	return nil
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			text += " " + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			text += " (changed)"
		}
	}
	return text + " " + info.GoVersion
}
