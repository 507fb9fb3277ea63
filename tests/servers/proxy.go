package servers

import (
	"net"
	"sync"
	"testing"
)

// Proxy passes bytes on between a client and a server, until it is cut: then it holds
// them back, and neither side hears of it, as when a cable is pulled.
type Proxy struct {
	Address string
	target  string
	l       net.Listener
	mu      sync.Mutex // guards what follows
	changed *sync.Cond
	cut     bool
	left    int // pieces from the client until the connection breaks; 0: it does not
	broke   bool
	closed  bool
	conns   []net.Conn
}

// StartProxy stands in front of an address.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: l.Addr().String(), target: target, l: l}
	p.changed = sync.NewCond(&p.mu)
	go p.accept() // ends with the listener
	t.Cleanup(p.close)
	return p
}

func (p *Proxy) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", p.target)
		if err != nil {
			c.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, c, s)
		p.mu.Unlock()
		go p.pass(c, s, true) // both end with either connection
		go p.pass(s, c, false)
	}
}

func (p *Proxy) pass(from, to net.Conn, asks bool) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || !p.open() || asks && p.breaks() {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// open waits while the proxy is cut; false when it is closed.
func (p *Proxy) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.closed {
		p.changed.Wait()
	}
	return !p.closed
}

// BreakAt breaks the connection instead of passing on the n-th piece that comes from a
// client from now on; the function ends that, and tells whether it happened.
func (p *Proxy) BreakAt(n int) (met func() bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.broke = n, false
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.left = 0
		return p.broke
	}
}

func (p *Proxy) breaks() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return false
	}
	p.left--
	p.broke = p.left == 0
	return p.broke
}

// Cut holds everything back; Mend lets it go on.
func (p *Proxy) Cut() { p.set(true) }

// Mend ends a Cut.
func (p *Proxy) Mend() { p.set(false) }

func (p *Proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	p.changed.Broadcast()
}

func (p *Proxy) close() {
	p.l.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.changed.Broadcast()
	for _, c := range p.conns {
		c.Close()
	}
}
