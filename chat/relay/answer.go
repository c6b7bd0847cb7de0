package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/utvag/utvag/chat"
)

// answer carries out one request and queues the answer. It runs on the goroutine that has read it.
func (c *conn) answer(request chat.Request) {
	if device, ok := c.loggedIn(); ok {
		if _, valid := c.relay.certificate(c.kommun, device); !valid {
			c.finish(chat.CloseRevoked)
			return
		}
	}
	err := c.carryOut(c.relay.timeouts.lend(c.relay.ctx), request)
	if err == nil {
		return
	}
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		c.relay.storeFailed(request.Kind().String(), err)
		refusal = chat.Refuse(chat.Unavailable, 0)
	}
	if c.fines(refusal.Code) {
		c.bucket.fine()
	}
	c.push(refused(request.Number(), refusal))
	if refusal.Code == chat.Malformed {
		c.finish(chat.CloseProtocol)
	}
}

func (c *conn) carryOut(ctx context.Context, request chat.Request) error {
	switch f := request.(type) {
	case *chat.Login:
		return c.login(ctx, f)
	case *chat.Open:
		return c.open(ctx, f)
	case *chat.Attach:
		return c.attach(ctx, f)
	case *chat.Send:
		return c.send(ctx, f)
	case *chat.Advance:
		return c.advance(ctx, f)
	case *chat.End:
		return c.end(ctx, f)
	case *chat.Resolve:
		return c.resolve(ctx, f)
	case *chat.Put:
		return c.put(ctx, f)
	case *chat.Get:
		return c.get(ctx, f)
	case *chat.Drop:
		return c.drop(ctx, f)
	case *chat.Leave:
		return c.leaveMailbox(ctx, f)
	case *chat.Keep:
		return c.keep(ctx, f)
	case *chat.Acknowledge:
		return c.acknowledge(ctx, f)
	case *chat.Publish:
		return c.publish(ctx, f)
	case *chat.Fetch:
		return c.fetch(ctx, f)
	case *chat.Reach:
		return c.reach(ctx, f)
	case *chat.Shift:
		return c.shift(ctx, f)
	case *chat.Ping:
		c.push(&chat.Ready{Ref: f.Number()})
		return nil
	default:
		// A request that nobody here carries out must not look as if it had been.
		return chat.Refuse(chat.Malformed, 0)
	}
}

