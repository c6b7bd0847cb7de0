package redistest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// masterName is what the Sentinels call the primary that they watch.
const masterName = "utvag"

const sentinels = 3

// Sentinels are a primary, its replicas and three Sentinels that let a replica take over within about a second.
type Sentinels struct {
	// URL names all Sentinels, for a client.
	URL string
	// Data holds the first primary and its replicas, in this order. Primary tells which it is now.
	Data []*Server

	watchers []*Server
}

// LaunchSentinels starts all of them, and returns when a failover would work. Further arguments go to the servers that hold data.
func LaunchSentinels(replicas int, arguments ...string) (*Sentinels, error) {
	s := new(Sentinels)
	if err := s.launch(replicas, arguments); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Sentinels) launch(replicas int, arguments []string) error {
	primary, err := LaunchOnPort(arguments...)
	if err != nil {
		return err
	}
	s.Data = []*Server{primary}
	for range replicas {
		replica, err := LaunchOnPort(append([]string{"--replicaof", fmt.Sprintf("127.0.0.1 %d", primary.Port)}, arguments...)...)
		if err != nil {
			return err
		}
		s.Data = append(s.Data, replica)
	}
	if err := s.settled(); err != nil {
		return err
	}
	var addresses []string
	for range sentinels {
		watcher, err := onFreePort(func(port int) (*Server, error) { return launchSentinel(port, primary.Port) })
		if err != nil {
			return err
		}
		s.watchers = append(s.watchers, watcher)
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", watcher.Port))
	}
	s.URL = "redis://" + addresses[0] + "?master_name=" + masterName + "&addr=" + strings.Join(addresses[1:], "&addr=")
	return eventually("the Sentinels to know each other", func() bool {
		for _, w := range s.watchers {
			if reply, err := w.Do("SENTINEL", "CKQUORUM", masterName); err != nil || !strings.HasPrefix(reply, fmt.Sprintf("OK %d usable", sentinels)) {
				return false
			}
			known, err := w.Do("SENTINEL", "REPLICAS", masterName)
			if err != nil || strings.Count(known, "\nmaster-link-status\nok") != replicas {
				return false
			}
		}
		return true
	})
}

func launchSentinel(port, primary int) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrMissing
	}
	folder, err := os.MkdirTemp("", "redis")
	if err != nil {
		return nil, err
	}
	// A Sentinel keeps its configuration in its file.
	file := filepath.Join(folder, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\n", port, folder) +
		fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 2\nsentinel down-after-milliseconds %[1]s 700\nsentinel failover-timeout %[1]s 3000\n", masterName, primary)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	s := &Server{URL: address(port), Port: port, folder: folder, cmd: exec.Command(program, file, "--sentinel")}
	return s, s.begin()
}

// Primary asks the Sentinels who takes writes now; nil while they do not agree on one of Data.
func (s *Sentinels) Primary() *Server {
	counted := map[string]int{}
	for _, w := range s.watchers {
		if reply, err := w.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName); err == nil {
			counted[reply]++
		}
	}
	for _, d := range s.Data {
		if counted[fmt.Sprintf("127.0.0.1\n%d", d.Port)] == len(s.watchers) {
			if role, err := d.Do("ROLE"); err == nil && strings.HasPrefix(role, "master") {
				return d
			}
		}
	}
	return nil
}

// Moved waits until another than this is primary.
func (s *Sentinels) Moved(before *Server) error {
	return eventually("a replica to take over", func() bool {
		p := s.Primary()
		return p != nil && p != before
	})
}

// Follow makes a server that was started anew a replica of who is primary now, and waits until it has everything. The Sentinels would do
// so, too, but on a busy machine they hold back for half a minute at a time.
func (s *Sentinels) Follow(again *Server) error {
	return eventually("the old primary to follow", func() bool {
		if p := s.Primary(); p != nil && p != again {
			again.Do("REPLICAOF", "127.0.0.1", strconv.Itoa(p.Port))
		}
		return again.follows()
	})
}

// settled waits until every replica has everything.
func (s *Sentinels) settled() error {
	return eventually("the replicas to follow", func() bool {
		for _, replica := range s.Data[1:] {
			if !replica.follows() {
				return false
			}
		}
		return true
	})
}

// Stop ends every process.
func (s *Sentinels) Stop() {
	for _, one := range append(s.watchers, s.Data...) {
		one.Stop()
	}
}

func eventually(what string, holds func() bool) error {
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return nil
		}
	}
	return errors.New("waited in vain for " + what)
}
