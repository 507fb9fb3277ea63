package state

import (
	"errors"

	"slipway/executor/memory"
	"slipway/sql/value"
)

// slab holds the variable-length values of a table: append-only chunks, so that a
// frozen snapshot reads what lies below its mark while the loop appends above it.
// A reference is chunk << 48 | offset << 24 | length; chunks are 64 KB, 1 MB and then 4 MB when there are
// many, and a longer value gets a chunk of its own. Reference 0 names the empty string.
type slab struct {
	store      *Store
	generation int // how often it was made anew
	chunks     [][]byte
	total      int64
	dead       int64
}

const (
	chunkBytes      = 64 << 10
	smallChunks     = 64 // so many, then larger ones
	largeChunkBytes = 1 << 20
	largeChunks     = smallChunks + 8 // so many, then extents
	maxChunks       = 1 << 16
	maxValue        = 1<<24 - 1
)

func (s *slab) get(ref uint64) []byte {
	n := ref & maxValue
	if n == 0 {
		return nil
	}
	off := ref >> 24 & maxValue
	return s.chunks[ref>>48][off : off+n : off+n]
}

func (s *slab) put(b []byte) (uint64, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(b) > maxValue {
		return 0, &ValueError{Bytes: len(b)}
	}
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+len(b) > cap(s.chunks[last]) {
		if err := s.addChunk(len(b)); err != nil {
			return 0, err
		}
		last++
	}
	off := len(s.chunks[last])
	s.chunks[last] = append(s.chunks[last], b...)
	s.total += int64(len(b))
	return uint64(last)<<48 | uint64(off)<<24 | uint64(len(b)), nil
}

func (s *slab) addChunk(room int) error {
	n := len(s.chunks)
	if n == maxChunks {
		return errFull
	}
	size := max(chunkBytes, room)
	switch {
	case n >= largeChunks:
		size = max(extentBytes, room)
	case n >= smallChunks:
		size = max(largeChunkBytes, room)
	}
	if err := s.store.reserve(int64(size)); err != nil {
		return err
	}
	s.chunks = append(s.chunks, memory.LargePaged(make([]byte, 0, size)))
	return nil
}

var errFull = errors.New("the texts of one table of state are more than 256 GB")

// at is where the next value goes: the chunks begun, and the bytes in the last.
func (s *slab) at() (chunks, offset int) {
	if n := len(s.chunks); n > 0 {
		return n, len(s.chunks[n-1])
	}
	return 0, 0
}

// since is how many bytes lie behind a place that at gave.
func (s *slab) since(chunks, offset int) (n int64) {
	for _, c := range s.chunks[max(chunks-1, 0):] {
		n += int64(len(c))
	}
	return n - int64(offset)
}

func (s *slab) drop(ref uint64) { s.dead += int64(ref & maxValue) }

// ValueError: a single value is too long to be kept in state.
type ValueError struct{ Bytes int }

func (e *ValueError) Error() string {
	return "a value of " + string(value.AppendDecimal64(nil, int64(e.Bytes), 0)) + " bytes is too long to be kept in state, 16777215 are allowed"
}

// Compact moves what is alive into fresh chunks when most is garbage. Freeze does so; who
// replaces strings all the time does it between. Row numbers stay, what Acc and Write have
// given does not.
func (t *Table) Compact() error {
	if t.slab.total < 1<<20 || t.slab.dead*2 < t.slab.total {
		return nil
	}
	old := t.slab
	t.slab = slab{store: t.store, generation: old.generation + 1}
	var failed error
	t.EachRow(func(id int32) {
		if failed == nil {
			failed = t.move(&old, t.writable(id))
		}
	})
	for _, c := range old.chunks {
		t.store.releaseBehind(int64(cap(c)))
	}
	return failed
}

// move copies a row's references from another slab into the table's own.
func (t *Table) move(from *slab, row []uint64) (err error) {
	for i, k := range t.layout.Keys {
		if isRef(k) && !t.keys[i].null(row) && err == nil {
			row[t.keyAt[i]], err = t.slab.put(from.get(row[t.keyAt[i]]))
		}
	}
	for _, r := range t.layout.Refs {
		if err == nil {
			row[t.accAt+r], err = t.slab.put(from.get(row[t.accAt+r]))
		}
	}
	return err
}
