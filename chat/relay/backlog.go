package relay

import (
	"bytes"

	"github.com/utvag/utvag/chat"
)

// maxBacklogBytes bounds what is kept of a client whose connection is ending.
const maxBacklogBytes = 384 << 10

// backlog is what a client had asked before its connection began to end, and is carried out if a last request stands
// behind it: often the first that is heard of a page that has gone is that an answer could not be written. It belongs
// to the reading goroutine.
type backlog struct {
	frames [][]byte
	size   int
}

func (c *conn) remember(frame []byte) {
	if len(c.backlog.frames) >= chat.LimitRequests || c.backlog.size+len(frame) > maxBacklogBytes {
		return
	}
	c.backlog.frames = append(c.backlog.frames, bytes.Clone(frame))
	c.backlog.size += len(frame)
	c.relay.incoming.insist(len(frame))
}

// workRemembered carries out what was asked before a last request.
func (c *conn) workRemembered() {
	for _, frame := range c.backlog.frames {
		if request, err := chat.DecodeRequest(frame); err == nil {
			c.work(request)
		}
	}
	c.dropBacklog()
}

func (c *conn) dropBacklog() {
	c.relay.incoming.give(c.backlog.size)
	c.backlog = backlog{}
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
