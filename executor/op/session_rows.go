package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// sessionRows are the rows of sessions, by key and time.
type sessionRows struct {
	cols   []int // of the input
	layout state.OrderedLayout
	kept   *state.OrderedMap
	found  []int32 // numbers of keys
	ids    []int32
}

// newSessionRows makes those of some columns of the input.
func newSessionRows(cols, keys []int, time int, in types.Schema) sessionRows {
	s := sessionRows{cols: cols, layout: state.OrderedLayout{Sort: slices.Index(cols, time)}}
	s.layout.Columns = keyTypes(in, cols)
	for _, k := range keys {
		s.layout.Key = append(s.layout.Key, slices.Index(cols, k))
	}
	return s
}

func (s *sessionRows) open(store *state.Store) (err error) {
	s.kept, err = store.OrderedMap("rows", s.layout)
	return err
}

// keep implements sessionForm.
func (s *sessionRows) keep(b *column.Batch, hashes []uint64, rows []int32) (err error) {
	s.ids, err = s.kept.Apply(b, s.cols, hashes, rows, s.ids)
	return err
}

func (s *sessionRows) find(keys *column.Batch, cols []int, hashes []uint64) {
	s.found = s.kept.Lookup(keys, cols, hashes, nil, s.found)
}

// forget implements sessionForm.
func (s *sessionRows) forget(n int, below int64) {
	if key := s.found[n]; key != state.Absent {
		s.ids = s.kept.RemoveBelow(key, state.Bound{Int: below}, s.ids[:0], 1<<31-1)
	}
}

func (s *sessionRows) prune() { s.kept.Prune() }

// of gives the rows of a session of the nth key that was looked up, in the order of their times; valid until the next call.
func (s *sessionRows) of(n int, session []uint64) []int32 {
	first, last := int64(session[sessionFirst]), int64(session[sessionLast])
	s.ids = s.kept.AppendRange(s.ids[:0], s.kept.Ceil(s.found[n], state.Bound{Int: first}), state.Bound{Int: last}, 1<<31-1)
	return s.ids
}
