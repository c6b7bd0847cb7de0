package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/utvag/utvag/internal/config"
)

// createFile writes a file that must not be there yet.
func createFile(name string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("%s cannot be made: %s", name, config.WithoutPath(err))
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(name)
		return fmt.Errorf("%s cannot be written: %s", name, config.WithoutPath(err))
	}
	return nil
}

// replaceFile puts content in place in one step: a reader sees the old file or the new one, and a crash leaves one of
// them whole.
func replaceFile(name string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %s", name, config.WithoutPath(err))
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("%s cannot be written: %s", name, config.WithoutPath(err))
	}
	return nil
}
