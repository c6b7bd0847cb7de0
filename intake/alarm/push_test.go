package alarm_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/webpush"
)

// browser is what a push service and a browser do, written from RFC 8030, 8188, 8291 and 8292, and sharing nothing with
// what sends.
type browser struct {
	private *ecdh.PrivateKey
	secret  []byte
	vapid   string // the key that it has subscribed with
}

func newBrowser(t *testing.T, vapid string) *browser {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{private, make([]byte, 16), vapid}
	rand.Read(b.secret)
	return b
}

func (b *browser) subscription(endpoint string) webpush.Subscription {
	return webpush.Subscription{Endpoint: endpoint, Key: b.private.PublicKey().Bytes(), Secret: b.secret}
}

// decrypt opens an aes128gcm message of one record, and gives what is in it and how much padding there was.
func (b *browser) decrypt(message []byte) (text string, reason string) {
	if len(message) < 21 {
		return "", "no header"
	}
	salt, size, idLength := message[:16], binary.BigEndian.Uint32(message[16:20]), int(message[20])
	if size < 18 || idLength != 65 || len(message) < 21+idLength {
		return "", "header"
	}
	keyid, sealed := message[21:21+idLength], message[21+idLength:]
	if len(sealed) > int(size) {
		return "", "more than a record"
	}
	theirs, err := ecdh.P256().NewPublicKey(keyid)
	if err != nil {
		return "", "keyid"
	}
	shared, err := b.private.ECDH(theirs)
	if err != nil {
		return "", "agreement"
	}
	must := func(out []byte, err error) []byte {
		if err != nil {
			panic(err)
		}
		return out
	}
	info := "WebPush: info\x00" + string(b.private.PublicKey().Bytes()) + string(keyid)
	ikm := must(hkdf.Key(sha256.New, shared, b.secret, info, 32))
	cek := must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	nonce := must(hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12))
	block, _ := aes.NewCipher(cek)
	gcm, _ := cipher.NewGCM(block)
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return "", "it does not open"
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return "", "no delimiter of a last record"
	}
	return string(plain[:len(plain)-1]), ""
}

var authorization = regexp.MustCompile(`^vapid t=([^.,]+)\.([^.,]+)\.([^.,]+), ?k=([A-Za-z0-9_-]+)$`)

// signed judges the sender's signature.
func (b *browser) signed(header, origin string) (reason string) {
	m := authorization.FindStringSubmatch(header)
	if m == nil {
		return "no vapid: " + header
	}
	decode := func(text string) []byte {
		out, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		return out
	}
	if m[4] != b.vapid {
		return "another key than the subscription's"
	}
	point := decode(m[4])
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "key"
	}
	signature := decode(m[3])
	digest := sha256.Sum256([]byte(m[1] + "." + m[2]))
	if len(signature) != 64 || !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]),
		new(big.Int).SetBytes(signature[32:])) {
		return "signature"
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if json.Unmarshal(decode(m[1]), &head) != nil || head.Alg != "ES256" || json.Unmarshal(decode(m[2]), &claims) != nil {
		return "token"
	}
	left := time.Until(time.Unix(claims.Exp, 0))
	if claims.Aud != origin || claims.Sub != "mailto:drift@vidby.example" || left <= 0 || left > 24*time.Hour {
		return "claims: " + string(decode(m[2]))
	}
	return ""
}

