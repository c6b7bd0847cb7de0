package testkit

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Deploy is the folder of what is shipped, for the tests of a package two folders below the root.
const Deploy = "../../deploy"

// ReadDeploy is the text of a shipped file.
func ReadDeploy(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Deploy, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Example puts the example configuration, with files that exist and keys that can sign, where a server could use it.
func Example(t *testing.T, p *Folder) {
	t.Helper()
	text := strings.ReplaceAll(ReadDeploy(t, "utvag.example.yaml"), "/etc/utvag/", p.Dir+"/")
	pins := regexp.MustCompile(`team\.vidby\+\S+`).FindAllString(text, -1)
	if len(pins) != 2 {
		t.Fatalf("%d pins in the example", len(pins))
	}
	p.Text = strings.NewReplacer(pins[0], p.Pins[0], pins[1], p.Pins[1]).Replace(text)
	p.Write(t, "redis-password", []byte("a password\n"))
	p.Write(t, "utvag.yaml", []byte(p.Text))
}
