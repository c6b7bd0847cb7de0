package server

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
)

// guardedListener sees to it that the site's headers stand also on what net/http answers by itself: to a request that
// it cannot read, it writes a fixed text straight to the connection, past every handler.
type guardedListener struct {
	net.Listener
	header []byte // as on the wire
	log    *log.Logger
	places *places
}

// places counts the open connections of a process, of which each takes memory before a word has been read from it.
type places struct {
	max  int64
	open atomic.Int64
}

// maxConnections leaves room above the relay's bound, so that whoever comes too late for a conversation is still told
// so, and shown the page with its telephone numbers.
const maxConnections = 24_000

// take takes a place where there is one.
func (p *places) take() bool {
	if p.open.Add(1) > p.max {
		p.open.Add(-1)
		return false
	}
	return true
}

func (p *places) free() { p.open.Add(-1) }

func guard(l net.Listener, header http.Header, log *log.Logger, places *places) net.Listener {
	// The fixed text has a Content-Type of its own.
	header = maps.Clone(header)
	header.Del("Content-Type")
	var wire bytes.Buffer
	header.Write(&wire) // a Buffer takes everything
	return &guardedListener{l, wire.Bytes(), log, places}
}

func (l *guardedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.places.take() {
			return &guardedConn{Conn: c, listener: l}, nil
		}
		// Without a word, which TLS would make dear.
		closeAtOnce(c)
		l.log.Print("too many connections")
	}
}

// closeAtOnce does not wait for a goodbye of TLS, which a client could hold up.
func closeAtOnce(c net.Conn) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	c.Close()
}

// guardedConn hides a tls.Conn from net/http, which would answer plain HTTP on it in clear, without any header.
type guardedConn struct {
	net.Conn
	listener *guardedListener
	upgraded atomic.Bool
	failed   atomic.Bool
	closed   atomic.Bool
}

// Close may be called more than once, as net/http and the relay do; the place is free after the first.
func (c *guardedConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		defer c.listener.places.free()
	}
	return c.Conn.Close()
}

// What net/http writes by itself, in one call each, begins in one of two ways.
var (
	refusalEnd        = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	expectationFailed = []byte("HTTP/1.1 417 Expectation Failed\r\n")
	switching         = []byte("HTTP/1.1 101 ")
	version1          = []byte("HTTP/1.1 ")
)

func (c *guardedConn) Write(text []byte) (int, error) {
	// After an upgrade the bytes are those of clients, who could imitate a refusal.
	if c.upgraded.Load() || !bytes.HasPrefix(text, version1) {
		return c.Conn.Write(text)
	}
	if bytes.HasPrefix(text, switching) {
		c.upgraded.Store(true)
		return c.Conn.Write(text)
	}
	line := bytes.IndexByte(text, '\r')
	if line < 0 || !bytes.HasPrefix(text[line:], refusalEnd) && !bytes.HasPrefix(text, expectationFailed) {
		return c.Conn.Write(text)
	}
	whole := make([]byte, 0, len(text)+len(c.listener.header))
	whole = append(append(append(whole, text[:line+2]...), c.listener.header...), text[line+2:]...)
	if _, err := c.Conn.Write(whole); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Read reports a handshake that fails, once, as net/http would; ServerLog keeps the kind of it alone.
func (c *guardedConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if err == nil {
		return n, nil
	}
	if c.beforeHandshake() {
		if c.failed.CompareAndSwap(false, true) {
			c.listener.log.Print("TLS handshake error")
		}
		return n, io.EOF
	}
	return n, err
}

// beforeHandshake is a function of its own because the state takes half a kilobyte of stack, and every idle connection
// stands in Read.
//
//go:noinline
func (c *guardedConn) beforeHandshake() bool {
	secure, ok := c.Conn.(*tls.Conn)
	return ok && !secure.ConnectionState().HandshakeComplete
}

// CloseWrite lets net/http end a refusal so that the client can still read it.
func (c *guardedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
