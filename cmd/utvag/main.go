// Command utvag serves an anonymous, end-to-end encrypted way to contact those who help people out of gangs, and makes
// the keys and rosters that it needs. Each subcommand has a file of its own; `utvag --help` lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/server"
)

type commands struct {
	Demo    demoCommand    `cmd:"" help:"Serve both pages on this machine, with a throwaway team key and everything in memory."`
	Serve   serveCommand   `cmd:"" help:"Serve the kommuner of a configuration, with a real Redis."`
	Check   checkCommand   `cmd:"" help:"Check a configuration, and report numbers, claims and rosters that run out."`
	Team    teamCommands   `cmd:"" help:"Make a team key, and show the line to pin."`
	Roster  rosterCommands `cmd:"" help:"Add, renew, revoke, show and examine the devices that may answer."`
	Flow    flowCommands   `cmd:"" help:"Judge the questions of the visitor's page, and walk through them."`
	Rota    rotaCommands   `cmd:"" help:"Say what the rota lacks."`
	Access  accessCommands `cmd:"" help:"Review the log of what staff devices opened, and sign that."`
	Alarm   alarmCommands  `cmd:"" help:"Make the key for Web Push, and ring people to see that it works."`
	Probe   probeCommand   `cmd:"" help:"Visit the page as a visitor would, and raise the alarm where nobody answers."`
	Version versionCommand `cmd:"" help:"Say which release this is."`
}

// terminal is what a command may use of the world around it.
type terminal struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
}

// errUsage marks what is wrong with how the command was called: exit status 2.
var errUsage = errors.New("usage")

func main() {
	server.LeaveNoDump()
	// Whatever a dependency logs of its own accord is cleaned like the rest.
	slog.SetDefault(quietlog.New(os.Stderr))
	// SIGQUIT is among them because Go answers it with the stacks of everything that goes on, arguments included.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	code := run(terminal{ctx, os.Stdin, os.Stdout, os.Stderr, time.Now}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run returns the exit status: 0 done, 1 failed, 2 wrong usage or configuration, with nothing started.
func run(t terminal, args []string) int {
	var all commands
	asked := -1
	parser, err := kong.New(&all, kong.Name("utvag"), kong.Description("A way out: anonymous, encrypted first contact."),
		kong.Writers(t.stdout, t.stderr), kong.Exit(func(code int) { asked = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(t.stderr, "utvag:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if asked >= 0 {
		return asked // --help has been answered
	}
	if err != nil {
		fmt.Fprintln(t.stderr, "utvag:", err)
		return 2
	}
	err = parsed.Run(t)
	var wrong config.Mistakes
	var refused config.FlowMistakes
	switch {
	case err == nil:
		return 0
	case errors.As(err, &refused):
		fmt.Fprintln(t.stderr, refused.Mistakes)
		fmt.Fprintln(t.stderr, "utvag: the flow is refused")
		return 2
	case errors.As(err, &wrong):
		fmt.Fprintln(t.stderr, wrong)
		fmt.Fprintln(t.stderr, "utvag: the configuration is wrong; nothing was started")
		return 2
	case errors.Is(err, errUsage):
		fmt.Fprintln(t.stderr, "utvag:", err)
		return 2
	}
	fmt.Fprintln(t.stderr, "utvag:", err)
	return 1
}
