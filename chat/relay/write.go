package relay

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
)

// What waits to be written to a connection is bounded; beyond it the reader is too slow.
const (
	queueBytes   = 768 << 10
	queueFrames  = 512
	replayBytes  = 128 << 10 // a replay goes on when less than this waits,
	replayFrames = 256       // and fewer than this
	writeTimeout = 10*time.Second + deadlineSlack
	closeTimeout = 2 * time.Second
)

// batchBytes is about what goes out in one system call, which costs more than all else about a frame of a kilobyte.
const batchBytes = 32 << 10

// fewFrames is how many may wait next in the room that the last ones took.
const fewFrames = 4

// batches lends room to put frames together in.
var batches = sync.Pool{New: func() any { return new([]byte) }}

// push queues a frame and sees to it that it is written. It never blocks: a reader who does not keep up is closed.
func (c *conn) push(f chat.Frame) { c.pushEncoded(c.relay.encode(f), false) }

// pushBeside is push for a frame that may wait for the answer to the request that is being carried out: both go out at
// once.
func (c *conn) pushBeside(f chat.Frame) { c.pushEncoded(c.relay.encode(f), true) }

// pushEncoded is push or pushBeside for a frame of Relay.encode.
func (c *conn) pushEncoded(frame []byte, beside bool) {
	if c.queue(frame, beside) {
		go c.flush()
	}
}

// reply is push for a goroutine that may wait: it writes the frame itself, with what waits beside it.
func (c *conn) reply(f chat.Frame) {
	if c.queue(c.relay.encode(f), false) && c.writeBatch() {
		go c.flush()
	}
}

// release writes what pushBeside has kept, when the rest of the answer takes longer.
func (c *conn) release() {
	c.mu.Lock()
	mine := c.startFlush()
	c.mu.Unlock()
	if mine && c.writeBatch() {
		go c.flush()
	}
}

// encode returns a frame's bytes, which nobody changes: the same may wait in the queues of several connections.
func (r *Relay) encode(f chat.Frame) []byte {
	frame, err := chat.Encode(f)
	return r.sound(frame, err, f.Kind())
}

// sound says so where a frame has no encoding, and gives none.
func (r *Relay) sound(frame []byte, err error, kind chat.Kind) []byte {
	if err != nil {
		r.log.Error("frame without an encoding", "kind", kind.String())
	}
	return frame
}

// queue reports whether the caller has to flush. No bytes are no frame.
func (c *conn) queue(frame []byte, beside bool) bool {
	if len(frame) == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	if len(c.out) >= queueFrames || c.outBytes+len(frame) > queueBytes || c.outBytes > modest && c.relay.outgoing.tight() {
		c.relay.slow.Add(1)
		c.ending = true
		c.forgetOut()
		c.room.Broadcast()
		go c.abort(chat.CloseSlowReader)
		return false
	}
	c.out = append(c.out, frame)
	c.outBytes += len(frame)
	c.relay.outgoing.insist(len(frame))
	if beside && c.working {
		return false // work flushes before it ends
	}
	return c.startFlush()
}

// forgetOut returns up what waits to be written, except what is being written. It is called with mu held.
func (c *conn) forgetOut() {
	for _, frame := range c.out {
		c.outBytes -= len(frame)
		c.relay.outgoing.give(len(frame))
	}
	c.out = nil
}

// startFlush reports whether the caller has to flush: nobody else does, and there is something. It is called with mu
// held.
func (c *conn) startFlush() bool {
	if c.flushing || len(c.out) == 0 && c.code == 0 {
		return false
	}
	c.flushing = true
	return true
}

// flush writes until nothing waits. One goroutine at a time does, whom startFlush has told to.
func (c *conn) flush() {
	defer c.rescue()
	for c.writeBatch() {
	}
}

// writeBatch writes what waits, as far as it fits one batch, and then, if nothing else waits, the close frame that is
// due. It reports whether something is left to flush.
func (c *conn) writeBatch() bool {
	batch := batches.Get().(*[]byte)
	c.mu.Lock()
	frames, size := 0, 0
	for frames < len(c.out) && (frames == 0 || len(*batch)+len(c.out[frames]) < batchBytes) {
		*batch = appendFrame(*batch, c.out[frames])
		size += len(c.out[frames])
		frames++
	}
	c.out = slices.Delete(c.out, 0, frames)
	if frames > 0 {
		// Under the lock, so that abort, which shortens it, comes after.
		c.ws.NetConn().SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	c.mu.Unlock()
	var err error
	if frames > 0 {
		_, err = c.ws.NetConn().Write(*batch)
	}
	if cap(*batch) <= 2*batchBytes {
		*batch = (*batch)[:0]
		batches.Put(batch)
	}
	return c.written(size, err)
}

// written notes what writeBatch has done.
func (c *conn) written(size int, err error) (more bool) {
	c.mu.Lock()
	c.outBytes -= size
	c.relay.outgoing.give(size)
	c.room.Broadcast()
	if err != nil {
		if isTimeout(err) && !c.ending {
			c.relay.slow.Add(1)
		}
		c.ending, c.flushing = true, false
		c.forgetOut()
		c.mu.Unlock()
		c.part()
		return false
	}
	if len(c.out) > 0 {
		c.mu.Unlock()
		return true
	}
	c.flushing = false
	if cap(c.out) > fewFrames {
		c.out = nil
	}
	code := c.code
	c.code = 0
	c.mu.Unlock()
	if code != 0 {
		c.writeClose(code)
	}
	return false
}

// appendFrame appends a binary message as a server writes it (RFC 6455 §5.2): in one frame, not masked. The library
// would write each by itself. Control frames may stand between any two: a connection takes each call of Write as a
// whole.
func appendFrame(to, message []byte) []byte {
	const final, after16, after64 = 0x80, 126, 127
	to = append(to, final|websocket.BinaryMessage)
	switch length := len(message); {
	case length < after16:
		to = append(to, byte(length))
	case length < 1<<16:
		to = binary.BigEndian.AppendUint16(append(to, after16), uint16(length))
	default:
		to = binary.BigEndian.AppendUint64(append(to, after64), uint64(length))
	}
	return append(to, message...)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// awaitRoom blocks a replay until the reader has taken most of what waits; false when the connection ends.
func (c *conn) awaitRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.backlogged() && !c.ending {
		if c.startFlush() {
			go c.flush() // what waits for an answer that waits for this
		}
		c.room.Wait()
	}
	return !c.ending
}

// backlogged is called with mu held.
func (c *conn) backlogged() bool { return c.outBytes > replayBytes || len(c.out) > replayFrames }

func (c *conn) hasRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.backlogged()
}

// finish closes the connection with a code once everything queued before is written.
func (c *conn) finish(code chat.CloseCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return
	}
	c.ending, c.code = true, code
	c.room.Broadcast()
	if c.startFlush() {
		go c.flush()
	}
}

// writeClose sends the close frame and gives the client a moment to answer it.
func (c *conn) writeClose(code chat.CloseCode) {
	c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(int(code), code.String()),
		time.Now().Add(closeTimeout))
	c.part()
}

// part has the reading goroutine end soon, and the connection with it. What the client has sent before may be a
// last request, which is still read.
func (c *conn) part() { c.ws.NetConn().SetReadDeadline(time.Now().Add(closeTimeout)) }

// abort is finish for a connection whose queue is given up.
func (c *conn) abort(code chat.CloseCode) {
	defer c.relay.rescue()
	// Cuts short a write that is under way, which would hold the close frame back.
	c.ws.NetConn().SetWriteDeadline(time.Now().Add(closeTimeout))
	c.writeClose(code)
}
