package servers

import (
	"net"
	"sync"
	"testing"
	"time"
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
	slow    time.Duration // that each piece waits
	left    int           // pieces from the client until the fault; 0: there is none
	stall   time.Duration // that the piece of the fault is held back; 0: its connection breaks
	met     bool
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
		if err != nil || !p.open() {
			return
		}
		wait, breaks := p.fault(asks)
		if breaks {
			return
		}
		time.Sleep(wait)
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
func (p *Proxy) BreakAt(n int) (met func() bool) { return p.arm(n, 0) }

// StallAt holds the n-th piece that comes from a client back for a time, and passes it on
// then, also if the client has given it up meanwhile; other connections go on. The function
// ends that, and tells whether it happened.
func (p *Proxy) StallAt(n int, d time.Duration) (met func() bool) { return p.arm(n, d) }

func (p *Proxy) arm(n int, stall time.Duration) (met func() bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.stall, p.met = n, stall, false
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.left = 0
		return p.met
	}
}

// Slow lets each piece wait, in both directions.
func (p *Proxy) Slow(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = d
}

// fault is what happens to a piece: a wait, or the end of its connection.
func (p *Proxy) fault(asks bool) (wait time.Duration, breaks bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !asks || p.left == 0 {
		return p.slow, false
	}
	p.left--
	if p.left > 0 {
		return p.slow, false
	}
	p.met = true
	return p.slow + p.stall, p.stall == 0
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
