package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// scratch is a copy of the tree in which one mutant after the other is made and undone.
type scratch struct {
	dir   string
	limit time.Duration // of one run
	lock  *os.File
}

const modules = "web/node_modules"

// newScratch copies what is in root, committed or not. Installed packages are linked: nothing writes into them. The
// n-th copy of a tree has one path always, since Go's cache knows what it built by its folder.
func newScratch(root string, n int, limit time.Duration) (*scratch, error) {
	sum := sha256.Sum256([]byte(root))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("utvag-mutants-%x-%d", sum[:4], n))
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("another run works in %s", dir)
	}
	s := &scratch{dir: dir, limit: limit, lock: lock}
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		to := filepath.Join(dir, name)
		linked := strings.HasPrefix(name, modules+"/")
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "test-results" || d.Name() == "playwright-report" ||
			linked && (d.Name() == ".vite" || d.Name() == ".vitest")):
			return filepath.SkipDir
		case name == ".git":
			return nil
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		case linked && os.Link(path, to) == nil:
			return nil
		}
		return copyFile(path, to)
	})
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *scratch) remove() {
	os.RemoveAll(s.dir)
	s.lock.Close()
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

// apply makes a mutant; undo takes it back.
func (s *scratch) apply(m *mutant) (undo func() error, err error) {
	before := map[string][]byte{}
	for _, name := range m.files {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return nil, err
		}
		before[name] = text
	}
	if err := applyDiff(s.dir, m.diff); err != nil {
		return nil, err
	}
	return func() error {
		for name, text := range before {
			if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o644); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// applyDiff lays a diff over a tree, or with --check only looks whether it could.
func applyDiff(dir string, diff []byte, arguments ...string) error {
	cmd := exec.Command("git", append([]string{"apply"}, arguments...)...)
	cmd.Dir = dir
	// Git finds no repository here, whatever the scratch copy lies in: paths are those of the diff.
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_DIR=")
	cmd.Stdin = strings.NewReader(string(diff))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("does not apply any more: %s", strings.TrimSpace(string(out)))
	}
	return nil
}

// run runs a program in the copy. What it starts ends with it, or with the limit.
func (s *scratch) run(ctx context.Context, folder, name string, arguments ...string) (out []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir = filepath.Join(s.dir, folder)
	cmd.Env = append(os.Environ(), "UTVAG_NO_SKIP=1", "CI=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err = cmd.CombinedOutput()
	if ctx.Err() != nil {
		return out, fmt.Errorf("not over after %v", s.limit)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil // that a test fails is what is looked for
	}
	return out, err
}

// judge runs tests of one place, and says of each what became of it.
func (s *scratch) judge(ctx context.Context, runner, place string, names []string) (
	judge func(string) (verdict, string)) {
	out, err := s.test(ctx, runner, place, names)
	return func(name string) (verdict, string) {
		switch {
		case err != nil:
			return broken, err.Error()
		case runner == "go":
			return judgeGo(out, name)
		}
		return judgeVitest(out, name)
	}
}

func (s *scratch) test(ctx context.Context, runner, place string, names []string) (out []byte, err error) {
	var patterns []string
	for _, name := range names {
		patterns = append(patterns, regexp.QuoteMeta(name))
	}
	if runner == "go" {
		return s.run(ctx, "", "go", "test", "-vet=off", "-count=1", "-timeout", s.limit.String(), "-json",
			"-run", goPattern(names), "./"+place)
	}
	written := filepath.Join(s.dir, "report.json")
	os.Remove(written)
	said, err := s.run(ctx, "web", "node", "node_modules/vitest/vitest.mjs", "run", place, "--retry=0",
		"--reporter=json", "--outputFile="+written, "-t", "^(?:"+strings.Join(patterns, "|")+")$")
	if err != nil {
		return nil, err
	}
	if out, err = os.ReadFile(written); err != nil {
		return nil, fmt.Errorf("no report: %s", last(string(said)))
	}
	return out, nil
}

// goPattern is for -run. Of several tests whole ones are run, since each part of a pattern between slashes counts for
// itself.
func goPattern(names []string) string {
	if len(names) == 1 {
		var parts []string
		for part := range strings.SplitSeq(names[0], "/") {
			parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
		}
		return strings.Join(parts, "/")
	}
	var whole []string
	for _, name := range names {
		first, _, _ := strings.Cut(name, "/")
		whole = append(whole, regexp.QuoteMeta(first))
	}
	slices.Sort(whole)
	return "^(?:" + strings.Join(slices.Compact(whole), "|") + ")$"
}

// types checks a mutant in TypeScript, which a test would run without a look at its types.
func (s *scratch) types(ctx context.Context, m *mutant) error {
	if !slices.ContainsFunc(m.files, func(f string) bool { return strings.HasPrefix(f, "web/src/") }) {
		return nil
	}
	out, err := s.run(ctx, "web", "node", "node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false",
		"--incremental", "--tsBuildInfoFile", filepath.Join(s.dir, "types.json"))
	if err == nil && len(out) > 0 {
		err = errors.New("does not build: " + last(string(out)))
	}
	return err
}
