// Package hdfs keeps task state in HDFS. It is the only door to the HDFS library.
//
// What the library lacks decides the shape (colinmarc/hdfs/v2 2.4.0): a write
// pipeline does not recover, so any write error kills that file and the caller
// takes a new name; Close may answer "replicating" in normal life and for ever
// after a write error, so it is repeated only when every write succeeded; one
// connection to the name node, without deadlines, which a hanging name node would
// block for good, so deadlines are set under it and a broken client is thrown away.
//
// A file is written under a hidden name and renamed when it is whole: names without
// the prefix are always complete.
package hdfs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/colinmarc/hdfs/v2"
	krb5 "github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"slipway/checkpoint"
)

// Options say where the store is.
type Options struct {
	// Addresses of the name nodes, host:port; with two the active one is found.
	Addresses []string
	// User on whose behalf files are written where there is no Kerberos.
	User string
	// Root is the folder below which everything is kept.
	Root string
	// Replication of the files; 0 takes the cluster's default.
	Replication int
	// Kerberos signs in with a keytab; nil for a cluster that believes user names.
	Kerberos *Kerberos
	// Step is how long one read or write on a connection may take; 0: 30 s.
	Step time.Duration
}

// Kerberos is how this process signs in. The library renews its tickets, and takes new
// ones from the keytab when they cannot be renewed any more.
type Kerberos struct {
	Principal string // name@REALM
	Keytab    string // file
	Krb5Conf  string // file
	// Service is the name nodes' principal without the realm; _HOST stands for the address.
	Service string
}

const (
	temporary   = ".tmp-"
	dialTimeout = 5 * time.Second
	stepTimeout = 30 * time.Second
	blockSize   = 128 << 20
	// patience bounds the repetition of calls that may be repeated: longer than the
	// five seconds for which the library shuns a name node that failed.
	patience = 12 * time.Second
	// replicatingPatience bounds the wait for the name node to count the replicas.
	replicatingPatience = 60 * time.Second
)

// Store is a checkpoint.Storage in HDFS.
type Store struct {
	options  Options
	creating sync.Mutex
	mu       struct {
		sync.Mutex // guards client; not held over calls
		client     *hdfs.Client
		kerberos   *krb5.Client
	}
}

// New connects and makes the root folder.
func New(ctx context.Context, o Options) (*Store, error) {
	o.Step = cmp.Or(o.Step, stepTimeout)
	s := &Store{options: o}
	err := s.retry(ctx, func(c *hdfs.Client) error { return c.MkdirAll(o.Root, 0o700) })
	if err != nil {
		return nil, fmt.Errorf("making checkpoint directory hdfs://%s%s: %w", strings.Join(o.Addresses, ","), o.Root, err)
	}
	return s, nil
}

// Close ends the connection.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.kerberos != nil {
		s.mu.kerberos.Destroy()
		s.mu.kerberos = nil
	}
	if s.mu.client == nil {
		return nil
	}
	err := s.mu.client.Close()
	s.mu.client = nil
	return err
}

func (s *Store) client() (*hdfs.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.client != nil {
		return s.mu.client, nil
	}
	o := hdfs.ClientOptions{Addresses: s.options.Addresses, User: s.options.User, NamenodeDialFunc: s.dial, DatanodeDialFunc: s.dial}
	if k := s.options.Kerberos; k != nil {
		if err := s.signInLocked(k); err != nil {
			return nil, err
		}
		o.KerberosClient, o.KerberosServicePrincipleName = s.mu.kerberos, k.Service
	}
	c, err := hdfs.NewClient(o)
	if err != nil {
		return nil, err
	}
	// The library keeps the server's defaults at their first use, without a lock: used here
	// first, before anybody shares the client.
	if _, err := c.ServerDefaults(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.mu.client = c
	return c, nil
}

// signInLocked takes the first ticket, once for all connections.
func (s *Store) signInLocked(k *Kerberos) error {
	if s.mu.kerberos != nil {
		return nil
	}
	conf, err := config.Load(k.Krb5Conf)
	if err != nil {
		return fmt.Errorf("reading the Kerberos configuration: %w", err)
	}
	keys, err := keytab.Load(k.Keytab)
	if err != nil {
		return fmt.Errorf("reading the keytab: %w", err)
	}
	name, realm, ok := strings.Cut(k.Principal, "@")
	if !ok {
		realm = conf.LibDefaults.DefaultRealm
	}
	c := krb5.NewWithKeytab(name, realm, keys, conf, krb5.DisablePAFXFAST(true))
	if err := c.Login(); err != nil {
		return fmt.Errorf("signing in to Kerberos as %s@%s: %w", name, realm, err)
	}
	s.mu.kerberos = c
	return nil
}

// discard throws a client away whose connection may be broken.
func (s *Store) discard(c *hdfs.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.client == c {
		s.mu.client = nil
		c.Close()
	}
}

// answered tells the answers of the name node itself: repeating would not change them.
func answered(err error) bool {
	return err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, errLength)
}

