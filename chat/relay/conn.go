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

// pendingBytes bounds what waits to be answered.
const pendingBytes = 384 << 10

// conn is one WebSocket. While its client says nothing, a single goroutine with a small stack waits for it. Whoever reads a frame passes the
// waiting on and then answers what was asked, in order, until nothing is left; who writes lives as long as there is something to write.
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
	heard            atomic.Int64
	broken           atomic.Bool // a goroutine of its panicked
	since            time.Time
	useful           atomic.Bool // has attached, opened or logged in

	mu       sync.Mutex
	device   *chat.Device
	seats    seats
	proven   map[proof]bool // blobs that this connection has put: of the answering goroutine
	requests []pending
	waiting  int // bytes in requests
	working  bool

	out      [][]byte
	outBytes int
	room     *sync.Cond // signalled when out has shrunk or the connection ends
	flushing bool
	ending   bool           // nothing more is queued
	over     bool           // its seats are given up
	code     chat.CloseCode // written once out is empty
}

type pending struct {
	request chat.Request
	size    int
}

func (c *conn) begin(ws *websocket.Conn, in *bufio.Reader) {
	c.ws, c.in = ws, in
	c.room = sync.NewCond(&c.mu)
	c.bucket.begin(c.relay.now())
	c.since = c.relay.now()
	c.heard.Store(c.since.UnixNano())
	ws.SetPingHandler(func(text string) error {
		if !c.bucket.take(c.relay.now(), c.useful.Load() || c.relay.config.Lenient) {
			return errors.New("too many pings")
		}
		ws.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(writeTimeout)) // as long as a batch that it may find under way
		return nil
	})
}

// frames lends buffers to read into; a frame keeps a copy of its own size.
var frames = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var (
	errFrameTooLarge = errors.New("frame too large")
	errNoRoom        = errors.New("no room for a frame of this size")
)

// next reads one frame. Only the size of a frame and its type are looked at here.
func (c *conn) next() (frame []byte, binary bool, err error) {
	kind, reader, err := c.ws.NextReader()
	if err != nil {
		return nil, false, err
	}
	buffer := frames.Get().(*bytes.Buffer)
	defer frames.Put(buffer)
	buffer.Reset()
	_, err = buffer.ReadFrom(io.LimitReader(reader, smallFrame))
	if err == nil && buffer.Len() == smallFrame {
		// What it has sent so far waits with it, and the rest in its own socket.
		for waited := time.Duration(0); !c.relay.incoming.take(chat.LimitFrame); waited += roomEvery {
			if waited >= frameTimeout || c.ended() {
				return nil, false, errNoRoom
			}
			time.Sleep(roomEvery)
		}
		defer c.relay.incoming.give(chat.LimitFrame)
		c.hurry(frameTimeout)
		defer c.hurry(0)
	}
	// The kind stands first: only a put may be longer than LimitFrame, so that nothing else makes a node hold as much.
	if err == nil {
		_, err = buffer.ReadFrom(io.LimitReader(reader, chat.LimitFrame+1-smallFrame))
	}
	if err == nil && buffer.Len() > chat.LimitFrame && !chat.Oversized(buffer.Bytes()) {
		_, err = buffer.ReadFrom(io.LimitReader(reader, chat.LimitPut-chat.LimitFrame))
	}
	if err != nil {
		return nil, false, err
	}
	if chat.Oversized(buffer.Bytes()) {
		return nil, false, errFrameTooLarge
	}
	return bytes.Clone(buffer.Bytes()), kind == websocket.BinaryMessage, nil
}

// hurry bounds how long the rest of a frame may take to arrive; 0: no longer. A connection that ends has a bound of its own.
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

// await waits for the client on a stack as small as they begin. What reading a frame takes makes a stack grow, and it seldom shrinks
// again: so whoever has read has a new goroutine wait. Only one reads at a time.
func (c *conn) await() {
	reading := true
	defer func() {
		if reading {
			c.stop()
		}
	}()
	defer c.rescue()
	if _, err := c.in.Peek(1); err != nil || !c.read() {
		return // the error names an address: it is not told to anyone
	}
	reading = false
	mine := c.claimWork()
	go c.await()
	if mine {
		c.work()
	}
}

