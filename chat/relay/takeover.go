package relay

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// readBuffer is what an idle connection keeps to read into. The upgrader takes no smaller one from others; what is
// longer than it is read past it.
const readBuffer = 272

// takeover hands the upgrader a small buffer that is known here too: whoever waits for the client waits at it.
type takeover struct {
	http.ResponseWriter
	in *bufio.Reader
}

// Hijack implements http.Hijacker.
func (t *takeover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, before, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if before.Reader.Buffered() > 0 {
		conn.Close()
		return nil, nil, errors.New("a client that did not wait for the handshake")
	}
	t.in = bufio.NewReaderSize(conn, readBuffer)
	return &upgraded{Conn: conn}, bufio.NewReadWriter(t.in, before.Writer), nil
}

// upgraded keeps the first thing written, which is the answer to the upgrade, for the second, which is the greeting:
// each write is a system call here, and one that wakes the client there.
type upgraded struct {
	net.Conn
	first atomic.Pointer[[]byte]
	begun atomic.Bool
	until atomic.Int64 // the write deadline, in nanoseconds since started
}

// deadlineSlack is how much sooner than asked for a write may time out, if it has more than twice that.
const deadlineSlack = 5 * time.Second

// SetWriteDeadline implements net.Conn. One that would be moved on by less than deadlineSlack stays where it is: to set
// it for each message costs a tenth of what it costs to write it. A short one is always set: the last may be over.
func (u *upgraded) SetWriteDeadline(t time.Time) error {
	at := int64(t.Sub(started))
	if later := at - u.until.Load(); later >= 0 && later < int64(deadlineSlack) && time.Until(t) > 2*deadlineSlack {
		return nil
	}
	u.until.Store(at)
	return u.Conn.SetWriteDeadline(t)
}

// started is any moment of this process, from which others are counted although the clock may be set.
var started = time.Now()

// Write implements io.Writer. What it says of how much was written is of what it was given.
func (u *upgraded) Write(p []byte) (int, error) {
	if u.begun.CompareAndSwap(false, true) {
		first := bytes.Clone(p)
		u.first.Store(&first)
		return len(p), nil
	}
	first := u.first.Swap(nil)
	if first == nil {
		return u.Conn.Write(p)
	}
	n, err := u.Conn.Write(append(*first, p...))
	return max(0, n-len(*first)), err
}
