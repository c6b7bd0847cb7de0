// Package rota knows who is meant to be on duty. It reads iCalendar: each event is a shift, or opening hours, or a
// change to the shifts of others (said.go). It does no I/O and has no clock: callers pass the files and the time.
//
// A calendar comes from outside, so that reading one is bounded in size, in time and in what it may grow into.
package rota
