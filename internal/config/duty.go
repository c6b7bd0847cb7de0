package config

import (
	"slices"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
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

// Duty is what a kommun asks of whoever is on duty, checked. Without lastStart a conversation may be begun until
// closing.
type Duty struct {
	AtOnce    int
	LastStart time.Duration
	Breaks    []time.Duration
}

// UsualDuty follows how long such conversations are, and what colleagues elsewhere have found that one person can bear.
var UsualDuty = Duty{AtOnce: 2, LastStart: 25 * time.Minute,
	Breaks: []time.Duration{10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour}}

const (
	maxAtOnce = 5
	maxBreaks = 6
)

func (s *source) checkDuty(at string, k *KommunConfig, t *Kommun) {
	t.Duty = UsualDuty
	if k.Duty == nil {
		return
	}
	at += ".duty"
	if k.Duty.AtOnce != "" {
		n, err := strconv.Atoi(k.Duty.AtOnce)
		if err != nil || n < 1 || n > maxAtOnce {
			s.wrong(at+".at_once", "write 1 to %d: how many conversations one person should have at once", maxAtOnce)
		}
		t.Duty.AtOnce = n
	}
	switch before := k.Duty.LastStart; before {
	case "":
	case "off":
		t.Duty.LastStart = 0
	default:
		d, err := ParseDuration(before)
		if err != nil || d < 5*time.Minute || d > 3*time.Hour {
			s.wrong(at+".last_start", "write 5m to 3h before closing, or off")
		}
		t.Duty.LastStart = d
	}
	if len(k.Duty.Breaks) == 0 {
		return
	}
	if len(k.Duty.Breaks) > maxBreaks {
		s.wrong(at+".breaks", "%d lengths, at most %d: they are buttons", len(k.Duty.Breaks), maxBreaks)
	}
	t.Duty.Breaks = nil
	for i, text := range k.Duty.Breaks {
		d, err := ParseDuration(text)
		switch here := index(at+".breaks", i); {
		case err != nil || d%time.Minute != 0 || d > chat.LimitPauseMinutes*time.Minute:
			s.wrong(here, "write whole minutes, 1m to %dm", chat.LimitPauseMinutes)
		case len(t.Duty.Breaks) > 0 && d <= slices.Max(t.Duty.Breaks):
			s.wrong(here, "write each length once, the shortest first")
		default:
			t.Duty.Breaks = append(t.Duty.Breaks, d)
		}
	}
}