// read takes one frame; false when the connection ends. Of what has come behind it, whoever waits next finds the beginning.
func (c *conn) read() bool {
	frame, binary, err := c.next()
	switch {
	case errors.Is(err, errFrameTooLarge):
		c.relay.protocol.Add(1)
		c.finish(chat.CloseTooLarge)
		c.discard()
	case errors.Is(err, errNoRoom):
		c.relay.overloaded.Add(1)
		c.finish(chat.CloseOverloaded)
		c.discard()
	case err == nil:
		c.take(frame, binary)
	}
	return err == nil
}

func (c *conn) take(frame []byte, binary bool) {
	request, err := chat.DecodeRequest(frame)
	last := err == nil && binary && farewell(request)
	if c.ended() && !last {
		return
	}
	c.heard.Store(c.relay.now().UnixNano())
	if err != nil || !binary {
		c.refuseFormat(err)
		return
	}
	if !c.bucket.take(c.relay.now(), c.useful.Load() || c.relay.config.Lenient) && (!last || c.bucket.exhausted()) {
		c.push(refused(request.Number(), chat.Refuse(chat.Busy, 1)))
		if c.bucket.exhausted() {
			c.relay.overloaded.Add(1)
			c.finish(chat.CloseOverloaded)
		}
		return
	}
	if !c.enqueue(request, len(frame)) {
		c.push(refused(request.Number(), chat.Refuse(chat.Busy, 1)))
	}
	if last {
		c.finishWork()
	}
}

// farewell tells whether a request is carried out, with what was asked before it, although its connection ends: a page that empties
// itself says it and is gone.
func farewell(request chat.Request) bool {
	switch request.Kind() {
	case chat.KindLeave, chat.KindDrop, chat.KindEnd:
		return true
	}
	return false
}

// finishWork keeps the reading goroutine from the end of the connection, with which its seats go, until all is answered.
func (c *conn) finishWork() {
	if c.claimWork() {
		c.work()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.working {
		c.room.Wait()
	}
}

// discard reads on for a moment, so that the close frame is not lost to a reset by what the client still sends. Whoever sends more than
// any frame has no claim to read why it ends.
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
	c.relay.protocol.Add(1)
	c.push(refused(ref, chat.Refuse(chat.Malformed, 0)))
	c.finish(chat.CloseProtocol)
}

func refused(ref uint32, e *chat.Error) *chat.Refused {
	return &chat.Refused{Ref: ref, Code: e.Code, Detail: e.Detail}
}

// enqueue adds a request to what is to be answered; false when too much waits already. Whoever calls it claims the work afterwards.
func (c *conn) enqueue(request chat.Request, size int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if (len(c.requests) >= chat.LimitRequests || c.waiting+size > pendingBytes) && !farewell(request) {
		return false
	}
	c.relay.incoming.insist(size)
	c.requests = append(c.requests, pending{request, size})
	c.waiting += size
	return true
}

// claimWork tells whether the caller is to work: there is something to answer, and nobody else does.
func (c *conn) claimWork() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.working || len(c.requests) == 0 {
		return false
	}
	c.working = true
	return true
}

// work answers requests in their order until none is left, and then writes what still waits.
func (c *conn) work() {
	if c.answerAll() {
		c.flush()
	}
}

// answerAll tells whether the caller has to flush.
func (c *conn) answerAll() (flush bool) {
	defer c.rescue()
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		c.relay.incoming.give(c.waiting)
		c.requests, c.working, c.waiting = nil, false, 0
		c.room.Broadcast()
		flush = c.startFlush()
	}()
	for len(c.requests) > 0 {
		p := c.requests[0]
		if !c.ending || slices.ContainsFunc(c.requests, func(p pending) bool { return farewell(p.request) }) {
			c.answerUnlocked(p.request)
		}
		c.requests = c.requests[1:]
		c.waiting -= p.size
		c.relay.incoming.give(p.size)
	}
	return false
}

// answerUnlocked is called with mu held, and has it again when it returns or panics.
func (c *conn) answerUnlocked(request chat.Request) {
	c.mu.Unlock()
	defer c.mu.Lock()
	c.answer(request)
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
