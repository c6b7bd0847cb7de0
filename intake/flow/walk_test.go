package flow_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/flow"
	"github.com/utvag/utvag/intake/flow/internal/walks"
)

func shipped(t testing.TB) *flow.Flow {
	t.Helper()
	return &flow.Shipped().Flow
}

func own(t testing.TB) (*flow.Document, *flow.Words) {
	t.Helper()
	return flow.Read(read(t, "testdata/own.yaml")), flow.ReadWords(read(t, "testdata/own.words.yaml"))
}

func TestAKommunsOwnIsRight(t *testing.T) {
	d, w := own(t)
	inFlow, inWords := flow.Lint(d, w, book(t))
	for _, line := range slices.Concat(said("own.yaml", inFlow), said("own.words.yaml", inWords)) {
		t.Error(line)
	}
}

// What TypeScript reads is made from the flow; `go generate ./intake/flow` writes both files anew.
func TestWhatThePagesReadIsCurrent(t *testing.T) {
	plain, err := shipped(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, read(t, "../../web/src/flow/shipped.gen.json")); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(plain, compact.Bytes()) {
		t.Error("web/src/flow/shipped.gen.json is not what flow.yaml says: run go generate ./intake/flow")
	}
	d, _ := own(t)
	vectors, err := walks.Vectors(shipped(t), &d.Flow)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(vectors, read(t, "testdata/walks.json")) {
		t.Error("testdata/walks.json is old: run go generate ./intake/flow")
	}
}

// Whatever is tapped, there is a next screen or an exit; nobody is asked more than nine questions or reads two pages in
// a row; and going back is not having answered.
func TestEveryWayLeadsOut(t *testing.T) {
	d, _ := own(t)
	for name, f := range map[string]*flow.Flow{"shipped": shipped(t), "own": &d.Flow} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2000) {
				chance := rand.New(rand.NewPCG(seed, 7))
				answers := flow.Answers{}
				for {
					place, err := f.Walk(answers)
					if err != nil {
						t.Fatal(err)
					}
					if place.Exit != "" {
						judge(t, f, place)
						break
					}
					if before, ok := f.Back(answers); ok {
						if again, err := f.Walk(before); err != nil || again.Step != place.Trail[len(place.Trail)-1] {
							t.Fatalf("back from %s leads to %s: %v", place.Step, again.Step, err)
						}
					}
					step := f.Steps[place.Step]
					chosen := []string{}
					if !step.Skip || chance.IntN(4) > 0 {
						chosen = append(chosen, step.Choices[chance.IntN(len(step.Choices))].Key)
					}
					answers[place.Step] = chosen
				}
				pairs, err := f.Pairs(answers)
				if p := f.Of(pairs); err != nil || p < 0 || p > 3 || len(pairs) > 32 {
					t.Fatalf("priority %d of %v: %v", p, pairs, err)
				}
			}
		})
	}
}

func judge(t *testing.T, f *flow.Flow, place flow.Place) {
	questions, pages := 0, 0
	for _, id := range place.Trail {
		if f.Steps[id].Kind == flow.Page {
			pages++
		} else {
			questions, pages = questions+1, 0
		}
		if pages > 1 {
			t.Fatalf("two pages in a row: %v", place.Trail)
		}
	}
	// The channel is not on the trail once it has led out.
	if questions > 9 {
		t.Fatalf("%d questions: %v", questions, place.Trail)
	}
}

func TestPriority(t *testing.T) {
	f := shipped(t)
	for name, c := range map[string]struct {
		pairs string
		want  int
	}{
		"danger now, of a professional":           {"who who.pro, dng dng.now", 0},
		"a professional about somebody under 18":  {"who who.pro, rel.age common.yes", 3},
		"somebody under 15":                       {"who who.self, age age.u15", 1},
		"skipped":                                 {"who who.self, dng common.skip", 2},
		"what this flow does not know":            {"who who.self, own.x own.x.y", 2},
		"an answer to another question is no age": {"rel.aware common.yes", 2},
	} {
		var pairs [][2]string
		for pair := range strings.SplitSeq(c.pairs, ", ") {
			question, answer, _ := strings.Cut(pair, " ")
			pairs = append(pairs, [2]string{question, answer})
		}
		if got := f.Of(pairs); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A release in which the bar on every screen lost its number, or a language a sentence, is refused as well.
func TestTheReleasesOwnTextsAreJudged(t *testing.T) {
	for key, want := range map[string]string{
		"danger.bar": "a screen without 112: «danger.bar» in en does not name it",
		"rel.child":  "steps.rel.choices[0].key: «rel.child» has no text in en",
	} {
		b := book(t)
		text := b.Text
		b.Text = func(tag, k string) string {
			if tag == "en" && k == key {
				return ""
			}
			return text(tag, k)
		}
		found, _ := flow.Lint(flow.Read(read(t, "flow.yaml")), nil, b)
		if len(found) != 1 || found[0].Text != want {
			t.Errorf("%s: %v", key, found)
		}
	}
}
