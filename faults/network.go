package main

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/utvag/utvag/internal/redistest"
)

// network is what lies before every port of Redis: nodes, Sentinels, replicas and the nodes of a Cluster reach each
// other through it alone, so that any of them can be parted from any other.
type network struct {
	mu   sync.Mutex
	ways map[int]*proxy // by the port behind
}

func newNetwork() *network { return &network{ways: map[int]*proxy{}} }

// announce puts a proxy before a port, and gives the port by which it is reached.
func (n *network) announce(port int) (int, error) {
	p, err := newProxy(fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.owner = ownerOf
	p.mu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ways[port] = p
	return p.port(), nil
}

// Owners beside the nodes, which have a name each, and the nodes of a Cluster, which show their ids on its bus.
const (
	everybody = ""
	redisself = "Redis" // replicas and Sentinels
)

func nameOf(node int) string { return fmt.Sprintf("relay%d", node) }

var namePattern = regexp.MustCompile(`relay\d+`)

// ownerOf tells from the first bytes of a connection who has made it: a node names itself with HELLO, and a packet on a
// Cluster's bus holds its sender's id.
func ownerOf(first []byte) string {
	const at, length = 40, 40
	if bytes.HasPrefix(first, []byte("RCmb")) && len(first) >= at+length {
		return string(first[at : at+length])
	}
	if name := namePattern.Find(first); name != nil {
		return string(name)
	}
	return redisself
}

// before gives the ways to the ports on which clients and replicas reach these servers.
func (n *network) before(servers ...*redistest.Server) []*proxy {
	return n.to(servers, func(s *redistest.Server) int { return s.Port })
}

// buses gives the ways to the ports on which the other nodes of a Cluster reach these.
func (n *network) buses(servers ...*redistest.Server) []*proxy {
	return n.to(servers, func(s *redistest.Server) int { return s.Bus })
}

func (n *network) to(servers []*redistest.Server, port func(*redistest.Server) int) (ways []*proxy) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range servers {
		ways = append(ways, n.ways[port(s)])
	}
	return ways
}

func (n *network) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.ways {
		p.stop()
	}
}

// parting holds up some ways for some owners until it is healed, or for a bounded time.
type parting struct{ heals []func() }

func (p *parting) hold(d time.Duration, ways []*proxy, owners ...string) {
	for _, w := range ways {
		for _, o := range owners {
			w.hold(o, d)
			p.heals = append(p.heals, func() { w.hold(o, 0) })
		}
	}
}

func (p *parting) heal() {
	for _, heal := range p.heals {
		heal()
	}
}
