package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/escalation"
	"github.com/utvag/utvag/intake/hours"
	"github.com/utvag/utvag/intake/probe"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("UTVAG_NO_SKIP") == "1" {
		t.Fatal("Chromium is not installed, and UTVAG_NO_SKIP=1 forbids to skip")
	}
	t.Skip("Chromium is not installed: make tools")
	return ""
}

// withProbe makes a probe key and names it in the configuration.
func withProbe(t *testing.T, s *running, more string) {
	t.Helper()
	if out, err := exec.Command(binary(t), "probe", "--kommun", "vidby", "--new-key",
		filepath.Join(s.Dir, "probe")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.Text = strings.Replace(s.Text, "    leave: https", "    probe_key_file: probe\n"+more+"    leave: https", 1)
	s.Write(t, "utvag.yaml", []byte(s.Text))
}

// hook is a receiver of webhooks, over HTTP on loopback. It gives the aliases' paths that were called with a good
// signature.
func hook(t *testing.T, secret []byte) (string, <-chan string) {
	t.Helper()
	called := make(chan string, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + string(body)))
		if !strings.Contains(r.Header.Get("webhook-signature"), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		called <- r.URL.Path
	}))
	t.Cleanup(server.Close)
	return server.URL, called
}

// Somebody is signed in, and nobody answers: that ends with status 1, a line that says what to do, and a call to the
// lead.
func TestProbeIsMissed(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	s := prepare(t, redistest.Start(t))
	secret := []byte("a secret of at least 24 bytes")
	url, called := hook(t, secret)
	s.Write(t, "hook", []byte("whsec_"+base64.StdEncoding.EncodeToString(secret)))
	withProbe(t, s, "    people:\n      Lena: {webhook: "+url+"/lena}\n")
	s.Text = strings.Replace(s.Text, "kommuner:", "channels:\n  webhook: {key_id: t, secret_file: hook}\nkommuner:", 1)
	s.Write(t, "utvag.yaml", []byte(s.Text))
	s.cmd = s.command(t)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Signal(os.Interrupt)
		s.cmd.Wait()
	})
	s.log.Await(t, "msg=serving")

	scratch := t.TempDir()
	visit := func() string {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, binary(t), "probe", "--config", filepath.Join(s.Dir, "utvag.yaml"), "--kommun",
			"vidby", "--once", "--patience", "10s", "--browser", browser)
		cmd.Env = append(os.Environ(), "TMPDIR="+scratch)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("status %d:\n%s", code, out)
		}
		if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
			t.Errorf("it left %v, %v", left, err)
		}
		select {
		case path := <-called:
			if path != "/lena" {
				t.Errorf("called %s", path)
			}
		default:
			t.Errorf("nobody was called:\n%s", out)
		}
		return string(out)
	}

	// Nobody is signed in.
	if out := visit(); !strings.Contains(out, "somebody must sign in") {
		t.Errorf("it said:\n%s", out)
	}

	// Somebody is, with a key package that nobody can use: the page takes the text, and says that something is wrong.
	staff := s.login(t)
	today := uint32(time.Now().Unix() / 86400)
	if _, err := staff.Ask(&chat.Publish{KeyPackages: []chat.DatedKeyPackage{{Day: today,
		KeyPackage: chattest.KeyPackage(1500)}}}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Second) // the page's own answer is that old at most
	if out := visit(); !strings.Contains(out, "A PROBE WAS NOT ANSWERED") ||
		!strings.Contains(out, "See whether the server runs") {
		t.Errorf("it said:\n%s", out)
	}
}

