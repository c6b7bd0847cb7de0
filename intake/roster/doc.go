// Package roster holds the rules of the roster: the signed list of the devices that may answer for a kommun.
//
// It parses and verifies rosters (spec/protocol.md §6.1), signs new ones, and reads the enrolment requests from which
// devices are added. It does no I/O and knows no clock: callers pass bytes and the time. Clients in other languages are
// held to the same answers by spec/vectors/roster.json.
package roster
