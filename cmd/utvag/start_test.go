package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/utvag/utvag/internal/redistest"
)

// After a power cut Redis may come up after the server. Status 2 tells the unit never to try again, and the door would
// stay shut.
func TestServeIsTriedAgainWhereRedisIsNotThereYet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		redis func() string
		code  int
		says  string
	}{
		"nobody answers": {func() string { return "unix://" + filepath.Join(t.TempDir(), "redis.sock") }, 1,
			"did not answer"},
		"a wrong password": {func() string { return strings.Replace(redistest.Start(t), "://", "://nobody:wrong@", 1) }, 2,
			"WRONGPASS"},
	} {
		s := prepare(t, c.redis())
		out, err := s.command(t).CombinedOutput()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || ended.ExitCode() != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: %v, want status %d\n%s", name, err, c.code, out)
		}
	}
}
