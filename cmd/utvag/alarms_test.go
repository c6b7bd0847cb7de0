package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/alarm/webpush"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// outsiders plays an ntfy server and a push service, with a certificate that child processes trust.
type outsiders struct {
	*httptest.Server
	mu     sync.Mutex
	paths  []string
	status map[string]int
	roots  string // a file
}

func newOutsiders(t *testing.T) *outsiders {
	t.Helper()
	o := &outsiders{status: map[string]int{}}
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.paths = append(o.paths, r.URL.Path)
		if status := o.status[r.URL.Path]; status != 0 {
			w.WriteHeader(status)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/push") {
			w.WriteHeader(http.StatusCreated)
			return
		}
		fmt.Fprint(w, `{"id":"x","time":1,"event":"message","topic":"t"}`)
	}))
	t.Cleanup(o.Close)
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw}),
		0o600); err != nil {
		t.Fatal(err)
	}
	o.roots = file
	return o
}

func (o *outsiders) answer(path string, status int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status[path] = status
}

func (o *outsiders) asked(path string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.paths {
		if p == path {
			n++
		}
	}
	return n
}

// alarmed is a running server whose one coordinator, Sara, has an ntfy topic, beside a push service.
func alarmed(t *testing.T, o *outsiders) *running {
	t.Helper()
	s := prepare(t, redistest.Start(t))
	s.env = []string{"SSL_CERT_FILE=" + o.roots}
	testkit.WriteSecrets(t, s.Folder)
	s.Text = strings.Replace(s.Text, "kommuner:\n", `channels:
  push: {key_file: push-key, contact: drift@vidby.example, allow_private: true}
  ntfy: {url: "`+o.URL+`", token_file: ntfy-token}
kommuner:
`, 1) + "    people:\n      Sara: {ntfy: secret-topic}\n"
	s.Write(t, "utvag.yaml", []byte(s.Text))
	s.cmd = s.command(t)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t, syscall.SIGTERM) })
	s.log.Await(t, "msg=serving")
	return s
}

func ask(t *testing.T, c *chattest.Client) *chat.Reachable {
	t.Helper()
	answer, err := c.Ask(&chat.Reach{Wish: chat.ReachAsk})
	if err != nil {
		t.Fatal(err)
	}
	a, err := chat.DecodeReachable(answer.(*chat.Blob).Blob)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func channelOf(t *testing.T, c *chattest.Client, name string) chat.ReachChannel {
	t.Helper()
	for _, one := range ask(t, c).Channels {
		if one.Name == name {
			return one
		}
	}
	return chat.ReachChannel{}
}

func refusedWith(t *testing.T, err error, code chat.Code) {
	t.Helper()
	var refusal *chat.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Errorf("got %v, not code %d", err, code)
	}
}

func wake(t *testing.T, endpoint string) *chat.Reach {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &chat.Reach{Wish: chat.ReachOn, Endpoint: endpoint, Key: key.PublicKey().Bytes(), Secret: make([]byte, 16)}
}

