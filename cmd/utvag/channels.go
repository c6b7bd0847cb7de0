package main

import (
	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/ntfy"
	"github.com/utvag/utvag/intake/alarm/sms"
	"github.com/utvag/utvag/intake/alarm/smtp"
	"github.com/utvag/utvag/intake/alarm/webhook"
	"github.com/utvag/utvag/intake/alarm/webpush"
)

// make gives the channels that are configured. Each waits for nobody but its own service.
func (c *channelSetup) make(subscriptions webpush.Subscriptions) map[alarm.Name]alarm.Channel {
	all := make(map[alarm.Name]alarm.Channel)
	if c.push != nil {
		config := *c.push
		config.Subscriptions = subscriptions
		all[alarm.Push] = webpush.New(config)
	}
	if c.ntfy != nil {
		all[alarm.Ntfy] = ntfy.New(*c.ntfy)
	}
	if c.mail != nil {
		all[alarm.Mail] = smtp.New(*c.mail)
	}
	if c.webhook != nil {
		all[alarm.Webhook] = webhook.New(*c.webhook)
	}
	if c.sms != nil {
		all[alarm.SMS] = sms.Text(*c.sms)
	}
	if c.voice != nil {
		all[alarm.Voice] = sms.Voice(*c.voice, c.sound)
	}
	return all
}
