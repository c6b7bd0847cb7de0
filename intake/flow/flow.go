package flow

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/utvag/utvag/internal/strictyaml"
)

// Version is that of the format, which a file names.
const Version = 1

// What a step is.
const (
	// One and Many are questions: with one answer, or with any number.
	One, Many = "one", "many"
	// Page is something to read.
	Page = "page"
	// Channel asks how to go on; each of its choices leaves the flow.
	Channel = "channel"
)

// Where a choice leaves the flow to.
const (
	Chat, Message, Call, Stop = "chat", "message", "call", "stop"
)

// Flow is what is asked, in which order, and what follows. Its JSON is what both pages read (web/src/flow/flow.ts).
type Flow struct {
	Version int    `yaml:"version" json:"-"`
	First   string `yaml:"first" json:"first"`
	// Priority is that of somebody of whose answers none has one.
	Priority int `yaml:"priority" json:"priority"`
	// Paths are lists of steps, by name.
	Paths map[string][]string `yaml:"paths" json:"paths"`
	// Professionals names the paths that only they walk.
	Professionals []string        `yaml:"professionals" json:"-"`
	Steps         map[string]Step `yaml:"steps" json:"steps"`
}

// Step is one screen. Texts are named by their keys.
type Step struct {
	Kind  string   `yaml:"kind" json:"kind"`
	Ask   string   `yaml:"ask" json:"ask,omitempty"`
	Help  string   `yaml:"help" json:"help,omitempty"`
	Texts []string `yaml:"texts" json:"texts,omitempty"`
	// Call names telephone numbers of the page.
	Call []string `yaml:"call" json:"call,omitempty"`
	// Links names pages of the kommun.
	Links   []string `yaml:"links" json:"links,omitempty"`
	Skip    bool     `yaml:"skip" json:"skip,omitempty"`
	Choices []Choice `yaml:"choices" json:"choices"`
}

func (s *Step) question() bool { return s.Kind == One || s.Kind == Many }

// Choice is one answer. What it does is left out where it only goes on.
type Choice struct {
	// Key is that of the label, and the answer that is sent.
	Key string `yaml:"key" json:"key"`
	// Path replaces what is left to ask.
	Path string `yaml:"path" json:"path,omitempty"`
	// Pages are steps to read before the next question.
	Pages    []string `yaml:"pages" json:"pages,omitempty"`
	Exit     string   `yaml:"exit" json:"exit,omitempty"`
	Priority *int     `yaml:"priority" json:"priority,omitempty"`
	// Reason says to the coordinator why the case stands where it does.
	Reason string `yaml:"reason" json:"reason,omitempty"`
}

// Name is what a question is sent as: `who` of `who.h1`.
func Name(ask string) string { return strings.TrimSuffix(ask, ".h1") }

//go:embed flow.yaml
var shipped []byte

// Shipped returns the flow of this release, to be judged and walked like any other.
func Shipped() *Document { return Read(shipped) }

// JSON is the flow as the pages read it, without a blank.
func (f *Flow) JSON() ([]byte, error) { return json.Marshal(f) }

// Document is a flow as it was written.
type Document struct {
	Flow   Flow
	source *strictyaml.Source
	whole  bool
}

// Read reads a flow. What is wrong with it is said by Lint.
func Read(text []byte) *Document {
	d := new(Document)
	if len(text) > maxBytes {
		d.source = &strictyaml.Source{}
		d.source.Wrong("", "the file has %d bytes, at most %d are read", len(text), maxBytes)
		return d
	}
	d.source, d.whole = strictyaml.Read(text, &d.Flow, "begin with intake/flow/flow.yaml")
	return d
}

// What a file may hold: far more than anybody will answer, and little enough to look through every way.
const (
	maxBytes   = 64 << 10
	maxSteps   = 60
	maxChoices = 20
	maxWays    = 20_000
)