// accept is a push service with one browser behind each path.
func accept(browsers map[string]*browser, texts *[]string, mu *sync.Mutex) func(r *http.Request, body []byte) (int,
	string, string) {
	return func(r *http.Request, body []byte) (int, string, string) {
		b := browsers[r.URL.Path]
		if b == nil {
			return http.StatusGone, "", ""
		}
		if reason := only(r.Header, "Authorization", "Content-Type", "Content-Encoding", "Ttl", "Urgency",
			"Topic"); reason != "" {
			return 400, "", reason
		}
		ttl, err := strconv.Atoi(r.Header.Get("TTL"))
		switch {
		case r.Method != http.MethodPost || r.Header.Get("Content-Encoding") != "aes128gcm":
			return 400, "", "form"
		case err != nil || ttl < 60 || ttl > 3600:
			return 400, "", "TTL"
		case r.Header.Get("Urgency") != "high":
			return 400, "", "urgency"
		case !regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`).MatchString(r.Header.Get("Topic")):
			return 400, "", "topic"
		case len(body) > 4096:
			return 413, "", "too large"
		}
		if reason := b.signed(r.Header.Get("Authorization"), "https://"+r.Host); reason != "" {
			return 403, "", reason
		}
		text, reason := b.decrypt(body)
		if reason != "" {
			return 400, "", reason
		}
		mu.Lock()
		defer mu.Unlock()
		*texts = append(*texts, text)
		return 201, "", ""
	}
}

// kept is a store of subscriptions.
type kept struct {
	mu  sync.Mutex
	all []webpush.Subscription
}

func (k *kept) Of(context.Context, string, string) ([]webpush.Subscription, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]webpush.Subscription(nil), k.all...), nil
}

func (k *kept) Gone(_ context.Context, _ string, s webpush.Subscription) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.all {
		if k.all[i].Endpoint == s.Endpoint {
			k.all = append(k.all[:i], k.all[i+1:]...)
			return nil
		}
	}
	return nil
}

func TestPushReachesABrowser(t *testing.T) {
	vapid, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	phone, laptop := newBrowser(t, vapid.Public()), newBrowser(t, vapid.Public())
	var texts []string
	var mu sync.Mutex
	v := newReceiver(t, accept(map[string]*browser{"/phone": phone, "/laptop": laptop}, &texts, &mu))
	store := &kept{all: []webpush.Subscription{phone.subscription(v.URL + "/phone")}}
	config := webpush.Config{Key: vapid, Contact: "drift@vidby.example", Subscriptions: store, Private: true,
		Limits: v.limits()}
	channel := webpush.New(config)
	callAll(t, channel, "")
	all := v.got(t)
	for _, r := range all {
		if len(r.body) != 4096 || r.header.Get("Topic") != all[0].header.Get("Topic") ||
			len(r.header.Get("Authorization")) != len(all[0].header.Get("Authorization")) ||
			len(r.header) != len(all[0].header) {
			t.Errorf("%d bytes, %v", len(r.body), r.header)
		}
	}
	for _, text := range texts {
		if text != alarm.Words() {
			t.Errorf("the browser reads %q", text)
		}
	}

	// Every device of the person; one that is gone is forgotten, and does not keep the others from hearing.
	store.all = append(store.all, laptop.subscription(v.URL+"/laptop"), laptop.subscription(v.URL+"/sold"))
	texts = nil
	if err := channel.Call(context.Background(), alarm.Call{Kommun: "vidby", Alias: "Sara", Key: key(7)}); err != nil {
		t.Error(err)
	}
	if len(texts) != 2 || len(store.all) != 2 {
		t.Errorf("%d browsers heard it, %d are kept", len(texts), len(store.all))
	}
	v.got(t)

	store.all = []webpush.Subscription{laptop.subscription(v.URL + "/sold")}
	tells(t, channel.Call(context.Background(), alarm.Call{}), "no longer takes alarms", "sold", "127.0.0.1")
	tells(t, channel.Call(context.Background(), alarm.Call{}), "no browser of this person")

	// A browser takes no message of another server's key.
	other, _ := webpush.NewKey()
	config.Key = other
	store.all = []webpush.Subscription{phone.subscription(v.URL + "/phone")}
	tells(t, webpush.New(config).Call(context.Background(), alarm.Call{}), "403", "phone", "127.0.0.1")
}

// What staff name as an endpoint is not to reach the operator's own network: not by its name, nor by what the name
// resolves to.
func TestPushStaysOnTheInternet(t *testing.T) {
	vapid, _ := webpush.NewKey()
	b := newBrowser(t, vapid.Public())
	for endpoint, want := range map[string]bool{
		"https://updates.push.services.mozilla.com/wpush/v2/gAAA": true,
		"https://fcm.googleapis.com/fcm/send/abc:def?x=1":         true,
		"http://fcm.googleapis.com/fcm":                           false, "https://127.0.0.1/x": false,
		"https://[::1]/x":    false,
		"https://10.0.0.1/x": false, "https://localhost/x": false,
		"https://redis/x": false, "https://a.localhost/x": false, "https://printer.local/x": false,
		"https://metadata.google.internal/x": false, "https://2130706433/x": false,
		"https://127.1/x": false, "https://0x7f.1/x": false, "https://0x7f000001/x": false, "https://u:p@a.example/x": false,
		"https:///x": false, "https://a.example/x#y": false,
		"https://[::ffff:127.0.0.1]/x": false, "https://[fe80::1%25eth0]/x": false, "javascript:alert(1)": false, "": false,
		"https://a.example/" + strings.Repeat("x", 1024): false,
	} {
		if err := b.subscription(endpoint).Check(false); (err == nil) != want {
			t.Errorf("%.60s: %v", endpoint, err)
		}
	}
	for name, spoil := range map[string]func(*webpush.Subscription){
		"a key off the curve": func(s *webpush.Subscription) {
			s.Key = bytes.Repeat([]byte{4},
				65)
		}, "no key": func(s *webpush.Subscription) { s.Key = nil },
		"a compressed key": func(s *webpush.Subscription) { s.Key = s.Key[:33] },
		"a short secret":   func(s *webpush.Subscription) { s.Secret = s.Secret[:15] },
	} {
		s := b.subscription("https://fcm.googleapis.com/x")
		spoil(&s)
		if s.Check(false) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	// localtest.me and its like are names of the internet that lead to this machine; here localhost plays one.
	hit := false
	v := newReceiver(t, func(*http.Request, []byte) (int, string, string) { hit = true; return 201, "", "" })
	s := b.subscription(strings.Replace(v.URL, "127.0.0.1", "localhost", 1) + "/x")
	config := webpush.Config{Key: vapid, Contact: "drift@vidby.example",
		Subscriptions: &kept{all: []webpush.Subscription{s}}, Limits: v.limits()}
	tells(t, webpush.New(config).Call(context.Background(), alarm.Call{}), "turn it off and on again", "localhost")
	if hit {
		t.Error("the inner server was asked")
	}
}

func TestPushKeyGoesThroughItsFile(t *testing.T) {
	k, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := webpush.ParseKey(k.Text())
	if err != nil || again.Public() != k.Public() || len(k.Public()) != 87 {
		t.Errorf("got %v, %v", again, err)
	}
	for _, text := range []string{"", "AAAA", k.Public(), strings.Repeat("A", 43), k.Text()[1:]} {
		if _, err := webpush.ParseKey(text); err == nil {
			t.Errorf("%q is a key", text)
		}
	}
}
