package flow

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/utvag/utvag/internal/strictyaml"
)

// Book is what a flow is judged against: the texts of the release, and what the kommun has.
type Book struct {
	// Languages are those offered, by tag.
	Languages []string
	// Text returns the sentence of a key; "" where there is none, or where it has plural forms.
	Text func(tag, key string) string
	// Tied returns the sentence that stands in where a promise does not hold, and whether the key is such a promise, or
	// such a sentence.
	Tied func(key string) (alt string, tied bool)
	// Numbers are the ids of telephone numbers that a page may show.
	Numbers []string
}

// Lint says what is wrong with a flow and with the kommun's words to it, which may be nil: each in its own file, in the
// order of lines.
func Lint(d *Document, w *Words, b Book) (flow, words []strictyaml.Mistake) {
	l := &linter{d: d, w: w, b: b, said: map[string]bool{}}
	if len(d.source.Mistakes) == 0 && d.whole {
		l.shape()
		if len(d.source.Mistakes) == 0 {
			l.ways()
			l.kept()
		}
	}
	if w != nil && len(w.source.Mistakes) == 0 {
		l.own()
	}
	// Texts are looked for along the flow: a flow that cannot be followed has none.
	if len(d.source.Mistakes) == 0 && (w == nil || len(w.source.Mistakes) == 0) {
		l.texts()
	}
	if w != nil {
		words = w.source.Sorted()
	}
	return d.source.Sorted(), words
}

type linter struct {
	d    *Document
	w    *Words
	b    Book
	said map[string]bool
}

// wrong notes a mistake of the flow, once.
func (l *linter) wrong(path, format string, args ...any) {
	before := len(l.d.source.Mistakes)
	l.d.source.Wrong(path, format, args...)
	if text := l.d.source.Mistakes[before].Text; l.said[text] {
		l.d.source.Mistakes = l.d.source.Mistakes[:before]
	} else {
		l.said[text] = true
	}
}

func stepAt(id string) string { return "steps." + id }

func choiceAt(id string, i int) string { return stepAt(id) + ".choices[" + itoa(i) + "]" }

