package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/utvag/utvag/i18n/legible"
)

// Bounds on what is read. Swedish is short; the same sentence takes more words in other languages.
const (
	maxWords, maxWordsElsewhere = 14, 19
	maxLIX, maxLIXProfessional  = 25.0, 28.0
)

// long may have more words in a sentence; each with its reason.
var long = map[string]string{
	"minor.p2": "the condition and what follows from it belong together: halved, each half promises too much",
}

// fillable are the placeholders that the page fills in any sentence of the flow.
var fillable = []string{"kommun", "hours", "days"}

// emergencyBar stands on every screen, put there by the page and not by the flow.
const emergencyBar = "danger.bar"

// use is one place where the flow names a text.
type use struct {
	path, key string
	// asks is true for what belongs to a question: its heading, its help and its answers.
	asks         bool
	professional bool
}

func (f *Flow) uses() []use {
	only := f.professional()
	var all []use
	for _, id := range slices.Sorted(maps.Keys(f.Steps)) {
		s := f.Steps[id]
		add := func(path, key string, asks bool) {
			if key != "" {
				all = append(all, use{path, key, asks, only[id]})
			}
		}
		add(stepAt(id)+".ask", s.Ask, s.question())
		add(stepAt(id)+".help", s.Help, s.question())
		for i, key := range s.Texts {
			add(stepAt(id)+".texts["+itoa(i)+"]", key, false)
		}
		for i, link := range s.Links {
			add(stepAt(id)+".links["+itoa(i)+"]", "link."+link, false)
		}
		for i, c := range s.Choices {
			add(choiceAt(id, i)+".key", c.Key, s.question())
		}
	}
	return all
}

// text is what the visitor reads: the kommun's words, where it has some.
func (l *linter) text(tag, key string) string {
	if l.w != nil {
		if own, ok := l.w.Texts[tag][key]; ok {
			return own
		}
	}
	return l.b.Text(tag, key)
}

// wrongText notes what is wrong with a text where it was written: in the kommun's words, or where the flow names it.
func (l *linter) wrongText(at use, tag, key, format string, args ...any) {
	if l.w != nil {
		if _, ok := l.w.Texts[tag][key]; ok {
			l.w.wrong(tag+"."+key, format, args...)
			return
		}
	}
	l.wrong(at.path, "«%s» in %s: %s", key, tag, fmt.Sprintf(format, args...))
}

func (l *linter) texts() {
	uses := l.d.Flow.uses()
	for _, tag := range l.b.Languages {
		if !strings.Contains(l.text(tag, emergencyBar), "112") {
			l.wrong("", "a screen without 112: «%s» in %s does not name it", emergencyBar, tag)
		}
		for _, u := range uses {
			for key := u.key; key != ""; {
				l.sentence(u, tag, key)
				key, _ = l.b.Tied(key)
			}
		}
	}
	l.lix(uses)
}

func (l *linter) sentence(u use, tag, key string) {
	text := l.text(tag, key)
	if text == "" {
		if !slices.ContainsFunc(l.b.Languages, func(other string) bool { return l.text(other, key) != "" }) {
			l.wrong(u.path, "unknown key «%s»: there is no such text", key)
		} else {
			l.wrong(u.path, "«%s» has no text in %s", key, tag)
		}
		return
	}
	for _, name := range placeholders(text) {
		if !slices.Contains(fillable, name) {
			l.wrongText(u, tag, key, "nothing fills {%s} here: known are %s", name, strings.Join(fillable, ", "))
		}
	}
	most := maxWordsElsewhere
	if tag == "sv" {
		most = maxWords
	}
	for _, sentence := range legible.Sentences(text) {
		if count, _ := legible.Count(sentence); count > most && long[key] == "" {
			l.wrongText(u, tag, key, "a sentence of %d words, at most %d: «%s»", count, most, strings.TrimSpace(sentence))
		}
	}
	if topic := neverAsked(tag, text); u.asks && topic != nil {
		l.wrongText(u, tag, key, "asks about %s («%s»), which is never asked here: %s", topic.name, topic.found(tag, text),
			topic.why)
	}
}

// lix measures what everybody may come to read, and what professionals alone do. It names the text that is hardest.
func (l *linter) lix(uses []use) {
	for _, part := range []struct {
		professional bool
		most         float64
		who          string
	}{{false, maxLIX, "visitors"}, {true, maxLIXProfessional, "professionals"}} {
		var texts []string
		var hardest use
		worst := 0.0
		seen := map[string]bool{}
		for _, u := range uses {
			text := l.text("sv", u.key)
			if u.professional != part.professional || seen[u.key] || text == "" {
				continue
			}
			seen[u.key] = true
			texts = append(texts, text)
			words, over := 0, 0
			for _, sentence := range legible.Sentences(text) {
				w, o := legible.Count(sentence)
				words, over = words+w, over+o
			}
			// A label of one long word is hard by the formula alone.
			if weight := float64(over) + float64(words)/10; weight > worst {
				hardest, worst = u, weight
			}
		}
		if lix := legible.LIX(texts...); len(texts) > 0 && lix > part.most {
			l.wrongText(hardest, "sv", hardest.key,
				"what %s read has LIX %.0f, at most %.0f: use shorter words and sentences, first of all here", part.who, lix,
				part.most)
		}
	}
}

// placeholders lists the names in braces.
func placeholders(text string) []string {
	var names []string
	for _, match := range slot.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
