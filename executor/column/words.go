package column

import "slipway/sql/types"

// WordCodec is how a row of state holds the values of a column in words of 64 bits: as they are or,
// where Ref is set, as a word that refers to bytes which the state keeps elsewhere. The functions
// are chosen once for a column. A value is present; NULL is the holder's. Whoever looks for rows
// by a value uses the forms of keys, in which equal values are the same (-0 is 0).
type WordCodec struct {
	// N is the number of words: 1 or 2.
	N   int
	Ref bool

	// Put writes row i of v; Same tells that w holds it, bit by bit. PutKey and SameKey are
	// those of keys. nil where Ref is set.
	Put, PutKey   func(w []uint64, v *Vector, i int)
	Same, SameKey func(w []uint64, v *Vector, i int) bool
	// Compare orders a value that was put and row i of v, Order two that were put.
	Compare func(w []uint64, v *Vector, i int) int
	Order   func(w, x []uint64) int
	// Append appends the value to v.
	Append func(v *Vector, w []uint64)

	// Where Ref is set: Bytes gives those of row i, which lie in v or are written to room[:0];
	// AppendBytes appends the value to v, and tells whether the bytes are those of one. Key and
	// AppendKey are those of keys, whose order is that of the values.
	Bytes, Key             func(room []byte, v *Vector, i int) []byte
	AppendBytes, AppendKey func(v *Vector, b []byte) bool
}

// WordCodecOf gives the functions for a type.
func WordCodecOf(t types.Type) WordCodec { return of(t).words() }
