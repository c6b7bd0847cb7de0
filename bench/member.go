package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// member is one side of a pair. It keeps what it may not send yet: one message at a time is unanswered, on every server
// alike.
type member interface {
	// send never blocks.
	send(text []byte)
	// attached is closed once the member can send and hear. It stays open where the server does not take it.
	attached() <-chan struct{}
	// close returns once nothing more is heard.
	close()
}

// pair is a conversation of two.
type pair struct {
	id    pairID
	sides [2]member
}

// hear is told of each message that arrives at a side. It is called on the connection's goroutine.
type hear func(side int, text []byte)

// dialer makes both sides of a pair; again takes up a pair that was there before.
type dialer interface {
	dial(ctx context.Context, id pairID, heard hear) (*pair, error)
	again(ctx context.Context, before *pair, heard hear) (*pair, error)
}

func dialerFor(name, address string) dialer {
	if name == "utvag" || name == "guarded" {
		return &relayDialer{addresses: []string{address}, paid: name == "guarded"}
	}
	return &referenceDialer{address: address}
}

func newPairID() (id pairID) {
	rand.Read(id[:])
	return id
}

var webSockets = websocket.Dialer{
	HandshakeTimeout: 20 * time.Second, Subprotocols: []string{"utvag.1"}, ReadBufferSize: 2048, WriteBufferSize: 2048,
	WriteBufferPool: &sync.Pool{},
}

func connect(ctx context.Context, address string) (*websocket.Conn, error) {
	ws, _, err := webSockets.DialContext(ctx, "ws://"+address+"/", http.Header{"Origin": {origin}})
	if err != nil {
		return nil, fmt.Errorf("no connection: %w", err)
	}
	return ws, nil
}

// line is what both kinds of member share: a socket, and the messages that wait for the answer to the one before.
type line struct {
	ws    *websocket.Conn
	ready chan struct{}
	ended chan struct{} // nothing is read any more
	once  sync.Once
	// what was read last: the load leaves little garbage, so that it seldom has to collect it beside a server
	buffer bytes.Buffer

	mu         sync.Mutex
	unanswered []byte // a frame on its way
	waiting    [][]byte
}

func newLine(ws *websocket.Conn) line {
	return line{ws: ws, ready: make(chan struct{}), ended: make(chan struct{})}
}

func (l *line) attached() <-chan struct{} { return l.ready }

func (l *line) close() {
	l.ws.Close()
	<-l.ended
}

// next reads a message, which is there until the next one.
func (l *line) next() ([]byte, error) {
	_, message, err := l.ws.NextReader()
	if err != nil {
		return nil, err
	}
	l.buffer.Reset()
	_, err = l.buffer.ReadFrom(message)
	return l.buffer.Bytes(), err
}

// inherit takes over what a line that has ended had not got rid of.
func (l *line) inherit(before *line) { l.unanswered, l.waiting = before.unanswered, before.waiting }

// goOn sends again what was not answered: the member can send and hear.
func (l *line) goOn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unanswered != nil {
		l.write(l.unanswered)
	}
	l.once.Do(func() { close(l.ready) })
}

// write is called with mu held, or before anybody else has the line.
func (l *line) write(frame []byte) { l.ws.WriteMessage(websocket.BinaryMessage, frame) }

// give sends text now or once its turn has come.
func (l *line) give(text []byte, frame func([]byte) []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unanswered != nil {
		l.waiting = append(l.waiting, text)
		return
	}
	l.unanswered = frame(text)
	l.write(l.unanswered)
}

// answered sends what has waited longest.
func (l *line) answered(frame func([]byte) []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unanswered = nil
	if len(l.waiting) == 0 {
		return
	}
	text := l.waiting[0]
	l.waiting = l.waiting[1:]
	l.unanswered = frame(text)
	l.write(l.unanswered)
}
