package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this very test binary as utvag, so that what they judge is main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"utvag": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			request, err := enrolmentRequest("vidby", "Sara")
			if err != nil {
				return err
			}
			return os.WriteFile(e.WorkDir+"/sara.txt", request, 0o600)
		},
	})
}
