package relay

import (
	"context"
	"slices"

	"github.com/utvag/utvag/chat"
)

// actsIn are the kommuner in whose mailboxes a device that logs in at this one may have a slot: its own, then the
// partners. What they hold stays apart in the store: nothing of a kommun that is no partner is read here.
func (r *Relay) actsIn(kommun string) []string {
	return append([]string{kommun}, r.config.Kommuner[kommun].Partners...)
}

// admissible returns the certificate of a device that may be let into a mailbox of the kommun: its own first, then a
// partner's.
func (r *Relay) admissible(kommun string, device chat.Device) (Certificate, bool) {
	for _, k := range r.actsIn(kommun) {
		if cert, valid := r.certificate(k, device); valid {
			return cert, true
		}
	}
	return Certificate{}, false
}

// inbox returns what waits for a device in its own kommun and in the partners', the oldest first.
func (c *conn) inbox(ctx context.Context, device chat.Device) ([]Pointer, error) {
	var all []Pointer
	for _, kommun := range c.relay.actsIn(c.kommun) {
		pointers, err := c.relay.store.Inbox(ctx, kommun, device)
		if err != nil {
			return nil, err
		}
		all = append(all, pointers...)
	}
	slices.SortFunc(all, func(a, b Pointer) int { return int(int64(a.Since) - int64(b.Since)) })
	return all, nil
}

// forget takes pointers out of the device's inboxes, whichever kommun's they are.
func (c *conn) forget(ctx context.Context, device chat.Device, mailboxes ...chat.Mailbox) {
	for _, kommun := range c.relay.actsIn(c.kommun) {
		if err := c.relay.store.Forget(ctx, kommun, device, mailboxes); err != nil {
			c.relay.storeFailed("inbox", err)
		}
	}
}
