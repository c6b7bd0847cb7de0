package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/redistest"
)

const (
	kommun        = "vidby"
	visitorOrigin = "https://kontakt.vidby.example"
	staffOrigin   = "https://svar.vidby.example"
)

// stage is what is tried: processes of `utvag serve` on a real Redis, with a network in between that can be disturbed.
type stage struct {
	folder  string
	devices []*device
	nodes   []*node
	network *network

	single    *redistest.Server // one of these three
	sentinels *redistest.Sentinels
	cluster   *redistest.Cluster

	accepted receipts
	splits   []int // what each split has lost, at least
	moved    moves
	// heardAfter is the longest time after a fault until every node heard again of what was said on another.
	heardAfter time.Duration
}

// device is a coordinator's.
type device struct {
	id  chat.Device
	key ed25519.PrivateKey
}

// node is one process. Clients reach it by front, and it reaches Redis by its name.
type node struct {
	name           string
	binary, config string
	port           int
	front          *proxy

	mu  sync.Mutex
	cmd *exec.Cmd
	log *bytes.Buffer
}

// build makes the program that is tried.
func build(ctx context.Context, folder string) (string, error) {
	binary := filepath.Join(folder, "utvag")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", binary,
		"github.com/utvag/utvag/cmd/utvag").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return binary, nil
}

