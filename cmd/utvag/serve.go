package main

import (
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/garbage"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/server"
)

type serveCommand struct {
	Config string `required:"" placeholder:"FILE" help:"Configuration file; deploy/utvag.example.yaml explains it."`
}

// Run serves until a signal ends t.ctx.
func (c *serveCommand) Run(t terminal) error {
	garbage.Floor(garbage.Least)
	checked, err := config.Load(c.Config, t.now())
	if err != nil {
		return err
	}
	return server.Serve(t.ctx, checked, server.Options{Now: t.now, Log: quietlog.New(t.stderr), Version: version()})
}
