package oncall

import (
	"github.com/utvag/utvag/intake/alarm"
	"github.com/utvag/utvag/intake/alarm/ntfy"
	"github.com/utvag/utvag/intake/alarm/sms"
	"github.com/utvag/utvag/intake/alarm/smtp"
	"github.com/utvag/utvag/intake/alarm/webhook"
	"github.com/utvag/utvag/intake/alarm/webpush"
	"github.com/utvag/utvag/internal/config"
)

// channelsOf are the channels that are configured. Each waits for nobody but its own service.
func channelsOf(c *config.Channels, subscriptions webpush.Subscriptions) map[alarm.Name]alarm.Channel {
	all := make(map[alarm.Name]alarm.Channel)
	if c.Push != nil {
		config := *c.Push
		config.Subscriptions = subscriptions
		all[alarm.Push] = webpush.New(config)
	}
	if c.Ntfy != nil {
		all[alarm.Ntfy] = ntfy.New(*c.Ntfy)
	}
	if c.Mail != nil {
		all[alarm.Mail] = smtp.New(*c.Mail)
	}
	if c.Webhook != nil {
		all[alarm.Webhook] = webhook.New(*c.Webhook)
	}
	if c.SMS != nil {
		all[alarm.SMS] = sms.Text(*c.SMS)
	}
	if c.Voice != nil {
		all[alarm.Voice] = sms.Voice(*c.Voice, c.Sound)
	}
	return all
}
