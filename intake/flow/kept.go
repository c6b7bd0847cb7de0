package flow

import (
	"maps"
	"slices"
)

// reported is the sentence that professionals read before they write: the chat is no report of concern, and they may
// have to make one.
const reported = "pro.p2"

// promise is what the flow that ships attaches to an answer, and no other flow takes away.
type promise struct {
	priority *int
	texts    []string
	call     []string
}

// kept holds a flow to what the one that ships does with the same answers: nobody becomes less urgent, and nobody is
// told less.
func (l *linter) kept() {
	base := Shipped()
	promises := base.Flow.promises()
	f := &l.d.Flow
	l.leaves(base.Flow.exits())
	only := f.professional()
	for _, id := range slices.Sorted(maps.Keys(f.Steps)) {
		step := f.Steps[id]
		if !step.question() || only[id] {
			continue
		}
		for i := range step.Choices {
			c := &step.Choices[i]
			p, ok := promises[Name(step.Ask)+" "+c.Key]
			if !ok {
				continue
			}
			if p.priority != nil && *p.priority < 2 && (c.Priority == nil || *c.Priority > *p.priority) {
				l.wrong(choiceAt(id, i), "priority %d is the least urgent that «%s» may have", *p.priority, c.Key)
			}
			texts, call := f.following(c)
			for _, key := range p.texts {
				if !slices.Contains(texts, key) {
					l.wrong(choiceAt(id, i), "the page after «%s» must say «%s»", c.Key, key)
				}
			}
			for _, number := range p.call {
				if !slices.Contains(call, number) {
					l.wrong(choiceAt(id, i), "the page after «%s» must have «call: [%s]»", c.Key, number)
				}
			}
		}
	}
	for _, name := range f.Professionals {
		if !slices.ContainsFunc(f.Paths[name], func(id string) bool { return slices.Contains(f.Steps[id].Texts, reported) }) {
			l.wrong("paths."+name, "professionals must be told «%s»", reported)
		}
	}
}

// leaves holds buttons to what they say: one that says that it only stops must not open a conversation, nor the other
// way round.
func (l *linter) leaves(exits map[string]string) {
	f := &l.d.Flow
	for _, id := range slices.Sorted(maps.Keys(f.Steps)) {
		for i, c := range f.Steps[id].Choices {
			if exit, ok := exits[c.Key]; ok && c.Exit != exit {
				l.wrong(choiceAt(id, i), "«%s» says where it leads: write «exit: %s»", c.Key, exit)
			}
		}
	}
}

// exits is where each button that leaves the flow leads, by its key.
func (f *Flow) exits() map[string]string {
	all := map[string]string{}
	for _, step := range f.Steps {
		for _, c := range step.Choices {
			if c.Exit != "" {
				all[c.Key] = c.Exit
			}
		}
	}
	return all
}

func (f *Flow) promises() map[string]promise {
	only := f.professional()
	all := map[string]promise{}
	for id, step := range f.Steps {
		if !step.question() || only[id] {
			continue
		}
		for i := range step.Choices {
			c := &step.Choices[i]
			texts, call := f.following(c)
			all[Name(step.Ask)+" "+c.Key] = promise{c.Priority, texts, call}
		}
	}
	return all
}

// following is what is read and called right after a choice.
func (f *Flow) following(c *Choice) (texts, call []string) {
	for _, id := range c.Pages {
		texts = append(texts, f.Steps[id].Texts...)
		call = append(call, f.Steps[id].Call...)
	}
	return texts, call
}
