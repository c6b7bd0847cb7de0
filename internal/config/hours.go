package config

import (
	"fmt"
	"os"

	"github.com/utvag/utvag/intake/hours"
)

// HoursOf takes a kommun's hours out of a configuration whose other files need not be on this machine.
func HoursOf(file, kommun string) (*hours.Hours, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the configuration %s cannot be read: %s", file, WithoutPath(err))
	}
	config, s := decode(file, text)
	if config == nil || len(s.mistakes) > 0 {
		return nil, s.sorted()
	}
	for i := range config.Kommuner {
		k := &config.Kommuner[i]
		if k.ID != kommun {
			continue
		}
		if k.Hours == nil {
			return nil, fmt.Errorf("%s has no hours for %s: leave --config out", file, kommun)
		}
		var found Kommun
		s.checkHours(index("kommuner", i), k, &found)
		if len(s.mistakes) > 0 {
			return nil, s.sorted()
		}
		return found.Hours, nil
	}
	return nil, fmt.Errorf("%s has no kommun «%s», which the log is of", file, kommun)
}
