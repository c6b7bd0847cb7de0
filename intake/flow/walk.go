package flow

import (
	"errors"
	"fmt"
	"slices"
)

// Answers are the chosen keys by step; an empty list means skipped.
type Answers map[string][]string

// Place is where somebody is, which their answers alone decide.
type Place struct {
	// Trail is the steps that are done, in order.
	Trail []string
	// Step is the one to show; "" once an exit was chosen.
	Step string
	Exit string
}

// Skipped is what a skipped question is sent as.
const Skipped = "common.skip"

var errEndless = errors.New("the flow ends without an exit")

// Walk follows the answers as far as they lead. An answer that the flow does not know counts as none.
func (f *Flow) Walk(answers Answers) (Place, error) {
	ahead := []string{f.First}
	var place Place
	for {
		if len(ahead) == 0 || len(place.Trail) > maxSteps {
			return place, errEndless
		}
		id := ahead[0]
		step, ok := f.Steps[id]
		if !ok {
			return place, fmt.Errorf("the flow has no step %s", id)
		}
		chosen, ok := step.chosen(answers[id])
		if _, given := answers[id]; !given || !ok {
			place.Step = id
			return place, nil
		}
		place.Trail = append(place.Trail, id)
		ahead = ahead[1:]
		var pages []string
		for _, choice := range chosen {
			if choice.Exit != "" {
				place.Exit = choice.Exit
				return place, nil
			}
			if choice.Path != "" {
				ahead = f.Paths[choice.Path]
			}
			pages = append(pages, choice.Pages...)
		}
		ahead = slices.Concat(pages, ahead)
	}
}

// chosen finds the choices with these keys, in their order.
func (s *Step) chosen(keys []string) ([]Choice, bool) {
	choices := make([]Choice, 0, len(keys))
	for _, key := range keys {
		i := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.Key == key })
		if i < 0 {
			return nil, false
		}
		choices = append(choices, s.Choices[i])
	}
	return choices, true
}

// Back returns the answers without the latest one; false at the first question.
func (f *Flow) Back(answers Answers) (Answers, bool) {
	place, err := f.Walk(answers)
	if err != nil || len(place.Trail) == 0 {
		return answers, false
	}
	rest := make(Answers, len(answers))
	for id, keys := range answers {
		rest[id] = keys
	}
	delete(rest, place.Trail[len(place.Trail)-1])
	return rest, true
}

// Pairs are what is sent: the question's name and an answer, once for each answer, in the order asked.
func (f *Flow) Pairs(answers Answers) ([][2]string, error) {
	place, err := f.Walk(answers)
	if err != nil {
		return nil, err
	}
	pairs := [][2]string{}
	for _, id := range place.Trail {
		step := f.Steps[id]
		if !step.question() || step.Ask == "" {
			continue
		}
		if len(answers[id]) == 0 {
			pairs = append(pairs, [2]string{Name(step.Ask), Skipped})
		}
		for _, key := range answers[id] {
			pairs = append(pairs, [2]string{Name(step.Ask), key})
		}
	}
	return pairs, nil
}

// Of returns the priority of what was sent. Danger now holds against everything; that of professionals against the
// rest; then the most urgent answer counts. What is unknown or skipped raises nothing and hides nothing.
func (f *Flow) Of(pairs [][2]string) int {
	least, set := f.Priority, false
	professional := false
	for _, pair := range pairs {
		for _, step := range f.Steps {
			if !step.question() || Name(step.Ask) != pair[0] {
				continue
			}
			for _, choice := range step.Choices {
				if choice.Key != pair[1] || choice.Priority == nil {
					continue
				}
				professional = professional || *choice.Priority == 3
				if p := *choice.Priority; !set || p < least {
					least, set = p, true
				}
			}
		}
	}
	if professional && least > 0 {
		return 3
	}
	return least
}
