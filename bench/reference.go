package main

import (
	"encoding/binary"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The references' wire, as short as it can be:
//
//	to the server    j <id> <side>            this connection is that side of the pair
//	                 s <id> <counter> <text>  a message for the other side
//	from the server  m <id> <text>            a message
//	                 a <counter>              that counter is accepted
//	                 j                        joined
type pairID [32]byte

const (
	joinLength = 1 + len(pairID{}) + 1
	sendLength = 1 + len(pairID{}) + 8
)

// reference is what every relay of pairs does, and nothing else.
type reference struct {
	upgrader websocket.Upgrader
	keeper   *keeper // nil: nothing is kept
	mu       sync.RWMutex
	pairs    map[pairID]*[2]*peer
}

// peer is one connection. It is written to under a lock: there is no goroutine that only waits to write.
type peer struct {
	mu sync.Mutex
	ws *websocket.Conn
}

func (p *peer) write(frame []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	p.ws.WriteMessage(websocket.BinaryMessage, frame)
}

func newReference(k *keeper) *reference {
	r := &reference{
		upgrader: websocket.Upgrader{
			ReadBufferSize: 512, WriteBufferSize: 2048, WriteBufferPool: &sync.Pool{},
			CheckOrigin: func(*http.Request) bool { return true },
		},
		keeper: k, pairs: map[pairID]*[2]*peer{},
	}
	if k != nil {
		go k.listen(r.deliver)
	}
	return r
}

func (r *reference) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	ws, err := r.upgrader.Upgrade(w, request, nil)
	if err != nil {
		return
	}
	go r.read(&peer{ws: ws})
}

func (r *reference) read(p *peer) {
	defer p.ws.Close()
	for {
		_, frame, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		switch {
		case len(frame) == joinLength && frame[0] == 'j':
			r.join(pairID(frame[1:]), int(frame[joinLength-1]&1), p)
			p.write([]byte{'j'})
		case len(frame) > sendLength && frame[0] == 's':
			id, counter := pairID(frame[1:]), binary.BigEndian.Uint64(frame[1+len(pairID{}):])
			accepted := binary.BigEndian.AppendUint64([]byte{'a'}, counter)
			if r.keeper == nil {
				r.deliver(id, r.sideOf(id, p), frame[sendLength:])
				p.write(accepted)
				continue
			}
			r.keeper.keep(kept{id: id, side: r.sideOf(id, p), counter: counter, text: frame[sendLength:], done: func() { p.write(accepted) }})
		default:
			return
		}
	}
}

func (r *reference) join(id pairID, side int, p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pair := r.pairs[id]
	if pair == nil {
		pair = new([2]*peer)
		r.pairs[id] = pair
	}
	pair[side] = p
}

func (r *reference) sideOf(id pairID, p *peer) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if pair := r.pairs[id]; pair != nil && pair[1] == p {
		return 1
	}
	return 0
}

// deliver hands a message to the other side than the one it is from.
func (r *reference) deliver(id pairID, from int, text []byte) {
	r.mu.RLock()
	pair := r.pairs[id]
	var to *peer
	if pair != nil {
		to = pair[1-from]
	}
	r.mu.RUnlock()
	if to != nil {
		to.write(append(append([]byte{'m'}, id[:]...), text...))
	}
}
