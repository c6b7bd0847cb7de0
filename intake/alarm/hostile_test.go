package alarm_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/internal/outbound"
	"github.com/utvag/utvag/intake/alarm/ntfy"
	"github.com/utvag/utvag/intake/alarm/sms"
	"github.com/utvag/utvag/intake/alarm/webhook"
	"github.com/utvag/utvag/intake/alarm/webpush"
)

var hurried = alarm.Limits{Try: 400 * time.Millisecond, Tries: 3, Pause: time.Millisecond}

// overHTTP makes every channel that speaks HTTP, with the server at base behind it.
func overHTTP(t *testing.T, base string, limits alarm.Limits) map[alarm.Name]func() error {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	vapid, _ := webpush.NewKey()
	subscriptions := &kept{all: []webpush.Subscription{newBrowser(t,
		vapid.Public()).subscription("https://" + u.Host + "/secret-endpoint")}}
	gateway := sms.Config{Base: u, User: "u01", Password: "secret", From: "+46701112233", Limits: limits}
	call := func(c alarm.Channel, address string) func() error {
		return func() error {
			return c.Call(context.Background(), alarm.Call{Kommun: "vidby", Alias: "Sara", Address: address, Key: key(1)})
		}
	}
	return map[alarm.Name]func() error{
		alarm.Ntfy: call(ntfy.New(ntfy.Config{Server: u, Token: "tk_secret", Limits: limits}), "secret-topic"),
		alarm.Webhook: call(webhook.New(webhook.Config{KeyID: "1", Secret: make([]byte, 32), Limits: limits}),
			base+"/secret-path"),
		alarm.SMS:   call(sms.Text(gateway), "+46709998877"),
		alarm.Voice: call(sms.Voice(gateway, "sound/beep"), "+46709998877"),
		alarm.Push: call(webpush.New(webpush.Config{Key: vapid, Contact: "drift@vidby.example",
			Subscriptions: subscriptions, Private: true, Limits: limits}), ""),
	}
}

// secrets must not stand in any error.
func secrets(base string) []string {
	u, _ := url.Parse(base)
	return []string{"secret", "+4670", "4670", "127.0.0.1", u.Port(), "localhost", "vidby", "sara", "http", key(1)}
}

// repeats tells whether a channel may send again what could have arrived.
func repeats(name alarm.Name) bool { return name != alarm.SMS && name != alarm.Voice }

func TestHostileServers(t *testing.T) {
	var elsewhere atomic.Int32
	trap := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(trap.Close)
	for _, c := range []struct {
		name, want string
		// tries is how often a channel asks that may repeat; once, how often one that may not.
		tries, once int32
		answer      http.HandlerFunc
	}{
		{"a fault of its own", "500: the service has a fault", 3, 1,
			func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }},
		{"too much to do", "503: the service has too much to do", 3, 3,
			func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }},
		{"asks to be left alone", "429: the service has too much to do", 1, 1, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		}},
		{"asks to be left alone until a date", "429", 1, 1, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "Wed, 25 Nov 2026 13:00:00 GMT")
			w.WriteHeader(429)
		}},
		{"does not know", "400: the service does not take", 1, 1,
			func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400) }},
		{"a redirect", "302, a redirect, which is never followed", 1, 1, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, trap.URL+"/taken", http.StatusFound)
		}},
		{"a redirect that keeps the body", "307, a redirect", 1, 1, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, trap.URL+"/taken", http.StatusTemporaryRedirect)
		}},
		{"hangs", "no whole answer came within 400ms", 3, 1, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // until then the server does not notice that the client is gone
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // to return would be to answer
		}},
		{"drips", "no whole answer came within 400ms", 3, 1, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Length", "1000")
			for drop := time.Tick(20 * time.Millisecond); r.Context().Err() == nil; {
				fmt.Fprint(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-drop:
				case <-r.Context().Done():
				}
			}
		}},
		{"breaks off", "the connection", 3, 1, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
		{"endless headers", "", 3, 1, func(w http.ResponseWriter, r *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
			}
		}},
	} {
		for _, name := range []alarm.Name{alarm.Ntfy, alarm.Webhook, alarm.SMS, alarm.Voice, alarm.Push} {
			t.Run(fmt.Sprint(c.name, "/", name), func(t *testing.T) {
				t.Parallel() // each waits as long as the limits let it
				var asked atomic.Int32
				server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked.Add(1)
					c.answer(w, r)
				}))
				t.Cleanup(server.Close)
				limits := hurried
				if !strings.Contains(c.want, "400ms") {
					limits.Try = time.Minute // whoever answers by itself may take as long as the machine does
				}
				limits.Roots = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
				begun := time.Now()
				err := overHTTP(t, server.URL, limits)[name]()
				if err == nil {
					t.Fatal("it was accepted")
				}
				tells(t, err, c.want, secrets(server.URL)...)
				want := c.tries
				if !repeats(name) {
					want = c.once
				}
				if got := asked.Load(); got != want {
					t.Errorf("asked %d times, not %d", got, want)
				}
				if took := time.Since(begun); took > 15*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
	t.Cleanup(func() {
		if elsewhere.Load() != 0 {
			t.Error("a redirect was followed")
		}
	})
}

func TestAnswersOfSomebodyElse(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		fmt.Fprint(w, "<html>Welcome")
	}))
	t.Cleanup(server.Close)
	limits := hurried
	limits.Roots = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	calls := overHTTP(t, server.URL, limits)
	for name, want := range map[alarm.Name]string{alarm.Ntfy: "no ntfy server", alarm.SMS: "no gateway",
		alarm.Voice: "no gateway"} {
		tells(t, calls[name](), want, secrets(server.URL)...)
	}
}

func TestWrongTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	for name, call := range overHTTP(t, server.URL, hurried) {
		t.Run(string(name), func(t *testing.T) { tells(t, call(), "not signed by anybody", secrets(server.URL)...) })
	}
	plain := listen(t, func(c net.Conn) {
		bufio.NewReader(c).ReadString('\n')
		fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		c.Close()
	})
	base := fmt.Sprintf("https://127.0.0.1:%d", plain)
	for name, call := range overHTTP(t, base, hurried) {
		t.Run("plain "+string(name), func(t *testing.T) { tells(t, call(), "", secrets(base)...) })
	}
	base = "https://127.0.0.1:1"
	for name, call := range overHTTP(t, base, hurried) {
		t.Run("nobody "+string(name), func(t *testing.T) {
			tells(t, call(), "nobody listens there", "secret", "4670",
				"127.0.0.1")
		})
	}
}

// A name may resolve to anything at the moment of the call: what counts is what is connected to.
func TestPublicOnlyLooksAtWhatIsConnectedTo(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	at := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	client := outbound.New(hurried, true)
	_, err := client.Do(context.Background(),
		outbound.Sending{Same: true, Request: func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodPost, at, nil)
		}})
	tells(t, err, "private network", "localhost", "127.0.0.1")
	if asked.Load() != 0 {
		t.Error("the inner server was asked")
	}
}

// Whoever fires steps stops them with its context: no channel goes on behind its back.
func TestACallEndsWithItsContext(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	limits := patient
	limits.Roots = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	u, _ := url.Parse(server.URL)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := ntfy.New(ntfy.Config{Server: u, Limits: limits}).Call(ctx, alarm.Call{Address: "x"})
	if err == nil || time.Since(begun) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}
