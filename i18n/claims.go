package i18n

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

//go:embed claims.json
var claimsFile []byte

// Condition says what a sentence hangs on: a safety claim, a slot with a value, or a telephone number that was verified
// within its time. Where it fails, Alt stands in its place; without Alt nothing does.
type Condition struct {
	Claim  string `json:"claim,omitempty"`
	Slot   string `json:"slot,omitempty"`
	Number string `json:"number,omitempty"`
	Alt    string `json:"alt,omitempty"`
}

// Conditions returns claims.json: by key of the sentence.
func Conditions() (map[string]Condition, error) { return conditions() }

var conditions = sync.OnceValues(func() (map[string]Condition, error) {
	var all map[string]Condition
	err := json.Unmarshal(claimsFile, &all)
	return all, err
})

// Facts are what holds for a kommun at the moment of rendering.
type Facts struct {
	Claims  []string
	Slots   []string
	Numbers []string
}

// Honest returns the key of the sentence that may stand in the place of key: itself where its condition holds, else its
// alternative, which may have a condition of its own. It returns "" where nothing may.
func Honest(key string, facts Facts) (string, error) {
	all, err := conditions()
	if err != nil {
		return "", err
	}
	// Each step goes to another key; a circle of alternatives ends as nothing.
	for range len(all) + 1 {
		condition, bound := all[key]
		if !bound || condition.holds(facts) {
			return key, nil
		}
		if condition.Alt == "" {
			return "", nil
		}
		key = condition.Alt
	}
	return "", nil
}

func (c Condition) holds(facts Facts) bool {
	return (c.Claim == "" || slices.Contains(facts.Claims, c.Claim)) &&
		(c.Slot == "" || slices.Contains(facts.Slots, c.Slot)) &&
		(c.Number == "" || slices.Contains(facts.Numbers, c.Number))
}
