package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxQuestions counts the channel too: it is asked.
	maxQuestions = 9
	// maxAnswers is what an intake can hold (spec/protocol.md §8).
	maxAnswers = 32
)

func itoa(i int) string { return strconv.Itoa(i) }

// rest is what can still come from some point on.
type rest struct {
	steps     map[string]bool
	questions int
	answers   int
}

// explorer follows every way through the flow. Two ways that have the same ahead of them are one.
type explorer struct {
	l     *linter
	known map[string]rest
	trail []string
}

// ways judges what only whole ways show: that each ends, and how.
func (l *linter) ways() {
	f := &l.d.Flow
	e := &explorer{l: l, known: map[string]rest{}}
	all := e.from([]string{f.First}, "", "first")
	if len(e.known) > maxWays {
		l.wrong("paths", "there are too many ways to look through: make it simpler")
	}
	if len(l.d.source.Mistakes) > 0 {
		// What lies behind a loop or an end was not seen: it would only seem out of reach.
		return
	}
	for _, id := range slices.Sorted(maps.Keys(f.Steps)) {
		if !all.steps[id] {
			l.wrong(stepAt(id), "no answer leads here: take the step out, or put it on a path")
		}
	}
	chosen := map[string]bool{}
	for _, step := range f.Steps {
		for _, c := range step.Choices {
			chosen[c.Path] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Paths)) {
		if !chosen[name] {
			l.wrong("paths."+name, "no answer leads here: take the path out, or let a choice name it")
		}
	}
	if all.questions > maxQuestions {
		l.wrong("paths", "a way has %d questions, at most %d: take one out", all.questions, maxQuestions)
	}
	if all.answers > maxAnswers {
		l.wrong("paths", "a way has room for %d answers, at most %d are sent", all.answers, maxAnswers)
	}
	l.dangerFirst()
}

// from follows what is ahead. before is the page just read, if the last step was one; at is where it was decided what
// comes now.
func (e *explorer) from(ahead []string, before, at string) rest {
	l := e.l
	if len(ahead) == 0 {
		l.wrong(at, "a way ends here with no human, no number and no exit: let a channel follow")
		return rest{}
	}
	id := ahead[0]
	if slices.Contains(e.trail, id) {
		l.wrong(stepAt(
			id), "comes twice on one way: its answer is known by then, so that the way would go round in a loop without an exit")
		return rest{}
	}
	key := before + "|" + strings.Join(ahead, " ")
	found, ok := e.known[key]
	if !ok && len(e.known) <= maxWays {
		e.trail = append(e.trail, id)
		found = e.step(id, ahead[1:], before)
		e.trail = e.trail[:len(e.trail)-1]
		e.known[key] = found
	}
	for _, passed := range e.trail {
		e.meets(passed, found)
	}
	return found
}

// meets compares a step with everything that may follow it.
func (e *explorer) meets(id string, after rest) {
	f := &e.l.d.Flow
	if after.steps[id] {
		e.l.wrong(stepAt(
			id), "comes twice on one way: its answer is known by then, so that the way would go round in a loop without an exit")
	}
	step := f.Steps[id]
	if !step.question() {
		return
	}
	for _, other := range slices.Sorted(maps.Keys(after.steps)) {
		if next := f.Steps[other]; other != id && next.question() && next.Ask == step.Ask {
			e.l.wrong(stepAt(other), "asks «%s», which «%s» on the same way has asked", step.Ask, id)
		}
	}
}

func (e *explorer) step(id string, ahead []string, before string) rest {
	f := &e.l.d.Flow
	step := f.Steps[id]
	reading := ""
	sum := rest{steps: map[string]bool{}}
	own := rest{questions: 1, answers: 1}
	switch step.Kind {
	case Page:
		if before != "" {
			e.l.wrong(stepAt(id), "a second page in a row, after «%s»: at most one is read between two questions", before)
		}
		reading, own = id, rest{}
	case Channel:
		own.answers = 0
	case Many:
		own.answers = len(step.Choices)
	}
	add := func(next rest) {
		maps.Copy(sum.steps, next.steps)
		sum.questions, sum.answers = max(sum.questions, next.questions), max(sum.answers, next.answers)
	}
	if step.Skip {
		add(e.from(ahead, reading, stepAt(id)+".skip"))
	}
	for i, c := range step.Choices {
		if c.Exit != "" {
			continue
		}
		onward := ahead
		if c.Path != "" {
			onward = f.Paths[c.Path]
		}
		add(e.from(slices.Concat(c.Pages, onward), reading, choiceAt(id, i)))
	}
	sum.steps[id] = true
	sum.questions += own.questions
	sum.answers += own.answers
	return sum
}

// dangerFirst: whoever writes of somebody is asked about danger before anything else. Professionals are not in it
// themselves, and who only wants to ask is asked nothing.
func (l *linter) dangerFirst() {
	f := &l.d.Flow
	first := f.Steps[f.First]
	if first.asksDanger() {
		return
	}
	for i, c := range first.Choices {
		if c.Path == "" || slices.Contains(f.Professionals, c.Path) {
			continue
		}
		for _, id := range f.Paths[c.Path] {
			step := f.Steps[id]
			if step.Kind == Page {
				continue
			}
			if step.question() && !step.asksDanger() {
				l.wrong(choiceAt(
					f.First, i), "asks «%s» before anything about danger: begin the path with a question that has a choice of priority 0", id)
			}
			break
		}
	}
}

func (s *Step) asksDanger() bool {
	return slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.Priority != nil && *c.Priority == 0 })
}

// professional says of which steps none but professionals see them.
func (f *Flow) professional() map[string]bool {
	seen := map[string]bool{}
	var follow func(id string)
	follow = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		for _, c := range f.Steps[id].Choices {
			for _, page := range c.Pages {
				follow(page)
			}
			if c.Path != "" && !slices.Contains(f.Professionals, c.Path) {
				for _, next := range f.Paths[c.Path] {
					follow(next)
				}
			}
		}
	}
	follow(f.First)
	only := map[string]bool{}
	for id := range f.Steps {
		if !seen[id] {
			only[id] = true
		}
	}
	return only
}
