package config

import (
	"slices"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/escalation"
)

// EscalationConfig is who is called, by which channel and when, while somebody waits. What is left out has the usual
// time.
type EscalationConfig struct {
	Steps []StepConfig `yaml:"steps"`
	// Fails is when an escalation has failed, counted from its beginning; two minutes after the last step if left out.
	Fails string `yaml:"fails"`
	// Claimed is how long the visitor of a claimed conversation waits for a word; 5m if left out.
	Claimed string `yaml:"claimed"`
	// Hold is how long a person's «I will answer» holds the escalation; 3m if left out.
	Hold string `yaml:"hold"`
	// Again is when the next begins after one that failed; 10m if left out.
	Again string `yaml:"again"`
}

// StepConfig is one call.
type StepConfig struct {
	Who   string `yaml:"who"`
	By    string `yaml:"by"`
	After string `yaml:"after"`
}

// checkEscalation reads a kommun's policy, or makes the usual one of the channels that there are.
func (s *source) checkEscalation(at string, k *KommunConfig, set *Channels, t *Kommun) {
	for _, alias := range k.Operators {
		if _, known := k.People[alias]; !known {
			s.wrong(at+".operators", "«%s» is not among people: name them there with an address", alias)
		}
	}
	t.Operators = k.Operators
	var channels []string
	for _, name := range alarm.Names {
		if set.Has(name) {
			channels = append(channels, string(name))
		}
	}
	if k.Escalation == nil {
		t.Escalation = escalation.Default(usual(channels, alarm.Push, alarm.Ntfy, alarm.Webhook, alarm.Mail),
			usual(channels, alarm.SMS, alarm.Voice))
		return
	}
	at += ".escalation"
	read := func(field, text string) time.Duration {
		if text == "" || text == "0s" {
			return 0
		}
		d, err := ParseDuration(text)
		if err != nil {
			s.wrong(at+"."+field, "not a time such as 20s or 3m")
		}
		return d
	}
	spec := escalation.Spec{
		Fails: read("fails", k.Escalation.Fails), Claimed: read("claimed", k.Escalation.Claimed), Hold: read("hold",
			k.Escalation.Hold), Again: read("again", k.Escalation.Again),
	}
	for i, step := range k.Escalation.Steps {
		spec.Steps = append(spec.Steps,
			escalation.Call{Who: escalation.Who(step.Who), By: step.By, After: read(index("steps", i)+".after", step.After)})
	}
	made, faults := escalation.New(spec, channels)
	for _, fault := range faults {
		s.wrong(at+"."+fault.At, "%s", fault.Problem)
	}
	t.Escalation = made
}

// usual is the first of these channels that there is, or "".
func usual(channels []string, wanted ...alarm.Name) string {
	for _, name := range wanted {
		if slices.Contains(channels, string(name)) {
			return string(name)
		}
	}
	return ""
}
