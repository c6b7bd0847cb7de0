package quietlog

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAttributesPassByKeyOnly(t *testing.T) {
	var out bytes.Buffer
	log := New(&out)
	log.With("remote", "tell-1", "kommun", "vidby").WithGroup("request").Info("started",
		"user_agent", "tell-2", "serial", uint64(7), "problem", errors.New("read tcp 127.0.0.1:80->192.0.2.7:5555: reset"),
		"kind", struct{ Secret string }{"tell-3"}, slog.Group("kommun", "body", "tell-4"), "listen", "127.0.0.1:8080",
		"problem", slog.AnyValue(http.Header{"X": {"tell-5"}}), "error", "tell-6", "request", "tell-7", "of", "tell-8")
	got := out.String()
	for _, want := range []string{"kommun=vidby", "serial=7", "listen=127.0.0.1:8080", "msg=started",
		`problem="read tcp [address]->[address]: reset"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %s: %s", want, got)
		}
	}
	for _, never := range []string{"tell-", "192.0.2.7", "5555"} {
		if strings.Contains(got, never) {
			t.Errorf("the log has %s: %s", never, got)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"from 192.0.2.7:5555 to":                              "from [address] to",
		"from [2001:db8::1]:443 to":                           "from [address] to",
		"from 2001:db8:0:1:2:3:4:5 to":                        "from [address] to",
		"from ::1 to":                                         "from [address] to",
		"from fe80::1%eth0 to":                                "from [address] to",
		"mailbox " + strings.Repeat("ab", 32):                 "mailbox [id]",
		"key kqFzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= x": "key [id] x",
		"at 12:30:45 it stopped":                              "at 12:30:45 it stopped",
		"until 2026-11-22T10:00:00Z":                          "until 2026-11-22T10:00:00Z",
		"a\nb\x1b[31m":                                        "a b [31m",
		"serial 7, seen 8":                                    "serial 7, seen 8",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// The real http.Server, with a client that does it wrong and a handler that panics with what it was given.
func TestServerLog(t *testing.T) {
	var out bytes.Buffer
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		panic("I was given " + r.URL.Path)
	}))
	server.Config.ErrorLog = ServerLog(New(&out))
	server.StartTLS()
	// A handshake that is no handshake.
	plain, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	local := plain.LocalAddr().String()
	fmt.Fprint(plain, "GET / HTTP/1.1\r\n\r\n")
	io.Copy(io.Discard, plain)
	plain.Close()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if response, err := client.Get(server.URL + "/my-brother-is-in-it"); err == nil {
		response.Body.Close()
		t.Fatal("the handler did not panic")
	}
	server.Close()
	got := out.String()
	if !strings.Contains(got, "kind=tls") || !strings.Contains(got, "kind=panic") ||
		!strings.Contains(got, "quietlog_test.go:") {
		t.Errorf("the log does not tell what happened: %s", got)
	}
	for _, never := range []string{"brother", local, "127.0.0.1", "given"} {
		if strings.Contains(got, never) {
			t.Errorf("the log has %q: %s", never, got)
		}
	}
}

func TestServerLogCounts(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	e := &events{logger: New(&out), now: func() time.Time { return now }, last: map[string]time.Time{},
		count: map[string]int{}}
	for range 5 {
		e.Write([]byte("http: TLS handshake error from 192.0.2.7:1: EOF"))
	}
	now = now.Add(every)
	e.Write([]byte("http: TLS handshake error from 192.0.2.7:1: EOF"))
	if got := strings.Count(out.String(), "\n"); got != 2 || !strings.Contains(out.String(), "count=5") {
		t.Errorf("got %s", out.String())
	}
}
