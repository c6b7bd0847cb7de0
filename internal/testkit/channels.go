package testkit

import (
	"strings"
	"testing"

	"github.com/utvag/utvag/intake/alarm/webpush"
)

const rightChannels = `channels:
  push: {key_file: push-key, contact: drift@vidby.example}
  ntfy: {url: "https://ntfy.vidby.example", token_file: ntfy-token}
  mail: {server: "mail.vidby.example:587", tls: starttls, user: kontakt, password_file: mail-password,
    from: noreply@vidby.example}
  webhook: {key_id: 2026-1, secret_file: webhook-secret}
  sms: {user: u01, password_file: elks-password, from: Kontakt}
  voice: {user: u01, password_file: elks-password, from: "+46701234567"}
kommuner:
`

const rightPeople = `    people:
      Sara: {sms: "+46701234567", mail: sara@vidby.example}
      Ali: {ntfy: vidby-8f3kq0z1x7m2, webhook: "https://larm.vidby.example/utvag"}
`

// WithChannels is a place with every channel, the files of their secrets, and two people.
func WithChannels(t *testing.T) *Folder {
	t.Helper()
	p := NewFolder(t)
	p.Text = strings.Replace(p.Text, "kommuner:\n", rightChannels, 1) + rightPeople
	WriteSecrets(t, p)
	return p
}

// WriteSecrets writes the files that rightChannels names.
func WriteSecrets(t *testing.T, p *Folder) {
	t.Helper()
	key, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, "push-key", []byte(key.Text()))
	p.Write(t, "ntfy-token", []byte("tk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"))
	p.Write(t, "mail-password", []byte("hunter2mail\n"))
	p.Write(t, "elks-password", []byte("hunter2elks\n"))
	p.Write(t, "webhook-secret", []byte("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"))
}

// Escalation is what a kommun with an escalation within seconds adds to the right configuration; it needs an ntfy
// channel, and a calendar such as AllDay in vidby.ics.
const Escalation = `    people:
      Sara: {ntfy: topic-of-sara}
      Ali: {ntfy: topic-of-ali}
      Karin: {ntfy: topic-of-karin}
      drift: {ntfy: topic-of-drift}
    operators: [drift]
    rota: {calendars: [vidby.ics]}
    escalation:
      steps:
        - {who: everyone, by: console, after: 0s}
        - {who: first, by: ntfy, after: 1s}
        - {who: second, by: ntfy, after: 3s}
        - {who: lead, by: ntfy, after: 6s}
      fails: 8s
      hold: 4s
      again: 60m
`
