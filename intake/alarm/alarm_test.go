package alarm_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/alarm"
)

// key is an idempotency key.
func key(n int) string { return fmt.Sprintf("%032x", n) }

// differing are calls that differ in everything but the address, and must not differ in what is sent.
func differing(address string) []alarm.Call {
	return []alarm.Call{
		{Kommun: "vidby", Alias: "Sara", Address: address, Key: key(1)},
		{Kommun: "vidby", Alias: "Sara", Address: address, Key: key(2), Test: true},
		{Kommun: "norrby", Alias: "Ali med ett långt namn", Address: address, Key: key(0xffffff)},
		{Kommun: "norrby", Alias: "Ali med ett långt namn", Address: address, Key: key(4), Test: true},
	}
}

// tells requires a failure that says want, and nothing of what is secret.
func tells(t *testing.T, err error, want string, secrets ...string) {
	t.Helper()
	var failure *alarm.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("it says %q, not %q", err, want)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(secret)) {
			t.Errorf("it says %q, which holds %q", err, secret)
		}
	}
}

func TestTheWordsAreFewAndNeutral(t *testing.T) {
	words := alarm.Words()
	if len(words) > 40 || len(strings.Fields(words)) > 6 || strings.ContainsAny(words, "0123456789{}") {
		t.Errorf("the words are %q", words)
	}
	for _, telling := range []string{"väntar", "avhopp", "gäng", "kommun", "larm", "test", "samtal", "utväg", "person"} {
		if strings.Contains(strings.ToLower(words), telling) {
			t.Errorf("%q says %s on a locked screen", words, telling)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2a00:1450:400f::1": true, "::ffff:93.184.216.34": true,
		"127.0.0.1": false, "127.8.8.8": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false,
		"fe80::1":         false, "fc00::1": false, "fd12::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "100.64.0.1": false, "192.0.2.1": false, "198.18.0.1": false, "::ffff:127.0.0.1": false,
		"::ffff:10.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "240.0.0.1": false, "fe80::1%eth0": false,
	} {
		if got := alarm.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v", text, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		name    alarm.Name
		address string
		ok      bool
	}{
		{alarm.SMS, "+46701234567", true}, {alarm.SMS, "0701234567", false}, {alarm.SMS, "+46 70 123", false}, {alarm.SMS,
			"+0701234567", false}, {alarm.Voice, "+4670123456789012", false},
		{alarm.Ntfy, "vidby-8f3k", true}, {alarm.Ntfy, "a/b", false}, {alarm.Ntfy, "", false}, {alarm.Ntfy, "..",
			false}, {alarm.Ntfy, strings.Repeat("a", 65), false},
		{alarm.Mail, "a@b.se", true}, {alarm.Mail, "<a@b.se>", false}, {alarm.Mail, "a@b.se\r\nBcc: c@d.se",
			false}, {alarm.Mail, "a", false}, {alarm.Mail, `"a b"@c.se`, false},
		{alarm.Webhook, "https://a.example/x", true}, {alarm.Webhook, "http://a.example/x", false}, {alarm.Webhook,
			"http://127.0.0.1:99/x", true}, {alarm.Webhook, "http://localhost/x", false},
		{alarm.Webhook, "https://u:p@a.example/", false}, {alarm.Webhook, "https://a.example/?k=1", false}, {alarm.Webhook,
			"ftp://a.example/", false}, {alarm.Push, "anything", false},
	} {
		if err := alarm.CheckAddress(c.name, c.address); (err == nil) != c.ok {
			t.Errorf("%s %q: %v", c.name, c.address, err)
		}
	}
}
