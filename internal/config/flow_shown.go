package config

import (
	"os"
	"slices"
	"time"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/intake/number"
)

// FlowMistakes is everything that is wrong with a flow, where that was all that was asked.
type FlowMistakes struct{ Mistakes }

// ShownFlow is a flow as visitors of one kommun would meet it.
type ShownFlow struct {
	Flow      *flow.Flow
	Kommun    *Kommun
	Facts     i18n.Facts
	Languages []string // that it may be read in
}

// LoadFlows reads and judges the flows of a configuration, or where config is empty one flow by itself with words to
// it, or that of the release. Of a configuration it looks at nothing else, so that who writes the questions needs
// neither keys nor certificates. The error is FlowMistakes, or Mistakes where the configuration cannot be read at all.
func LoadFlows(config, file, words string, now time.Time) ([]ShownFlow, error) {
	kommuner := []KommunConfig{{Name: "Vidby kommun", Flow: file, Words: words,
		Retention: RetentionConfig{Live: "24h", Message: "7d"}}}
	s := &source{file: "", lines: map[string]int{}, inMemory: true}
	if config != "" {
		text, err := os.ReadFile(config)
		if err != nil {
			return nil, Mistakes{{config, 1, "the configuration cannot be read: " + WithoutPath(err)}}
		}
		read, found := decode(config, text)
		if len(found.mistakes) > 0 {
			return nil, found.sorted()
		}
		kommuner, s = read.Kommuner, found
	}
	var all []ShownFlow
	for i := range kommuner {
		k, at := &kommuner[i], index("kommuner", i)
		here := &Kommun{ID: k.ID, Name: k.Name, Slots: k.Slots, Links: k.Links}
		if config != "" {
			s.checkLanguages(at, k, here)
			s.checkNumbers(at, k, here)
			s.checkClaims(at, k, here, now)
		}
		s.checkRetention(at+".retention", k.Retention, here)
		s.checkFlow(at, k, here)
		if len(s.mistakes) > 0 {
			continue
		}
		document := flow.Shipped()
		if k.Flow != "" {
			text, err := os.ReadFile(s.path(k.Flow))
			if err != nil {
				return nil, err
			}
			document = flow.Read(text)
		}
		facts := i18n.Facts{Claims: claims.Holding(here.Vouches, now)}
		for name := range k.Slots {
			facts.Slots = append(facts.Slots, name)
		}
		if config == "" {
			for _, id := range number.NationalIDs {
				n, _ := number.National(id)
				here.Numbers = append(here.Numbers, n)
			}
		}
		for _, n := range number.Current(here.Numbers, now) {
			facts.Numbers = append(facts.Numbers, n.ID)
		}
		slices.Sort(facts.Slots)
		all = append(all, ShownFlow{&document.Flow, here, facts, bookOf(here).Languages})
	}
	if len(s.mistakes) > 0 {
		return nil, FlowMistakes{s.sorted()}
	}
	return all, nil
}
