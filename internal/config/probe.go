package config

import (
	"os"

	"github.com/utvag/utvag/intake/probe"
)

// checkProbe reads the public half of the probe key: the server has no use for the other.
func (s *source) checkProbe(at string, k *KommunConfig, t *Kommun) {
	if k.ProbeKeyFile == "" {
		return
	}
	t.ProbeKeyFile = s.path(k.ProbeKeyFile)
	text, err := os.ReadFile(t.ProbeKeyFile + ".pub")
	if err != nil {
		s.wrong(at+".probe_key_file", "its public half %s.pub cannot be read: %s. Make both with `utvag probe --new-key`",
			t.ProbeKeyFile, WithoutPath(err))
		return
	}
	if t.ProbeKey, err = probe.Public(string(text), k.ID); err != nil {
		s.wrong(at+".probe_key_file", "%s.pub: %v", t.ProbeKeyFile, err)
	}
}
