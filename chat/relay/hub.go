package relay

import (
	"context"
	"sync"
	"time"

	"github.com/utvag/utvag/chat"
)

// hub knows which connections of this node read which mailbox and belong to which device.
type hub struct {
	shards [64]hubShard

	mu      sync.Mutex
	devices map[deviceOf][]*conn
}

type hubShard struct {
	mu    sync.Mutex
	boxes map[chat.Mailbox][]*attachment
}

type deviceOf struct {
	kommun string
	device chat.Device
}

func (h *hub) init() {
	for i := range h.shards {
		h.shards[i].boxes = map[chat.Mailbox][]*attachment{}
	}
	h.devices = map[deviceOf][]*conn{}
}

func (h *hub) shard(id chat.Mailbox) *hubShard { return &h.shards[int(id[0])%len(h.shards)] }

func (h *hub) add(a *attachment) {
	s := h.shard(a.mailbox)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes[a.mailbox] = append(s.boxes[a.mailbox], a)
}

func (h *hub) remove(a *attachment) {
	s := h.shard(a.mailbox)
	s.mu.Lock()
	defer s.mu.Unlock()
	// A new slice each time: readers gives the old one out without the lock.
	rest := without(s.boxes[a.mailbox], a)
	if len(rest) == 0 {
		delete(s.boxes, a.mailbox)
	} else {
		s.boxes[a.mailbox] = rest
	}
}

// readers returns the attachments of a mailbox; the slice is not changed later within its length.
func (h *hub) readers(id chat.Mailbox) []*attachment {
	s := h.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.boxes[id]
}

// drop removes every attachment of a connection.
func (h *hub) drop(c *conn) {
	for _, a := range h.all() {
		if a.conn == c {
			h.remove(a)
		}
	}
}

// all returns every attachment of the node.
func (h *hub) all() []*attachment {
	var all []*attachment
	for i := range h.shards {
		s := &h.shards[i]
		s.mu.Lock()
		for _, list := range s.boxes {
			all = append(all, list...)
		}
		s.mu.Unlock()
	}
	return all
}

func (h *hub) logIn(c *conn, device chat.Device) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := deviceOf{c.kommun, device}
	h.devices[key] = append(h.devices[key], c)
}

func (h *hub) logOut(c *conn, device chat.Device) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := deviceOf{c.kommun, device}
	if rest := without(h.devices[key], c); len(rest) == 0 {
		delete(h.devices, key)
	} else {
		h.devices[key] = rest
	}
}

// of returns the connections of a device at those kommuner.
func (h *hub) of(kommuner []string, device chat.Device) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*conn
	for _, kommun := range kommuner {
		found = append(found, h.devices[deviceOf{kommun, device}]...)
	}
	return found
}

// present lists the devices that are logged in on this node.
func (h *hub) present() []deviceOf {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]deviceOf, 0, len(h.devices))
	for key := range h.devices {
		all = append(all, key)
	}
	return all
}

func without[T comparable](list []T, one T) []T {
	rest := make([]T, 0, len(list))
	for _, other := range list {
		if other != one {
			rest = append(rest, other)
		}
	}
	return rest
}

// onEvent runs on the goroutine of the subscription and must not block.
func (r *Relay) onEvent(e Event) {
	defer r.rescue()
	switch e.Kind {
	case EventConfirmed:
		first := false
		r.confirmed.Do(func() {
			first = true
			close(r.subscribed)
		})
		if !first {
			for _, a := range r.hub.all() {
				a.refresh()
			}
			r.background.Go(r.retell)
		}
	case EventWaiting:
		for _, device := range e.Devices {
			for _, c := range r.hub.of(r.actsIn(e.Kommun), device) {
				func() {
					defer c.rescue()
					c.push(&chat.Waiting{Mailbox: e.Mailbox, Since: e.Since})
				}()
			}
		}
	default:
		readers := r.hub.readers(e.Mailbox)
		if e.Kind == EventEntry && len(readers) > 0 {
			e.Entry.frame = r.entryFrame(e.Mailbox, e.Entry)
		}
		for _, a := range readers {
			func() {
				defer a.conn.rescue() // who reads on the same node must still hear of it
				a.on(e)
			}()
		}
	}
}

// retell reads the inbox of every device of this node again, because events that told of it may have been missed.
func (r *Relay) retell() {
	for _, c := range r.connections() {
		device, ok := c.loggedIn()
		if !ok || r.ctx.Err() != nil {
			continue
		}
		func() {
			defer c.rescue()
			ctx, cancel := context.WithTimeout(r.ctx, storeTimeout)
			defer cancel()
			c.tellInbox(ctx, device)
		}()
	}
}

// subscribe hears the store's events until the node stops.
func (r *Relay) subscribe() {
	for r.ctx.Err() == nil {
		func() {
			defer r.rescue()
			r.store.Subscribe(r.ctx, r.onEvent)
		}()
		select {
		case <-r.ctx.Done():
		case <-time.After(subscribePause):
		}
	}
}

// subscribePause keeps a subscription that fails at once from taking the node's whole time.
const subscribePause = 200 * time.Millisecond
