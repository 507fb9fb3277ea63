package pgwire

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// from is a connection that says where it comes from.
type from struct {
	net.Conn
	address string
}

func (f from) RemoteAddr() net.Addr { return address(f.address) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// ended tells whether a connection has been closed by the other side.
func ended(t *testing.T, c net.Conn) bool {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// TestWaiting: one connection too many takes the place of the oldest of its address, or of all.
func TestWaiting(t *testing.T) {
	w := waiting{timeout: time.Hour}
	open := func(host string) net.Conn {
		server, client := net.Pipe()
		w.add(from{server, host + ":1"})
		return client
	}
	quiet := open("10.0.0.1")
	first := open("10.0.0.2")
	for range maxWaitingAddress - 1 {
		open("10.0.0.2")
	}
	if ended(t, first) {
		t.Fatal("closed while there was room")
	}
	open("10.0.0.2")
	if !ended(t, first) || ended(t, quiet) {
		t.Fatalf("one more of an address: its oldest is closed %t, another's %t", ended(t, first), ended(t, quiet))
	}
	for i := range maxWaiting {
		open(net.IPv4(10, 1, byte(i/maxWaitingAddress), 1).String())
	}
	if !ended(t, quiet) || len(w.list) > maxWaiting {
		t.Fatalf("%d wait, the oldest is closed: %t", len(w.list), ended(t, quiet))
	}
	last := open("10.0.0.3")
	w.close()
	if !ended(t, last) || !ended(t, open("10.0.0.4")) {
		t.Fatal("a server that closes keeps connections that wait")
	}
}

// TestSilentConnectionEnds: what does not sign on is closed.
func TestSilentConnectionEnds(t *testing.T) {
	s, err := Listen(Options{Address: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	s.waiting.Lock()
	s.waiting.timeout = 10 * time.Millisecond
	s.waiting.Unlock()
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := c.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("a silent connection is kept")
	}
}