var (
	isID  = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+)*$`)
	exits = []string{Chat, Message, Call, Stop}
	kinds = []string{One, Many, Page, Channel}
	// Reasons are those that the console has words for.
	reasons = []string{"now", "soon", "minor", "safe", "home"}
)

// shape judges each part by itself, and that what it names is there.
func (l *linter) shape() {
	f := &l.d.Flow
	if f.Version != Version {
		l.wrong("version", "this release reads version %d", Version)
	}
	if f.Priority < 0 || f.Priority > 3 {
		l.wrong("priority", "0 to 3")
	}
	if first, ok := f.Steps[f.First]; !ok || !first.question() {
		l.wrong("first", "name the question where everybody begins")
	} else if first.Skip {
		l.wrong(stepAt(f.First)+".skip",
			"the first question chooses what is asked, and cannot be skipped: give it an answer such as «I just want to ask»")
	}
	if len(f.Steps) > maxSteps {
		l.wrong("steps", "%d steps, at most %d", len(f.Steps), maxSteps)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Paths)) {
		if len(f.Paths[name]) == 0 {
			l.wrong("paths."+name, "a dead end: nothing is on this path")
		}
		for i, id := range f.Paths[name] {
			if _, ok := f.Steps[id]; !ok {
				l.wrong("paths."+name+"["+itoa(i)+"]", "there is no step «%s»", id)
			}
		}
	}
	for i, name := range f.Professionals {
		if _, ok := f.Paths[name]; !ok {
			l.wrong("professionals["+itoa(i)+"]", "there is no path «%s»", name)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.Steps)) {
		step := f.Steps[id]
		l.step(id, &step)
	}
}

func (l *linter) step(id string, s *Step) {
	at := stepAt(id)
	if !isID.MatchString(id) {
		l.wrong(at, "a step's name has small letters, digits and dots")
	}
	if !slices.Contains(kinds, s.Kind) {
		l.wrong(at+".kind", "«%s» is none of %s. Nobody is asked to write: what is written could say who they are", s.Kind,
			strings.Join(kinds, ", "))
		return
	}
	if len(s.Choices) == 0 {
		l.wrong(at, "a dead end: there is nothing to choose")
	}
	if len(s.Choices) > maxChoices {
		l.wrong(at+".choices", "%d choices, at most %d", len(s.Choices), maxChoices)
	}
	switch {
	case s.question() && (!strings.HasSuffix(s.Ask, ".h1") || len(s.Ask) > 60):
		l.wrong(at, "a question needs an ask that ends in .h1: what stands before it is what the answer is sent as")
	case s.Kind == Channel && s.Ask == "", s.Kind == Page && s.Ask == "" && len(s.Texts) == 0:
		l.wrong(at, "nothing to read: name an ask")
	}
	if _, ok := l.d.Flow.Steps[l.d.Flow.First]; ok && s.question() && !s.Skip && id != l.d.Flow.First {
		l.wrong(at, "add «skip: true»: only the first question and the channel must be answered")
	}
	if s.Skip && !s.question() {
		l.wrong(at+".skip", "only questions are skipped")
	}
	for i, number := range s.Call {
		if !slices.Contains(l.b.Numbers, number) {
			l.wrong(at+".call["+itoa(i)+"]", "there is no telephone number «%s»: known are %s", number,
				strings.Join(l.b.Numbers, ", "))
		}
	}
	seen := map[string]bool{}
	for i := range s.Choices {
		if c := &s.Choices[i]; seen[c.Key] {
			l.wrong(choiceAt(id, i), "«%s» is a choice already", c.Key)
		} else {
			seen[c.Key] = true
			l.choice(choiceAt(id, i), s, c)
		}
	}
	if s.Kind == Channel {
		l.channel(at, s)
	}
}

func (l *linter) choice(at string, s *Step, c *Choice) {
	f := &l.d.Flow
	switch {
	case c.Key == "":
		l.wrong(at, "no key: name the text of this choice")
	case len(c.Key) > 64:
		l.wrong(at+".key", "a key has at most 64 letters")
	case s.question() && !strings.HasPrefix(c.Key, Name(s.Ask)+".") && !strings.HasPrefix(c.Key, "common."):
		l.wrong(at+".key", "an answer to «%s» begins with «%s.» or «common.»: the console shows no other", Name(s.Ask),
			Name(s.Ask))
	}
	if c.Exit != "" && !slices.Contains(exits, c.Exit) {
		l.wrong(at+".exit", "«%s» is none of %s", c.Exit, strings.Join(exits, ", "))
	}
	if s.Kind == Channel && c.Exit == "" {
		l.wrong(at, "each choice of a channel names an exit: %s", strings.Join(exits, ", "))
	}
	if _, ok := f.Paths[c.Path]; c.Path != "" && !ok {
		l.wrong(at+".path", "there is no path «%s»", c.Path)
	}
	if c.Exit != "" && (c.Path != "" || len(c.Pages) > 0) {
		l.wrong(at, "after an exit nothing follows: leave out path and pages")
	}
	if s.Kind == Many && (c.Exit != "" || c.Path != "" || len(c.Pages) > 0) {
		l.wrong(at, "where several answers can be given, none decides what follows: leave out exit, path and pages")
	}
	for i, id := range c.Pages {
		if page, ok := f.Steps[id]; !ok || page.Kind != Page {
			l.wrong(at+".pages["+itoa(i)+"]", "there is no step «%s» of kind page", id)
		}
	}
	l.urgency(at, s, c)
}

func (l *linter) urgency(at string, s *Step, c *Choice) {
	switch {
	case c.Reason != "" && !slices.Contains(reasons, c.Reason):
		l.wrong(at+".reason", "«%s» is none of %s", c.Reason, strings.Join(reasons, ", "))
	case c.Priority == nil:
		if c.Reason != "" {
			l.wrong(at+".reason", "a reason without a priority")
		}
		return
	case *c.Priority < 0 || *c.Priority > 3:
		l.wrong(at+".priority", "0 to 3")
		return
	case !s.question():
		l.wrong(at+".priority", "only an answer to a question is sent, and has a priority")
		return
	case *c.Priority < 2 && c.Reason == "":
		l.wrong(at, "what is urgent names its reason: %s", strings.Join(reasons, ", "))
	}
	if *c.Priority == 0 && !l.callsFirst(c) {
		l.wrong(at, "a screen without 112: whoever is in danger now comes to a page with «call: [emergency]» first")
	}
}

// callsFirst says whether the first thing that a choice leads to is a page with the emergency number.
func (l *linter) callsFirst(c *Choice) bool {
	if len(c.Pages) == 0 {
		return false
	}
	page := l.d.Flow.Steps[c.Pages[0]]
	return page.Kind == Page && slices.Contains(page.Call, "emergency")
}

func (l *linter) channel(at string, s *Step) {
	if len(s.Choices) == 0 || slices.ContainsFunc(s.Choices,
		func(c Choice) bool { return !slices.Contains(exits, c.Exit) }) {
		return
	}
	has := func(exit string) bool {
		return slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.Exit == exit })
	}
	if !has(Chat) && !has(Message) || !has(Call) || !has(Stop) {
		l.wrong(at, "a channel offers a human (chat or message), a number (call) and an exit (stop)")
	}
}
