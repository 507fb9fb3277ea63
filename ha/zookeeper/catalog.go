package zookeeper

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zookeeper/zk"

	"slipway/checkpoint"
	"slipway/sql/catalog"
)

// firstOID is where user objects begin in PostgreSQL.
const firstOID = 16384

// header is the content of the catalog node; every change of the catalog replaces it,
// in one transaction with what it changes.
type header struct {
	Format  int    `json:"format"`
	Version int64  `json:"version"`
	NextOID uint32 `json:"next_oid"`
	// By names the change, so that its author finds out whether a write whose answer was
	// lost was applied.
	By string `json:"by,omitempty"`
}

// Catalog is the catalog.Store: a node per database, relation, application, function and user. The
// leader writes; every server follows.
type Catalog struct {
	conn   *Conn
	now    atomic.Pointer[catalog.Snapshot]
	mu     sync.Mutex // guards what follows, and one change at a time
	header header
	node   int32 // version of the node that holds the header
	cancel context.CancelFunc
	done   chan struct{}
}

// OpenCatalog reads the catalog and follows it until Close.
func OpenCatalog(c *Conn) (*Catalog, error) {
	k := &Catalog{conn: c, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	if err := k.reload(ctx); err != nil {
		cancel()
		return nil, err
	}
	k.cancel = cancel
	go k.follow(ctx) // ends with Close
	return k, nil
}

// Close ends the following.
func (k *Catalog) Close() {
	k.cancel()
	<-k.done
}

// Snapshot implements catalog.Store.
func (k *Catalog) Snapshot() *catalog.Snapshot { return k.now.Load() }

// follow reads the catalog again whenever its header changes.
func (k *Catalog) follow(ctx context.Context) {
	defer close(k.done)
	for ctx.Err() == nil {
		_, stat, changed, err := k.conn.zk.GetW(k.conn.path("catalog"))
		if err == nil {
			k.mu.Lock()
			if stat.Version != k.node {
				err = k.reloadLocked(ctx)
			}
			k.mu.Unlock()
		}
		if err != nil {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

func (k *Catalog) reload(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reloadLocked(ctx)
}

// reloadLocked reads until header and content are of one moment.
func (k *Catalog) reloadLocked(ctx context.Context) error {
	for {
		h, version, err := k.readHeader(ctx)
		if err != nil {
			return fmt.Errorf("reading the catalog: %w", err)
		}
		s, err := k.readObjects(ctx)
		if err != nil {
			return fmt.Errorf("reading the catalog: %w", err)
		}
		_, after, err := k.readHeader(ctx)
		if err != nil {
			return fmt.Errorf("reading the catalog: %w", err)
		}
		if after == version {
			s.Version = h.Version
			k.header, k.node = h, version
			k.now.Store(s)
			return nil
		}
	}
}

func (k *Catalog) readHeader(ctx context.Context) (h header, version int32, err error) {
	data, stat, found, err := k.conn.get(ctx, k.conn.path("catalog"))
	if err != nil || !found {
		return h, 0, errors.Join(err, missing(found, "the catalog node"))
	}
	h.NextOID = firstOID
	if len(data) > 0 {
		err = json.Unmarshal(data, &h)
	}
	if err == nil {
		err = checkpoint.CheckFormat("the catalog", h.Format, catalog.Format)
	}
	return h, stat.Version, err
}

func missing(found bool, what string) error {
	if found {
		return nil
	}
	return fmt.Errorf("%s is not there", what)
}

func (k *Catalog) readObjects(ctx context.Context) (*catalog.Snapshot, error) {
	s := catalog.NewSnapshot()
	err := errors.Join(
		readInto(ctx, k.conn, "databases", s.Databases), readInto(ctx, k.conn, "relations", s.Relations),
		readInto(ctx, k.conn, "applications", s.Applications), readInto(ctx, k.conn, "functions", s.Functions), readInto(ctx, k.conn, "secrets", s.Secrets),
		readInto(ctx, k.conn, "users", s.Users),
	)
	return &s, err
}

func readInto[T any](ctx context.Context, c *Conn, kind string, into map[string]*T) error {
	all, err := c.readAll(ctx, c.path("catalog/"+kind))
	if err != nil {
		return err
	}
	for node, data := range all {
		name, err := url.PathUnescape(node)
		if err != nil {
			return fmt.Errorf("node %s: %w", node, err)
		}
		v := new(T)
		if err := json.Unmarshal(data, v); err != nil {
			return fmt.Errorf("%s %s: %w", kind, name, err)
		}
		into[name] = v
	}
	return nil
}

// EnsureDefault makes the default database; the leader calls it.
func (k *Catalog) EnsureDefault(ctx context.Context) error {
	if k.Snapshot().Databases[catalog.DefaultDatabase] != nil {
		return nil
	}
	_, err := k.Apply(ctx, catalog.Change{PutDatabase: &catalog.Database{Name: catalog.DefaultDatabase, Created: time.Now().UTC()}, NeedOID: true})
	if errors.Is(err, catalog.ErrExists) {
		err = nil
	}
	return err
}

// Apply implements catalog.Store.
func (k *Catalog) Apply(ctx context.Context, change catalog.Change) (*catalog.Snapshot, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		before := k.Snapshot()
		h := header{Version: k.header.Version + 1, NextOID: k.header.NextOID, By: newGUID()}
		next, err := before.With(change, func() uint32 { h.NextOID++; return h.NextOID - 1 })
		if err != nil {
			return nil, err
		}
		h.Format = next.Format()
		ops, err := k.ops(before, next, h)
		if err != nil {
			return nil, err
		}
		err = k.conn.asLeader(ops...)
		if err == nil {
			next.Version = h.Version
			k.header, k.node = h, k.node+1
			k.now.Store(next)
			return next, nil
		}
		if !retryable(err) && !errors.Is(err, zk.ErrBadVersion) {
			return nil, fmt.Errorf("changing the catalog: %w", err)
		}
		// Applied or not, or changed by another meanwhile: what is there decides.
		if err := k.reloadLocked(ctx); err != nil {
			return nil, err
		}
		if k.header.By == h.By {
			return k.Snapshot(), nil
		}
	}
}

// ops are the writes that make one snapshot of another.
func (k *Catalog) ops(before, next *catalog.Snapshot, h header) ([]any, error) {
	data, err := encode("the catalog's header", h)
	if err != nil {
		return nil, err
	}
	out := []any{&zk.SetDataRequest{Path: k.conn.path("catalog"), Data: data, Version: k.node}}
	out, err1 := diff(k.conn, out, "databases", before.Databases, next.Databases)
	out, err2 := diff(k.conn, out, "relations", before.Relations, next.Relations)
	out, err3 := diff(k.conn, out, "applications", before.Applications, next.Applications)
	out, err4 := diff(k.conn, out, "functions", before.Functions, next.Functions)
	out, err5 := diff(k.conn, out, "secrets", before.Secrets, next.Secrets)
	out, err6 := diff(k.conn, out, "users", before.Users, next.Users)
	return out, errors.Join(err1, err2, err3, err4, err5, err6)
}

func diff[T any](c *Conn, ops []any, kind string, before, next map[string]*T) ([]any, error) {
	node := func(name string) string { return path.Join(c.path("catalog"), kind, url.PathEscape(name)) }
	for name := range before {
		if next[name] == nil {
			ops = append(ops, &zk.DeleteRequest{Path: node(name), Version: -1})
		}
	}
	for name, v := range next {
		if before[name] == v {
			continue
		}
		data, err := encode(kind+" "+name, v)
		if err != nil {
			return ops, err
		}
		if before[name] == nil {
			ops = append(ops, create(node(name), data))
		} else {
			ops = append(ops, &zk.SetDataRequest{Path: node(name), Data: data, Version: -1})
		}
	}
	return ops, nil
}

func newGUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}
