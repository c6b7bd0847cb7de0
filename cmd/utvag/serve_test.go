package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// Nothing on the way from the page to an answer asks who somebody is: no cookie, no login, no header but the origin of
// the page.
func TestServeAsksNobodyWhoTheyAre(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	for _, path := range []string{"/", "/status", "/directory", "/relay", "/nowhere"} {
		response, err := http.Get(s.visitor + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.Header.Get("Set-Cookie") != "" || response.Header.Get("WWW-Authenticate") != "" ||
			response.StatusCode == http.StatusUnauthorized {
			t.Errorf("%s asks who is there: %v", path, response.Header)
		}
		if response.Header.Get("Referrer-Policy") != "no-referrer" || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s lacks the site's headers: %v", path, response.Header)
		}
	}
	// The answer to an upgrade carries the site's headers, too.
	socket, response, err := (&websocket.Dialer{Subprotocols: []string{"utvag.1"}}).Dial(strings.Replace(s.visitor, "http",
		"ws", 1)+"/relay", http.Header{"Origin": {s.visitor}})
	if err != nil {
		t.Fatal(err)
	}
	socket.Close()
	if response.Header.Get("Referrer-Policy") != "no-referrer" || response.Header.Get("Set-Cookie") != "" {
		t.Errorf("the upgrade answers with %v", response.Header)
	}
	s.story(t)
	// Whoever is not a page of this kommun is refused, with or without a name.
	for _, origin := range []string{"", "https://elsewhere.example", "null"} {
		if _, err := chattest.Dial(s.visitor+"/relay", origin); err == nil {
			t.Errorf("a page of the origin %q was let in", origin)
		}
	}
}

func TestServeLogsNoAddress(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	const address, agent, referrer = "127.101.102.103", "TellTale/1.0", "https://telltale.example/path"
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	for _, path := range []string{"/", "/status", "/directory", "/relay", "/telltale", "/%ff%00", "/?telltale=1;a"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, "TELLTALE", http.MethodOptions} {
			request, err := http.NewRequest(method, s.visitor+path, strings.NewReader(written))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("User-Agent", agent)
			request.Header.Set("Referer", referrer)
			request.Header.Set("X-Forwarded-For", "192.0.2.77")
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, never := range []string{agent, "telltale", address, "192.0.2.77"} {
				if bytes.Contains(bytes.ToLower(body), []byte(strings.ToLower(never))) {
					t.Errorf("%s %s answers with %s", method, path, never)
				}
			}
		}
	}
	// Requests that are none, and frames that are none.
	for _, garbage := range []string{"\x16\x03\x01 telltale\r\n\r\n", "GET / HTTP/9.9\r\nHost: telltale\r\n\r\n",
		"GET /telltale HTTP/1.1\r\nHost: a b\r\n\r\n"} {
		c, err := dialer.Dial("tcp", strings.TrimPrefix(s.visitor, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, garbage)
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		io.Copy(io.Discard, c)
		c.Close()
	}
	ws := websocket.Dialer{NetDialContext: dialer.DialContext, Subprotocols: []string{"utvag.1"}}
	socket, _, err := ws.Dial(strings.Replace(s.visitor, "http", "ws", 1)+"/relay",
		http.Header{"Origin": {s.visitor}, "User-Agent": {agent}, "Referer": {referrer}})
	if err != nil {
		t.Fatal(err)
	}
	socket.WriteMessage(websocket.BinaryMessage, []byte("telltale"))
	for err == nil {
		_, _, err = socket.ReadMessage()
	}
	socket.Close()
	mailbox, visitor := s.story(t)
	visitor.Cut()

	redis := dump(t, s.redis)
	s.end(t, syscall.SIGTERM)
	log := s.log.String()
	if !strings.Contains(log, "msg=serving") {
		t.Fatal("there is no log to look at")
	}
	id := hex.EncodeToString(mailbox[:])
	for _, never := range []string{address, "101.102.103", agent, "telltale", "192.0.2.77", written, "bror", id,
		strings.ToUpper(id)} {
		if strings.Contains(strings.ToLower(log), strings.ToLower(never)) {
			t.Errorf("the log has %q:\n%s", never, log)
		}
		if never != written && never != "bror" && strings.Contains(strings.ToLower(redis), strings.ToLower(never)) &&
			never != id && never != strings.ToUpper(id) {
			t.Errorf("Redis has %q", never)
		}
	}
	// The address of every connection of this test, in any line but those that say where the server listens.
	for line := range strings.SplitSeq(log, "\n") {
		if strings.Contains(line, "127.0.0.1") && !strings.Contains(line, "msg=origin") {
			t.Errorf("a line with an address: %s", line)
		}
	}
}

