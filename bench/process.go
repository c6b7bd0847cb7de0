package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// process is a program that runs beside this one.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func start(cmd *exec.Cmd) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// kill ends the process without a goodbye.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ticksPerSecond is the unit of /proc/PID/stat; Linux has shown 100 to programs on every architecture for decades.
const ticksPerSecond = 100

// processor is the time that all cores together have spent on a process.
func processor(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in brackets, which may hold anything.
	_, rest, found := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has another form")
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// resident is the memory that the process holds, in bytes.
func (p *process) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("/proc/PID/status names no VmRSS")
}

// store is a private Redis on a unix socket that keeps nothing on disk.
type store struct {
	*process
	folder, socket string
}

func startStore(ctx context.Context) (*store, error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder, "s")
	p, err := start(exec.CommandContext(ctx, "redis-server",
		"--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "no", "--maxmemory-policy",
		"noeviction",
		"--repl-diskless-load", "on-empty-db"))
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	s := &store{p, folder, socket}
	for deadline := time.Now().Add(10 * time.Second); ; {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return s, nil
		}
		if time.Now().After(deadline) {
			s.stop()
			return nil, errors.New("redis-server did not open its socket")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *store) url() string { return "unix://" + s.socket }

// used is the memory that Redis says it uses for data, in bytes.
func (s *store) used(ctx context.Context) (int64, error) {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket})
	defer client.Close()
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(info) {
		if rest, ok := strings.CutPrefix(line, "used_memory:"); ok {
			return strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
		}
	}
	return 0, errors.New("no used_memory in what Redis says")
}

func (s *store) stop() {
	s.kill()
	os.RemoveAll(s.folder)
}

// server is one of the servers under measurement.
type server struct {
	*process
	name, address string
	input         io.Closer
}

// startServer runs this program as a server. An empty address is a free port of loopback.
func startServer(ctx context.Context, name, redis, address string) (*server, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if address == "" {
		address = "127.0.0.1:0"
	}
	s, listening, err := startTold(exec.CommandContext(ctx, own, "serve", name, redis, address), "listening ")
	if err != nil {
		return nil, fmt.Errorf("the server %s did not start: %w", name, err)
	}
	s.name, s.address = name, listening
	return s, nil
}

// startTold runs a program of this one's that says when it is ready, and gives what it says behind the word. It ends
// with its standard input, so that none outlives this process.
func startTold(cmd *exec.Cmd, word string) (*server, string, error) {
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, "", err
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(output).ReadString('\n')
		line <- text
	}()
	said := ""
	select {
	case said = <-line:
	case <-time.After(time.Minute):
	}
	rest, found := strings.CutPrefix(strings.TrimSpace(said), word)
	if !found {
		p.kill()
		return nil, "", errors.New("it is not ready")
	}
	return &server{process: p, input: input}, rest, nil
}

func (s *server) stop() {
	s.input.Close()
	s.kill()
}
