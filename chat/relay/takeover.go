package relay

import (
	"bufio"
	"errors"
	"net"
	"net/http"
)

// readBuffer is what an idle connection keeps to read into. The upgrader takes no smaller one from others; what is longer than it is read
// past it.
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
	return conn, bufio.NewReadWriter(t.in, before.Writer), nil
}
