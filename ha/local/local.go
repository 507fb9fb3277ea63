// Package local is recovery mode `local`, the default of a single server: catalog,
// jobs and checkpoint metadata in one embedded key-value file of the data
// directory. It is the only door to that library (bbolt). Every acknowledged change
// is synced to disk before the call returns.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"slipway/ha"
)

// FileName is the file in the data directory.
const FileName = "slipway.db"

var (
	bucketJobs        = []byte("jobs")
	bucketCatalog     = []byte("catalog")
	bucketCheckpoints = []byte("checkpoints")
)

// Store is all metadata of one server. It implements ha.JobStore and ha.Elector;
// Catalog and Metadata give the other two views.
type Store struct {
	db  *bolt.DB
	pid string // path of pidFile
}

// Open opens or makes the file. A second server on the same directory is refused.
func Open(directory string) (*Store, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making data directory: %w", err)
	}
	path := filepath.Join(directory, FileName)
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 200 * time.Millisecond})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("data directory %s is in use by another server%s", directory, owner(directory))
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketJobs, bucketCatalog, bucketCheckpoints} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("preparing %s: %w", path, err), db.Close())
	}
	// A pid that cannot be noted is no reason not to serve; nothing but the message to an operator reads it.
	pid := filepath.Join(directory, pidFile)
	os.WriteFile(pid, strconv.AppendInt(nil, int64(os.Getpid()), 10), 0o600)
	return &Store{db: db, pid: pid}, nil
}

// pidFile holds the number of the process that has the directory open.
const pidFile = "server.pid"

// owner names who has a directory open.
func owner(directory string) string {
	if pid, err := os.ReadFile(filepath.Join(directory, pidFile)); err == nil && len(pid) > 0 {
		return ", process " + string(pid)
	}
	return ""
}

// Close releases the file.
func (s *Store) Close() error {
	os.Remove(s.pid) // while the lock is held: it may be the next owner's afterwards
	return s.db.Close()
}

// Campaign implements ha.Elector: a single server leads at once and for good.
func (s *Store) Campaign(ctx context.Context) (context.Context, error) { return ctx, nil }

// List implements ha.JobStore.
func (s *Store) List(context.Context) ([]*ha.Job, error) {
	var jobs []*ha.Job
	err := s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketJobs).ForEach(func(_, v []byte) error {
			j := &ha.Job{}
			jobs = append(jobs, j)
			return json.Unmarshal(v, j)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading jobs: %w", err)
	}
	return jobs, nil
}

// Create implements ha.JobStore.
func (s *Store) Create(_ context.Context, j *ha.Job) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketJobs)
		err := b.ForEach(func(_, v []byte) error {
			var other ha.Job
			if err := json.Unmarshal(v, &other); err != nil {
				return err
			}
			if other.FullName() == j.FullName() {
				return fmt.Errorf("%s: %w", j.FullName(), ha.ErrExists)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return put(b, []byte(j.ID), j)
	})
}

// Put implements ha.JobStore.
func (s *Store) Put(_ context.Context, j *ha.Job) error {
	return s.db.Update(func(tx *bolt.Tx) error { return put(tx.Bucket(bucketJobs), []byte(j.ID), j) })
}

// Delete implements ha.JobStore.
func (s *Store) Delete(_ context.Context, id string) error {
	return s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketJobs).Delete([]byte(id)) })
}

func put(b *bolt.Bucket, key []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, data)
}
