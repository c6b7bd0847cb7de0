package relay

import (
	"bufio"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
)

// Subprotocol names this version of the protocol.
const Subprotocol = "utvag.1"

// newUpgrader keeps idle connections small: what is read into is takeover's, what is written is put together by
// writeBatch, and ciphertext is not compressed.
func newUpgrader() websocket.Upgrader {
	return websocket.Upgrader{
		WriteBufferSize: 2048,
		WriteBufferPool: &sync.Pool{},
		Subprotocols:    []string{Subprotocol},
		CheckOrigin:     func(*http.Request) bool { return true }, // Handler has checked it, with an answer of its own
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
			http.Error(w, http.StatusText(status), status)
		},
	}
}

// Origins are those of the two pages, such as https://svar.example.se: a visitor's may open, the console's may log in.
type Origins struct {
	Visitor []string
	Console []string
}

// Handler serves the WebSocket of one kommun to its pages.
func (r *Relay) Handler(kommun string, origins Origins) http.Handler {
	if _, known := r.config.Kommuner[kommun]; !known {
		panic("relay: handler for a kommun that the configuration lacks")
	}
	origins.Visitor, origins.Console = slices.Clone(origins.Visitor), slices.Clone(origins.Console)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		origin := req.Header.Get("Origin")
		visitor, console := slices.Contains(origins.Visitor, origin), slices.Contains(origins.Console, origin)
		if origin == "" || len(req.Header.Values("Origin")) != 1 || !visitor && !console {
			http.Error(w, "wrong origin", http.StatusForbidden)
			return
		}
		if !req.ProtoAtLeast(1, 1) || !websocket.IsWebSocketUpgrade(req) ||
			!slices.Contains(websocket.Subprotocols(req), Subprotocol) {
			http.Error(w, "speaks "+Subprotocol+" only", http.StatusBadRequest)
			return
		}
		c := &conn{relay: r, kommun: kommun, origin: origin, visitor: visitor, console: console}
		if why := r.admit(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		// The site around this has put its headers on already; the upgrade writes a response of its own.
		served := false
		defer func() {
			if !served {
				r.dismiss(c)
			}
		}()
		t := takeover{ResponseWriter: w}
		ws, err := r.upgrader.Upgrade(&t, req, w.Header())
		if err != nil {
			return
		}
		served = true
		// A fresh goroutine lets go of the stack and the request that net/http has grown for this one.
		go c.serve(ws, t.in)
	})
}

// admit counts a connection before it exists, so that Close waits for it, or says why there is no place.
func (r *Relay) admit() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.draining:
		return "stopping"
	case r.admitted >= r.config.MaxConnections:
		r.crowd.met(r.now(), "count", r.admitted)
		return "full"
	}
	r.admitted++
	r.left.Add(1)
	return ""
}

func (r *Relay) dismiss(c *conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.admitted--
	r.mu.Unlock()
	r.left.Done()
}

// serve greets the client, and has another goroutine wait for what it says.
func (c *conn) serve(ws *websocket.Conn, in *bufio.Reader) {
	r := c.relay
	c.begin(ws, in)
	greeted := false
	defer func() {
		if !greeted {
			c.stop()
		}
	}()
	defer c.rescue()
	r.mu.Lock()
	r.conns[c] = struct{}{}
	draining := r.draining
	r.mu.Unlock()
	if draining {
		c.finish(chat.CloseDrain)
	}
	rand.Read(c.nonce[:])
	rand.Read(c.holder[:])
	c.reply(&chat.Hello{Nonce: c.nonce, Time: uint64(r.now().Unix()), Kommun: c.kommun})
	greeted = true
	go c.await()
}
