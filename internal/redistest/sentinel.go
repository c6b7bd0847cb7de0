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

	// Watchers are the Sentinels themselves.
	Watchers []*Server

	announce Announce
}

// LaunchSentinels starts all of them, and returns when a failover would work. Further arguments go to the servers that
// hold data.
func LaunchSentinels(replicas int, arguments ...string) (*Sentinels, error) {
	return LaunchSentinelsBehind(directly, replicas, arguments...)
}

// LaunchSentinelsBehind is LaunchSentinels with something in between: all reach each other by the ports that announce
// gives.
func LaunchSentinelsBehind(announce Announce, replicas int, arguments ...string) (*Sentinels, error) {
	s := &Sentinels{announce: announce}
	if err := s.launch(replicas, arguments); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Sentinels) launch(replicas int, arguments []string) error {
	for i := range 1 + replicas {
		follow := arguments
		if i > 0 {
			follow = append([]string{"--replicaof", fmt.Sprintf("127.0.0.1 %d", s.Data[0].Announced)}, arguments...)
		}
		one, err := s.behind(func(port, announced int) (*Server, error) {
			return launchOn(port, append([]string{"--replica-announce-port", strconv.Itoa(announced)}, follow...)...)
		})
		if err != nil {
			return err
		}
		s.Data = append(s.Data, one)
	}
	if err := s.settled(); err != nil {
		return err
	}
	var addresses []string
	for range sentinels {
		watcher, err := s.behind(func(port, announced int) (*Server, error) {
			return launchSentinel(port, announced, s.Data[0].Announced)
		})
		if err != nil {
			return err
		}
		s.Watchers = append(s.Watchers, watcher)
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", watcher.Announced))
		if err := impatient(watcher); err != nil {
			return err
		}
	}
	s.URL = "redis://" + addresses[0] + "?master_name=" + masterName + "&addr=" + strings.Join(addresses[1:], "&addr=")
	return eventually("the Sentinels to know each other", func() bool {
		for _, w := range s.Watchers {
			if reply, err := w.Do("SENTINEL", "CKQUORUM", masterName); err != nil ||
				!strings.HasPrefix(reply, fmt.Sprintf("OK %d usable", sentinels)) {
				return false
			}
		}
		return s.Whole()
	})
}

func (s *Sentinels) behind(launch func(port, announced int) (*Server, error)) (*Server, error) {
	return onFreePort(func(port int) (*Server, error) {
		announced, err := s.announce(port)
		if err != nil {
			return nil, err
		}
		one, err := launch(port, announced)
		if err == nil {
			one.Announced = announced
		}
		return one, err
	})
}

// impatient shortens what a Sentinel waits for before it makes a replica of a primary that has come back: ten seconds
// by itself, and another half a minute whenever its machine was too busy to let it look at the clock. A Sentinel before
// Redis 7 keeps its own pace.
func impatient(watcher *Server) error {
	_, err := watcher.Do("SENTINEL", "DEBUG", "info-period", "500", "publish-period", "300", "tilt-period", "2000")
	if err != nil && strings.Contains(err.Error(), "redis: ERR") {
		return nil
	}
	return err
}

func launchSentinel(port, announced, primary int) (*Server, error) {
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
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel announce-ip 127.0.0.1\nsentinel announce-port %d\n",
		port, folder, announced) +
		fmt.Sprintf(
			"sentinel monitor %[1]s 127.0.0.1 %[2]d 2\nsentinel down-after-milliseconds %[1]s 700\nsentinel failover-timeout %[1]s 3000\n", masterName, primary)
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
	for _, w := range s.Watchers {
		if reply, err := w.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName); err == nil {
			counted[reply]++
		}
	}
	for _, d := range s.Data {
		if counted[fmt.Sprintf("127.0.0.1\n%d", d.Announced)] == len(s.Watchers) {
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

// Follow waits until the Sentinels have made a replica of a server that was started anew or had been away, and it has
// everything.
func (s *Sentinels) Follow(again *Server) error {
	return eventually("the Sentinels to take the old primary back", again.Follows)
}

// Whole tells whether all that are not the primary follow it, and the Sentinels know.
func (s *Sentinels) Whole() bool {
	following := 0
	for _, d := range s.Data {
		if d.Follows() {
			following++
		}
	}
	for _, w := range s.Watchers {
		known, err := w.Do("SENTINEL", "REPLICAS", masterName)
		if err != nil || strings.Count(known, "\nmaster-link-status\nok") != len(s.Data)-1 {
			return false
		}
	}
	return following == len(s.Data)-1
}

// settled waits until every replica has everything.
func (s *Sentinels) settled() error {
	return eventually("the replicas to follow", func() bool {
		for _, replica := range s.Data[1:] {
			if !replica.Follows() {
				return false
			}
		}
		return true
	})
}

// Stop ends every process.
func (s *Sentinels) Stop() {
	for _, one := range append(s.Watchers, s.Data...) {
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
