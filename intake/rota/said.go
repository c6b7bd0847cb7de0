package rota

import (
	"strings"

	"github.com/utvag/utvag/intake/roster"
)

// What an event says stands in its SUMMARY:
//
//	first: Sara          Sara's shift (also second:, lead:)
//	swap: Sara > Amir    Amir has each shift of Sara's within this time
//	off: Sara            Sara has none within it
//	open: what for       opening hours; the colon and what stands after it are for people
//	closed: why          no opening hours
//
// Or it is an alias alone, and one of its CATEGORIES is first, second or lead.
type saying struct {
	word   word
	alias  string // of a shift, or whose shifts change
	to     string // who has them instead
	reason string // why nothing of this was understood
}

type word string

const (
	wordSwap   word = "swap"
	wordOff    word = "off"
	wordOpen   word = "open"
	wordClosed word = "closed"
)

// words are what may stand before the colon, in English and in Swedish.
var words = map[string]word{
	"first": word(First), "första": word(First), "second": word(Second), "andra": word(Second), "lead": word(Lead),
	"ledare": word(Lead),
	"swap":   wordSwap, "byte": wordSwap, "off": wordOff, "ledig": wordOff, "open": wordOpen, "öppet": wordOpen,
	"closed": wordClosed, "stängt": wordClosed,
}

func (w word) level() (Level, bool) {
	p := Level(w)
	return p, p.rank() >= 0
}

const sayHow = "write first:, second: or lead: and an alias, swap: Sara > Amir, off: and an alias, open: or closed:"

func read(summary string, categories []string) saying {
	before, after, colon := strings.Cut(summary, ":")
	w, known := words[strings.ToLower(strings.TrimSpace(before))]
	if known && (w == wordOpen || w == wordClosed) {
		return saying{word: w}
	}
	if !colon || !known {
		for _, c := range categories {
			if p, ok := words[strings.ToLower(strings.TrimSpace(c))]; ok {
				if _, shift := p.level(); shift {
					return aliased(saying{word: p}, summary)
				}
			}
		}
		return saying{reason: sayHow}
	}
	s := saying{word: w}
	if w == wordSwap {
		from, to, ok := strings.Cut(strings.NewReplacer("->", ">", "→", ">").Replace(after), ">")
		if !ok {
			return saying{reason: "write whose shifts, and who has them instead: swap: Sara > Amir"}
		}
		s = aliased(s, from)
		if s.to = strings.TrimSpace(to); s.reason == "" {
			if err := roster.CheckAlias(s.to); err != nil {
				s.reason = err.Error()
			}
		}
		return s
	}
	return aliased(s, after)
}

func aliased(s saying, alias string) saying {
	s.alias = strings.TrimSpace(alias)
	if err := roster.CheckAlias(s.alias); err != nil {
		s.reason = err.Error()
	}
	return s
}
