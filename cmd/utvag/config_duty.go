package main

import (
	"slices"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/web"
)

// DutyConfig is what a kommun asks of whoever is on duty. None of it forbids anything. What is left out is as usual.
type DutyConfig struct {
	// AtOnce is how many conversations one person should have at once, 1 to 5; 2 if left out.
	AtOnce string `yaml:"at_once"`
	// LastStart is how long before closing no conversation should be begun any more, 5m to 3h, or off; 25m if left out.
	LastStart string `yaml:"last_start"`
	// Breaks are the lengths that are offered after a hard conversation, whole minutes, the shortest first; 10m, 20m, 30m
	// and 60m if left out.
	Breaks []string `yaml:"breaks"`
}

// dutySetup is what a kommun asks of whoever is on duty, checked. Without lastStart a conversation may be begun until
// closing.
type dutySetup struct {
	atOnce    int
	lastStart time.Duration
	breaks    []time.Duration
}

// usualDuty follows how long such conversations are, and what colleagues elsewhere have found that one person can bear.
var usualDuty = dutySetup{atOnce: 2, lastStart: 25 * time.Minute,
	breaks: []time.Duration{10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour}}

const (
	mostAtOnce = 5
	mostBreaks = 6
)

func (s *source) checkDuty(at string, k *KommunConfig, t *tenant) {
	t.duty = usualDuty
	if k.Duty == nil {
		return
	}
	at += ".duty"
	if k.Duty.AtOnce != "" {
		n, err := strconv.Atoi(k.Duty.AtOnce)
		if err != nil || n < 1 || n > mostAtOnce {
			s.wrong(at+".at_once", "write 1 to %d: how many conversations one person should have at once", mostAtOnce)
		}
		t.duty.atOnce = n
	}
	switch before := k.Duty.LastStart; before {
	case "":
	case "off":
		t.duty.lastStart = 0
	default:
		d, err := parseDuration(before)
		if err != nil || d < 5*time.Minute || d > 3*time.Hour {
			s.wrong(at+".last_start", "write 5m to 3h before closing, or off")
		}
		t.duty.lastStart = d
	}
	if len(k.Duty.Breaks) == 0 {
		return
	}
	if len(k.Duty.Breaks) > mostBreaks {
		s.wrong(at+".breaks", "%d lengths, at most %d: they are buttons", len(k.Duty.Breaks), mostBreaks)
	}
	t.duty.breaks = nil
	for i, text := range k.Duty.Breaks {
		d, err := parseDuration(text)
		switch here := index(at+".breaks", i); {
		case err != nil || d%time.Minute != 0 || d > chat.LongestPause*time.Minute:
			s.wrong(here, "write whole minutes, 1m to %dm", chat.LongestPause)
		case len(t.duty.breaks) > 0 && d <= slices.Max(t.duty.breaks):
			s.wrong(here, "write each length once, the shortest first")
		default:
			t.duty.breaks = append(t.duty.breaks, d)
		}
	}
}

// page is what the console has to know of it; what depends on the hour comes from the relay.
func (d dutySetup) page() *web.DutyRules {
	rules := &web.DutyRules{AtOnce: d.atOnce}
	for _, length := range d.breaks {
		rules.Breaks = append(rules.Breaks, int(length/time.Minute))
	}
	return rules
}
