package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/utvag/utvag/internal/testkit"
)

func TestTheFolderOfAnAccessLogIsTried(t *testing.T) {
	p := testkit.NewFolder(t)
	right := p.Text
	folder := testkit.NewAccessFolder(t)
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"{folder: " + folder + "}": "", "{folder: " + folder + ", keep: 36}": "", "{folder: " + folder +
			", keep: 37}": "1 to 36 months", "{keep: 3}": "no folder",
		"{folder: /nowhere/at/all}": "install -d", "{folder: vidby.roster}": "is no folder", "{folder: " + open +
			"}": "open to every user",
		"{folder: /proc/self}": "open to every user",
	} {
		p.Text = strings.Replace(right, "    numbers:\n", "    access_log: "+value+"\n    numbers:\n", 1)
		err := loadFolder(t, p)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", value, err)
		}
	}
	if files := testkit.FilesIn(t, folder); len(files) != 0 {
		t.Errorf("the attempt left %v", files)
	}
}
