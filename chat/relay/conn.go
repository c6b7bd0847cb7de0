package relay

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
)

// conn is one WebSocket. A single goroutine waits for its client, reads a frame and answers it before it reads the
// next: what else was asked waits in the socket. Who writes lives as long as there is something to write.
type conn struct {
	relay            *Relay
	ws               *websocket.Conn
	in               *bufio.Reader // under ws
	kommun           string
	origin           string
	visitor, console bool // which of the pages have this origin
	nonce            [32]byte
	holder           Holder
	bucket           bucket
	backlog          backlog
	partingRead      bool // what the client had sent before its connection began to end has its time to be read
	heard            atomic.Int64
	broken           atomic.Bool // a goroutine of its panicked
	since            time.Time
	useful           atomic.Bool // has attached, opened or logged in

	mu      sync.Mutex
	device  *chat.Device
	seats   seats
	proven  map[proof]bool // blobs that this connection has put: of the reading goroutine
	working bool           // a request is being carried out

	out      [][]byte
	outBytes int
	room     *sync.Cond // signalled when out has shrunk or the connection ends
	flushing bool
	ending   bool           // nothing more is queued
	over     bool           // its seats are given up
	code     chat.CloseCode // written once out is empty
}

func (c *conn) begin(ws *websocket.Conn, in *bufio.Reader) {
	c.ws, c.in = ws, in
	c.room = sync.NewCond(&c.mu)
	c.bucket.begin(c.relay.now())
	c.since = c.relay.now()
	c.heard.Store(c.since.UnixNano())
	ws.SetPingHandler(func(text string) error {
		if !c.bucket.take(c.relay.now(), c.useful.Load() || c.relay.tuning.Lenient) {
			return errors.New("too many pings")
		}
		// as long as a batch that it may find under way
		ws.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(writeTimeout))
		return nil
	})
}

// frames lends buffers to read into, longFrames those for frames that are longer than smallFrame.
var frames, longFrames = newFrames(), newFrames()

func newFrames() *sync.Pool { return &sync.Pool{New: func() any { return new(bytes.Buffer) }} }

// giveBack wipes what a frame held, so that a mistake shows as zeros and not as another's words. Room for the longest
// frames is not kept.
func giveBack(buffer *bytes.Buffer) {
	clear(buffer.Bytes())
	buffer.Reset()
	switch {
	case buffer.Cap() <= 2*smallFrame:
		frames.Put(buffer)
	case buffer.Cap() <= 2*chat.LimitFrame:
		longFrames.Put(buffer)
	}
}

// lasts reports whether a frame is still needed once its request is answered, and so has to be copied. What the relay
// is sent most, and at the greatest length by whoever is refused, is not: the store copies what it keeps of it.
func lasts(kind chat.Kind) bool { return kind != chat.KindOpen && kind != chat.KindSend }

var (
	errFrameTooLarge = errors.New("frame too large")
	errNoRoom        = errors.New("no room for a frame of this size")
)

// next reads one frame. Only its size, its type and what a newcomer's begins with are looked at here. The buffer is to
// be given back, also with an error.
func (c *conn) next() (buffer *bytes.Buffer, binary bool, err error) {
	buffer = frames.Get().(*bytes.Buffer)
	kind, reader, err := c.ws.NextReader()
	if err != nil {
		return buffer, false, err
	}
	_, err = buffer.ReadFrom(io.LimitReader(reader, smallFrame))
	most := c.relay.incoming.most
	if err == nil && buffer.Len() > 0 {
		most, err = c.admit(buffer.Bytes())
	}
	if err == nil && buffer.Len() == smallFrame {
		// What it has sent so far waits with it, and the rest in its own socket.
		for waited := time.Duration(0); !c.relay.incoming.take(chat.LimitFrame, most); waited += roomEvery {
			if waited >= frameTimeout || c.ended() {
				return buffer, false, errNoRoom
			}
			time.Sleep(roomEvery)
		}
		defer c.relay.incoming.give(chat.LimitFrame)
		c.hurry(frameTimeout)
		defer c.hurry(0)
		long := longFrames.Get().(*bytes.Buffer)
		long.Write(buffer.Bytes())
		giveBack(buffer)
		buffer = long
		_, err = buffer.ReadFrom(io.LimitReader(reader, chat.LimitFrame+1-smallFrame))
	}
	// The kind stands first: only a put may be longer than LimitFrame, so that nothing else makes a node hold as much.
	if err == nil && buffer.Len() > chat.LimitFrame && !chat.Oversized(buffer.Bytes()) {
		_, err = buffer.ReadFrom(io.LimitReader(reader, chat.LimitPut-chat.LimitFrame))
	}
	if err != nil {
		return buffer, false, err
	}
	if chat.Oversized(buffer.Bytes()) {
		return buffer, false, errFrameTooLarge
	}
	return buffer, kind == websocket.BinaryMessage, nil
}

// hurry bounds how long the rest of a frame may take to arrive; 0: no longer. A connection that ends has a bound of its
// own.
func (c *conn) hurry(within time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ending:
	case within == 0:
		c.ws.SetReadDeadline(time.Time{})
	default:
		c.ws.SetReadDeadline(time.Now().Add(within))
	}
}

