package pgwire

import (
	"net"
	"slices"
	"sync"
	"time"
)

// Limits of connections that have not signed on. One more takes the place of the oldest
// one, of its own address first: whoever signs on at once is never in the way. A pool that opens
// all its connections at a time has room while its handshakes and proofs are under way.
const (
	startupTimeout    = 10 * time.Second
	maxWaiting        = 2048
	maxWaitingAddress = 512
)

// waiting holds the connections that have not signed on, the oldest first.
type waiting struct {
	timeout time.Duration
	sync.Mutex
	list   []waiter
	closed bool
}

type waiter struct {
	net  net.Conn
	host string
}

// add takes a connection in. The one whose place it takes is closed, which ends its goroutine.
func (w *waiting) add(c net.Conn) {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		host = c.RemoteAddr().String()
	}
	w.Lock()
	defer w.Unlock()
	c.SetDeadline(time.Now().Add(w.timeout))
	if w.closed {
		c.Close()
		return
	}
	if oldest := w.oldest(host); oldest >= 0 {
		w.list[oldest].net.Close()
		w.list = slices.Delete(w.list, oldest, oldest+1)
	}
	w.list = append(w.list, waiter{c, host})
}

// oldest gives the connection whose place one more of a host takes, -1 if there is room.
func (w *waiting) oldest(host string) int {
	n, first := 0, -1
	for i, e := range w.list {
		if e.host == host {
			if n++; first < 0 {
				first = i
			}
		}
	}
	switch {
	case n >= maxWaitingAddress:
		return first
	case len(w.list) >= maxWaiting:
		return 0
	}
	return -1
}

// remove lets a connection go that has signed on or ended.
func (w *waiting) remove(c net.Conn) {
	w.Lock()
	defer w.Unlock()
	w.list = slices.DeleteFunc(w.list, func(e waiter) bool { return e.net == c })
}

// close ends all of them, and those to come.
func (w *waiting) close() {
	w.Lock()
	defer w.Unlock()
	w.closed = true
	for _, e := range w.list {
		e.net.Close()
	}
	w.list = nil
}