// errLength: a file does not hold what was written to it.
var errLength = errors.New("wrong length")

// retry repeats a call that may be repeated until the name node answers it.
func (s *Store) retry(ctx context.Context, call func(*hdfs.Client) error) error {
	deadline := time.Now().Add(patience)
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		c, err := s.client()
		if err == nil {
			if err = call(c); answered(err) {
				return err
			}
			s.discard(c)
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (s *Store) path(name string) (string, error) {
	if !fs.ValidPath(name) || name == "." {
		return "", fmt.Errorf("state file name %q is not below the checkpoint directory", name)
	}
	return path.Join(s.options.Root, name), nil
}

// Create implements checkpoint.Storage.
func (s *Store) Create(ctx context.Context, name string) (checkpoint.File, error) {
	final, err := s.path(name)
	if err != nil {
		return nil, err
	}
	if err := s.mustNotExist(ctx, name, final); err != nil {
		return nil, err
	}
	f := &file{s: s, ctx: ctx, name: name, final: final}
	err = s.retry(ctx, func(c *hdfs.Client) (err error) {
		if err = c.MkdirAll(path.Dir(final), 0o700); err != nil {
			return err
		}
		// A new hidden name at each try: an earlier one may exist although its answer was lost.
		f.hidden = path.Join(path.Dir(final), temporary+path.Base(final)+"-"+rand.Text())
		f.w, err = s.createFile(c, f.hidden)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", name, err)
	}
	return f, nil
}

// createFile is one at a time: the library reads the cluster's defaults at the first
// Create without a lock.
func (s *Store) createFile(c *hdfs.Client, hidden string) (*hdfs.FileWriter, error) {
	s.creating.Lock()
	defer s.creating.Unlock()
	if s.options.Replication > 0 {
		return c.CreateFile(hidden, s.options.Replication, blockSize, 0o600)
	}
	return c.Create(hidden)
}

func (s *Store) mustNotExist(ctx context.Context, name, final string) error {
	err := s.retry(ctx, func(c *hdfs.Client) error { _, err := c.Stat(final); return err })
	switch {
	case err == nil:
		return fmt.Errorf("%s: %w", name, checkpoint.ErrExist)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// Open implements checkpoint.Storage.
func (s *Store) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	final, err := s.path(name)
	if err != nil {
		return nil, err
	}
	var r *hdfs.FileReader
	err = s.retry(ctx, func(c *hdfs.Client) (err error) { r, err = c.Open(final); return err })
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(min(offset, r.Stat().Size()), io.SeekStart); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, length), r}, nil
}

// Remove implements checkpoint.Storage.
func (s *Store) Remove(ctx context.Context, names ...string) error {
	var all error
	for _, name := range names {
		final, err := s.path(name)
		if err == nil {
			err = s.removeNow(ctx, final)
		}
		all = errors.Join(all, err)
	}
	return all
}

func (s *Store) removeNow(ctx context.Context, final string) error {
	err := s.retry(ctx, func(c *hdfs.Client) error { return c.RemoveAll(final) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// RemoveAll implements checkpoint.Storage; unfinished files go along.
func (s *Store) RemoveAll(ctx context.Context, prefix string) error {
	if strings.Trim(prefix, "/") == "" {
		return errors.New("refusing to remove the whole checkpoint directory")
	}
	final, err := s.path(strings.TrimSuffix(prefix, "/"))
	if err != nil {
		return err
	}
	return s.removeNow(ctx, final)
}

// List implements checkpoint.Storage.
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	var out []string
	err := s.retry(ctx, func(c *hdfs.Client) error {
		out = nil
		return c.Walk(path.Join(s.options.Root, path.Dir(prefix+"x")), func(p string, info os.FileInfo, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed meanwhile, or nothing there at all
			}
			if err != nil || info.IsDir() || strings.HasPrefix(info.Name(), temporary) {
				return err
			}
			if name := strings.TrimPrefix(p, s.options.Root+"/"); strings.HasPrefix(name, prefix) {
				out = append(out, name)
			}
			return nil
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	slices.Sort(out)
	return out, err
}

// file is one file being written.
type file struct {
	s             *Store
	ctx           context.Context
	name          string
	hidden, final string
	w             *hdfs.FileWriter
	written       int64
	failed        error // the first write error: from then on the file is lost
}

func (f *file) Write(p []byte) (int, error) {
	if f.failed != nil || len(p) == 0 { // of nothing the library makes a block that never ends
		return 0, f.failed
	}
	f.w.SetDeadline(time.Now().Add(f.s.options.Step))
	n, err := f.w.Write(p)
	f.written += int64(n)
	f.failed = err
	return n, err
}

// Close makes the file whole, verifies its length, and gives it its name.
func (f *file) Close() error {
	if f.failed != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", f.name, f.failed), f.Abort())
	}
	if err := f.closeWriter(); err != nil {
		return errors.Join(fmt.Errorf("closing %s: %w", f.name, err), f.Abort())
	}
	if err := f.hasLength(f.hidden); err != nil {
		return errors.Join(err, f.Abort())
	}
	if err := f.s.mustNotExist(f.ctx, f.name, f.final); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.rename()
}

// closeWriter waits while the name node has not counted the replicas yet.
func (f *file) closeWriter() error {
	deadline := time.Now().Add(replicatingPatience)
	for delay := 10 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		f.w.SetDeadline(time.Now().Add(f.s.options.Step))
		err := f.w.Close()
		if !hdfs.IsErrReplicating(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(delay):
		case <-f.ctx.Done():
			return f.ctx.Err()
		}
	}
}

func (f *file) hasLength(name string) error {
	return f.s.retry(f.ctx, func(c *hdfs.Client) error {
		info, err := c.Stat(name)
		if err == nil && info.Size() != f.written {
			err = fmt.Errorf("%s holds %d bytes of %d written: %w", f.name, info.Size(), f.written, errLength)
		}
		return err
	})
}

// rename publishes the file. A repeated rename whose first answer was lost finds its
// source gone: then the target decides.
func (f *file) rename() error {
	err := f.s.retry(f.ctx, func(c *hdfs.Client) error { return c.Rename(f.hidden, f.final) })
	if errors.Is(err, fs.ErrNotExist) {
		return f.hasLength(f.final)
	}
	return err
}

// Abort removes what was written. The writer is not closed after a write error:
// closing would report bytes that no data node has.
func (f *file) Abort() error {
	return f.s.removeNow(context.WithoutCancel(f.ctx), f.hidden)
}

// dial bounds the dial and every read and write that follows.
func (s *Store) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &boundedConn{c, s.options.Step}, nil
}

// boundedConn gives each step its own deadline unless the library set one, and
// closes itself at a read error: the library would go on using the broken stream.
type boundedConn struct {
	net.Conn
	step time.Duration
}

func (c *boundedConn) Read(p []byte) (int, error) {
	c.Conn.SetReadDeadline(time.Now().Add(c.step))
	n, err := c.Conn.Read(p)
	if err != nil {
		c.Conn.Close()
	}
	return n, err
}

func (c *boundedConn) Write(p []byte) (int, error) {
	c.Conn.SetWriteDeadline(time.Now().Add(c.step))
	return c.Conn.Write(p)
}