func TestAlarmsOfARunningServer(t *testing.T) {
	t.Parallel()
	o := newOutsiders(t)
	s := alarmed(t, o)

	stranger, err := chattest.Dial(s.console+"/relay", s.console)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stranger.Close)
	_, err = stranger.Ask(&chat.Reach{Wish: chat.ReachAsk})
	refusedWith(t, err, chat.NotLoggedIn)

	sara := s.login(t)
	if a := ask(t, sara); len(a.PushKey) != 65 || a.Subscribed != 0 || len(a.Channels) != 1 ||
		a.Channels[0] != (chat.ReachChannel{Name: "ntfy"}) {
		t.Fatalf("at first: %+v", a)
	}

	// What was not tried cannot have been heard; what is not set up is not tried.
	_, err = sara.Ask(&chat.Reach{Wish: chat.ReachConfirm, Channel: "ntfy"})
	refusedWith(t, err, chat.Policy)
	_, err = sara.Ask(&chat.Reach{Wish: chat.ReachTest, Channel: "sms"})
	refusedWith(t, err, chat.Policy)

	if _, err := sara.Ask(&chat.Reach{Wish: chat.ReachTest, Channel: "ntfy"}); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "the test to be accepted",
		func() bool { return channelOf(t, sara, "ntfy").State == chat.ChannelAccepted })
	_, err = sara.Ask(&chat.Reach{Wish: chat.ReachTest, Channel: "ntfy"})
	refusedWith(t, err, chat.Busy)
	if _, err := sara.Ask(&chat.Reach{Wish: chat.ReachConfirm, Channel: "ntfy"}); err != nil {
		t.Fatal(err)
	}
	if c := channelOf(t, sara, "ntfy"); c.State != chat.ChannelIdle ||
		time.Since(time.Unix(int64(c.Tested), 0)) > time.Minute || o.asked("/secret-topic") != 1 {
		t.Errorf("after the word: %+v, rung %d times", c, o.asked("/secret-topic"))
	}

	// A browser is woken, until its service says that it is gone.
	for _, endpoint := range []string{"http://127.0.0.1/x", "https://u:p@a.example/x", "file:///etc/passwd"} {
		_, err = sara.Ask(wake(t, endpoint))
		refusedWith(t, err, chat.Policy)
	}
	if _, err := sara.Ask(wake(t, o.URL+"/push/secret-endpoint")); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, sara); a.Subscribed != 1 || len(a.Channels) != 2 {
		t.Errorf("after subscribing: %+v", a)
	}
	if _, err := sara.Ask(&chat.Reach{Wish: chat.ReachTest, Channel: "push"}); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "the push to be accepted",
		func() bool { return channelOf(t, sara, "push").State == chat.ChannelAccepted })
	for _, key := range keys(t, s.redis) {
		if ttl := redistest.Command(t, s.redis, "TTL", key); strings.HasPrefix(ttl, "-") {
			t.Errorf("%s has no end: %s", key, ttl)
		}
	}

	out, problems := s.ring(t)
	for _, want := range []string{"vidby, Sara, push: accepted in", "vidby, Sara, ntfy: accepted in"} {
		if !strings.Contains(out, want) {
			t.Errorf("the command says:\n%s%s", out, problems)
		}
	}
	o.answer("/push/secret-endpoint", http.StatusGone)
	out, problems = s.ring(t, "--channel", "push")
	if !strings.Contains(out, "push: FAILED after") || !strings.Contains(out, "turned on there again") ||
		!strings.Contains(problems, "1 of 1 alarms failed") {
		t.Errorf("the command says:\n%s%s", out, problems)
	}
	if a := ask(t, sara); a.Subscribed != 0 || len(a.Channels) != 1 {
		t.Errorf("after the service said gone: %+v", a)
	}
	if _, problems = s.ring(t, "--person", "Nobody"); !strings.Contains(problems, "nobody is called «Nobody»") {
		t.Errorf("the command says:\n%s", problems)
	}

	// Who leaves the roster is not woken again.
	if _, err := sara.Ask(wake(t, o.URL+"/push/secret-endpoint")); err != nil {
		t.Fatal(err)
	}
	gone, err := s.roster.Revoke(roster.DeviceID(s.device), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.roster = gone
	s.publish(t)
	testkit.Eventually(t, "the subscription to be erased",
		func() bool { return redistest.Command(t, s.redis, "EXISTS", "u:push:vidby:"+s.device.String()) == "0" })
	for _, secret := range []string{"secret", "127.0.0.1:", "tk_", "Sara"} {
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, secret) && !strings.Contains(line, "msg=origin") {
				t.Errorf("the log says %s: %s", secret, line)
			}
		}
	}
}

// ring is `utvag alarm test`.
func (s *running) ring(t *testing.T, arguments ...string) (out, problems string) {
	t.Helper()
	cmd := s.command(t)
	cmd.Args = append([]string{cmd.Path, "alarm", "test", "--config", filepath.Join(s.Dir, "utvag.yaml")}, arguments...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if failed := strings.Contains(stdout.String(), "FAILED") ||
		strings.Contains(stderr.String(), "nobody"); (err != nil) != failed {
		t.Errorf("it ended with %v", err)
	}
	for _, secret := range []string{"secret-topic", "secret-endpoint", "tk_", "127.0.0.1"} {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			t.Errorf("it says %s:\n%s%s", secret, &stdout, &stderr)
		}
	}
	return stdout.String(), stderr.String()
}

func TestAlarmKeysMakesAKeyOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "push-key")
	make := func() (int, string) {
		var out, problems strings.Builder
		code := run(terminal{context.Background(), strings.NewReader(""), &out, &problems, time.Now},
			[]string{"alarm", "keys", "--out", file})
		return code, problems.String()
	}
	if code, said := make(); code != 0 {
		t.Fatalf("%d: %s", code, said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := webpush.ParseKey(string(text)); err != nil {
		t.Error(err)
	}
	if about, err := os.Stat(file); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", about.Mode(), err)
	}
	if code, said := make(); code != 1 || !strings.Contains(said, "exists") {
		t.Errorf("a second time: %d: %s", code, said)
	}
}
