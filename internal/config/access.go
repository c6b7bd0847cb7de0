package config

import (
	"errors"
	"os"
)

// AccessLogConfig asks for the log of what staff devices opened. Without it there is none.
type AccessLogConfig struct {
	// Folder must be there, belong to the server's user, and be closed to others. Each server process has its own.
	Folder string `yaml:"folder"`
	// Keep is for how many months a file is kept, the present one among them; 12 if left out.
	Keep int `yaml:"keep"`
}

// AccessLog is a kommun's access log, checked.
type AccessLog struct {
	Folder string
	Keep   int
}

func (s *source) checkAccessLog(at string, k *KommunConfig, t *Kommun) {
	if k.AccessLog == nil {
		return
	}
	at += ".access_log"
	a := &AccessLog{Folder: s.path(k.AccessLog.Folder), Keep: k.AccessLog.Keep}
	if a.Keep == 0 {
		a.Keep = 12
	}
	if a.Keep < 1 || a.Keep > 36 {
		s.wrong(at+".keep", "write 1 to 36 months")
	}
	if k.AccessLog.Folder == "" {
		s.wrong(at, "no folder: write one such as /var/lib/utvag/access")
		return
	}
	if !s.visiting {
		if err := checkFolder(a.Folder); err != nil {
			s.wrong(at+".folder", "%v", err)
		}
	}
	t.AccessLog = a
}

// checkFolder tries what the server will do there once an hour.
func checkFolder(folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return errors.New("cannot be used: " + WithoutPath(err) +
			". Make it, for the server's user alone: install -d -m 0750 -o utvag FOLDER")
	}
	if !info.IsDir() {
		return errors.New("is no folder")
	}
	if info.Mode().Perm()&0o007 != 0 {
		return errors.New("is open to every user of this machine: chmod o= FOLDER")
	}
	f, err := os.CreateTemp(folder, ".try-*")
	if err != nil {
		return errors.New("cannot be written to: " + WithoutPath(err) + ". It must belong to the server's user")
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