func TestProbeRefuses(t *testing.T) {
	t.Parallel()
	s := prepare(t, "unix:///run/redis.sock")
	try := func(want string, arguments ...string) {
		t.Helper()
		var out, complaints strings.Builder
		status := run(terminal{t.Context(), strings.NewReader(""), &out, &complaints, time.Now},
			append([]string{"probe"}, arguments...))
		if status == 0 || !strings.Contains(complaints.String(), want) {
			t.Errorf("%v: status %d, %s", arguments, status, &complaints)
		}
	}
	config := filepath.Join(s.Dir, "utvag.yaml")
	try("no probe_key_file", "--config", config, "--kommun", "vidby", "--once")
	try("name the configuration", "--kommun", "vidby")
	try("no kommun «annanby»", "--config", config, "--kommun", "annanby")
	try("--patience", "--config", config, "--kommun", "vidby", "--patience", "16m")
	try("--every", "--config", config, "--kommun", "vidby", "--every", "1m")
	try("not a kommun id", "--kommun", "Vidby!", "--new-key", filepath.Join(s.Dir, "x"))
	withProbe(t, s, "")
	try("cannot be made", "--kommun", "vidby", "--new-key", filepath.Join(s.Dir, "probe"))
	if err := os.Chmod(filepath.Join(s.Dir, "probe"), 0o644); err != nil {
		t.Fatal(err)
	}
	try("chmod o-rwx", "--config", config, "--kommun", "vidby", "--once")
	s.Write(t, "probe.pub", []byte("probe.annanby+12345678+AAAA\n"))
	try("not the public half", "--config", config, "--kommun", "vidby", "--once")
	if err := os.Remove(filepath.Join(s.Dir, "probe.pub")); err != nil {
		t.Fatal(err)
	}
	try("utvag probe --new-key", "--config", config, "--kommun", "vidby", "--once")
}

// A probe runs as another user, or on another machine: what the server keeps for itself is not there, and is not asked
// for.
func TestAProbeNeedsNothingOfTheServersOwn(t *testing.T) {
	t.Parallel()
	p := testkit.NewFolder(t)
	p.Text = strings.NewReplacer(
		"redis:\n",
		"redis:\n  password_file: redis-password\n",
		"kommuner:\n",
		"tls:\n  - {cert: chain.pem, key: key.pem}\nchannels:\n  push: {key_file: push-key, contact: drift@vidby.example}\nkommuner:\n",
		testkit.Leave,
		"    access_log: {folder: access}\n"+testkit.Leave,
	).Replace(p.Text)
	p.Write(t, "utvag.yaml", []byte(p.Text))
	_, err := config.Load(filepath.Join(p.Dir, "utvag.yaml"), testkit.Now)
	var wrong config.Mistakes
	if !errors.As(err, &wrong) || len(wrong) != 4 {
		t.Fatalf("the server misses %v", err)
	}
	if _, err := config.LoadVisitors(filepath.Join(p.Dir, "utvag.yaml"), testkit.Now); err != nil {
		t.Fatalf("the probe asks for what is the server's: %v", err)
	}
}

func TestDutyNeedsSomebody(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	if spans := meant(&config.Kommun{}, nil, now); !holds(spans, now.Add(time.Hour)) {
		t.Errorf("without hours and rota: %v", spans)
	}
	h, faults := hours.New(hours.Spec{Zone: "UTC", Week: map[string]string{"wed": "10:00-12:00"}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	spans := meant(&config.Kommun{Hours: h}, nil, now)
	if holds(spans, now) || !holds(spans, now.Add(90*time.Minute)) || holds(spans, now.Add(4*time.Hour)) {
		t.Errorf("by hours alone: %v", spans)
	}
	unread := &config.Kommun{Hours: h, Rota: &config.Rota{}}
	if spans := meant(unread, live.NewRota(unread, time.Now, nil), now); len(
		spans,
	) > 0 {
		t.Errorf("with a rota that was never read: %v", spans)
	}
}

func TestProbeWaitsAsLongAsTheEscalation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ said, fails, want time.Duration }{
		{0, 8 * time.Minute, 8 * time.Minute},
		{0, 4 * time.Minute, 4 * time.Minute},
		{0, time.Hour, probe.Lasts},
		{time.Minute, 8 * time.Minute, time.Minute},
	} {
		if got := (&probeCommand{Patience: test.said}).patience(&escalation.Policy{Fails: test.fails}); got != test.want {
			t.Errorf("%v on an escalation of %v: %v, want %v", test.said, test.fails, got, test.want)
		}
	}
}

func holds(spans []hours.Span, now time.Time) bool {
	return slices.ContainsFunc(spans, func(s hours.Span) bool { return s.Holds(now) })
}
