package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/testkit"
)

// demo is a running `utvag demo`.
type demo struct {
	visitor, console string
	tokens           []string
	stop             func() int
	stderr           *testkit.Log
}

var (
	visitorLine     = regexp.MustCompile(`^Visitor:     (http://127\.0\.0\.1:[0-9]+)/$`)
	coordinatorLine = regexp.MustCompile(
		`^Coordinator: (http://127\.0\.0\.1:[0-9]+)/#enrol=([0-9a-f]+)&alias=(Sara|Amir)$`)
)

func startDemo(t *testing.T) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	d := &demo{stderr: new(testkit.Log)}
	status := make(chan int, 1)
	go func() {
		status <- run(terminal{ctx, strings.NewReader(""), in, d.stderr, time.Now},
			[]string{"demo", "--listen", "127.0.0.1:0"})
		in.Close()
	}()
	var once sync.Once
	var code int
	d.stop = func() int {
		once.Do(func() { cancel(); code = <-status })
		return code
	}
	t.Cleanup(func() { d.stop() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := visitorLine.FindStringSubmatch(lines.Text()); m != nil {
			d.visitor = m[1]
		}
		if m := coordinatorLine.FindStringSubmatch(lines.Text()); m != nil {
			d.console, d.tokens = m[1], append(d.tokens, m[2])
		}
		if strings.Contains(lines.Text(), "Ctrl-C") {
			break
		}
	}
	if d.visitor == "" || len(d.tokens) != 2 || d.visitor == d.console {
		t.Fatalf("the demo printed other lines: %+v\n%s", d, d.stderr)
	}
	go io.Copy(io.Discard, out)
	return d
}

func (d *demo) post(t *testing.T, origin, body string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, d.console+"/enrol", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("/enrol answers without the site's headers")
	}
	return response.StatusCode
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, response.StatusCode, err)
	}
	return body
}

// config reads the block of a page, with the pins that a client trusts.
func pageOf(t *testing.T, origin string) (pins roster.Pins, raw string) {
	t.Helper()
	page := string(get(t, origin+"/"))
	_, rest, _ := strings.Cut(page, `id="config"`)
	_, rest, _ = strings.Cut(rest, ">")
	block, _, _ := strings.Cut(rest, "</script>")
	var c struct{ Pins []string }
	if err := json.Unmarshal([]byte(block), &c); err != nil {
		t.Fatalf("%v in %q", err, block)
	}
	for _, key := range c.Pins {
		pin, err := roster.ParsePin(key)
		if err != nil {
			t.Fatal(err)
		}
		pins = append(pins, pin)
	}
	return pins, block
}

func directory(t *testing.T, origin string, pins roster.Pins) (*chat.Directory, *roster.Roster) {
	t.Helper()
	d, err := chat.DecodeDirectory(get(t, origin+"/directory"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pins.Verify([]byte(d.Roster), "vidby", time.Now(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return d, r
}

// The demo from its first line to its last: enrol, log in, publish, be found.
func TestDemo(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	pins, block := pageOf(t, d.visitor)
	if len(pins) != 2 || !strings.Contains(block, `"demo":true`) {
		t.Fatalf("the page knows %s", block)
	}
	if _, r := directory(t, d.visitor, pins); r.Serial != 1 || len(r.Devices) != 0 {
		t.Fatalf("the first roster is %+v", r)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	request, err := roster.SignEnrolment("vidby", key, []string{"sv"}, "Sara")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := testkit.EnrolmentRequest("annanby", "Sara")
	if err != nil {
		t.Fatal(err)
	}
	other, err := testkit.EnrolmentRequest("vidby", "Amir")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, origin, body string
		want               int
	}{
		{"from the visitor's page", d.visitor, d.tokens[0] + "\n" + string(request), http.StatusForbidden},
		{"wrong token", d.console, strings.Repeat("0", 32) + "\n" + string(request), http.StatusForbidden},
		{"no token", d.console, "\n" + string(request), http.StatusForbidden},
		{"no request", d.console, d.tokens[0], http.StatusBadRequest},
		{"changed request", d.console, d.tokens[0] + "\n" + strings.Replace(string(request), "Sara", "Vera", 1),
			http.StatusBadRequest},
		{"another kommun's request", d.console, d.tokens[0] + "\n" + string(foreign), http.StatusBadRequest},
		{"too large", d.console, d.tokens[0] + "\n" + strings.Repeat("x", 10<<10), http.StatusRequestEntityTooLarge},
		{"right", d.console, d.tokens[0] + "\n" + string(request), http.StatusNoContent},
		{"token used again", d.console, d.tokens[0] + "\n" + string(other), http.StatusGone},
		{"device twice", d.console, d.tokens[1] + "\n" + string(request), http.StatusConflict},
		{"second coordinator", d.console, d.tokens[1] + "\n" + string(other), http.StatusNoContent},
	} {
		if got := d.post(t, c.origin, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}

	client, err := chattest.Dial("ws"+strings.TrimPrefix(d.console, "http")+"/relay", d.console)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	device := chat.Device(roster.IDOf(key.Public().(ed25519.PublicKey)))
	if err := client.Login(device, key); err != nil {
		t.Fatal(err)
	}
	today := uint32(time.Now().Unix() / 86400)
	answer, err := client.Ask(&chat.Publish{KeyPackages: []chat.DatedKeyPackage{{Day: today,
		KeyPackage: chattest.KeyPackage(1500)}}})
	if err != nil || answer.Kind() != chat.KindReady {
		t.Fatalf("publish: %v, %v", answer, err)
	}
	testkit.Eventually(t, "the directory to have the key package", func() bool {
		dir, r := directory(t, d.visitor, pins)
		return r.Serial == 3 && len(r.Devices) == 2 && len(dir.KeyPackages) == 1 && dir.KeyPackages[0].Device == device
	})
	testkit.Eventually(t, "the status to say that somebody is there", func() bool {
		var s status
		if err := json.Unmarshal(get(t, d.visitor+"/status"), &s); err != nil {
			t.Fatal(err)
		}
		return s.Reachable && s.Ready
	})
	if code := d.stop(); code != 0 {
		t.Errorf("the demo ended with status %d: %s", code, d.stderr)
	}
	if closed, err := client.CloseCode(); err != nil || closed != chat.CloseDrain {
		t.Errorf("the relay closed with %v, %v", closed, err)
	}
	for _, token := range d.tokens {
		if strings.Contains(d.stderr.String(), token) {
			t.Error("a token is in the log")
		}
	}
}

func TestDemoPorts(t *testing.T) {
	t.Parallel()
	visitor, console, err := demoListeners("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	defer console.Close()
	// The console takes the next free port after the one that was named.
	u, err := url.Parse("http://" + visitor.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := demoListeners(u.Host); err == nil {
		t.Error("a port was taken twice")
	}
}

// Why there is no port for the console is not lost.
func TestDemoSaysWhyNoPortIsFree(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"192.0.2.1:8080", "192.0.2.1:0"} { // nobody's (RFC 5737)
		if l, err := nextFree(netip.MustParseAddrPort(address)); !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Errorf("%s: %v, %v", address, l, err)
		}
	}
	if _, err := nextFree(netip.MustParseAddrPort("127.0.0.1:65535")); err == nil {
		t.Error("a port after the last one")
	}
}
