package main

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// proxy is the network between two of the processes: what goes through it can be held up, or cut in the middle of
// whatever is on its way.
type proxy struct {
	listener net.Listener
	target   string
	// spoil, where set, changes what the target says; tests plant faults with it. It gets a new function for each
	// connection.
	spoil func() func([]byte) []byte
	// owner, where set, tells from the first bytes of a connection who has made it.
	owner func(first []byte) string

	mu    sync.Mutex
	pipes map[*pipe]struct{}
	held  map[string]time.Time // nothing of that owner goes through before
}

// pipe is one connection through a proxy; way 0 leads to the target.
type pipe struct {
	ends   [2]net.Conn
	mu     sync.Mutex
	owner  string
	held   [2]time.Time
	budget [2]int // bytes that still go through before the connection is cut; -1: no bound
}

func newProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, target: target, pipes: map[*pipe]struct{}{}, held: map[string]time.Time{}}
	go p.accept()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.join(c)
	}
}

func (p *proxy) join(c net.Conn) {
	p.await(nil, 0)
	other, err := net.Dial("tcp", p.target)
	if err != nil {
		c.Close()
		return
	}
	one := &pipe{ends: [2]net.Conn{c, other}, budget: [2]int{-1, -1}}
	p.mu.Lock()
	p.pipes[one] = struct{}{}
	spoils, owner := p.spoil, p.owner
	p.mu.Unlock()
	as := func(b []byte) []byte { return b }
	there, back := as, as
	if spoils != nil {
		back = spoils()
	}
	if owner == nil {
		// Little fits in between, so that whoever reads slowly is felt on the other side.
		other.(*net.TCPConn).SetReadBuffer(4 << 10)
		c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	} else {
		there = func(b []byte) []byte {
			one.own(owner, b)
			return b
		}
	}
	var both sync.WaitGroup
	both.Go(func() { p.carry(one, 0, there) })
	both.Go(func() { p.carry(one, 1, back) })
	both.Wait()
	p.mu.Lock()
	delete(p.pipes, one)
	p.mu.Unlock()
}

func (p *proxy) carry(one *pipe, way int, change func([]byte) []byte) {
	defer one.cut()
	buffer := make([]byte, 16<<10)
	for {
		n, err := one.ends[way].Read(buffer)
		if err != nil {
			return
		}
		bytes := change(buffer[:n])
		p.await(one, way)
		one.mu.Lock()
		budget := one.budget[way]
		if budget >= 0 {
			bytes = bytes[:min(budget, len(bytes))]
			one.budget[way] -= len(bytes)
		}
		one.mu.Unlock()
		if _, err := one.ends[1-way].Write(bytes); err != nil || budget >= 0 && budget == len(bytes) {
			return
		}
	}
}

// await waits while the whole network or this one connection is held up.
func (p *proxy) await(one *pipe, way int) {
	for {
		until := p.heldFor(everybody)
		if one != nil {
			one.mu.Lock()
			owner, held := one.owner, one.held[way]
			one.mu.Unlock()
			for _, other := range []time.Time{held, p.heldFor(owner)} {
				if other.After(until) {
					until = other
				}
			}
		}
		left := time.Until(until)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, 20*time.Millisecond))
	}
}

func (p *proxy) heldFor(owner string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[owner]
}

// own remembers whose connection it is, once.
func (one *pipe) own(owner func([]byte) string, first []byte) {
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.owner == "" {
		one.owner = owner(first)
	}
}

func (one *pipe) cut() {
	for _, c := range one.ends {
		c.Close()
	}
}

// hold lets nothing of an owner through for a while, as a partition does; what was sent meanwhile arrives after it.
func (p *proxy) hold(owner string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[owner] = time.Now().Add(d)
}

// cutAll ends every connection of an owner at once.
func (p *proxy) cutAll(owner string) {
	for _, one := range p.some(nil, 1<<30) {
		one.mu.Lock()
		whose := one.owner
		one.mu.Unlock()
		if owner == everybody || owner == whose {
			one.cut()
		}
	}
}

// some gives as many connections, chosen by the generator.
func (p *proxy) some(r *rand.Rand, most int) []*pipe {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*pipe, 0, len(p.pipes))
	for one := range p.pipes {
		all = append(all, one)
	}
	if r != nil {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return all[:min(most, len(all))]
}

// cutWithin ends the connection after as many more bytes in one way: mostly in the middle of a frame.
func (one *pipe) cutWithin(way, bytes int) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.budget[way] = bytes
}

// slow lets nothing through to the client for a while.
func (one *pipe) slow(d time.Duration) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.held[1] = time.Now().Add(d)
}

func (p *proxy) stop() {
	p.listener.Close()
	p.cutAll(everybody)
}

// to gives a way to the proxy, whatever address was asked for.
func (p *proxy) to(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, p.address())
}
