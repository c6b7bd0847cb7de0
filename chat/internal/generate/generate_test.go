package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	const root = "../../.."
	counts, err := os.ReadFile(filepath.Join(root, CountFile))
	if err != nil {
		t.Fatal(err)
	}
	files, err := Files(counts)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 9 {
		t.Fatalf("%d files are generated, want 8", len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what go generate ./chat writes (%v)", name, err)
		}
	}
}
