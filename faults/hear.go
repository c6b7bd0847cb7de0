package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

const (
	// hearWithin is how long after a fault every node must have its subscription again.
	hearWithin = 90 * time.Second
	// A node looks every half a minute for what it may have missed. Of several messages that are said one after the other
	// within less, each when the one before has come, it can find one at most in that way: the others came through the
	// subscription.
	hearMessages = 4
	hearTogether = 20 * time.Second
)

// hear waits until each node hears at once what is said on another.
func (s *stage) hear(ctx context.Context, r *rand.Rand) error {
	begun := time.Now()
	var last error
	for time.Since(begun) < hearWithin && ctx.Err() == nil {
		if last = s.exchange(ctx, r); last == nil {
			s.heardAfter = max(s.heardAfter, time.Since(begun))
			return nil
		}
		pause(ctx, 200*time.Millisecond)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("after %v a node does not hear what is said on another: %w", hearWithin, last)
}

// exchange lets a visitor say something on one node, and a device read on every node, each in a mailbox of their own.
func (s *stage) exchange(ctx context.Context, r *rand.Rand) error {
	// No more readers than devices: one that attaches on a second node leaves the first.
	nodes := s.nodes[:min(len(s.nodes), len(s.devices))]
	at, mailbox, capability := s.any(r), chattest.NewMailbox(), chattest.NewCapability()
	text := func(counter uint64) []byte { return chattest.Text(mailbox, 1, fmt.Sprint(mark, " hear ", counter)) }
	request := &chat.Open{Mailbox: mailbox, Slot: sha256.Sum256(capability), Welcome: chattest.Welcome(100),
		Message: text(1)}
	for i := range nodes {
		request.Devices = append(request.Devices, s.devices[i].id)
	}
	var err error
	if request.Work, err = at.work(ctx, mailbox); err != nil {
		return err
	}
	visitor, err := at.dial(nil)
	if err != nil {
		return err
	}
	defer visitor.Cut()
	if _, err := visitor.Ask(request); err != nil {
		return err
	}
	var readers []*chattest.Client
	for i, n := range nodes {
		c, err := n.dial(s.devices[i])
		if err != nil {
			return err
		}
		defer c.Cut()
		if _, err := c.Ask(&chat.Attach{Mailbox: mailbox}); err != nil {
			return err
		}
		readers = append(readers, c)
	}
	begun := time.Now()
	for counter := uint64(2); counter < 2+hearMessages; counter++ {
		if _, err := visitor.Ask(&chat.Send{Mailbox: mailbox, Counter: counter, Message: text(counter)}); err != nil {
			return err
		}
		for _, c := range readers {
			if err := awaitEntry(c, mailbox, counter); err != nil {
				return err
			}
		}
		if time.Since(begun) > hearTogether {
			return errLate
		}
	}
	return nil
}

var errLate = errors.New("messages came too late for a subscription")

// awaitEntry reads up to an entry.
func awaitEntry(c *chattest.Client, mailbox chat.Mailbox, seq uint64) error {
	for deadline := time.Now().Add(hearTogether); time.Now().Before(deadline); {
		frame, err := c.Next()
		if errors.Is(err, chattest.ErrSilent) {
			continue
		}
		if err != nil {
			return err
		}
		if e, ok := frame.(*chat.Entry); ok && e.Mailbox == mailbox && e.Seq >= seq {
			return nil
		}
	}
	return errLate
}

// dial connects to the node as a coordinator's device, which logs in, or as a visitor: nil.
func (n *node) dial(d *device) (*chattest.Client, error) {
	origin := visitorOrigin
	if d != nil {
		origin = staffOrigin
	}
	c, err := chattest.DialThrough(n.front.to, plainHTTP(origin)+"/relay", origin)
	if err != nil || d == nil {
		return c, err
	}
	if err := c.Login(d.id, d.key); err != nil {
		c.Cut()
		return nil, err
	}
	return c, nil
}
