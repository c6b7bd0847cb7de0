// Package server joins pages, relay and on call into what `utvag serve` and `utvag demo` run. Serve and ServeDemo are
// all that a command calls; nothing is decided here that chat, intake or oncall could decide.
package server
