package state

import (
	"math/bits"

	"slipway/executor/column"
)

// A table's index finds a row by the hash of its key, except where the key has a NULL behind its
// first column. Of such a key column.HashColumns tells nothing but what follows the NULL, and it
// can never tell more, since key groups follow from it: all of them would lie in one probe, which
// each row walks from its beginning. They are placed by a hash of all columns instead. It is
// derived: rows keep the hash they are stored with.

// nullWord stands for a NULL.
const nullWord = 0xA0761D6478BD642F

func mixHash(h, x uint64) uint64 { return (bits.RotateLeft64(h, 23) ^ x) * 0x9FB21C651E98DF25 }

// place is the hash by which the index finds a row that is there.
func (t *Table) place(row []uint64) uint64 {
	const behindFirst = ^uint64(liveFlag | 1)
	if row[1]&behindFirst == 0 && (t.header == rowHeader || allZero(row[rowHeader:t.header])) {
		return row[0]
	}
	return t.placeNulls(row)
}

func allZero(words []uint64) bool {
	for _, w := range words {
		if w != 0 {
			return false
		}
	}
	return true
}

func (t *Table) placeNulls(row []uint64) uint64 {
	h := row[0]
	for i := range t.keys {
		if t.keys[i].null(row) {
			h = mixHash(h, nullWord)
			continue
		}
		h = t.keys[i].mixHeld(t, h, row[t.keyAt[i]:])
	}
	return h
}

// nullBehind tells whether a row of b may have a NULL behind the first column of its key.
func nullBehind(b *column.Batch, keys []int) bool {
	for i, k := range keys {
		if i > 0 && b.Cols[k].Valid != nil {
			return true
		}
	}
	return false
}

// placeOf is the hash by which the index finds row r of b, whose hash is h.
func (t *Table) placeOf(b *column.Batch, keys []int, r int, h uint64) uint64 {
	null := false
	for _, k := range keys[1:] {
		null = null || b.Cols[k].Null(r)
	}
	if !null {
		return h
	}
	for i, k := range keys {
		if v := b.Cols[k]; v.Null(r) {
			h = mixHash(h, nullWord)
		} else {
			h = t.keys[i].mixRow(h, v, r)
		}
	}
	return h
}

// mixHeld and mixRow give the same of a value that is held in words and of one in a vector.
func (k *keyColumn) mixHeld(t *Table, h uint64, w []uint64) uint64 {
	if k.held.Ref {
		return mixHash(h, column.HashBytes(t.slab.get(w[0])))
	}
	for _, x := range w[:k.held.N] {
		h = mixHash(h, x)
	}
	return h
}

func (k *keyColumn) mixRow(h uint64, v *column.Vector, r int) uint64 {
	switch k.form {
	case formLong:
		return mixHash(h, uint64(v.Ints[r]))
	case formText:
		return mixHash(h, column.HashBytes(v.Bytes(r)))
	case formNested:
		k.room = k.held.Key(k.room, v, r)
		return mixHash(h, column.HashBytes(k.room))
	}
	k.held.PutKey(k.words[:], v, r)
	for _, x := range k.words[:k.held.N] {
		h = mixHash(h, x)
	}
	return h
}
