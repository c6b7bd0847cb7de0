package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// running is a real `utvag serve` in a process of its own, with a real redis-server.
type running struct {
	*testkit.Folder
	redis            string
	visitor, console string
	log              *testkit.Log
	cmd              *exec.Cmd
	key              ed25519.PrivateKey
	device           chat.Device
	roster           *roster.Roster
	pin              roster.Pins
	capability       []byte // the visitor's, of the last story
	env              []string
}

// freePort asks for a port and lets it go; serve wants one by number.
func freePort(t *testing.T) string {
	t.Helper()
	port, err := redistest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}

// prepare writes a configuration and a roster with one device.
func prepare(t *testing.T, redis string) *running {
	t.Helper()
	s := &running{Folder: testkit.NewFolder(t), redis: redis, log: new(testkit.Log)}
	visitorPort, consolePort := freePort(t), freePort(t)
	s.visitor, s.console = "http://127.0.0.1:"+visitorPort, "http://127.0.0.1:"+consolePort
	s.Text = strings.NewReplacer(
		"unix:///run/redis.sock", redis,
		`"https://kontakt.vidby.example", listen: "127.0.0.1:8080"`, `"`+s.visitor+`", listen: "127.0.0.1:`+visitorPort+`"`,
		`"https://svar.vidby.example", listen: "127.0.0.1:8080"`, `"`+s.console+`", listen: "127.0.0.1:`+consolePort+`"`,
	).Replace(s.Text)
	s.Write(t, "utvag.yaml", []byte(s.Text))
	for _, key := range s.Pins {
		pin, err := roster.ParsePin(key)
		if err != nil {
			t.Fatal(err)
		}
		s.pin = append(s.pin, pin)
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s.key, s.device = key, chat.Device(roster.IDOf(public))
	if s.roster, err = s.enrolled(time.Now()); err != nil {
		t.Fatal(err)
	}
	s.publish(t)
	return s
}

// enrolled is a roster of a time with the one device in it.
func (s *running) enrolled(at time.Time) (*roster.Roster, error) {
	text, err := roster.SignEnrolment("vidby", s.key, []string{"sv"}, "Sara")
	if err != nil {
		return nil, err
	}
	request, err := roster.ParseEnrolment(text)
	if err != nil {
		return nil, err
	}
	return roster.New("vidby").Add(request, roster.Coordinator, at.AddDate(0, 6, 0), at)
}

// publish signs the roster and puts it in place.
func (s *running) publish(t *testing.T) {
	t.Helper()
	signed, err := s.roster.Sign(s.Signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(s.Dir, "vidby.roster"), signed, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (s *running) command(t *testing.T) *exec.Cmd {
	// A serve that should have refused, or does not stop, must not hold up the tests.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary(t), "serve", "--config", filepath.Join(s.Dir, "utvag.yaml"))
	cmd.Env = append(os.Environ(), s.env...)
	return cmd
}

func startServe(t *testing.T) *running {
	t.Helper()
	return serveOn(t, redistest.Start(t))
}

func serveOn(t *testing.T, redis string) *running {
	t.Helper()
	return prepare(t, redis).start(t)
}

// prepareServe starts serve with a configuration that change has changed.
func prepareServe(t *testing.T, change func(string) string) *running {
	t.Helper()
	s := prepare(t, redistest.Start(t))
	s.Text = change(s.Text)
	s.Write(t, "utvag.yaml", []byte(s.Text))
	return s.start(t)
}

func (s *running) start(t *testing.T) *running {
	t.Helper()
	s.cmd = s.command(t)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t, syscall.SIGTERM) })
	s.log.Await(t, "msg=serving")
	return s
}

// end stops the process and reports how it ended.
func (s *running) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Signal(signal)
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v:\n%s", err, s.log)
	}
}

func (s *running) login(t *testing.T) *chattest.Client {
	t.Helper()
	c, err := chattest.Dial(s.console+"/relay", s.console)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login(s.device, s.key); err != nil {
		t.Fatal(err)
	}
	return c
}

// work solves what the directory asks for.
func (s *running) work(t *testing.T, mailbox chat.Mailbox) []byte {
	t.Helper()
	answer, err := http.Get(s.visitor + "/directory")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	directory, err := chat.DecodeDirectory(body)
	if err != nil {
		t.Fatal(err)
	}
	return directory.Puzzle.Solve(mailbox)
}

const written = "min bror är med i det här"

// story is a conversation from its opening to an answer, as the relay sees one; it returns the mailbox and the
// visitor's connection.
func (s *running) story(t *testing.T) (chat.Mailbox, *chattest.Client) {
	t.Helper()
	staff := s.login(t)
	today := uint32(time.Now().Unix() / 86400)
	if _, err := staff.Ask(&chat.Publish{KeyPackages: []chat.DatedKeyPackage{{Day: today,
		KeyPackage: chattest.KeyPackage(1500)}}}); err != nil {
		t.Fatal(err)
	}
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(visitor.Close)
	mailbox := chattest.NewMailbox()
	s.capability = chattest.NewCapability()
	if _, err := visitor.Ask(&chat.Open{
		Mailbox: mailbox, Slot: chat.CapabilityHash(sha256.Sum256(s.capability)),
		Devices: []chat.Device{s.device}, Work: s.work(t,
			mailbox),
		Welcome: chattest.Welcome(900), Message: chattest.Text(mailbox, 1, written),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := staff.Ask(&chat.Attach{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	if _, err := staff.Ask(&chat.Send{Mailbox: mailbox, Counter: 1, Message: chattest.Commit(mailbox, 1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := visitor.Ask(&chat.Send{Mailbox: mailbox, Counter: 2,
		Message: chattest.Text(mailbox, 2, written)}); err != nil {
		t.Fatal(err)
	}
	return mailbox, visitor
}

// dump is every key and value in Redis.
func dump(t *testing.T, url string) string {
	t.Helper()
	all, err := redistest.Dump(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s", all)
}

// keys lists every key.
func keys(t *testing.T, url string) []string {
	t.Helper()
	all, err := redistest.Keys(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(all))
}

// status is what /status says, as far as these tests ask.
type status struct {
	Reachable, Within, Ready bool
	Closes                   string
	Opens                    *struct {
		InDays int
		Time   string
	}
}