func (c *conn) login(ctx context.Context, f *chat.Login) error {
	if !c.console {
		return chat.Refuse(chat.Malformed, 0)
	}
	r := c.relay
	before, again := c.loggedIn()
	cert, valid := r.certificate(c.kommun, f.Device)
	if !valid || again && before != f.Device ||
		!ed25519.Verify(cert.Key, chat.LoginTBS(c.kommun, c.origin, c.nonce, f.Device), f.Signature) {
		return chat.Refuse(chat.BadLogin, 0)
	}
	if err := r.ready(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	if len(c.seats) > 0 && !again {
		c.mu.Unlock()
		return chat.Refuse(chat.Policy, 0) // a visitor's connection stays a visitor's
	}
	device := f.Device // the frame is let go of
	c.device = &device
	c.useful.Store(true)
	c.mu.Unlock()
	if !again {
		r.hub.logIn(c, f.Device)
		if c.ended() {
			r.logOut(c, f.Device) // leave may have run before the device was known
			return nil
		}
		c.accessed(DidSignIn, chat.Mailbox{})
	}
	if cert.Intake {
		if err := r.present.announce(ctx, c.kommun); err != nil {
			r.storeFailed("presence", err) // the next sweep says it again
		}
	}
	c.pushBeside(&chat.Ready{Ref: f.Ref})
	c.tellInbox(ctx, f.Device)
	if r.config.PersonChannels != nil {
		if err := r.config.PersonChannels.Seen(ctx, c.kommun, f.Device); err != nil {
			r.storeFailed("alarms", err) // the next login says it again
		}
	}
	if cert.Intake {
		r.config.OnLogin(c.kommun, f.Device)
	}
	return nil
}

// tellInbox sends waiting for each mailbox in the inbox and forgets those that no longer exist.
func (c *conn) tellInbox(ctx context.Context, device chat.Device) {
	r := c.relay
	pointers, err := c.inbox(ctx, device)
	if err != nil {
		// A client that hears of nothing would believe that nobody waits: it has to come again.
		r.storeFailed("inbox", err)
		c.finish(chat.CloseOverloaded)
		return
	}
	gone := c.gone(ctx, pointers)
	for _, p := range pointers {
		if slices.Contains(gone, p.Mailbox) {
			continue
		}
		if !c.awaitRoom() {
			return
		}
		c.pushBeside(&chat.Waiting{Mailbox: p.Mailbox, Since: p.Since})
	}
	c.release()
	c.forget(ctx, device, gone...)
}

// gone returns the mailboxes among them that have expired. Who ends one takes its pointers away, so that the store is
// asked only about those whose time may be over.
func (c *conn) gone(ctx context.Context, pointers []Pointer) (gone []chat.Mailbox) {
	now := uint64(c.relay.now().Unix())
	var old []chat.Mailbox
	for _, p := range pointers {
		if p.Until <= now {
			old = append(old, p.Mailbox)
		}
	}
	heads, err := c.relay.store.Heads(ctx, old)
	if err != nil {
		return nil // they are told of, and whoever attaches one learns that it is gone
	}
	for i, head := range heads {
		if head == (Head{}) {
			gone = append(gone, old[i])
		}
	}
	return gone
}

func (c *conn) publish(ctx context.Context, f *chat.Publish) error {
	device, ok := c.loggedIn()
	if !ok {
		return chat.Refuse(chat.NotLoggedIn, 0)
	}
	today := dayOf(c.relay.now())
	for _, k := range f.KeyPackages {
		// A clock that is a day off still names a day in this range; the eighth day belongs to a device ahead of us.
		if k.Day+1 < today || k.Day > today+7 || chat.CheckWireFormat(k.KeyPackage, chat.KeyPackageMessage) != nil {
			return chat.Refuse(chat.BadKeyPackage, 0)
		}
	}
	if err := c.relay.store.PutKeyPackages(ctx, c.kommun, device, c.relay.now(), f.KeyPackages); err != nil {
		return err
	}
	c.relay.packages.keep(c.kommun, device, today, f.KeyPackages)
	c.push(&chat.Ready{Ref: f.Ref})
	return nil
}

func (c *conn) fetch(ctx context.Context, f *chat.Fetch) error {
	device, ok := c.loggedIn()
	if !ok {
		return chat.Refuse(chat.NotLoggedIn, 0)
	}
	welcome, err := c.relay.store.Welcome(ctx, c.relay.actsIn(c.kommun), device, f.Mailbox)
	if err != nil {
		c.forgetIfGone(ctx, device, f.Mailbox, err)
		return err
	}
	c.fetched(welcome, f.Mailbox)
	c.push(&chat.Welcome{Ref: f.Ref, From: welcome.From, Welcome: welcome.Welcome})
	return nil
}

// forgetIfGone takes a pointer out of the inbox whose mailbox the device can no longer write to.
func (c *conn) forgetIfGone(ctx context.Context, device chat.Device, mailbox chat.Mailbox, err error) {
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		return
	}
	switch refusal.Code {
	case chat.NoMailbox, chat.Ended, chat.SlotClosed, chat.BadCapability:
		c.forget(ctx, device, mailbox)
	}
}

// ready waits until the subscription stands: who reads before could miss what comes after.
func (r *Relay) ready(ctx context.Context) error {
	select {
	case <-r.subscribed:
		return nil
	case <-ctx.Done():
		return chat.Refuse(chat.Unavailable, 0)
	}
}

func newTag() (t chat.Tag) {
	// Zeros mean «no entry»: a tag that is zero could not be told from none.
	for t == (chat.Tag{}) {
		rand.Read(t[:])
	}
	return t
}

func newIncarnation() (i chat.Incarnation) {
	for i == (chat.Incarnation{}) {
		rand.Read(i[:])
	}
	return i
}

func hashOf(capability []byte) chat.CapabilityHash { return sha256.Sum256(capability) }
