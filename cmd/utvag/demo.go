package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/server"
)

type demoCommand struct {
	Listen string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where the visitor's page is served, on this machine only; the console gets the next free port. Port 0: free ones."`
}

// Run serves until a signal ends t.ctx. Everything is in memory, and gone with the process.
func (c *demoCommand) Run(t terminal) error {
	visitor, console, err := demoListeners(c.Listen)
	if err != nil {
		return err
	}
	o := server.Options{Now: t.now, Log: quietlog.New(t.stderr), Version: version()}
	return server.ServeDemo(t.ctx, o, visitor, console, func(links server.Links) {
		fmt.Fprintf(t.stdout, "Visitor:     %s\n", links.Visitor)
		for _, link := range links.Coordinators {
			fmt.Fprintf(t.stdout, "Coordinator: %s\n", link)
		}
		fmt.Fprintln(t.stdout, "Each coordinator's link enrols one browser, once. Ctrl-C ends it, and everything is gone.")
	})
}

// demoListeners opens both listeners. Nothing but this machine may reach a demo: over plain HTTP, other machines'
// browsers would refuse to encrypt anyway.
func demoListeners(listen string) (visitor, console net.Listener, err error) {
	address, err := netip.ParseAddrPort(listen)
	if err != nil || !address.Addr().IsLoopback() {
		return nil, nil, fmt.Errorf("%w: --listen: write a loopback address and a port, such as 127.0.0.1:8080", errUsage)
	}
	visitor, err = net.Listen("tcp", listen)
	if err != nil {
		return nil, nil, fmt.Errorf("listening on %s: %w. Name another port, or 0 for a free one", listen, err)
	}
	console, err = nextFree(address)
	if err != nil {
		visitor.Close()
		return nil, nil, fmt.Errorf(
			"no free port for the console after %s: %w. Name another port, or 0 for free ones",
			listen,
			err,
		)
	}
	return visitor, console, nil
}

// portsTried is how many ports after the visitor's are tried for the console.
const portsTried = 50

// nextFree listens on the first free port after address, or for port 0 on any. The error is that of the last attempt.
func nextFree(address netip.AddrPort) (net.Listener, error) {
	if address.Port() == 0 {
		return net.Listen("tcp", address.String())
	}
	err := errors.New("there is none")
	for port := int(address.Port()) + 1; port <= int(address.Port())+portsTried && port < 1<<16; port++ {
		var l net.Listener
		if l, err = net.Listen("tcp", netip.AddrPortFrom(address.Addr(), uint16(port)).String()); err == nil {
			return l, nil
		}
	}
	return nil, err
}
