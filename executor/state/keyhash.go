package state

import (
	"math/bits"
	"slices"

	"slipway/executor/column"
)

// keyHasher makes hashes of keys that differ, also where column.HashColumns gives many keys one
// (Table.place says when): by them keyIndex and keySet tell keys apart.
type keyHasher struct {
	own, sums, one []uint64
	col            [1]int
}

// inGroups moves hashes into the key groups of others, and keeps their upper bits below.
func inGroups(hashes, groups []uint64) {
	const group = (KeyGroups - 1) << (64 - KeyGroupBits)
	for i, h := range hashes {
		hashes[i] = groups[i]&group | h>>KeyGroupBits
	}
}

// spread gives hashes of the columns cols of b that differ where rows with NULL do; they are in
// the groups of the given ones, which are those of column.HashColumns. Where there is no NULL
// behind the first column they are the given ones themselves. They are lent until the next call.
func (x *keyHasher) spread(hashes []uint64, b *column.Batch, cols []int) []uint64 {
	nullable := func(c int) bool { return b.Cols[c].Valid != nil }
	if len(cols) < 2 || !slices.ContainsFunc(cols[1:], nullable) {
		return hashes
	}
	x.sum(b, cols)
	inGroups(x.sums, hashes)
	x.own = append(x.own[:0], hashes[:b.Rows]...)
	for _, c := range cols[1:] {
		v := b.Cols[c]
		if v.Valid == nil {
			continue
		}
		for r := range x.own {
			if !v.Valid.Get(r) {
				x.own[r] = x.sums[r]
			}
		}
	}
	return x.own
}

// sum hashes each column for itself and puts them together.
func (x *keyHasher) sum(b *column.Batch, cols []int) {
	x.sums = slices.Grow(x.sums[:0], b.Rows)[:b.Rows]
	clear(x.sums)
	for _, c := range cols {
		x.col[0] = c
		x.one = column.HashColumns(x.one, b, x.col[:])
		for r, h := range x.one {
			x.sums[r] = bits.RotateLeft64(x.sums[r]^h, 23) * 0x9FB21C651E98DF25
		}
	}
}
