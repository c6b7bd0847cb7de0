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
//	to the server    j <id> <side> <counter>  this connection is that side of the pair, and has the other's
//	                                          messages up to that one
//	                 s <id> <counter> <text>  a message for the other side
//	from the server  m <id> <counter> <text>  a message
//	                 a <counter>              that counter is accepted
//	                 j                        joined; what was missed follows
type pairID [32]byte

const (
	joinLength = 1 + len(pairID{}) + 1 + 8
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
	mu      sync.Mutex
	ws      *websocket.Conn
	last    uint64 // counter of what was delivered last
	catches bool   // what it has missed is being read, and what comes meanwhile held
	held    [][]byte
}

func (p *peer) write(frame []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(frame)
}

// put is write with mu held.
func (p *peer) put(frame []byte) {
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
			side, after, _ := opened(frame[1+len(pairID{}):])
			r.join(pairID(frame[1:]), side, after, p)
		case len(frame) > sendLength && frame[0] == 's':
			id, counter := pairID(frame[1:]), binary.BigEndian.Uint64(frame[1+len(pairID{}):])
			accepted := binary.BigEndian.AppendUint64([]byte{'a'}, counter)
			if r.keeper == nil {
				r.deliver(id, r.sideOf(id, p), counter, frame[sendLength:])
				p.write(accepted)
				continue
			}
			r.keeper.keep(id, r.sideOf(id, p), counter, frame[sendLength:], func() { p.write(accepted) })
		default:
			return
		}
	}
}

// join has what comes from now on held, reads what was missed, and answers once nothing is missing.
func (r *reference) join(id pairID, side int, after uint64, p *peer) {
	p.mu.Lock()
	p.last, p.catches = after, r.keeper != nil
	p.mu.Unlock()
	r.mu.Lock()
	pair := r.pairs[id]
	if pair == nil {
		pair = new([2]*peer)
		r.pairs[id] = pair
	}
	pair[side] = p
	r.mu.Unlock()
	if r.keeper == nil {
		p.write([]byte{'j'})
		return
	}
	r.keeper.missed(id, side, after, func(kept []string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.put([]byte{'j'})
		for _, one := range kept {
			if from, counter, text := opened([]byte(one)); from != side {
				p.hand(messageOf(id, counter, text))
			}
		}
		for _, frame := range p.held {
			p.hand(frame)
		}
		p.catches, p.held = false, nil
	})
}

func messageOf(id pairID, counter uint64, text []byte) []byte {
	out := append(append(make([]byte, 0, sendLength+len(text)), 'm'), id[:]...)
	return append(binary.BigEndian.AppendUint64(out, counter), text...)
}

// hand writes a message that was not delivered before. It is called with mu held.
func (p *peer) hand(frame []byte) {
	if counter := binary.BigEndian.Uint64(frame[1+len(pairID{}):]); counter > p.last {
		p.last = counter
		p.put(frame)
	}
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
func (r *reference) deliver(id pairID, from int, counter uint64, text []byte) {
	r.mu.RLock()
	pair := r.pairs[id]
	var to *peer
	if pair != nil {
		to = pair[1-from]
	}
	r.mu.RUnlock()
	if to == nil {
		return
	}
	frame := messageOf(id, counter, text)
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.catches {
		to.held = append(to.held, frame)
		return
	}
	to.hand(frame)
}
