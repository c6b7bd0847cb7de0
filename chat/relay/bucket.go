package relay

import (
	"time"

	"github.com/utvag/utvag/chat"
)

// newcomerShare is the part of a connection's frames that it has before it has opened, attached or logged in: what a
// page says until then is a frame or two.
const newcomerShare = 4

// fine is what a refusal costs, in frames, that a page earns by a slip now and then, and a guesser all the time.
const fine = 10

// bucket bounds the frames of a connection. It belongs to the reading goroutine.
type bucket struct {
	tokens float64
	at     time.Time
	known  bool
}

func (b *bucket) begin(now time.Time) { b.tokens, b.at = chat.LimitBurst/newcomerShare, now }

// take spends a frame. useful tells that the connection has opened, attached or logged in.
func (b *bucket) take(now time.Time, useful bool) bool {
	burst, rate := float64(chat.LimitBurst), float64(chat.LimitRate)
	if !useful {
		burst, rate = burst/newcomerShare, rate/newcomerShare
	} else if !b.known {
		b.known = true
		b.tokens += burst - burst/newcomerShare
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.tokens = min(burst, b.tokens+passed*rate)
		b.at = now
	}
	b.tokens--
	return b.tokens >= 0
}

// earned is how long a frame takes to be earned.
func (b *bucket) earned() time.Duration {
	if b.known {
		return time.Second / chat.LimitRate
	}
	return newcomerShare * time.Second / chat.LimitRate
}

// fine takes what a refusal costs.
func (b *bucket) fine() { b.tokens -= fine }

// exhausted tells that it is in debt by a whole burst, where even a last request is no longer carried out.
func (b *bucket) exhausted() bool { return b.tokens < -chat.LimitBurst }

// fines reports whether a refusal is fined. A device has a key to lose, and may find that sixty of its mailboxes are
// gone at once.
func (c *conn) fines(code chat.Code) bool {
	if _, staff := c.loggedIn(); staff || c.relay.tuning.Lenient {
		return false
	}
	switch code {
	case chat.TooLarge, chat.BadLogin, chat.NoMailbox, chat.BadCapability, chat.Exists, chat.Policy, chat.BadMessage,
		chat.Full,
		chat.UnknownDevice, chat.NoBlob, chat.Work:
		return true
	}
	return false
}
