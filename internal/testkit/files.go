package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// NewAccessFolder is a folder as an access log needs it.
func NewAccessFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "access")
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	return folder
}

// FilesIn is the content of a folder by name.
func FilesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
