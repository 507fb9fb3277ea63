package pgwire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
)

// Options of a server.
type Options struct {
	Address        string // host:port
	MaxConnections int
	// Trace is called as a statement begins, with what kind of statement it is and who sent it, and what it gives as it ends; nil: nobody
	// wants to know.
	Trace         func(ctx context.Context, kind, user, database string) (context.Context, func(error))
	MaxPerAddress int    // of one address; 0: any number
	Version       string // of Slipway, shown behind PostgreSQL's
	Log           *slog.Logger
	// Auth signs clients in; nil: every one is the owner.
	Auth *auth.Authenticator
	// TLS are the server's certificates; nil: it has none. RequireTLS refuses clients without it.
	TLS        *auth.Certificates
	RequireTLS bool
}

// Server accepts clients.
type Server struct {
	options  Options
	handler  Handler
	listener net.Listener
	ctx      context.Context // ends every statement when the server closes
	cancel   context.CancelFunc
	all      sync.WaitGroup // accept loop and connections
	count    atomic.Int64   // of clients that have signed on
	counts   counts
	waiting  waiting
	serial   atomic.Uint32
	mu       struct {
		sync.Mutex
		conns map[uint32]*conn // by process number of BackendKeyData
		from  map[netip.Addr]int
	}
}

// Listen opens the server.
func Listen(o Options, h Handler) (*Server, error) {
	l, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("opening the SQL port at %s: %w", o.Address, err)
	}
	s := &Server{options: o, handler: h, listener: l, waiting: waiting{timeout: startupTimeout}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.mu.conns, s.mu.from = map[uint32]*conn{}, map[netip.Addr]int{}
	s.all.Go(s.accept) // ends when the listener is closed
	return s, nil
}

// Address is where the server listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Connections is how many clients have signed on.
func (s *Server) Connections() int64 { return s.count.Load() }

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.options.Log.Warn("accepting a client failed", "error", err)
			continue
		}
		s.waiting.add(c)                // here, so that the oldest is the one that came first
		s.all.Go(func() { s.serve(c) }) // ends with the connection
	}
}

// serve runs one connection; whatever goes wrong in it ends it alone.
func (s *Server) serve(nc net.Conn) {
	c := &conn{server: s, net: nc, statements: map[string]*statement{}, portals: map[string]*portal{}}
	c.notifications.came = make(chan struct{}, 1)
	defer func() { c.net.Close() }() // which may have become a TLS one
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	defer c.cancel()
	defer func() {
		if p := recover(); p != nil {
			s.options.Log.Error("a connection panicked", "panic", p, "stack", string(debug.Stack()))
			c.broken()
		}
	}()
	defer s.waiting.remove(nc) // also behind a panic
	st, err := c.begun()
	s.waiting.remove(nc)
	if err != nil || st == nil {
		c.refuse(err)
		return
	}
	nc.SetDeadline(time.Time{})
	leave, err := s.enter(addressOf(nc))
	if err != nil {
		c.refuse(err)
		return
	}
	defer leave()
	s.register(c)
	defer s.forget(c)
	c.run(*st)
}

// begun is the phase in front of the first query: startup packets and sign-in.
func (c *conn) begun() (*Startup, error) {
	st, err := c.startup()
	if err != nil || st == nil {
		return nil, err
	}
	st.Identity, err = c.signIn(st)
	return st, err
}

// refuse tells a client why it is not let in, if that is its fault.
func (c *conn) refuse(err error) {
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		c.fatal(e)
		c.drain()
	}
}

// enter counts a client that has signed on, unless it is one too many.
func (s *Server) enter(address netip.Addr) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count.Load() >= int64(s.options.MaxConnections) {
		return nil, errTooMany
	}
	if most := s.options.MaxPerAddress; most > 0 && s.mu.from[address] >= most {
		return nil, sqlerr.New(sqlerr.TooManyConnections, "too many connections from address %s", address).
			WithHint("One address may have %d (server.max.connections.per.address).", most)
	}
	s.count.Add(1)
	s.mu.from[address]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count.Add(-1)
		if s.mu.from[address]--; s.mu.from[address] == 0 {
			delete(s.mu.from, address)
		}
	}, nil
}

func (s *Server) register(c *conn) {
	var secret [4]byte
	rand.Read(secret[:])
	c.pid, c.secret = s.serial.Add(1), binary.BigEndian.Uint32(secret[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.conns[c.pid] = c
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mu.conns, c.pid)
}

// cancelRequest ends the statement that the owner of the key runs.
func (s *Server) cancelRequest(pid, secret uint32) {
	s.mu.Lock()
	c := s.mu.conns[pid]
	s.mu.Unlock()
	if c != nil && subtle.ConstantTimeEq(int32(c.secret), int32(secret)) == 1 {
		c.cancelStatement(errCanceled)
	}
}

// Close stops accepting, ends what runs, and waits for every connection as far as
// ctx allows.
func (s *Server) Close(ctx context.Context) error {
	err := s.listener.Close()
	s.waiting.close()
	s.mu.Lock()
	for _, c := range s.mu.conns {
		c.shutdown()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.all.Wait(); close(done) }() // ends with the connections
	select {
	case <-done:
	case <-ctx.Done():
		s.cancel()
		s.mu.Lock()
		for _, c := range s.mu.conns {
			c.net.Close()
		}
		s.mu.Unlock()
		<-done
	}
	s.cancel()
	return err
}
