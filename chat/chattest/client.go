package chattest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
)

// Client is one connection to a relay. Ask sends a request and returns its answer; what the relay says by itself is
// kept in order for Next, and apart from it for Presence. It is safe for concurrent use.
type Client struct {
	Hello  chat.Hello
	origin string
	ws     *websocket.Conn

	writing sync.Mutex
	mu      sync.Mutex
	ref     uint32
	waiting map[uint32]chan chat.Frame
	said    []chat.Frame
	present []*chat.Presence
	onDuty  []*chat.Duty
	alarms  []*chat.Alarm
	stalled bool
	changed chan struct{} // closed and replaced whenever said grows or the connection ends
	err     error
}

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// ErrSilent says that the connection stands and that nothing has come on it for a while.
var ErrSilent = errors.New("the relay said nothing")

// Dial connects to url (http:// or ws://) as a page of the origin and waits for hello.
func Dial(url, origin string) (*Client, error) { return DialThrough(nil, url, origin) }

// DialThrough is Dial where the way to the relay is another than the URL's.
func DialThrough(way func(ctx context.Context, network, address string) (net.Conn, error), url, origin string) (*Client,
	error) {
	dialer := websocket.Dialer{NetDialContext: way, Subprotocols: []string{"utvag.1"}, HandshakeTimeout: patience}
	ws, answer, err := dialer.Dial(strings.Replace(url, "http", "ws", 1), http.Header{"Origin": {origin}})
	if err != nil {
		if answer != nil {
			return nil, fmt.Errorf("not upgraded: status %d", answer.StatusCode)
		}
		return nil, err
	}
	c := &Client{origin: origin, ws: ws, waiting: map[uint32]chan chat.Frame{}, changed: make(chan struct{})}
	go c.read()
	first, err := c.Next()
	if err != nil {
		return nil, err
	}
	hello, ok := first.(*chat.Hello)
	if !ok {
		return nil, errors.New("the first frame is not hello")
	}
	c.Hello = *hello
	return c, nil
}

func (c *Client) read() {
	for {
		c.mu.Lock()
		stalled := c.stalled
		c.mu.Unlock()
		if stalled {
			return
		}
		_, bytes, err := c.ws.ReadMessage()
		if err != nil {
			c.end(err)
			return
		}
		frame, err := chat.DecodeReply(bytes)
		if err != nil {
			c.end(err)
			return
		}
		c.take(frame)
	}
}

func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	for ref, answer := range c.waiting {
		close(answer)
		delete(c.waiting, ref)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Client) take(frame chat.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ref := refOf(frame); ref != 0 {
		if answer, ok := c.waiting[ref]; ok {
			delete(c.waiting, ref)
			answer <- frame
			return
		}
	}
	switch f := frame.(type) {
	case *chat.Presence: // a hint: it comes beside everything else, and so does what is told of an alarm
		c.present = append(c.present, f)
	case *chat.Alarm:
		c.alarms = append(c.alarms, f) // the same
	case *chat.Duty:
		c.onDuty = append(c.onDuty, f) // the same
	default:
		c.said = append(c.said, frame)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func refOf(frame chat.Frame) uint32 {
	switch f := frame.(type) {
	case *chat.Ready:
		return f.Ref
	case *chat.Refused:
		return f.Ref
	case *chat.Attached:
		return f.Ref
	case *chat.Accepted:
		return f.Ref
	case *chat.Welcome:
		return f.Ref
	case *chat.Blob:
		return f.Ref
	}
	return 0
}

// Next returns what the relay said next by itself. It fails with the connection's end or after some seconds of silence.
func (c *Client) Next() (chat.Frame, error) {
	return await(c, &c.said)
}

// Presence returns what the relay told next about the other side. It fails as Next does.
func (c *Client) Presence() (*chat.Presence, error) {
	return await(c, &c.present)
}

// Alarm returns what the relay told next of an alarm. It fails as Next does.
func (c *Client) Alarm() (*chat.Alarm, error) {
	return await(c, &c.alarms)
}

// Alarms returns and forgets what the relay has told of alarms so far.
func (c *Client) Alarms() []*chat.Alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := c.alarms
	c.alarms = nil
	return told
}

// Duty returns what the relay told next about who is on duty. It fails as Next does.
func (c *Client) Duty() (*chat.Duty, error) {
	return await(c, &c.onDuty)
}

func await[F any](c *Client, list *[]F) (none F, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		c.mu.Lock()
		if len(*list) > 0 {
			frame := (*list)[0]
			*list = (*list)[1:]
			c.mu.Unlock()
			return frame, nil
		}
		changed, err := c.changed, c.err
		c.mu.Unlock()
		if err != nil {
			return none, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return none, ErrSilent
		}
	}
}

