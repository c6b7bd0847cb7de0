package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

func TestExampleConfigurationIsRight(t *testing.T) {
	t.Parallel()
	p := testkit.NewFolder(t)
	testkit.Example(t, p)
	var out, complaints strings.Builder
	status := run(terminal{context.Background(), strings.NewReader(""), &out, &complaints,
		func() time.Time { return testkit.Now }},
		[]string{"check", "--config", filepath.Join(p.Dir, "utvag.yaml")})
	if status != 0 || !strings.Contains(out.String(), "The configuration is right.") {
		t.Errorf("status %d:\n%s%s", status, &out, &complaints)
	}
	// As it is shipped, only the files are missing.
	_, err := config.Load(filepath.Join(testkit.Deploy, "utvag.example.yaml"), testkit.Now)
	wrong, ok := err.(config.Mistakes)
	if !ok || len(wrong) != 2 {
		t.Fatalf("got %v", err)
	}
	for _, m := range wrong {
		if !strings.Contains(m.Text, "cannot be read") {
			t.Errorf("a mistake that is no missing file: %s", m)
		}
	}
}

// The shipped Redis configuration, on a real Redis, under a real conversation: the user's rights are enough, and no
// more than that.
func TestDeployedRedis(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("UTVAG_NO_SKIP") == "1" {
			t.Fatal("redis-server is not installed, and UTVAG_NO_SKIP=1 forbids to skip")
		}
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "utvag") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	const password = "a password"
	acl := strings.Replace(
		testkit.ReadDeploy(t, "users.acl"),
		"resetpass",
		fmt.Sprintf("#%x", sha256.Sum256([]byte(password))),
		1,
	)
	if err := os.WriteFile(dir+"/users.acl", []byte(acl), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := strings.NewReplacer("/run/utvag-redis", dir, "/etc/utvag", dir).Replace(testkit.ReadDeploy(t, "redis.conf"))
	if err := os.WriteFile(dir+"/redis.conf", []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	output := new(testkit.Log)
	redis := exec.Command(program, dir+"/redis.conf")
	redis.Stdout, redis.Stderr = output, output
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Process.Kill(); redis.Wait() })
	testkit.Eventually(t, "Redis to start: "+output.String(), func() bool {
		c, err := net.Dial("unix", dir+"/redis.sock")
		if err == nil {
			c.Close()
		}
		return err == nil
	})

	serveAs(t, "unix://utvag@"+dir+"/redis.sock", password)
	for _, c := range [][]string{{"FLUSHALL"}, {"KEYS", "*"}, {"CONFIG", "SET", "save", "60 1"}, {"MONITOR"}, {"BGSAVE"},
		{"SET", "elsewhere", "1"}} {
		if reply := asUser(t, dir+"/redis.sock", password, c...); !strings.Contains(reply, "NOPERM") {
			t.Errorf("%v is allowed: %s", c, reply)
		}
	}
	if left, err := filepath.Glob(dir + "/*.rdb"); err != nil || len(left) > 0 {
		t.Errorf("Redis wrote %v", left)
	}
}

// The same user, on Redis that fails over: Sentinels are asked without it, every node of data is shown it.
func TestDeployedUserBehindSentinelsAndOnACluster(t *testing.T) {
	t.Parallel()
	const password = "a password"
	_, line, _ := strings.Cut(testkit.ReadDeploy(t, "users.acl"), "user utvag ")
	user := append([]string{"--user", "utvag"},
		strings.Fields(strings.Replace(line, "resetpass", fmt.Sprintf("#%x", sha256.Sum256([]byte(password))), 1))...)
	sentinels, cluster := redistest.StartSentinels(t, 1, user...), redistest.StartCluster(t, true, user...)
	for name, url := range map[string]string{"Sentinels": sentinels.URL, "Cluster": cluster.URL} {
		t.Run(name, func(t *testing.T) { serveAs(t, strings.Replace(url, "redis://", "redis://utvag@", 1), password) })
	}
}

// serveAs serves a whole conversation on a Redis that wants a password.
func serveAs(t *testing.T, url, password string) {
	t.Helper()
	s := prepare(t, url)
	s.Text = strings.Replace(s.Text, "kommuner:", "  password_file: redis-password\nkommuner:", 1)
	s.Write(t, "redis-password", []byte(password+"\n"))
	s.Write(t, "utvag.yaml", []byte(s.Text))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- run(terminal{ctx, strings.NewReader(""), io.Discard, s.log, time.Now},
			[]string{"serve", "--config", filepath.Join(s.Dir, "utvag.yaml")})
	}()
	stop := func() int { cancel(); return <-done }
	s.log.Await(t, "msg=serving", "nothing was started")
	if !strings.Contains(s.log.String(), "msg=serving") {
		t.Fatalf("serve did not start:\n%s", s.log)
	}
	mailbox, visitor := s.story(t)
	get(t, s.visitor+"/directory")
	get(t, s.visitor+"/status")
	locator, capability := chattest.NewLocator(), chat.Capability(chattest.NewCapability())
	for _, f := range []chat.Request{
		&chat.Put{Locator: locator, Capability: capability, Version: 1, Keep: chat.KeepState,
			Blob: []byte("sealed")}, &chat.Get{Locator: locator},
		&chat.Drop{Locator: locator, Capability: capability}, &chat.Keep{Mailbox: mailbox}, &chat.Leave{Mailbox: mailbox,
			Erase: 1},
	} {
		if _, err := visitor.Ask(f); err != nil {
			t.Errorf("%v: %v", f.Kind(), err)
		}
	}
	if _, err := visitor.Ask(&chat.End{Mailbox: mailbox}); err != nil {
		t.Error(err)
	}
	visitor.Close()
	if status := stop(); status != 0 {
		t.Errorf("serve ended with %d:\n%s", status, s.log)
	}
	if strings.Contains(s.log.String(), "NOPERM") || strings.Contains(s.log.String(), password) {
		t.Errorf("the log says:\n%s", s.log)
	}
}

// asUser says one thing to Redis as the server's user.
func asUser(t *testing.T, socket, password string, words ...string) string {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	send := func(words ...string) string {
		fmt.Fprintf(c, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(c, "$%d\r\n%s\r\n", len(w), w)
		}
		reply := make([]byte, 4096)
		n, err := c.Read(reply)
		if err != nil {
			t.Fatal(err)
		}
		return string(reply[:n])
	}
	if reply := send("AUTH", "utvag", password); reply != "+OK\r\n" {
		t.Fatalf("no login: %s", reply)
	}
	return send(words...)
}
