// Package testkit is what the tests of the configuration, of what follows it and of the commands share: a right
// configuration in a folder of its own, what is shipped in deploy/, a log that can be read while it is written.
// Nothing but tests imports it.
package testkit
