// Package config reads a configuration: its fields, what is wrong with them, each mistake with file and line, and what
// follows from them once nothing is wrong. It reads the configuration and the files that it names, once, and talks to
// nobody. What is read again while a server runs is internal/live's.
//
// What Load returns is not changed afterwards: every goroutine may read it, and nobody writes to it.
package config
