package relay

import "github.com/utvag/utvag/chat"

// Accessed is what a device did that Config.OnAccess tells of.
type Accessed string

// What a staff device does that shows it something, or begins or ends that.
const (
	DidSignIn Accessed = "signed-in"
	DidOpen   Accessed = "opened"  // fetched the Welcome that came with the conversation
	DidJoin   Accessed = "joined"  // fetched the Welcome of a conversation that was under way
	DidRead   Accessed = "read"    // attached, and was sent what it had not advanced past
	DidClaim  Accessed = "claimed" // sent a commit, which before a claim can only be that
	DidLeave  Accessed = "left"    // the visitor took it out
	DidEnd    Accessed = "ended"
)

// Access is one thing that a staff device has done. Nothing in it is of a visitor but the mailbox, which is zero for
// DidSignIn.
type Access struct {
	Kommun  string
	Device  chat.Device
	What    Accessed
	Mailbox chat.Mailbox
}

// accessed tells of what the connection's device has done; a visitor's connection tells nothing.
func (c *conn) accessed(what Accessed, mailbox chat.Mailbox) {
	if device, ok := c.loggedIn(); ok {
		c.relay.config.OnAccess(Access{c.kommun, device, what, mailbox})
	}
}

// fetched tells of a Welcome that was handed out.
func (c *conn) fetched(w Welcomed, mailbox chat.Mailbox) {
	if w.From == (Welcomed{}).From {
		c.accessed(DidOpen, mailbox)
		return
	}
	c.accessed(DidJoin, mailbox)
}

// sent tells of an accepted message: a device's commit, or the devices that a visitor's has taken out.
func (c *conn) sent(seat Seat, commit bool, f *chat.Send) {
	switch {
	case seat.Slot != 0 && commit:
		c.accessed(DidClaim, f.Mailbox)
	case seat.Slot == 0:
		for _, device := range f.Closes {
			c.relay.config.OnAccess(Access{c.kommun, device, DidLeave, f.Mailbox})
		}
	}
}
