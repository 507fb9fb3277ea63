package state

import (
	"fmt"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// open takes the table of that name up, with what was restored.
func (s *Rows) open(store *Store, name string, l RowLayout, o order) error {
	s.name, s.layout, s.order = name, l, o
	s.init = append(make([]uint64, rowWords), l.Init...)
	layout := Layout{Keys: l.Columns, Words: len(s.init)}
	for _, r := range l.Refs {
		layout.Refs = append(layout.Refs, rowWords+r)
	}
	s.table = store.Table(name, layout)
	if err := s.table.has(layout); err != nil {
		return err
	}
	if l.Apart {
		s.table.leaveIndex()
	}
	s.mem.store, s.keys.mem = store, &s.mem
	return s.load()
}

// load links the rows that the table holds. Rows of count 0 had gone before the barrier.
func (s *Rows) load() error {
	keys := s.keyBatch()
	var ids, gone []int32
	var failed error
	flush := func() {
		if failed == nil {
			failed = s.loadRows(keys, ids)
		}
		ids = ids[:0]
	}
	s.table.EachRow(func(id int32) {
		if s.table.Acc(id)[rowCount] == 0 {
			gone = append(gone, id)
			return
		}
		if ids = append(ids, id); len(ids) == column.BatchRows {
			flush()
		}
	})
	flush()
	for _, id := range gone {
		s.table.Delete(id)
	}
	s.order.loaded()
	return failed
}

// keyBatch is a batch of keys.
func (s *Rows) keyBatch() *column.Batch {
	var schema types.Schema
	for _, k := range s.layout.Key {
		schema = append(schema, types.Column{Type: s.layout.Columns[k]})
	}
	return column.NewBatch(schema)
}

// loadRows links rows that the table holds already.
func (s *Rows) loadRows(keys *column.Batch, ids []int32) error {
	keys.Reset()
	all := make([]int, len(keys.Cols))
	for i, k := range s.layout.Key {
		all[i] = i
		s.AppendColumn(keys.Cols[i], k, ids)
	}
	keys.Rows = len(ids)
	s.hashes = column.HashColumns(s.hashes, keys, all)
	hashes := s.keyHash.spread(s.hashes, keys, all)
	for r, id := range ids {
		h := hashes[r]
		if Group(s.table.row(id)[0]) != Group(h) {
			return fmt.Errorf("state table %s: a row is not in the group of its key: %w", s.name, checkpoint.ErrCorrupt)
		}
		s.serial = max(s.serial, s.table.Acc(id)[rowSerial]+1)
		if err := s.link(keys, all, r, h, id); err != nil {
			return err
		}
	}
	return nil
}
