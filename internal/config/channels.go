package config

import (
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/ntfy"
	"github.com/utvag/utvag/intake/alarm/sms"
	"github.com/utvag/utvag/intake/alarm/smtp"
	"github.com/utvag/utvag/intake/alarm/webhook"
	"github.com/utvag/utvag/intake/alarm/webpush"
	"github.com/utvag/utvag/intake/roster"
)

// ChannelsConfig is how people are called who are not at the console. What is left out is not there. Secrets are in
// files of their own.
type ChannelsConfig struct {
	Push    *PushConfig    `yaml:"push"`
	Ntfy    *NtfyConfig    `yaml:"ntfy"`
	Mail    *MailConfig    `yaml:"mail"`
	Webhook *WebhookConfig `yaml:"webhook"`
	SMS     *SMSConfig     `yaml:"sms"`
	Voice   *VoiceConfig   `yaml:"voice"`
}

// PushConfig is Web Push: each person turns it on in the console.
type PushConfig struct {
	// KeyFile is what `utvag alarm keys` makes.
	KeyFile string `yaml:"key_file"`
	// Contact is a mail address at which a push service reaches the operator.
	Contact string `yaml:"contact"`
	// AllowPrivate lets a browser name a push service on this machine or its network. For tests alone.
	AllowPrivate bool `yaml:"allow_private"`
}

// NtfyConfig is an ntfy server. People's addresses are topics.
type NtfyConfig struct {
	URL       string `yaml:"url"`
	TokenFile string `yaml:"token_file"`
}

// MailConfig is a mail server that speaks TLS. People's addresses are mail addresses.
type MailConfig struct {
	// Server is host:port.
	Server string `yaml:"server"`
	// TLS is starttls, or implicit for TLS from the first byte, as on port 465.
	TLS          string `yaml:"tls"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
}

// WebhookConfig signs requests. People's addresses are URLs.
type WebhookConfig struct {
	// KeyID tells the receiver which secret it is.
	KeyID string `yaml:"key_id"`
	// SecretFile holds whsec_ and at least 24 bytes in base64.
	SecretFile string `yaml:"secret_file"`
}

// SMSConfig is a gateway in 46elks' form. People's addresses are telephone numbers.
type SMSConfig struct {
	// URL is https://api.46elks.com/a1 if left out.
	URL          string `yaml:"url"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	// From is a telephone number, or a name of 3 to 11 letters and digits.
	From string `yaml:"from"`
}

// VoiceConfig rings telephones through the same kind of gateway.
type VoiceConfig struct {
	URL          string `yaml:"url"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	// From is a telephone number.
	From string `yaml:"from"`
	// Sound is what whoever answers hears: a URL of an audio file, or a sound of the gateway's own; sound/beep if left
	// out.
	Sound string `yaml:"sound"`
}

// People are a kommun's by alias, each with an address for each channel that reaches them.
type People map[string]map[alarm.Name]string

// Channels is what is known of the channels once nothing is wrong with their configuration.
type Channels struct {
	Push    *webpush.Config // without Subscriptions
	Ntfy    *ntfy.Config
	Mail    *smtp.Config
	Webhook *webhook.Config
	SMS     *sms.Config
	Voice   *sms.Config
	Sound   string
}

// Has reports whether a channel is configured.
func (c *Channels) Has(name alarm.Name) bool {
	switch name {
	case alarm.Push:
		return c.Push != nil
	case alarm.Ntfy:
		return c.Ntfy != nil
	case alarm.Mail:
		return c.Mail != nil
	case alarm.Webhook:
		return c.Webhook != nil
	case alarm.SMS:
		return c.SMS != nil
	case alarm.Voice:
		return c.Voice != nil
	}
	return false
}

const elks = "https://api.46elks.com/a1"

var (
	senderName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{2,10}$`)
	keyID      = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
)

func (s *source) checkChannels(c *ChannelsConfig) (set Channels) {
	if p := c.Push; p != nil {
		set.Push = &webpush.Config{Private: p.AllowPrivate, Contact: p.Contact}
		if alarm.CheckMail(p.Contact) != nil {
			s.wrong(
				"channels.push",
				"no contact: write a mail address at which a push service reaches the operator, such as drift@vidby.example",
			)
		}
		if !s.visiting { // what rings by push stands in Redis
			s.checkPushKey(p, set.Push)
		}
	}
	if n := c.Ntfy; n != nil {
		set.Ntfy = &ntfy.Config{Server: s.service("channels.ntfy", n.URL, "https://ntfy.vidby.example")}
		set.Ntfy.Token, _ = s.secret("channels.ntfy", "token_file", n.TokenFile, false)
	}
	if m := c.Mail; m != nil {
		set.Mail = s.checkMail(m)
	}
	if w := c.Webhook; w != nil {
		set.Webhook = &webhook.Config{KeyID: w.KeyID}
		if !keyID.MatchString(w.KeyID) {
			s.wrong(
				"channels.webhook",
				"no key_id: write 1 to 40 letters, digits, dots and hyphens that tell the receiver which secret it is, such as 2026-1",
			)
		}
		if text, ok := s.secret("channels.webhook", "secret_file", w.SecretFile, true); ok {
			rest, prefixed := strings.CutPrefix(text, "whsec_")
			secret, err := base64.StdEncoding.DecodeString(rest)
			if !prefixed || err != nil || len(secret) < webhook.SecretSize || len(secret) > 64 {
				s.wrong(
					"channels.webhook.secret_file",
					"not a secret: write whsec_ and 24 to 64 random bytes in base64, as `echo whsec_$(head -c 32 /dev/urandom | base64)` makes it",
				)
			}
			set.Webhook.Secret = secret
		}
	}
	if e := c.SMS; e != nil {
		set.SMS = s.gateway("channels.sms", *e)
		if alarm.CheckAddress(alarm.SMS, e.From) != nil && !senderName.MatchString(e.From) {
			s.wrong(
				"channels.sms",
				"no from: write a telephone number such as +46701234567, or a neutral name of 3 to 11 letters and digits",
			)
		}
	}
	if v := c.Voice; v != nil {
		set.Voice = s.gateway("channels.voice",
			SMSConfig{URL: v.URL, User: v.User, PasswordFile: v.PasswordFile, From: v.From})
		if alarm.CheckAddress(alarm.Voice, v.From) != nil {
			s.wrong("channels.voice", "no from: write the telephone number that rings, such as +46701234567")
		}
		set.Sound = v.Sound
		if v.Sound == "" {
			set.Sound = "sound/beep"
		} else if _, err := alarm.ParseURL(v.Sound); err != nil && !strings.HasPrefix(v.Sound, "sound/") {
			s.wrong("channels.voice.sound",
				"write the address of an audio file, or a sound of the gateway's own, such as sound/beep")
		}
	}
	return set
}

