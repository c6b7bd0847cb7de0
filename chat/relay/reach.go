package relay

import (
	"context"

	"github.com/utvag/utvag/chat"
)

// PersonChannels calls staff who are not at their console. A nil one has no channels. Its refusals are
// *chat.Error; any other error means that the store did not answer.
type PersonChannels interface {
	// Reachable tells which channels reach the person whose device it is.
	Reachable(ctx context.Context, kommun string, device chat.Device) (*chat.Reachable, error)
	// Seen says that the device has logged in: its subscription is kept longer.
	Seen(ctx context.Context, kommun string, device chat.Device) error
	// ChangePush keeps the device's push subscription, or erases it where the endpoint is empty.
	ChangePush(ctx context.Context, kommun string, device chat.Device, f *chat.Reach) error
	// Test rings a channel, and does not wait for it.
	Test(ctx context.Context, kommun string, device chat.Device, channel string) error
	// Confirm notes that the person has heard the test.
	Confirm(ctx context.Context, kommun string, device chat.Device, channel string) error
}

func (c *conn) reach(ctx context.Context, f *chat.Reach) error {
	device, ok := c.loggedIn()
	if !ok {
		return chat.Refuse(chat.NotLoggedIn, 0)
	}
	channels := c.relay.config.PersonChannels
	if f.Wish == chat.ReachAsk {
		answer := &chat.Reachable{}
		if channels != nil {
			var err error
			if answer, err = channels.Reachable(ctx, c.kommun, device); err != nil {
				return err
			}
		}
		bytes, err := chat.EncodeReachable(answer)
		if err != nil {
			return err
		}
		c.push(&chat.Blob{Ref: f.Ref, Version: 1, Blob: bytes})
		return nil
	}
	if channels == nil {
		return chat.Refuse(chat.Policy, 0)
	}
	var err error
	switch f.Wish {
	case chat.ReachTest:
		err = channels.Test(ctx, c.kommun, device, f.Channel)
	case chat.ReachConfirm:
		err = channels.Confirm(ctx, c.kommun, device, f.Channel)
	default:
		err = channels.ChangePush(ctx, c.kommun, device, f)
	}
	if err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}
