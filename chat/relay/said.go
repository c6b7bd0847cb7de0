package relay

import (
	"bytes"

	"github.com/utvag/utvag/chat"
)

// saidBytes bounds what is kept of a client whose connection is ending.
const saidBytes = 384 << 10

// said is what a client had asked before its connection began to end, and is carried out if a farewell stands behind
// it: often the first that is heard of a page that has gone is that an answer could not be written. It belongs to the
// reading goroutine.
type said struct {
	frames [][]byte
	size   int
}

func (c *conn) remember(frame []byte) {
	if len(c.said.frames) >= chat.LimitRequests || c.said.size+len(frame) > saidBytes {
		return
	}
	c.said.frames = append(c.said.frames, bytes.Clone(frame))
	c.said.size += len(frame)
	c.relay.incoming.insist(len(frame))
}

// workRemembered carries out what was asked before a farewell.
func (c *conn) workRemembered() {
	for _, frame := range c.said.frames {
		if request, err := chat.DecodeRequest(frame); err == nil {
			c.work(request)
		}
	}
	c.forgetSaid()
}

func (c *conn) forgetSaid() {
	c.relay.incoming.give(c.said.size)
	c.said = said{}
}

// partOnce gives the client time once more where its connection began to end while a request was being answered: the
// deadline of part may be over before anybody could read.
func (c *conn) partOnce() {
	if c.partingRead || !c.ended() {
		return
	}
	c.partingRead = true
	c.part()
}
