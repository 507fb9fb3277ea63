package column

import (
	"encoding/binary"
	"math/bits"
)

// The hash is part of the state format: key groups, and with them the place of every
// row in a checkpoint, follow from it. It must never change.
const (
	hashSeed  = 0x9E3779B97F4A7C15
	hashPrime = 0xD6E8FEB86659FD93
	hashNull  = 0xA0761D6478BD642F
	hashBegin = 0x243F6A8885A308D3
	hashEnd   = 0x13198A2E03707344
)

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^hashSeed, b^hashPrime)
	return hi ^ lo
}

// HashBytes is the hash of a string value.
func HashBytes(b []byte) uint64 {
	h := hashBegin ^ uint64(len(b))
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = mix(h, binary.LittleEndian.Uint64(tail[:]))
	}
	return mix(h, hashEnd)
}

// HashColumns writes the hash of the key columns of every physical row of b into
// dst, which it grows as needed. Rows outside the selection get a value of no
// meaning. No key columns hash to one constant.
func HashColumns(dst []uint64, b *Batch, keys []int) []uint64 {
	if cap(dst) < b.Rows {
		dst = make([]uint64, b.Rows, max(b.Rows, BatchRows))
	}
	dst = dst[:b.Rows]
	for i := range dst {
		dst[i] = hashBegin
	}
	for _, k := range keys {
		hashColumn(dst, b.Cols[k])
	}
	return dst
}

func hashColumn(dst []uint64, v *Vector) {
	v.held.hash(dst, v)
	if v.Valid != nil {
		hashNulls(dst, v)
	}
}

// hashNulls overwrites the mix of an unspecified value at NULL rows. The rows'
// former hash is lost in it, which costs some collisions among keys of several
// columns and nothing else.
func hashNulls(dst []uint64, v *Vector) {
	for i := range dst {
		if !v.Valid.Get(i) {
			dst[i] = hashNull
		}
	}
}
