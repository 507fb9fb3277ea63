// Package zookeeper is recovery mode `zookeeper`: election, job store, catalog and
// checkpoint metadata on a ZooKeeper quorum. It is the only door to that library.
//
// Everything lies below root path + namespace, so /morphling/default:
//
//	leader                     the epoch of the last leader, as decimal digits
//	alive                      set by the leader as a sign of life; its version is what counts
//	election/<guid>-<seq>      one ephemeral node per candidate
//	catalog                    the catalog's version; below it databases, relations, applications, functions, users
//	runningjobs/<job id>       the job's definition and what is wanted of it
//	checkpoints/<job id>       the claim's epoch; below it <19 digits>, a pointer of under 1 KB each
//
// Two rules of the protocol shape the code. An answer "connection closed" leaves
// open whether a write was applied, so every write is either checked by version or
// decided by reading back. And a session may expire without the client hearing of
// it, so whoever leads stops by its own clock.
package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

// Options say where the quorum is.
type Options struct {
	Quorum         []string
	Root           string // spark.morphling.zookeeper.root.path
	Namespace      string // spark.morphling.zookeeper.namespace
	CheckpointPath string // spark.morphling.zookeeper.checkpoints.path
	JobPath        string // spark.morphling.submitted.job.path
	SessionTimeout time.Duration
	Log            *slog.Logger
}

// Conn is this process's one session.
type Conn struct {
	zk      *zk.Conn
	options Options
	base    string
	mu      struct {
		sync.Mutex
		changed chan struct{} // closed and replaced at each change
		leading int32         // version of the leader node in this server's term; 0: none
		looked  bool          // heard is of a look
		heard   heard
	}
	resign func(context.Context) // ends the term; of Campaign's goroutine, nil before the first
}

// Connect opens the session and makes the fixed nodes. It waits for the quorum as
// long as the session timeout.
func Connect(o Options) (*Conn, error) {
	c := &Conn{options: o, base: path.Join("/", o.Root, o.Namespace)}
	c.mu.changed = make(chan struct{})
	conn, events, err := zk.Connect(o.Quorum, o.SessionTimeout, zk.WithEventCallback(c.event), zk.WithLogger(quiet{o.Log}), zk.WithDialer(dial))
	if err != nil {
		return nil, fmt.Errorf("connecting to ZooKeeper %s: %w", strings.Join(o.Quorum, ","), err)
	}
	go func() { // ends when the connection is closed; the callback has seen the events already
		for range events {
		}
	}()
	c.zk = conn
	if err := c.prepare(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) prepare() error {
	deadline := time.Now().Add(c.options.SessionTimeout)
	for _, p := range []string{c.path("leader"), c.path("alive"), c.path("election"), c.path("catalog/databases"), c.path("catalog/relations"), c.path("catalog/applications"), c.path("catalog/functions"), c.path("catalog/users"),
		c.path("catalog/secrets"),
		c.jobs(""), c.checkpoints("")} {
		for {
			err := c.makeAll(p)
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("ZooKeeper %s does not answer: %w", strings.Join(c.options.Quorum, ","), err)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return nil
}

// makeAll makes a persistent node and its parents.
func (c *Conn) makeAll(p string) error {
	if p == "/" {
		return nil
	}
	if err := c.makeAll(path.Dir(p)); err != nil {
		return err
	}
	_, err := c.zk.Create(p, nil, 0, zk.WorldACL(zk.PermAll))
	if errors.Is(err, zk.ErrNodeExists) {
		return nil
	}
	return err
}

func (c *Conn) path(name string) string { return path.Join(c.base, name) }
func (c *Conn) jobs(id string) string   { return path.Join(c.base, c.options.JobPath, id) }
func (c *Conn) checkpoints(name string) string {
	return path.Join(c.base, c.options.CheckpointPath, name)
}

// event tells of changes of the session; the library calls it from one goroutine and it must not block.
func (c *Conn) event(e zk.Event) {
	if e.Type != zk.EventSession {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.State {
	case zk.StateHasSession, zk.StateDisconnected:
	case zk.StateExpired:
		c.mu.leading = 0
	default:
		return
	}
	close(c.mu.changed)
	c.mu.changed = make(chan struct{})
}

// Close ends the session: its ephemeral nodes go at once.
func (c *Conn) Close() { c.zk.Close() }

// dial bounds the first read: the library waits far beyond the session timeout for a
// server that accepts and says nothing.
func dial(network, address string, timeout time.Duration) (net.Conn, error) {
	return net.DialTimeout(network, address, timeout)
}

// retryable tells the errors after which nobody knows whether a request was applied,
// or that it was not sent.
func retryable(err error) bool {
	return errors.Is(err, zk.ErrConnectionClosed) || errors.Is(err, zk.ErrNoServer) || errors.Is(err, zk.ErrSessionMoved) || errors.Is(err, zk.ErrSessionExpired)
}

// patience bounds the repetition of a request over a change of server.
const patience = 15 * time.Second

// again repeats a request that may be repeated while the connection is away, until ctx ends.
func again(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(patience)
	for delay := 10 * time.Millisecond; ; delay = min(2*delay, 500*time.Millisecond) {
		err := call()
		if !retryable(err) || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, delay); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await makes a call of the library's, which knows no contexts. When ctx ends nobody waits for
// the answer any more: what was asked may be done or not.
func await[T any](ctx context.Context, call func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() { // ends when the library gives the call up
		v, err := call()
		answers <- answer{v, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// awaitDone is await for a call without an answer.
func awaitDone(ctx context.Context, call func() error) error {
	_, err := await(ctx, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// get reads a node; found is false if it is not there.
func (c *Conn) get(ctx context.Context, p string) (data []byte, stat *zk.Stat, found bool, err error) {
	type node struct {
		data []byte
		stat *zk.Stat
	}
	var n node
	err = again(ctx, func() (err error) {
		n, err = await(ctx, func() (n node, err error) { n.data, n.stat, err = c.zk.Get(p); return n, err })
		return err
	})
	if errors.Is(err, zk.ErrNoNode) {
		return nil, nil, false, nil
	}
	return n.data, n.stat, err == nil, err
}

func (c *Conn) children(ctx context.Context, p string) (names []string, err error) {
	err = again(ctx, func() (err error) {
		names, err = await(ctx, func() ([]string, error) { names, _, err := c.zk.Children(p); return names, err })
		return err
	})
	if errors.Is(err, zk.ErrNoNode) {
		err = nil
	}
	return names, err
}

// removeTree deletes a node and what is below it; a missing one is not an error.
func (c *Conn) removeTree(ctx context.Context, p string) error {
	names, err := c.children(ctx, p)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.removeTree(ctx, path.Join(p, name)); err != nil {
			return err
		}
	}
	err = again(ctx, func() error { return awaitDone(ctx, func() error { return c.zk.Delete(p, -1) }) })
	if errors.Is(err, zk.ErrNoNode) {
		err = nil
	}
	return err
}

// quiet sends the library's chatter to our log, at a level that is off by default.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, args ...any) {
	q.log.Debug("zookeeper: " + fmt.Sprintf(format, args...))
}
