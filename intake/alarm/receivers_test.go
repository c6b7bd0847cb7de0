package alarm_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/ntfy"
	"github.com/utvag/utvag/intake/alarm/sms"
	"github.com/utvag/utvag/intake/alarm/webhook"
)

// receiver keeps what it was sent. accept holds a request to the form that its service documents; a reason refuses it.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests []received
	refused  []string
}

type received struct {
	header http.Header
	body   string
}

func newReceiver(t *testing.T, accept func(r *http.Request, body []byte) (status int, answer,
	reason string)) *receiver {
	t.Helper()
	v := &receiver{}
	v.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		status, answer, reason := accept(r, body)
		v.mu.Lock()
		if reason != "" {
			v.refused = append(v.refused, reason)
		} else {
			v.requests = append(v.requests, received{r.Header.Clone(), string(body)})
		}
		v.mu.Unlock()
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *receiver) limits() alarm.Limits {
	l := patient
	l.Roots = v.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return l
}

// got gives what was accepted, and fails the test for what was not.
func (v *receiver) got(t *testing.T) []received {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.refused) > 0 {
		t.Errorf("refused: %v", v.refused)
	}
	return slices.Clone(v.requests)
}

func address(t *testing.T, base, path string) *url.URL {
	t.Helper()
	u, err := url.Parse(base + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// only says which header is none of those that are expected.
func only(h http.Header, names ...string) string {
	for name := range h {
		if !slices.Contains(append(names, "User-Agent", "Content-Length", "Connection"), name) {
			return "a header that the form does not name: " + name
		}
	}
	if h.Get("User-Agent") != "utvag" {
		return "it says more of the sender: " + h.Get("User-Agent")
	}
	return ""
}

// alike requires that requests differ in the named headers alone, and there not in length.
func alike(t *testing.T, all []received, varying ...string) {
	t.Helper()
	if len(all) != len(differing("")) {
		t.Fatalf("%d requests", len(all))
	}
	for _, r := range all[1:] {
		if r.body != all[0].body {
			t.Errorf("two bodies differ:\n%s\n%s", all[0].body, r.body)
		}
		for name := range r.header {
			same := r.header.Get(name) == all[0].header.Get(name)
			if slices.Contains(varying, name) {
				same = len(r.header.Get(name)) == len(all[0].header.Get(name))
			}
			if !same || len(r.header) != len(all[0].header) {
				t.Errorf("%s is %q, then %q", name, all[0].header.Get(name), r.header.Get(name))
			}
		}
	}
	if !strings.Contains(all[0].body, alarm.Words()) {
		t.Errorf("the body does not say the words: %s", all[0].body)
	}
}

func callAll(t *testing.T, channel alarm.Channel, address string) {
	t.Helper()
	for i, call := range differing(address) {
		if err := channel.Call(context.Background(), call); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
}

// docs.ntfy.sh/publish: POST to the topic, the message as body, Title and Priority as headers, an access token as
// bearer.
func TestNtfyAsDocumented(t *testing.T) {
	v := newReceiver(t, func(r *http.Request, body []byte) (int, string, string) {
		switch {
		case r.Header.Get("Authorization") != "Bearer tk_secret":
			return 401, `{"code":40101,"http":401,"error":"unauthorized"}`, "token"
		case r.Method != http.MethodPost || r.URL.Path != "/larm-x1" || r.URL.RawQuery != "":
			return 404, "", "no topic: " + r.Method + " " + r.URL.Path
		case len(body) == 0 || len(body) > 4096:
			return 400, "", "length"
		case !slices.Contains([]string{"1", "2", "3", "4", "5", "min", "low", "default", "high", "max", "urgent"},
			r.Header.Get("Priority")):
			return 400, "", "priority"
		}
		if reason := only(r.Header, "Authorization", "Content-Type", "Title", "Priority"); reason != "" {
			return 400, "", reason
		}
		answer, _ := json.Marshal(map[string]any{"id": "sPs71M8A2T", "time": 1643935928, "event": "message",
			"topic": "larm-x1", "message": string(body)})
		return 200, string(answer), ""
	})
	channel := ntfy.New(ntfy.Config{Server: address(t, v.URL, ""), Token: "tk_secret", Limits: v.limits()})
	callAll(t, channel, "larm-x1")
	all := v.got(t)
	alike(t, all)
	if all[0].body != alarm.Words() || all[0].header.Get("Title") != alarm.Title ||
		all[0].header.Get("Priority") != "urgent" {
		t.Errorf("sent %+v", all[0])
	}
	err := ntfy.New(ntfy.Config{Server: address(t, v.URL, ""), Token: "tk_wrong",
		Limits: v.limits()}).Call(context.Background(), alarm.Call{Address: "larm-x1"})
	tells(t, err, "401: check the user, the password or the token", "tk_wrong", "larm-x1", "127.0.0.1")
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// elks is 46elks.se/docs/send-sms and /make-call.
func elks(r *http.Request, body []byte) (int, string, string) {
	user, password, ok := r.BasicAuth()
	if !ok || user != "u01" || password != "secret" {
		return 401, "Authorization required", "login"
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return 405, "", "form"
	}
	if reason := only(r.Header, "Authorization", "Content-Type"); reason != "" {
		return 400, "", reason
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return 400, "", "not a form"
	}
	known := map[string][]string{"/a1/sms": {"from", "to", "message"},
		"/a1/calls": {"from", "to", "voice_start", "timeout"}}[r.URL.Path]
	if known == nil {
		return 404, "", "no such path: " + r.URL.Path
	}
	for name, values := range form {
		if !slices.Contains(known, name) || len(values) != 1 || values[0] == "" {
			return 400, "", "parameter " + name
		}
	}
	if !e164.MatchString(form.Get("to")) {
		return 400, `"Invalid phone number"`, "to"
	}
	if r.URL.Path == "/a1/sms" {
		if from := form.Get("from"); !e164.MatchString(from) &&
			!regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{2,10}$`).MatchString(from) || form.Get("message") == "" {
			return 400, "", "from or message"
		}
		return 200, `{"status":"created","direction":"outgoing","from":"Kontakt","to":"+46701234567","parts":1,"id":"s17a6dafb12d6b1cabc053d57dac2b9d8"}`, ""
	}
	var start struct {
		Play string `json:"play"`
	}
	decoder := json.NewDecoder(strings.NewReader(form.Get("voice_start")))
	decoder.DisallowUnknownFields()
	if !e164.MatchString(form.Get("from")) || decoder.Decode(&start) != nil || start.Play == "" {
		return 400, "", "from or voice_start"
	}
	return 200, `{"direction":"outgoing","from":"+46701234567","to":"+46701234567","state":"ongoing","id":"c719b7b39b1ae1d0dc4c5a7fd3f9b7a3e"}`, ""
}

func TestGatewayAsDocumented(t *testing.T) {
	v := newReceiver(t, elks)
	config := sms.Config{Base: address(t, v.URL, "/a1"), User: "u01", Password: "secret", From: "Kontakt",
		Limits: v.limits()}
	callAll(t, sms.Text(config), "+46701234567")
	all := v.got(t)
	form, _ := url.ParseQuery(all[0].body)
	if form.Get("message") != alarm.Words() || form.Get("from") != "Kontakt" || form.Get("to") != "+46701234567" {
		t.Errorf("sent %s", all[0].body)
	}
	for _, r := range all {
		if r.body != all[0].body {
			t.Errorf("two bodies differ: %s, %s", r.body, all[0].body)
		}
	}
	config.From = "+46701112233"
	callAll(t, sms.Voice(config, "sound/beep"), "+46701234567")
	rung := v.got(t)[len(all):]
	form, _ = url.ParseQuery(rung[0].body)
	if form.Get("voice_start") != `{"play":"sound/beep"}` || form.Get("to") != "+46701234567" {
		t.Errorf("rang %s", rung[0].body)
	}
	for _, r := range rung {
		if r.body != rung[0].body {
			t.Errorf("two calls differ: %s, %s", r.body, rung[0].body)
		}
	}
	config.Password = "wrong"
	tells(t, sms.Text(config).Call(context.Background(), alarm.Call{Address: "+46709998877"}), "401: check the user",
		"wrong", "4670", "127.0.0.1")
}

// standardwebhooks.com: a receiver with the standard's own library, which also refuses what comes twice.
func TestWebhookAsStandardised(t *testing.T) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	verifier, err := standardwebhooks.NewWebhookRaw(secret)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	v := newReceiver(t, func(r *http.Request, body []byte) (int, string, string) {
		if err := verifier.Verify(body, r.Header); err != nil {
			return 401, "", err.Error()
		}
		if reason := only(r.Header, "Content-Type", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature",
			"Utvag-Key-Id"); reason != "" {
			return 400, "", reason
		}
		if r.Method != http.MethodPost || r.URL.Path != "/larm" || r.Header.Get("Content-Type") != "application/json" ||
			!json.Valid(body) {
			return 400, "", "form"
		}
		mu.Lock()
		defer mu.Unlock()
		if seen[r.Header.Get("Webhook-Id")]++; seen[r.Header.Get("Webhook-Id")] > 1 {
			return 204, "", "twice"
		}
		return 204, "", ""
	})
	config := webhook.Config{KeyID: "2026-1", Secret: secret, Limits: v.limits()}
	callAll(t, webhook.New(config), v.URL+"/larm")
	all := v.got(t)
	alike(t, all, "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature")
	if all[0].header.Get("Webhook-Id") != key(1) || all[0].header.Get("Utvag-Key-Id") != "2026-1" {
		t.Errorf("sent %v", all[0].header)
	}
	// Fired again, a step has the same id, so that the receiver knows it.
	if err := webhook.New(config).Call(context.Background(), differing(v.URL + "/larm")[0]); err != nil {
		t.Error(err)
	}
	if v.refused[0] != "twice" {
		t.Errorf("refused %v", v.refused)
	}
	// Another secret, and a time that is not now, are refused.
	for reason, c := range map[string]webhook.Config{
		"no matching signature found": {KeyID: "2026-1", Secret: []byte("another secret of enough bytes!!"),
			Limits: v.limits()},
		"message timestamp too old": {KeyID: "2026-1", Secret: secret, Limits: v.limits(),
			Now: func() time.Time { return time.Now().Add(-6 * time.Minute) }},
	} {
		tells(t, webhook.New(c).Call(context.Background(), alarm.Call{Key: key(99), Address: v.URL + "/larm"}), "401", "larm",
			"127.0.0.1", v.URL)
		if last := v.refused[len(v.refused)-1]; !strings.HasSuffix(last, reason) {
			t.Errorf("refused because %q, not %q", last, reason)
		}
	}
}
