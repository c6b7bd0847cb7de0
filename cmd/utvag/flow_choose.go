package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/intake/number"
)

// shown is a flow as visitors of one kommun would meet it.
type shown struct {
	flow   *flow.Flow
	tenant *tenant
	facts  i18n.Facts
}

// chooseFlows reads and judges the flows of a configuration, one flow by itself, or that of the release. Of a
// configuration it looks at nothing else, so that who writes the questions needs neither keys nor certificates.
func chooseFlows(t terminal, config, file, words string) ([]shown, error) {
	if config != "" && (file != "" || words != "") {
		return nil, fmt.Errorf("%w: name either --config or a flow", errUsage)
	}
	for _, name := range []string{file, words} {
		if _, err := os.Stat(name); name != "" && err != nil {
			return nil, fmt.Errorf("%w: %s cannot be read: %s", errUsage, name, plain(err))
		}
	}
	kommuner := []KommunConfig{{Name: "Vidby kommun", Flow: file, Words: words,
		Retention: RetentionConfig{Live: "24h", Message: "7d"}}}
	s := &source{file: "", lines: map[string]int{}, inMemory: true}
	if config != "" {
		text, err := os.ReadFile(config)
		if err != nil {
			return nil, mistakes{{config, 1, "the configuration cannot be read: " + plain(err)}}
		}
		read, found := decode(config, text)
		if len(found.mistakes) > 0 {
			return nil, found.sorted()
		}
		kommuner, s = read.Kommuner, found
	}
	var all []shown
	for i := range kommuner {
		k, at := &kommuner[i], index("kommuner", i)
		here := &tenant{id: k.ID, name: k.Name, slots: k.Slots, links: k.Links}
		if config != "" {
			s.checkLanguages(at, k, here)
			s.checkNumbers(at, k, here)
			s.checkClaims(at, k, here, t.now())
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
		facts := i18n.Facts{Claims: claims.Holding(here.vouches, t.now())}
		for name := range k.Slots {
			facts.Slots = append(facts.Slots, name)
		}
		if config == "" {
			for _, id := range number.NationalIDs {
				n, _ := number.National(id)
				here.numbers = append(here.numbers, n)
			}
		}
		for _, n := range number.Current(here.numbers, t.now()) {
			facts.Numbers = append(facts.Numbers, n.ID)
		}
		slices.Sort(facts.Slots)
		all = append(all, shown{&document.Flow, here, facts})
	}
	if len(s.mistakes) > 0 {
		return nil, flowRefused{s.sorted()}
	}
	return all, nil
}
