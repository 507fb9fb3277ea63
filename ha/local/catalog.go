package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"slipway/checkpoint"
	"slipway/sql/catalog"
)

// firstOID is where user objects begin in PostgreSQL.
const firstOID = 16384

// Catalog is the catalog.Store view: the whole catalog as one record, since it is
// small and changes are rare; the record's replacement is the atomic change.
type Catalog struct {
	db  *bolt.DB
	now atomic.Pointer[catalog.Snapshot] // newest; replaced inside the write transaction
	// last is the record that was written last and its text: of a few thousand streams reading it takes
	// longer than the rest of a change. It belongs to the write transaction.
	last struct {
		text []byte
		record
	}
}

var keyCatalog = []byte("catalog")

// record is the stored form.
type record struct {
	Format   int              `json:"format"`
	Version  int64            `json:"version"`
	NextOID  uint32           `json:"next_oid"`
	Snapshot catalog.Snapshot `json:"snapshot"`
}

// Catalog gives the catalog of s, with the default database made at first use.
func (s *Store) Catalog() (*Catalog, error) {
	c := &Catalog{db: s.db}
	var r record
	err := s.db.View(func(tx *bolt.Tx) (err error) { r, err = load(tx); return err })
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	c.now.Store(&r.Snapshot)
	if r.Snapshot.Databases[catalog.DefaultDatabase] == nil {
		_, err = c.Apply(context.Background(), catalog.Change{
			PutDatabase: &catalog.Database{Name: catalog.DefaultDatabase, Created: time.Now().UTC()}, NeedOID: true})
	}
	return c, err
}

func load(tx *bolt.Tx) (record, error) {
	r := record{NextOID: firstOID, Snapshot: catalog.NewSnapshot()}
	if v := tx.Bucket(bucketCatalog).Get(keyCatalog); v != nil {
		if err := json.Unmarshal(v, &r); err != nil {
			return r, err
		}
	}
	return r, checkpoint.CheckFormat("the catalog", r.Format, catalog.Format)
}

// Snapshot implements catalog.Store.
func (c *Catalog) Snapshot() *catalog.Snapshot { return c.now.Load() }

// Apply implements catalog.Store.
func (c *Catalog) Apply(_ context.Context, change catalog.Change) (*catalog.Snapshot, error) {
	var next *catalog.Snapshot
	err := c.db.Update(func(tx *bolt.Tx) error {
		r, err := c.read(tx)
		if err != nil {
			return err
		}
		if next, err = r.Snapshot.With(change, func() uint32 { r.NextOID++; return r.NextOID - 1 }); err != nil {
			return err
		}
		r.Version++
		r.Format = next.Format()
		next.Version = r.Version
		r.Snapshot = *next
		return c.write(tx, r)
	})
	if err != nil {
		return nil, err
	}
	c.publish(next)
	return next, nil
}

// read gives the record, without decoding what was written last if it is still there.
func (c *Catalog) read(tx *bolt.Tx) (record, error) {
	if text := tx.Bucket(bucketCatalog).Get(keyCatalog); text != nil && bytes.Equal(text, c.last.text) {
		return c.last.record, nil
	}
	return load(tx)
}

func (c *Catalog) write(tx *bolt.Tx, r record) (err error) {
	if c.last.text, err = json.Marshal(r); err != nil {
		return err
	}
	c.last.record = r
	return tx.Bucket(bucketCatalog).Put(keyCatalog, c.last.text)
}

// publish keeps the newest when two changes return in the other order.
func (c *Catalog) publish(next *catalog.Snapshot) {
	for {
		old := c.now.Load()
		if old.Version >= next.Version || c.now.CompareAndSwap(old, next) {
			return
		}
	}
}
