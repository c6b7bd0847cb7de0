package relay

import (
	"context"

	"github.com/utvag/utvag/chat"
)

// Alarms is whoever calls staff that are not at their console. A nil Alarms has no channels. Its refusals are
// *chat.Error; any other error means that the store did not answer.
type Alarms interface {
	// Reachable tells which channels reach the person whose device it is.
	Reachable(ctx context.Context, kommun string, device chat.Device) (*chat.Reachable, error)
	// Seen says that the device has logged in: its subscription is kept longer.
	Seen(ctx context.Context, kommun string, device chat.Device) error
	// Wake keeps the device's push subscription, or erases it where the endpoint is empty.
	Wake(ctx context.Context, kommun string, device chat.Device, f *chat.Reach) error
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
	alarms := c.relay.config.Alarms
	if f.Wish == chat.ReachAsk {
		answer := &chat.Reachable{}
		if alarms != nil {
			var err error
			if answer, err = alarms.Reachable(ctx, c.kommun, device); err != nil {
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
	if alarms == nil {
		return chat.Refuse(chat.Policy, 0)
	}
	var err error
	switch f.Wish {
	case chat.ReachTest:
		err = alarms.Test(ctx, c.kommun, device, f.Channel)
	case chat.ReachConfirm:
		err = alarms.Confirm(ctx, c.kommun, device, f.Channel)
	default:
		err = alarms.Wake(ctx, c.kommun, device, f)
	}
	if err != nil {
		return err
	}
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}
