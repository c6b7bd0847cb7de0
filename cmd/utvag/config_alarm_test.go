package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/webpush"
)

const rightChannels = `channels:
  push: {key_file: push-key, contact: drift@vidby.example}
  ntfy: {url: "https://ntfy.vidby.example", token_file: ntfy-token}
  mail: {server: "mail.vidby.example:587", tls: starttls, user: kontakt, password_file: mail-password, from: noreply@vidby.example}
  webhook: {key_id: 2026-1, secret_file: webhook-secret}
  sms: {user: u01, password_file: elks-password, from: Kontakt}
  voice: {user: u01, password_file: elks-password, from: "+46701234567"}
kommuner:
`

const rightPeople = `    people:
      Sara: {sms: "+46701234567", mail: sara@vidby.example}
      Ali: {ntfy: vidby-8f3kq0z1x7m2, webhook: "https://larm.vidby.example/utvag"}
`

func newAlarmPlace(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.text = strings.Replace(p.text, "kommuner:\n", rightChannels, 1) + rightPeople
	p.writeAlarmSecrets(t)
	return p
}

func (p *place) writeAlarmSecrets(t *testing.T) {
	t.Helper()
	key, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "push-key", []byte(key.Text()))
	p.write(t, "ntfy-token", []byte("tk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"))
	p.write(t, "mail-password", []byte("hunter2mail\n"))
	p.write(t, "elks-password", []byte("hunter2elks\n"))
	p.write(t, "webhook-secret", []byte("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"))
}

func TestRightChannels(t *testing.T) {
	p := newAlarmPlace(t)
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range alarm.Names {
		if !checked.channels.has(name) {
			t.Errorf("there is no %s", name)
		}
	}
	if got := len(checked.channels.make(nil)); got != len(alarm.Names) {
		t.Errorf("%d channels were made", got)
	}
	c := checked.channels
	if c.mail.Password != "hunter2mail" || c.sms.Password != "hunter2elks" || c.sms.Base.String() != elks ||
		len(c.webhook.Secret) != 32 || c.ntfy.Token[:3] != "tk_" || c.sound != "sound/beep" {
		t.Errorf("read as %+v", c)
	}
	if who := checked.tenants[0].people; who["Sara"][alarm.SMS] != "+46701234567" || who["Ali"][alarm.Webhook] == "" ||
		len(who) != 2 {
		t.Errorf("people are read as %v", who)
	}
}

// The block of the example that is commented out is right, too, once it is not.
func TestExampleChannelsAreRight(t *testing.T) {
	p := newPlace(t)
	example(t, p)
	p.writeAlarmSecrets(t)
	uncommented := regexp.MustCompile(`(?m)^( *)# `)
	for _, block := range []string{`(?m)^# channels:\n(#   .*\n)+`, `(?m)^    # people:\n(    #   .*\n)+`} {
		p.text = regexp.MustCompile(block).ReplaceAllStringFunc(p.text,
			func(found string) string { return uncommented.ReplaceAllString(found, "$1") })
	}
	if strings.Count(p.text, "\nchannels:")+strings.Count(p.text, "\n    people:") != 2 {
		t.Fatal("the example shows no channels, or no people")
	}
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	if len(checked.channels.make(nil)) != len(alarm.Names) || len(checked.tenants[0].people) != 2 {
		t.Errorf("not all of it was read: %+v %v", checked.channels, checked.tenants[0].people)
	}
}

func TestEveryMistakeOfAChannelIsNamedWithItsLine(t *testing.T) {
	for _, c := range []struct{ name, old, new, line, want string }{
		{"push without a key", "key_file: push-key, ", "", "  push:", "no key_file"},
		{"push with a key that is none", "push-key", "ntfy-token", "  push:", "utvag alarm keys"},
		{"push without a contact", ", contact: drift@vidby.example", "", "  push:", "no contact"},
		{"ntfy without TLS", "https://ntfy.vidby.example", "http://ntfy.vidby.example", "  ntfy:", "https://"},
		{"ntfy with a password in its address", "https://ntfy", "https://a:hunter2@ntfy", "  ntfy:", "without user"},
		{"ntfy without an address", `url: "https://ntfy.vidby.example", `, "", "  ntfy:", "no url"},
		{"a file that is missing", "token_file: ntfy-token", "token_file: no-token", "  ntfy:", "cannot be read"},
		{"mail without a port", "vidby.example:587", "vidby.example", "  mail:", "host:port"},
		{"mail without TLS", "tls: starttls", "tls: none", "  mail:", "without TLS no mail is sent"},
		{"mail without a sender", "from: noreply@vidby.example", "from: noreply", "  mail:", "no from"},
		{"mail with a user alone", "password_file: mail-password, ", "", "  mail:", "no password_file"},
		{"mail with a password alone", "user: kontakt, ", "", "  mail:", "a password without a user"},
		{"webhook with a short secret", "secret_file: webhook-secret", "secret_file: mail-password", "  webhook:",
			"not a secret"},
		{"webhook without a key's name", "key_id: 2026-1, ", "", "  webhook:", "no key_id"},
		{"SMS from nobody", "from: Kontakt", "from: K", "  sms:", "no from"},
		{"SMS without a user", "sms: {user: u01, ", "sms: {", "  sms:", "no user"},
		{"a voice with a name", `from: "+46701234567"`, "from: Kontakt", "  voice:", "no from"},
		{"an unknown channel", "  push:", "  fax: {}\n  push:", "fax", "unknown field"},
		{"an unknown channel of a person", "Ali: {ntfy", "Ali: {fax", "Ali:", "no such channel"},
		{"push of a person", "Ali: {ntfy", "Ali: {push", "Ali:", "on the console"},
		{"a number without its country", `sms: "+46701234567", mail`, `sms: "0701234567", mail`, "Sara:",
			"international form"},
		{"a topic with a slash", "vidby-8f3kq0z1x7m2", "vidby/alarm", "Ali:", "not a topic"},
		{"a mail address with a name", "mail: sara@vidby.example", `mail: "Sara <sara@vidby.example>"`, "Sara:",
			"not a mail address"},
		{"a webhook without TLS", "https://larm", "http://larm", "Ali:", "https://"},
		{"a person on a channel that is not there", "  webhook: {key_id: 2026-1, secret_file: webhook-secret}\n", "", "Ali:",
			"there is no channels.webhook"},
		{"an alias that is none", "      Ali:", `      "A\u202eli":`, "A\\u202e", "not an alias"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newAlarmPlace(t)
			changed := strings.Replace(p.text, c.old, c.new, 1)
			if changed == p.text {
				t.Fatal("nothing was changed")
			}
			p.text = changed
			err := p.load(t)
			var wrong mistakes
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret stands in a mistake: %v", err)
			}
			for _, m := range wrong {
				if strings.Contains(m.text, c.want) && m.line == lineOf(p, c.line) {
					return
				}
			}
			t.Errorf("no mistake says %q at line %d:\n%s", c.want, lineOf(p, c.line), wrong)
		})
	}
}

func TestASecretThatEverybodyCanReadIsRefused(t *testing.T) {
	p := newAlarmPlace(t)
	if err := os.Chmod(filepath.Join(p.dir, "mail-password"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.load(t); err == nil || !strings.Contains(err.Error(), "chmod o-rwx") {
		t.Errorf("got %v", err)
	}
}
