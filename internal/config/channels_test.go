package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/internal/testkit"
)

func TestRightChannels(t *testing.T) {
	p := testkit.WithChannels(t)
	checked, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range alarm.Names {
		if !checked.Channels.Has(name) {
			t.Errorf("there is no %s", name)
		}
	}
	c := checked.Channels
	if c.Mail.Password != "hunter2mail" || c.SMS.Password != "hunter2elks" || c.SMS.Base.String() != elks ||
		len(c.Webhook.Secret) != 32 || c.Ntfy.Token[:3] != "tk_" || c.Sound != "sound/beep" {
		t.Errorf("read as %+v", c)
	}
	if who := checked.Kommuner[0].People; who["Sara"][alarm.SMS] != "+46701234567" || who["Ali"][alarm.Webhook] == "" ||
		len(who) != 2 {
		t.Errorf("people are read as %v", who)
	}
}

// The block of the example that is commented out is right, too, once it is not.
func TestExampleChannelsAreRight(t *testing.T) {
	p := testkit.NewFolder(t)
	testkit.Example(t, p)
	testkit.WriteSecrets(t, p)
	uncommented := regexp.MustCompile(`(?m)^( *)# `)
	for _, block := range []string{`(?m)^# channels:\n(#   .*\n)+`, `(?m)^    # people:\n(    #   .*\n)+`} {
		p.Text = regexp.MustCompile(block).ReplaceAllStringFunc(p.Text,
			func(found string) string { return uncommented.ReplaceAllString(found, "$1") })
	}
	if strings.Count(p.Text, "\nchannels:")+strings.Count(p.Text, "\n    people:") != 2 {
		t.Fatal("the example shows no channels, or no people")
	}
	checked, err := Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	if !hasAll(&checked.Channels) || len(checked.Kommuner[0].People) != 2 {
		t.Errorf("not all of it was read: %+v %v", checked.Channels, checked.Kommuner[0].People)
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
		{"mail with a user alone", "password_file: mail-password,", "", "  mail:", "no password_file"},
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
			p := testkit.WithChannels(t)
			changed := strings.Replace(p.Text, c.old, c.new, 1)
			if changed == p.Text {
				t.Fatal("nothing was changed")
			}
			p.Text = changed
			err := loadFolder(t, p)
			var wrong Mistakes
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret stands in a mistake: %v", err)
			}
			for _, m := range wrong {
				if strings.Contains(m.Text, c.want) && m.Line == lineOf(p, c.line) {
					return
				}
			}
			t.Errorf("no mistake says %q at line %d:\n%s", c.want, lineOf(p, c.line), wrong)
		})
	}
}

func TestASecretThatEverybodyCanReadIsRefused(t *testing.T) {
	p := testkit.WithChannels(t)
	if err := os.Chmod(filepath.Join(p.Dir, "mail-password"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := loadFolder(t, p); err == nil || !strings.Contains(err.Error(), "chmod o-rwx") {
		t.Errorf("got %v", err)
	}
}

func hasAll(c *Channels) bool {
	return !slices.ContainsFunc(alarm.Names, func(name alarm.Name) bool { return !c.Has(name) })
}