func (s *source) checkPushKey(p *PushConfig, set *webpush.Config) {
	text, ok := s.secret("channels.push", "key_file", p.KeyFile, true)
	if !ok {
		return
	}
	key, err := webpush.ParseKey(text)
	if err != nil {
		s.wrong("channels.push.key_file", "%v", err)
	}
	set.Key = key
}

func (s *source) gateway(at string, c SMSConfig) *sms.Config {
	if c.URL == "" {
		c.URL = elks
	}
	set := &sms.Config{Base: s.service(at, c.URL, elks), User: c.User, From: c.From}
	if c.User == "" || strings.Contains(c.User, ":") {
		s.wrong(at, "no user: write the user name of the gateway's API")
	}
	set.Password, _ = s.secret(at, "password_file", c.PasswordFile, true)
	return set
}

func (s *source) checkMail(m *MailConfig) *smtp.Config {
	const at = "channels.mail"
	set := &smtp.Config{User: m.User, From: m.From, Implicit: m.TLS == "implicit"}
	host, port, err := net.SplitHostPort(m.Server)
	if err == nil {
		set.Host = host
		set.Port, err = strconv.Atoi(port)
	}
	if _, isIP := netip.ParseAddr(host); err != nil || set.Port < 1 || set.Port > 65535 || host == "" || isIP != nil &&
		strings.ContainsAny(host, " /:") {
		s.wrong(at, "no server: write host:port, such as mail.vidby.example:587")
	}
	if m.TLS != "starttls" && m.TLS != "implicit" {
		s.wrong(at, "no tls: write starttls (as on port 587), or implicit (as on port 465); without TLS no mail is sent")
	}
	if alarm.CheckMail(m.From) != nil {
		s.wrong(at, "no from: write a neutral mail address, such as noreply@vidby.example")
	}
	password, given := s.secret(at, "password_file", m.PasswordFile, m.User != "")
	if given && m.User == "" {
		s.wrong(at, "a password without a user: write both, or neither")
	}
	set.Password = password
	return set
}

func (s *source) service(at, text, example string) *url.URL {
	if text == "" {
		s.wrong(at, "no url: write one such as %s", example)
		return nil
	}
	u, err := alarm.ParseURL(text)
	if err != nil {
		s.wrong(at+".url", "%v", err)
	}
	return u
}

// secret reads a file that holds one secret and nothing else. It must be readable by its owner alone, or by the
// server's group.
func (s *source) secret(at, field, name string, needed bool) (string, bool) {
	if name == "" {
		if needed {
			s.wrong(at, "no %s: write the secret alone into a file that only this server's user can read, and name it", field)
		}
		return "", false
	}
	about, err := os.Stat(s.path(name))
	if err == nil && about.Mode().Perm()&0o007 != 0 {
		s.wrong(at+"."+field, "everybody on this machine can read the file: chmod o-rwx")
		return "", false
	}
	text, err := os.ReadFile(s.path(name))
	secret := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		s.wrong(at+"."+field, "cannot be read: %s", WithoutPath(err))
	case secret == "":
		s.wrong(at+"."+field, "the file is empty: write the secret in it")
	case len(secret) > 4096 || strings.ContainsAny(secret, "\r\n\x00"):
		s.wrong(at+"."+field, "the file holds more than one line: write the secret alone in it")
	default:
		return secret, true
	}
	return "", false
}

// checkPeople reads who can be called where. A channel that nobody has configured is a mistake: somebody would wait for
// it.
func (s *source) checkPeople(at string, k *KommunConfig, set *Channels) People {
	found := make(People)
	for alias, addresses := range k.People {
		here := at + ".people." + alias
		if err := roster.CheckAlias(alias); err != nil {
			s.wrong(here, "not an alias: %v", err)
			continue
		}
		found[alias] = make(map[alarm.Name]string)
		for name, address := range addresses {
			switch {
			case !alarm.Known(name):
				s.wrong(here+"."+name, "no such channel; known are ntfy, mail, webhook, sms, voice")
			case address == "":
				s.wrong(here+"."+name, "no address: write one, or leave the line out")
			default:
				if err := alarm.CheckAddress(alarm.Name(name), address); err != nil {
					s.wrong(here+"."+name, "%v", err)
				} else if !set.Has(alarm.Name(name)) {
					s.wrong(here+"."+name, "there is no channels.%s: configure it, or leave the line out", name)
				}
				found[alias][alarm.Name(name)] = address
			}
		}
	}
	return found
}

// Any reports whether anything is to go out.
func (c *Channels) Any() bool {
	for _, name := range alarm.Names {
		if c.Has(name) {
			return true
		}
	}
	return false
}
