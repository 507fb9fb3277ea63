package column

import (
	"slipway/sql/types"
	"slipway/sql/value"
)

// representation is all that is done with values as one types.Physical holds them: hash, order,
// equality, bytes, state words, frames. Each has a file of its own, and a line in the table
// below: code elsewhere asks a vector and does not look at how its values are held, but for
// kernels that are loops over one of its slices.
//
// A value that a function is given is present; NULL is the caller's. What reads bytes appends to
// a vector, never reads beyond src, and takes no more memory than some values per byte of it.
type representation interface {
	// length is the number of rows, grow sets it, extend adds one and gives its number. The values
	// of new rows are unspecified.
	length(v *Vector) int
	grow(v *Vector, rows int)
	extend(v *Vector) int
	// memory is the bytes that are held beside validity.
	memory(v *Vector) int
	// appendRows appends rows of src (sel nil: the first n), copyRows sets the same rows of v,
	// set a single row. None looks at the validity of v and src.
	appendRows(v, src *Vector, sel []int32, n int)
	copyRows(v, src *Vector, sel []int32)
	set(v *Vector, i int, src *Vector, j int)

	// hash mixes every row into dst; hashAt is one value's hash within another.
	hash(dst []uint64, v *Vector)
	hashAt(v *Vector, i int) uint64

	// equal and compare agree: NaN is itself and behind every number, -0 is 0.
	equal(a *Vector, i int, b *Vector, j int) bool
	compare(a *Vector, i int, b *Vector, j int) int

	// appendValue and readValue are the value format (rows.go), appendKey and readKey the bytes
	// whose order is that of the values (keys.go).
	appendValue(dst []byte, v *Vector, i int) []byte
	readValue(v *Vector, src []byte) (rest []byte, ok bool)
	appendKey(dst []byte, v *Vector, i int) []byte
	readKey(v *Vector, src []byte, flip byte) (rest []byte, ok bool)

	// appendFrame and readFrame are all values of a vector (frame.go).
	appendFrame(dst []byte, v *Vector) []byte
	readFrame(v *Vector, rows int, src []byte) (rest []byte, ok bool)

	// words is how a state row holds a value.
	words() WordCodec

	// scalar and setScalar are single values outside the row path.
	scalar(v *Vector, i int) value.Scalar
	setScalar(v *Vector, i int, s value.Scalar)
}

var representations [types.PhysicalStruct + 1]representation

func init() { // not a literal: nested ones refer to the table
	truth := bools{cells[bool]{func(v *Vector) *[]bool { return &v.Bools }, 1}}
	long := wides{cells[Int128]{func(v *Vector) *[]Int128 { return &v.Wides }, 16}}
	representations = [...]representation{
		types.PhysicalNone:     nulls{truth},
		types.PhysicalBool:     truth,
		types.PhysicalInt64:    ints{cells[int64]{func(v *Vector) *[]int64 { return &v.Ints }, 8}},
		types.PhysicalFloat64:  floats{cells[float64]{func(v *Vector) *[]float64 { return &v.Floats }, 8}},
		types.PhysicalInt128:   long,
		types.PhysicalInterval: intervals{long},
		types.PhysicalBytes:    texts{},
		types.PhysicalList:     lists{},
		types.PhysicalStruct:   structs{},
	}
}

func of(t types.Type) representation { return representations[t.Physical()] }

// Len is the number of rows.
func (v *Vector) Len() int { return v.held.length(v) }

// Grow sets the number of rows to n; new values are unspecified.
func (v *Vector) Grow(n int) { v.held.grow(v, n) }

// Memory is the bytes that the vector holds, in use or not.
func (v *Vector) Memory() int { return v.held.memory(v) + 8*cap(v.Valid) }

// Equal tells whether rows i and j hold the same value, or both none.
func (v *Vector) Equal(i, j int) bool {
	if v.Valid == nil {
		return v.held.equal(v, i, v, j)
	}
	return equalRows(v.held, v, i, v, j)
}

// equalRows takes NULL as one more value.
func equalRows(r representation, a *Vector, i int, b *Vector, j int) bool {
	if a.Null(i) || b.Null(j) {
		return a.Null(i) == b.Null(j)
	}
	return r.equal(a, i, b, j)
}

// compareRows has NULL behind every value: so it is within nested values.
func compareRows(r representation, a *Vector, i int, b *Vector, j int) int {
	switch l, r := a.Null(i), b.Null(j); {
	case l && r:
		return 0
	case l:
		return 1
	case r:
		return -1
	}
	return r.compare(a, i, b, j)
}

// CopyRows sets the values of the selected rows of v to those of the same rows of src. Validity
// is the caller's.
func (v *Vector) CopyRows(src *Vector, sel []int32) { v.held.copyRows(v, src, sel) }

// Scalar gives the value of row i; a text lies in the vector. The text of a nested value is
// its bytes in the value format.
func (v *Vector) Scalar(i int) value.Scalar { return v.held.scalar(v, i) }

// SetScalar puts a value into row i, which must be there. The text of a nested value must be
// what Scalar gives for its type.
func (v *Vector) SetScalar(i int, s value.Scalar) { v.held.setScalar(v, i, s) }

// AppendScalar appends a value.
func (v *Vector) AppendScalar(s value.Scalar) {
	n := v.held.extend(v)
	v.held.setScalar(v, n, s)
	v.coverRows(n + 1)
}
