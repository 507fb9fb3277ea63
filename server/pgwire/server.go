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
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"slipway/sql/sqlerr"
)

// Options of a server.
type Options struct {
	Address        string // loopback host:port
	MaxConnections int
	Version        string // of Slipway, shown behind PostgreSQL's
	Log            *slog.Logger
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
	waiting  waiting
	serial   atomic.Uint32
	mu       struct {
		sync.Mutex
		conns map[uint32]*conn // by process number of BackendKeyData
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
	s.mu.conns = map[uint32]*conn{}
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
	defer nc.Close()
	c := &conn{server: s, net: nc, statements: map[string]*statement{}, portals: map[string]*portal{}}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	defer c.cancel()
	defer func() {
		if p := recover(); p != nil {
			s.options.Log.Error("a connection panicked", "panic", p, "stack", string(debug.Stack()))
			c.broken()
		}
	}()
	defer s.waiting.remove(nc) // also behind a panic
	st, err := c.startup()
	s.waiting.remove(nc)
	if err != nil || st == nil {
		return
	}
	nc.SetDeadline(time.Time{})
	n := s.count.Add(1)
	defer s.count.Add(-1)
	if n > int64(s.options.MaxConnections) {
		c.fatal(sqlerr.New(sqlerr.TooManyConnections, "sorry, too many clients already"))
		return
	}
	s.register(c)
	defer s.forget(c)
	c.run(*st)
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