// newStage starts everything. An empty `binary` is built.
func newStage(ctx context.Context, redis, binary string, nodes, devices int) (_ *stage, err error) {
	s := &stage{network: newNetwork(), moved: moves{told: map[string]int{}}}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.folder, err = os.MkdirTemp("", "faults"); err != nil {
		return nil, err
	}
	url := ""
	switch redis {
	case "single":
		if s.single, err = redistest.LaunchOnPort(); err != nil {
			return nil, err
		}
		port, err := s.network.announce(s.single.Port)
		if err != nil {
			return nil, err
		}
		url = fmt.Sprintf("redis://127.0.0.1:%d", port)
	case "sentinels":
		if s.sentinels, err = redistest.LaunchSentinelsBehind(s.network.announce, 1); err != nil {
			return nil, err
		}
		url = s.sentinels.URL
	case "cluster":
		if s.cluster, err = redistest.LaunchClusterBehind(s.network.announce, true); err != nil {
			return nil, err
		}
		url = s.cluster.URL
	default:
		return nil, fmt.Errorf("no such Redis: %s", redis)
	}
	pins, err := s.enrol(devices)
	if err != nil {
		return nil, err
	}
	if binary == "" {
		if binary, err = build(ctx, s.folder); err != nil {
			return nil, err
		}
	}
	for i := range nodes {
		n := &node{name: nameOf(i), binary: binary, config: filepath.Join(s.folder, fmt.Sprintf("node%d.yaml", i))}
		s.nodes = append(s.nodes, n)
		if n.port, err = redistest.FreePort(); err != nil {
			return nil, err
		}
		if err := os.WriteFile(n.config, []byte(configuration(named(url, n.name), n.port, pins)), 0o600); err != nil {
			return nil, err
		}
		if n.front, err = newProxy(fmt.Sprintf("127.0.0.1:%d", n.port)); err != nil {
			return nil, err
		}
		if err := n.start(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// named lets whoever connects say who it is.
func named(url, name string) string {
	if strings.Contains(url, "?") {
		return url + "&client_name=" + name
	}
	return url + "?client_name=" + name
}

// enrol makes devices and signs them into a roster.
func (s *stage) enrol(count int) (pins []string, err error) {
	list := roster.New(kommun)
	now := time.Now()
	for i := range count {
		public, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		s.devices = append(s.devices, &device{chat.Device(roster.IDOf(public)), key})
		text, err := roster.SignEnrolment(kommun, key, []string{"sv"}, fmt.Sprint("Person ", i))
		if err != nil {
			return nil, err
		}
		request, err := roster.ParseEnrolment(text)
		if err != nil {
			return nil, err
		}
		if list, err = list.Add(request, roster.Coordinator, now.AddDate(0, 1, 0), now); err != nil {
			return nil, err
		}
	}
	var signer note.Signer
	for range 2 {
		private, public, err := note.GenerateKey(rand.Reader, roster.KeyName(kommun))
		if err != nil {
			return nil, err
		}
		if signer, err = note.NewSigner(private); err != nil {
			return nil, err
		}
		pins = append(pins, public)
	}
	signed, err := list.Sign(signer)
	if err != nil {
		return nil, err
	}
	return pins, os.WriteFile(filepath.Join(s.folder, "vidby.roster"), signed, 0o600)
}

func configuration(redis string, port int, pins []string) string {
	return fmt.Sprintf(`redis:
  url: %q
kommuner:
  - id: %s
    name: Vidby kommun
    visitor: {origin: %q, listen: "127.0.0.1:%d"}
    console: {origin: %q, listen: "127.0.0.1:%d"}
    roster: vidby.roster
    pins: [%q, %q]
    languages: [sv]
    hours:
      week: {mon: "00:00-24:00"}
    numbers:
      - national: emergency
      - id: kommun
        number: 08-530 610 00
        label: {sv: Växeln}
        verified: %s
    claims:
      no_ip_stored: {by: "Karin Berg, IT-chef", on: %s}
    retention: {live: 24h, message: 7d}
    leave: https://www.smhi.se/
    links: {report: "https://vidby.example/oro"}
`, redis, kommun, visitorOrigin, port, staffOrigin, port, pins[0], pins[1],
		time.Now().Format(time.DateOnly), time.Now().Format(time.DateOnly))
}

// start runs the process and waits until it serves. A Redis that is away for the moment is waited for.
func (n *node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	var last string
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		output, input, err := os.Pipe()
		if err != nil {
			return err
		}
		cmd := exec.Command(n.binary, "serve", "--config", n.config)
		cmd.Stdout, cmd.Stderr = input, input
		if err := cmd.Start(); err != nil {
			return err
		}
		input.Close()
		serving := make(chan bool, 1)
		log := new(bytes.Buffer)
		go func() {
			defer output.Close()
			chunk, told := make([]byte, 4<<10), false
			for {
				k, err := output.Read(chunk)
				if log.Len() < 64<<10 {
					log.Write(chunk[:k])
				}
				if !told && strings.Contains(log.String(), "msg=serving") {
					told = true
					serving <- true
				}
				if err != nil {
					if !told {
						serving <- false
					}
					return
				}
			}
		}()
		if <-serving {
			n.cmd, n.log = cmd, log
			return nil
		}
		cmd.Wait()
		last = log.String()
	}
	return errors.New("a node does not start:\n" + last)
}

// end stops the process with a signal and tells how long it took.
func (n *node) end(signal syscall.Signal) (time.Duration, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0, nil
	}
	begun := time.Now()
	n.cmd.Process.Signal(signal)
	err := n.cmd.Wait()
	n.cmd = nil
	if signal == syscall.SIGKILL {
		err = nil
	}
	return time.Since(begun), err
}

func (s *stage) stop() {
	for _, n := range s.nodes {
		n.end(syscall.SIGKILL)
		if n.front != nil {
			n.front.stop()
		}
	}
	s.network.stop()
	if s.single != nil {
		s.single.Stop()
	}
	if s.sentinels != nil {
		s.sentinels.Stop()
	}
	if s.cluster != nil {
		s.cluster.Stop()
	}
	os.RemoveAll(s.folder)
}

// shards are the servers that hold what is stored, each with its replicas.
func (s *stage) shards() (all [][]*redistest.Server) {
	switch {
	case s.sentinels != nil:
		return [][]*redistest.Server{s.sentinels.Data}
	case s.cluster != nil:
		for i := range s.cluster.Shards() {
			all = append(all, []*redistest.Server{s.cluster.Nodes[i], s.cluster.Nodes[i+s.cluster.Shards()]})
		}
		return all
	}
	return [][]*redistest.Server{{s.single}}
}

func (s *stage) any(r *mathrand.Rand) *node { return s.nodes[r.IntN(len(s.nodes))] }

func plainHTTP(origin string) string { return strings.Replace(origin, "https", "http", 1) }

// work pays for an opening as the directory of a node asks.
func (n *node) work(ctx context.Context, mailbox chat.Mailbox) ([]byte, error) {
	transport := &http.Transport{DialContext: n.front.to, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, plainHTTP(visitorOrigin)+"/directory", nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the directory: status %d, %w", answer.StatusCode, err)
	}
	d, err := chat.DecodeDirectory(body)
	if err != nil {
		return nil, err
	}
	return d.Puzzle.Solve(mailbox), nil
}
