package main

import (
	"fmt"
	"os"

	"github.com/utvag/utvag/internal/config"
)

type flowCommands struct {
	Lint    flowLintCommand    `cmd:"" help:"Say what is wrong with a flow, with file, line and reason."`
	Preview flowPreviewCommand `cmd:"" help:"Walk through a flow in the terminal. Nothing is sent."`
}

type flowLintCommand struct {
	File   string `arg:"" optional:"" help:"A flow to judge by itself; without one and without --config, that of this release."`
	Words  string `placeholder:"FILE" help:"Words of the kommun to it."`
	Config string `placeholder:"FILE" help:"Judge what this configuration would show."`
}

// Run says nothing but that all is well, or everything that is not.
func (c *flowLintCommand) Run(t terminal) error {
	if _, err := chooseFlows(t, c.Config, c.File, c.Words); err != nil {
		return err
	}
	_, err := t.stdout.Write([]byte("The flow is right.\n"))
	return err
}

// chooseFlows loads what the flags name.
func chooseFlows(t terminal, from, file, words string) ([]config.ShownFlow, error) {
	if from != "" && (file != "" || words != "") {
		return nil, fmt.Errorf("%w: name either --config or a flow", errUsage)
	}
	for _, name := range []string{file, words} {
		if _, err := os.Stat(name); name != "" && err != nil {
			return nil, fmt.Errorf("%w: %s cannot be read: %s", errUsage, name, config.WithoutPath(err))
		}
	}
	return config.LoadFlows(from, file, words, t.now())
}
