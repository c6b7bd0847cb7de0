package redisstore

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
)

//go:embed *.lua
var sources embed.FS

func source(name string) string {
	text, err := sources.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // the name is a constant of this package
	}
	return string(text)
}

// limits are what the scripts know of Go's constants: as an argument, each would cost at every call.
var limits = fmt.Sprintf(
	"local channel = '%s'\nlocal maxEntries, maxBytes, maxSlots, earlyEntries, earlyBytes = %d, %d, %d, %d, %d\n",
	channel, chat.LimitEntries, chat.LimitMailbox, chat.LimitSlots, chat.LimitEarlyEntries, chat.LimitEarlyBytes)

// onMailbox is a script of a file, linked.
func onMailbox(name string) *redis.Script { return redis.NewScript(linked(source(name))) }

// linked puts the limits before a script, the names of its keys, and the functions of common.lua that it uses, in the
// order in which they stand there. It leaves out all others: a function is made anew at each call, whether it is used
// or not.
func linked(script string) string {
	names, functions := common()
	needed := usedBy(script)
	parts := []string{withoutComments(script)}
	for _, f := range slices.Backward(functions) {
		if slices.Contains(needed, f.name) {
			needed = append(needed, usedBy(f.text)...)
			parts = append(parts, withoutComments(f.text))
		}
	}
	parts = append(parts, limits, withoutComments(names))
	slices.Reverse(parts)
	return strings.Join(parts, "\n")
}

// usedBy reads which functions of common.lua a script, or one of these functions, says that it calls.
func usedBy(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		if list, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "-- uses: "); ok {
			names = append(names, strings.Split(list, ", ")...)
		}
	}
	return names
}

// function is one of common.lua, with what is said about it.
type function struct{ name, text string }

// common returns the blocks of common.lua, between which there is an empty line: the names of the keys, then a function
// each. A function stands behind those that it uses.
func common() (names string, functions []function) {
	blocks := strings.Split(source("common"), "\n\n")
	for _, block := range blocks[1:] {
		for line := range strings.Lines(block) {
			if rest, ok := strings.CutPrefix(line, "local function "); ok {
				name, _, _ := strings.Cut(rest, "(")
				functions = append(functions, function{name, block})
			}
		}
	}
	return blocks[0], functions
}

// withoutCommits cuts out of a script what it has for commits alone.
func withoutCommits(script string) string {
	var b strings.Builder
	cut := false
	for line := range strings.Lines(script) {
		switch strings.TrimSpace(line) {
		case "-- {{{":
			cut = true
		case "-- }}}":
			cut = false
		default:
			if !cut {
				b.WriteString(line)
			}
		}
	}
	return b.String()
}

func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimLeft(line, " "), "--") {
			b.WriteString(line)
		}
	}
	return b.String()
}