// Said returns and forgets what the relay has said by itself so far.
func (c *Client) Said() []chat.Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := c.said
	c.said = nil
	return said
}

// Raw writes bytes as one binary message.
func (c *Client) Raw(bytes []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.ws.WriteMessage(websocket.BinaryMessage, bytes)
}

// Socket is the connection itself, for tests of what lies below frames.
func (c *Client) Socket() *websocket.Conn { return c.ws }

// Begin sends a request under a new ref, with its message bound to it unless it was bound already; the channel gets the
// answer, or is closed with the connection.
func (c *Client) Begin(request chat.Request) (<-chan chat.Frame, error) {
	answer := make(chan chat.Frame, 1)
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	c.ref++
	setRef(request, c.ref)
	bind(request)
	c.waiting[c.ref] = answer
	c.mu.Unlock()
	bytes, err := chat.Encode(request)
	if err != nil {
		return nil, err
	}
	return answer, c.Raw(bytes)
}

// Farewell sends requests and ends the connection behind them, as a page does that is being emptied: without a close
// frame. Only its own half is closed at once. A browser has read what came; a socket with unread bytes would be reset,
// and the reset would take along what is on its way.
func (c *Client) Farewell(requests ...chat.Request) error {
	for _, request := range requests {
		if _, err := c.Begin(request); err != nil {
			return err
		}
	}
	return c.ws.NetConn().(*net.TCPConn).CloseWrite()
}

// Ask sends a request and gives its answer; a refusal comes back as *chat.Error.
func (c *Client) Ask(request chat.Request) (chat.Frame, error) {
	answer, err := c.Begin(request)
	if err != nil {
		return nil, err
	}
	select {
	case frame, ok := <-answer:
		if !ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			return nil, c.err
		}
		if refused, ok := frame.(*chat.Refused); ok {
			return nil, chat.Refuse(refused.Code, refused.Detail)
		}
		return frame, nil
	case <-time.After(patience):
		return nil, errors.New("the relay did not answer")
	}
}

func setRef(request chat.Request, ref uint32) {
	switch f := request.(type) {
	case *chat.Login:
		f.Ref = ref
	case *chat.Open:
		f.Ref = ref
	case *chat.Attach:
		f.Ref = ref
	case *chat.Send:
		f.Ref = ref
	case *chat.Advance:
		f.Ref = ref
	case *chat.End:
		f.Ref = ref
	case *chat.Publish:
		f.Ref = ref
	case *chat.Fetch:
		f.Ref = ref
	case *chat.Ping:
		f.Ref = ref
	case *chat.Resolve:
		f.Ref = ref
	case *chat.Put:
		f.Ref = ref
	case *chat.Get:
		f.Ref = ref
	case *chat.Drop:
		f.Ref = ref
	case *chat.Leave:
		f.Ref = ref
	case *chat.Keep:
		f.Ref = ref
	case *chat.Reach:
		f.Ref = ref
	case *chat.Acknowledge:
		f.Ref = ref
	case *chat.Shift:
		f.Ref = ref
	}
}

// bind binds a message that Message left unbound to its frame, in a copy: what a real client does when it encrypts.
func bind(request chat.Request) {
	switch f := request.(type) {
	case *chat.Open:
		f.Message = Bind(f.Message, chat.Bound{Counter: 1, Opens: f.Devices})
	case *chat.Send:
		f.Message = Bind(f.Message, chat.Bound{Counter: f.Counter, Opens: f.Opens, Closes: f.Closes})
	case *chat.End:
		f.Message = Bind(f.Message, chat.Bound{Counter: f.Counter})
	}
}

// Login logs in as a device with its key.
func (c *Client) Login(device chat.Device, key ed25519.PrivateKey) error {
	tbs := chat.LoginTBS(c.Hello.Kommun, c.origin, c.Hello.Nonce, device)
	_, err := c.Ask(&chat.Login{Device: device, Signature: ed25519.Sign(key, tbs)})
	return err
}

// CloseCode waits for the connection's end and gives the close code.
func (c *Client) CloseCode() (chat.CloseCode, error) {
	for {
		_, err := c.Next()
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return chat.CloseCode(closed.Code), nil
		case err != nil:
			return 0, err
		}
	}
}

// Stall stops reading for good, as a phone does that is held under water: the frame that is being awaited is the last.
func (c *Client) Stall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalled = true
}

// Cut drops the connection as a lost network does: without a close frame.
func (c *Client) Cut() { c.ws.NetConn().Close() }

// Close ends the connection in order.
func (c *Client) Close() {
	c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""),
		time.Now().Add(time.Second))
	c.ws.Close()
}

// NewCapability makes a visitor's capability.
func NewCapability() []byte {
	capability := make([]byte, 32)
	rand.Read(capability)
	return capability
}