// await waits for the client, on a stack as small as they begin. What it takes to read a frame and to answer it makes a
// stack grow, which seldom shrinks again: so whoever has done that has a new goroutine wait. A message alone is often
// followed by another at once; after the last one the client's next ping makes the connection small again.
func (c *conn) await() {
	reading := true
	defer func() {
		if reading {
			c.stop()
		}
	}()
	defer c.rescue()
	for {
		c.partOnce()
		if _, err := c.in.Peek(1); err != nil {
			return // the error names an address: it is not told to anyone
		}
		kind, ok := c.read()
		if !ok {
			return
		}
		if kind != chat.KindSend && kind != chat.KindAdvance {
			break
		}
	}
	reading = false
	go c.await()
}

// read takes one frame and answers it; false when the connection ends. Of what has come behind it, whoever waits next
// finds the beginning.
func (c *conn) read() (kind chat.Kind, ok bool) {
	buffer, binary, err := c.next()
	switch {
	case errors.Is(err, errFrameTooLarge):
		c.finish(chat.CloseTooLarge)
		c.discard()
	case errors.Is(err, errNotNow):
		c.refuseForNow(buffer.Bytes())
		err = nil
	case errors.Is(err, errNoRoom):
		c.finish(chat.CloseOverloaded)
		c.discard()
	case err == nil:
		frame := buffer.Bytes()
		if len(frame) > 0 && lasts(chat.Kind(frame[0])) {
			frame = bytes.Clone(frame)
			giveBack(buffer)
			return c.take(frame, binary), true
		}
		kind = c.take(frame, binary)
	}
	giveBack(buffer)
	return kind, err == nil
}

// take returns the kind of what was answered, or zero.
func (c *conn) take(frame []byte, binary bool) chat.Kind {
	request, err := chat.DecodeRequest(frame)
	last := err == nil && binary && isLastRequest(request)
	if c.ended() && !last {
		if err == nil && binary {
			c.remember(frame)
		}
		return 0
	}
	c.heard.Store(c.relay.now().UnixNano())
	if err != nil || !binary {
		c.refuseFormat(err)
		return 0
	}
	c.relay.incoming.insist(len(frame))
	defer c.relay.incoming.give(len(frame))
	if !c.bucket.take(c.relay.now(), c.useful.Load() || c.relay.tuning.Lenient) && (!last || c.bucket.exhausted()) {
		// A refusal costs a node as much as an answer: whoever goes on all the same gets them no faster than those. To
		// close the connection would cost more, since a flood comes back at once.
		time.Sleep(c.bucket.earned())
		c.push(refused(request.Number(), chat.Refuse(chat.Busy, 1)))
		return 0
	}
	if last {
		c.workRemembered()
	}
	c.work(request)
	return request.Kind()
}

// isLastRequest reports whether a request is carried out, with what was asked before it, although its connection ends:
// a page that empties itself says it and is gone.
func isLastRequest(request chat.Request) bool {
	switch request.Kind() {
	case chat.KindLeave, chat.KindDrop, chat.KindEnd:
		return true
	}
	return false
}

// discard reads on for a moment, so that the close frame is not lost to a reset by what the client still sends. Whoever
// sends more than any frame has no claim to read why it ends.
func (c *conn) discard() {
	io.CopyN(io.Discard, c.ws.NetConn(), chat.LimitPut)
}

func (c *conn) refuseFormat(err error) {
	var format *chat.FormatError
	if errors.As(err, &format) && format.Class == chat.OverLimit && format.Ref != 0 {
		c.push(refused(format.Ref, chat.Refuse(chat.TooLarge, format.Limit)))
		return
	}
	var ref uint32
	if format != nil {
		ref = format.Ref
	}
	c.push(refused(ref, chat.Refuse(chat.Malformed, 0)))
	c.finish(chat.CloseProtocol)
}

func refused(ref uint32, e *chat.Error) *chat.Refused {
	return &chat.Refused{Ref: ref, Code: e.Code, Detail: e.Detail}
}

// work answers a request, and then writes what still waits.
func (c *conn) work(request chat.Request) {
	c.mu.Lock()
	c.working = true
	c.mu.Unlock()
	c.answer(request)
	c.mu.Lock()
	c.working = false
	mine := c.startFlush()
	c.mu.Unlock()
	if mine && c.writeBatch() {
		go c.flush() // a slow reader may still have something to say
	}
}

func (c *conn) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending
}

func (c *conn) loggedIn() (chat.Device, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.device == nil {
		return chat.Device{}, false
	}
	return *c.device, true
}

// stop takes the connection down.
func (c *conn) stop() {
	defer c.relay.dismiss(c)
	defer c.ws.Close()
	defer c.relay.rescue()
	c.leave()
}

// leave takes the connection out of everything that knows it.
func (c *conn) leave() {
	c.dropBacklog()
	c.mu.Lock()
	c.ending, c.over = true, true
	c.forgetOut()
	c.room.Broadcast()
	held := slices.Clone(c.seats)
	device := c.device
	c.mu.Unlock()
	var left []Seat
	for _, a := range held {
		if a.quit() {
			left = append(left, a.seat)
		}
	}
	c.detach(left)
	if c.broken.Load() {
		c.relay.hub.drop(c) // an attachment that was on its way is in no seat yet
	}
	if device != nil {
		c.relay.logOut(c, *device)
	}
}
