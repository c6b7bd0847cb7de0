// Package walks makes walks through a flow that nobody planned, for the two programs that walk it to agree on.
package walks

import (
	"encoding/json"
	"math/rand/v2"

	"github.com/utvag/utvag/intake/flow"
)

// Walk is one visitor, from the first question to wherever they stopped.
type Walk struct {
	Answers  flow.Answers `json:"answers"`
	Trail    []string     `json:"trail"`
	Step     string       `json:"step,omitempty"`
	Exit     string       `json:"exit,omitempty"`
	Pairs    [][2]string  `json:"pairs"`
	Priority int          `json:"priority"`
}

// File is walks through one flow.
type File struct {
	Flow  *flow.Flow `json:"flow"`
	Walks []Walk     `json:"walks"`
}

// Through makes n walks. The same seed makes the same walks.
func Through(f *flow.Flow, n int, seed uint64) ([]Walk, error) {
	chance := rand.New(rand.NewPCG(seed, 1))
	walks := make([]Walk, 0, n)
	for range n {
		answers := flow.Answers{}
		for steps := chance.IntN(14); ; steps-- {
			place, err := f.Walk(answers)
			if err != nil {
				return nil, err
			}
			if place.Exit != "" || steps <= 0 {
				walk, err := describe(f, answers, place)
				if err != nil {
					return nil, err
				}
				walks = append(walks, walk)
				break
			}
			switch {
			case chance.IntN(6) == 0:
				// Somebody goes back, and what they had answered is forgotten.
				answers, _ = f.Back(answers)
			case chance.IntN(8) == 0 && len(place.Trail) > 0:
				// Somebody answers an earlier question again.
				again := place.Trail[chance.IntN(len(place.Trail))]
				answers[again] = some(f.Steps[again], chance)
			case chance.IntN(20) == 0:
				answers[place.Step] = []string{"no.such"}
			default:
				answers[place.Step] = some(f.Steps[place.Step], chance)
			}
		}
	}
	return walks, nil
}

// some answers a step: one choice, several in the order of the flow, or none where it can be skipped.
func some(step flow.Step, chance *rand.Rand) []string {
	keys := []string{}
	if step.Skip && chance.IntN(5) == 0 {
		return keys
	}
	if step.Kind != flow.Many {
		return append(keys, step.Choices[chance.IntN(len(step.Choices))].Key)
	}
	for _, choice := range step.Choices {
		if chance.IntN(3) == 0 {
			keys = append(keys, choice.Key)
		}
	}
	return keys
}

func describe(f *flow.Flow, answers flow.Answers, place flow.Place) (Walk, error) {
	pairs, err := f.Pairs(answers)
	if err != nil {
		return Walk{}, err
	}
	trail := place.Trail
	if trail == nil {
		trail = []string{}
	}
	return Walk{Answers: answers, Trail: trail, Step: place.Step, Exit: place.Exit, Pairs: pairs,
		Priority: f.Of(pairs)}, nil
}

// Vectors is the file of walks that both programs read.
func Vectors(flows ...*flow.Flow) ([]byte, error) {
	files := make([]File, 0, len(flows))
	for i, f := range flows {
		walks, err := Through(f, 150, uint64(i)+1)
		if err != nil {
			return nil, err
		}
		files = append(files, File{f, walks})
	}
	text, err := json.MarshalIndent(files, "", " ")
	return append(text, '\n'), err
}
