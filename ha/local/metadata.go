package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"slipway/checkpoint"
)

// Metadata is the checkpoint.MetadataStore view: under "checkpoints" a bucket per
// job with the epoch of the last claim and a bucket of manifests by id, each behind
// its CRC-32C.
type Metadata struct{ db *bolt.DB }

// Metadata gives the checkpoint metadata of s.
func (s *Store) Metadata() *Metadata { return &Metadata{db: s.db} }

var (
	keyEpoch        = []byte("epoch")
	bucketManifests = []byte("manifests")
)

// Claim implements checkpoint.MetadataStore: raising the epoch shuts out earlier claimants.
func (m *Metadata) Claim(_ context.Context, job string) (checkpoint.CompletedStore, error) {
	c := &completed{db: m.db, job: []byte(job)}
	err := m.db.Update(func(tx *bolt.Tx) error {
		b, err := tx.Bucket(bucketCheckpoints).CreateBucketIfNotExists(c.job)
		if err != nil {
			return err
		}
		if _, err := b.CreateBucketIfNotExists(bucketManifests); err != nil {
			return err
		}
		last, err := readEpoch(b)
		if err != nil {
			return err
		}
		c.epoch = last + 1
		return b.Put(keyEpoch, binary.BigEndian.AppendUint64(nil, uint64(c.epoch)))
	})
	if err != nil {
		return nil, fmt.Errorf("claiming the checkpoints of job %s: %w", job, err)
	}
	return c, nil
}

// readEpoch is 0 where nobody has claimed yet. What else is no number leaves open who was shut
// out, and nobody may guess.
func readEpoch(b *bolt.Bucket) (int64, error) {
	v := b.Get(keyEpoch)
	if v == nil {
		return 0, nil
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("%q is no epoch of a claim: %w", v, checkpoint.ErrCorrupt)
	}
	return int64(binary.BigEndian.Uint64(v)), nil
}

// Peek implements checkpoint.MetadataStore. Unreadable records are left out here: it only shows.
func (m *Metadata) Peek(_ context.Context, job string) ([]*checkpoint.Manifest, error) {
	var out []*checkpoint.Manifest
	err := m.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketCheckpoints).Bucket([]byte(job))
		if b == nil {
			return nil
		}
		for _, e := range entries(b) {
			if e.Manifest != nil {
				out = append(out, e.Manifest)
			}
		}
		return nil
	})
	return out, err
}

// Drop implements checkpoint.MetadataStore.
func (m *Metadata) Drop(_ context.Context, job string) error {
	return m.db.Update(func(tx *bolt.Tx) error {
		err := tx.Bucket(bucketCheckpoints).DeleteBucket([]byte(job))
		if errors.Is(err, bolterrors.ErrBucketNotFound) {
			return nil
		}
		return err
	})
}

type completed struct {
	db    *bolt.DB
	job   []byte
	epoch int64
}

func (c *completed) Epoch() int64 { return c.epoch }

// List implements checkpoint.CompletedStore.
func (c *completed) List(context.Context) ([]checkpoint.Entry, error) {
	var out []checkpoint.Entry
	err := c.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketCheckpoints).Bucket(c.job)
		if b == nil {
			return checkpoint.ErrFenced // dropped meanwhile
		}
		out = entries(b)
		return nil
	})
	return out, err
}

// entries reads all manifests, newest first.
func entries(b *bolt.Bucket) []checkpoint.Entry {
	var out []checkpoint.Entry
	cursor := b.Bucket(bucketManifests).Cursor()
	for k, v := cursor.Last(); k != nil; k, v = cursor.Prev() {
		e := checkpoint.Entry{ID: checkpoint.ID(binary.BigEndian.Uint64(k))}
		e.Manifest, e.Damaged = decode(v)
		out = append(out, e)
	}
	return out
}

func encode(m *checkpoint.Manifest) ([]byte, error) {
	data, err := checkpoint.Encode(m)
	if err != nil {
		return nil, err
	}
	return slices.Concat(binary.BigEndian.AppendUint32(nil, checkpoint.Checksum(data)), data), nil
}

func decode(v []byte) (*checkpoint.Manifest, error) {
	if len(v) < 4 || checkpoint.Checksum(v[4:]) != binary.BigEndian.Uint32(v) {
		return nil, fmt.Errorf("manifest: checksum differs: %w", checkpoint.ErrCorrupt)
	}
	return checkpoint.Decode(v[4:])
}

// fenced runs a change if the claim still holds, in one transaction with the check.
func (c *completed) fenced(change func(manifests *bolt.Bucket) error) error {
	return c.db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketCheckpoints).Bucket(c.job)
		if b == nil {
			return checkpoint.ErrFenced
		}
		if last, err := readEpoch(b); err != nil || last != c.epoch {
			return errors.Join(checkpoint.ErrFenced, err)
		}
		return change(b.Bucket(bucketManifests))
	})
}

func key(id checkpoint.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// Add implements checkpoint.CompletedStore.
func (c *completed) Add(_ context.Context, m *checkpoint.Manifest, displaced ...checkpoint.ID) error {
	data, err := encode(m)
	if err != nil {
		return err
	}
	return c.fenced(func(b *bolt.Bucket) error {
		return errors.Join(b.Put(key(m.Checkpoint), data), forget(b, displaced))
	})
}

// Remove implements checkpoint.CompletedStore.
func (c *completed) Remove(_ context.Context, ids ...checkpoint.ID) error {
	return c.fenced(func(b *bolt.Bucket) error { return forget(b, ids) })
}

func forget(b *bolt.Bucket, ids []checkpoint.ID) error {
	for _, id := range ids {
		if err := b.Delete(key(id)); err != nil {
			return err
		}
	}
	return nil
}

func (c *completed) Close() error { return nil }
