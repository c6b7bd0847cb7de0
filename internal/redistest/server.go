package redistest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is one redis-server process in a folder of its own. It keeps nothing on disk.
type Server struct {
	// URL is what a client connects to: a unix socket or a port of loopback.
	URL string
	// Port is 0 on a unix socket.
	Port int
	// Announced is the port by which others are told to reach it, and Bus that on which a Cluster's nodes talk to each
	// other.
	Announced, Bus int

	folder string
	cmd    *exec.Cmd
	exited chan struct{}
	output *tail
}

// ErrMissing tells that redis-server is not installed.
var ErrMissing = errors.New("redis-server is not installed: apt-get install redis-server")

// careful are the settings that the store asks for.
var careful = []string{
	"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
	"--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-diskless-load", "on-empty-db",
}

// Launch starts a server on a unix socket. Further arguments are passed on.
func Launch(arguments ...string) (*Server, error) {
	// Not a test's folder: its long name may not fit into a socket's address.
	folder, err := os.MkdirTemp("", "redis")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder, "s")
	s := &Server{URL: "unix://" + socket, folder: folder}
	return s, s.run(append([]string{"--port", "0", "--unixsocket", socket}, arguments...))
}

// LaunchOnPort starts a server on a free port of loopback, which Sentinels and the nodes of a Cluster need.
func LaunchOnPort(arguments ...string) (*Server, error) {
	return onFreePort(func(port int) (*Server, error) { return launchOn(port, arguments...) })
}

func launchOn(port int, arguments ...string) (*Server, error) {
	folder, err := os.MkdirTemp("", "redis")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: address(port), Port: port, folder: folder}
	return s, s.run(append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1"}, arguments...))
}

// Announce gives the port by which others are told to reach a server that listens on `port`, so that something can
// stand in between.
type Announce func(port int) (announced int, err error)

func directly(port int) (int, error) { return port, nil }

// onFreePort tries again where another program was faster to take the port.
func onFreePort(launch func(port int) (*Server, error)) (*Server, error) {
	var last error
	for range 5 {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		s, err := launch(port)
		if err == nil {
			return s, nil
		}
		if errors.Is(err, ErrMissing) {
			return nil, err
		}
		last = err
	}
	return nil, last
}

// FreePort gives a port of loopback on which nobody listens, for a server that is started later, or twice. It is below
// those that Linux gives away by itself, any of which could be an outgoing connection's by then; a Redis of a Cluster
// finds its second one 10000 above it.
func FreePort() (int, error) {
	for range 100 {
		port := 10_000 + rand.IntN(12_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("redistest: no free port")
}

func address(port int) string { return fmt.Sprintf("redis://127.0.0.1:%d", port) }

// run starts the process and waits until it answers. Nothing is left of it where that fails.
func (s *Server) run(arguments []string) error {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		os.RemoveAll(s.folder)
		return ErrMissing
	}
	s.cmd = exec.Command(program, append(append([]string{"--dir", s.folder}, careful...), arguments...)...)
	return s.begin()
}

func (s *Server) begin() error {
	s.output = new(tail)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		os.RemoveAll(s.folder)
		return err
	}
	s.exited = make(chan struct{})
	go func() {
		s.cmd.Wait()
		close(s.exited)
	}()
	for deadline := time.Now().Add(10 * time.Second); ; {
		if reply, err := s.Do("PING"); err == nil && reply == "PONG" {
			return nil
		}
		select {
		case <-s.exited:
			os.RemoveAll(s.folder)
			return fmt.Errorf("redis-server ended at once:\n%s", s.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.Stop()
			return fmt.Errorf("redis-server did not answer:\n%s", s.output)
		}
	}
}

// Do sends one command and gives the reply, a line for each element.
func (s *Server) Do(words ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return command(ctx, s.URL, words)
}

// Follows tells whether the server is a replica that has everything.
func (s *Server) Follows() bool {
	info, err := s.Do("INFO", "replication")
	return err == nil && strings.Contains(info, "role:slave") && strings.Contains(info, "master_link_status:up")
}

// Primary tells whether the server takes writes, as far as it knows.
func (s *Server) Primary() bool {
	role, err := s.Do("ROLE")
	return err == nil && strings.HasPrefix(role, "master")
}

// Suspend holds the whole process up, as a machine does that is out of memory or time; Resume lets it go on.
func (s *Server) Suspend() { s.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends Suspend.
func (s *Server) Resume() { s.cmd.Process.Signal(syscall.SIGCONT) }

// Kill ends the process without a goodbye. What was in it is gone.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.exited
}

// Restart starts the server anew after Kill, empty, at the same address.
func (s *Server) Restart() error {
	s.cmd = exec.Command(s.cmd.Path, s.cmd.Args[1:]...)
	return s.begin()
}

// Stop is Kill, and removes the folder.
func (s *Server) Stop() {
	s.Kill()
	os.RemoveAll(s.folder)
}
