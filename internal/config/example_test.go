package config

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/utvag/utvag/internal/testkit"
)

func TestExampleNamesEveryField(t *testing.T) {
	text := testkit.ReadDeploy(t, "utvag.example.yaml")
	var source []byte
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		part, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, part...)
	}
	fields := regexp.MustCompile("`yaml:\"([a-z_]+)\"`").FindAllStringSubmatch(string(source), -1)
	if len(fields) < 25 {
		t.Fatalf("only %d fields were found", len(fields))
	}
	for _, f := range fields {
		if !regexp.MustCompile(`(?m)[\s{(#-]` + f[1] + `:`).MatchString(text) {
			t.Errorf("the example does not show %s", f[1])
		}
	}
}