func TestServeFollowsTheRoster(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	staff := s.login(t)
	serial := func() uint64 {
		d, err := chat.DecodeDirectory(get(t, s.visitor+"/directory"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.pin.Verify([]byte(d.Roster), "vidby", time.Now(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return r.Serial
	}
	if got := serial(); got != 1 {
		t.Fatalf("serial %d", got)
	}
	// A forged file changes nothing but the log.
	s.Write(t, "vidby.roster", []byte("utvag roster 1\nkommun vidby\n\n— team.vidby AAAA\n"))
	s.log.Await(t, "NEW ROSTER IS REFUSED")
	if got := serial(); got != 1 {
		t.Fatalf("a forged roster was taken: serial %d", got)
	}
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	// So does an older one, once a newer one was seen; and a device that is taken out is cut off at once.
	old := s.roster
	if s.roster, err = s.roster.Revoke(roster.DeviceID(s.device), time.Now()); err != nil {
		t.Fatal(err)
	}
	s.publish(t)
	if code, err := staff.CloseCode(); err != nil || code != chat.CloseRevoked {
		t.Errorf("the device's connection ended with %v, %v", code, err)
	}
	testkit.Eventually(t, "the new roster", func() bool { return serial() == 2 })
	if frame, err := visitor.Next(); err != nil {
		t.Error(err)
	} else if told, ok := frame.(*chat.Roster); !ok || told.Serial != 2 {
		t.Errorf("the visitor heard %+v", frame)
	}
	s.roster = old
	s.publish(t)
	s.log.Await(t, "code=roster_old")
	if got := serial(); got != 2 {
		t.Errorf("an old roster was taken: serial %d", got)
	}
	c, err := chattest.Dial(s.console+"/relay", s.console)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var refused *chat.Error
	if err := c.Login(s.device, s.key); !errors.As(err, &refused) || refused.Code != chat.BadLogin {
		t.Errorf("the device that was taken out logs in: %v", err)
	}
}

// One listener for both origins, told apart by the Host header.
func TestServeChoosesByHost(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	s := prepare(t, redis)
	port := strings.TrimPrefix(s.visitor, "http://127.0.0.1:")
	s.Text = strings.NewReplacer(s.console+`", listen: "127.0.0.1:`+strings.TrimPrefix(s.console, "http://127.0.0.1:"),
		"http://localhost:"+port+`", listen: "127.0.0.1:`+port).Replace(s.Text)
	s.Write(t, "utvag.yaml", []byte(s.Text))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- run(terminal{ctx, strings.NewReader(""), io.Discard, s.log, time.Now},
			[]string{"serve", "--config", filepath.Join(s.Dir, "utvag.yaml")})
	}()
	t.Cleanup(func() { cancel(); <-done })
	s.log.Await(t, "msg=serving")
	for host, want := range map[string]string{"127.0.0.1:" + port: `"http://127.0.0.1:` + port,
		"localhost:" + port: `"http://localhost:` + port, "LOCALHOST:" + port: `"http://localhost:` + port} {
		body, response := getHost(t, s.visitor, host)
		if response.StatusCode != http.StatusOK || !strings.Contains(body, `"origin":`+want) {
			t.Errorf("%s: %d", host, response.StatusCode)
		}
	}
	body, response := getHost(t, s.visitor, "elsewhere.example")
	if response.StatusCode != http.StatusMisdirectedRequest || body != "" ||
		response.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("elsewhere: %d %q %v", response.StatusCode, body, response.Header)
	}
}

func getHost(t *testing.T, address, host string) (string, *http.Response) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), response
}

// Two who ask within one moment get the same bytes, with any headers.
func TestPublicAnswersAreTheSameForEveryone(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	for _, path := range []string{"/status", "/directory"} {
		same := false
		for range 20 { // the moment may end between the two
			a := get(t, s.visitor+path)
			request, err := http.NewRequest(http.MethodGet, s.visitor+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Accept-Language", "so")
			request.Header.Set("Cookie", "a=b")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if same = bytes.Equal(a, b); same {
				break
			}
		}
		if !same {
			t.Errorf("%s differs", path)
		}
	}
	var answer map[string]any
	if err := json.Unmarshal(get(t, s.console+"/status"), &answer); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"reachable", "within", "closes", "ready", "time"} {
		if _, ok := answer[key]; !ok {
			t.Errorf("the status lacks %s: %v", key, answer)
		}
	}
}
