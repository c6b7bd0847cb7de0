package server

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
	"github.com/utvag/utvag/web"
)

// guarded serves one handler as every listener does, and returns its address and its log.
func guarded(t *testing.T, secure bool, handler http.HandlerFunc) (string, *testkit.Log) {
	return guardedFor(t, maxConnections, secure, handler)
}

// guardedFor is guarded for so many connections.
func guardedFor(t *testing.T, most int64, secure bool, handler http.HandlerFunc) (string, *testkit.Log) {
	t.Helper()
	log := new(testkit.Log)
	e := config.Endpoint{Network: "tcp", Address: "127.0.0.1:0", TLS: secure}
	c, err := live.NewCertificates(
		[]config.CertificateConfig{pair(t, t.TempDir(), "a", time.Now(), "kontakt.vidby.example")},
		quietlog.New(log),
	)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(e, c)
	if err != nil {
		t.Fatal(err)
	}
	header, err := web.Headers("https://kontakt.vidby.example")
	if err != nil {
		t.Fatal(err)
	}
	s := servers{log: quietlog.New(log), places: &places{max: most}, failures: make(chan error, 1)}
	s.serve(l, handler, header)
	t.Cleanup(func() { s.stop(t.Context()) })
	return l.Addr().String(), log
}

// say sends raw bytes and reads until the server hangs up.
func say(t *testing.T, c net.Conn, text string) string {
	t.Helper()
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, text)
	all, _ := io.ReadAll(c)
	return string(all)
}

// net/http answers these without asking any handler.
func TestHeadersOnWhatNetHTTPAnswersByItself(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		address, log := guarded(t, secure,
			func(w http.ResponseWriter, r *http.Request) { t.Errorf("the handler was asked: %s", r.URL) })
		dial := func() net.Conn {
			c, err := net.Dial("tcp", address)
			if err == nil && secure {
				c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
			}
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		for request, status := range map[string]int{
			"GET / HTTP/1.1\r\n\r\n":                    400,
			"GET / HTTP/1.1\r\nHost: tell tale\r\n\r\n": 400,
			"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n":      400,
			"telltale\r\n\r\n":                          400,
			"GET / HTTP/1.1\r\nHost: a\r\nTelltale: " + strings.Repeat("a", 40<<10) + "\r\n\r\n":               431,
			"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: telltale\r\n\r\n":                                501,
			"GET / HTTP/2.0\r\nHost: a\r\n\r\n":                                                                505,
			"POST / HTTP/1.1\r\nHost: a\r\nExpect: telltale\r\nContent-Length: 1\r\nConnection: close\r\n\r\n": 417,
		} {
			answer := say(t, dial(), request)
			response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
			if err != nil {
				t.Fatalf("%.40q: %v in %q", request, err, answer)
			}
			if response.StatusCode != status {
				t.Errorf("%.40q: %s", request, response.Status)
			}
			for _, name := range []string{"Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security",
				"X-Content-Type-Options", "Cache-Control"} {
				if len(response.Header.Values(name)) != 1 {
					t.Errorf("%.40q, TLS %v: %s is %q", request, secure, name, response.Header.Values(name))
				}
			}
			if strings.Contains(answer, "telltale") {
				t.Errorf("%.40q comes back: %s", request, answer)
			}
		}
		if secure {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			// A TLS alert, and nothing in clear.
			if answer := say(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); strings.Contains(answer, "HTTP") {
				t.Errorf("in clear on a TLS listener: %q", answer)
			}
			log.Await(t, "kind=tls")
		}
		if got := log.String(); strings.Contains(got, "127.0.0.1") || strings.Contains(got, "tale") {
			t.Errorf("the log says: %s", got)
		}
	}
}

// What a client sends through an upgraded connection reaches the other end as it was, whatever it looks like.
func TestGuardLeavesUpgradedConnectionsAlone(t *testing.T) {
	t.Parallel()
	imitation := "HTTP/1.1 400 Bad Request" + string(refusalEnd)
	address, _ := guarded(t, false, func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		io.WriteString(ws.NetConn(), imitation)
	})
	upgrade := "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if answer := say(t, c, upgrade); !strings.HasPrefix(answer, "HTTP/1.1 101 ") ||
		!strings.HasSuffix(answer, "\r\n\r\n"+imitation) {
		t.Errorf("it came as %q", answer)
	}
}

// A place is free again once its connection has ended, however it did; what comes meanwhile is hung up on.
func TestRawConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		address, log := guardedFor(t, 2, secure, func(w http.ResponseWriter, r *http.Request) {
			ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
			if err == nil {
				ws.Close()
				ws.Close()
			}
		})
		dial := func() net.Conn {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			c.SetDeadline(time.Now().Add(10 * time.Second))
			return c
		}
		hungUp := func(c net.Conn) bool {
			c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			_, err := c.Read(make([]byte, 1))
			timeout, ok := err.(net.Error)
			return err != nil && !(ok && timeout.Timeout())
		}
		admitted := func() (c net.Conn) {
			testkit.Eventually(t, "room", func() bool {
				c = dial()
				return !hungUp(c)
			})
			return c
		}
		for round := range 3 {
			one, two := admitted(), admitted()
			testkit.Eventually(t, "the third to be turned away", func() bool {
				return hungUp(dial())
			})
			if hungUp(one) || hungUp(two) {
				t.Fatalf("TLS %v, round %d: who was there first was hung up on", secure, round)
			}
			one.Close()
			if !secure {
				two.SetDeadline(time.Now().Add(10 * time.Second))
				io.WriteString(
					two,
					"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
				)
				io.Copy(io.Discard, two)
			}
			two.Close()
		}
		if got := log.String(); strings.Count(got, "kind=\"too many connections\"") != 1 ||
			strings.Contains(got, "127.0.0.1") {
			t.Errorf("the log says: %s", got)
		}
	}
}
