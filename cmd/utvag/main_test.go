package main

import (
	"crypto/rand"
	"flag"
	"os"
	"testing"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/testkit"
)

// The scripts run this very test binary as utvag, so that what they judge is main.
func TestMain(m *testing.M) {
	testscript.Main(crowd{m}, map[string]func(){"utvag": func() {
		work = cheap
		main()
	}})
}

// cheap is what a try of a passphrase costs in tests, which know theirs.
const cheap = 10

// The scripts' keys are cheap; nobody else's are.
func TestATryOfAPassphraseCostsASecond(t *testing.T) {
	if work != 18 {
		t.Errorf("a team key is sealed with 2^%d, not 2^18", work)
	}
}

// crowd lets more tests run at a time than there are processors: most wait for a server of their own.
type crowd struct{ *testing.M }

func (c crowd) Run() int {
	flag.Parse()
	flag.Set("test.parallel", "6")
	return c.M.Run()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for file, alias := range map[string]string{"sara.txt": "Sara", "lena.txt": "Lena", "lena2.txt": "Lena"} {
				request, err := testkit.EnrolmentRequest("vidby", alias)
				if err != nil {
					return err
				}
				if err := os.WriteFile(e.WorkDir+"/"+file, request, 0o600); err != nil {
					return err
				}
			}
			for name, kommun := range map[string]string{"cheap.age": "vidby", "second.age": "vidby", "foreign.age": "annanby"} {
				if err := cheapKey(e.WorkDir+"/"+name, kommun); err != nil {
					return err
				}
			}
			return identities(e)
		},
	})
}

// identities writes two age identities and names the first one's recipient in RECIPIENT.
func identities(e *testscript.Env) error {
	for i, name := range []string{"identity.txt", "stranger.txt"} {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			return err
		}
		if i == 0 {
			e.Setenv("RECIPIENT", identity.Recipient().String())
		}
		if err := os.WriteFile(e.WorkDir+"/"+name, []byte("# a comment, as age-keygen writes\n"+identity.String()+"\n"),
			0o600); err != nil {
			return err
		}
	}
	return nil
}

// cheapKey writes a team key that costs next to nothing to open; team.txtar shows that the real ones do not.
func cheapKey(file, kommun string) error {
	private, _, err := note.GenerateKey(rand.Reader, roster.KeyName(kommun))
	if err != nil {
		return err
	}
	sealed, err := sealTeamKey(private, "correct horse battery staple", cheap)
	if err != nil {
		return err
	}
	return os.WriteFile(file, sealed, 0o600)
}
