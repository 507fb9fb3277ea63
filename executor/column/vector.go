package column

import (
	"slipway/sql/types"
	"slipway/sql/value"
)

// View names the bytes Slab[Off:Off+Len] of one string value.
type View struct {
	Off, Len uint32
}

// Int128 is what a DECIMAL of more than 18 digits is held in.
type Int128 = value.Int128

// Microseconds of the usual units, in which times are held.
const (
	Millisecond = value.Millisecond
	Second      = value.Second
	Minute      = value.Minute
	Hour        = value.Hour
	Day         = value.Day
)

// FloorDiv divides toward minus infinity: how times are cut, also before 1970.
func FloorDiv(a, b int64) int64 { return value.FloorDiv(a, b) }

// FromInt64 widens.
func FromInt64(x int64) Int128 { return value.FromInt64(x) }

// Vector is the values of one column of a batch. Which slice is in use follows
// from Type.Physical(); the others are nil. All slices are pointer-free, so that
// kernels are bare loops and the collector has nothing to trace. The value slice
// has one element per physical row of the batch, also at NULLs, where the element
// is unspecified but readable.
type Vector struct {
	Type types.Type
	// Valid has a bit set where a value is present; nil means that no row is NULL.
	Valid  Bitmap
	Bools  []bool
	Ints   []int64
	Floats []float64
	Wides  []Int128
	// Views point into Slab; several vectors may share a slab. An unused view
	// (NULL) is the zero View, which is always readable.
	Views []View
	Slab  []byte
	// spare is the memory of a validity bitmap between two batches.
	spare Bitmap
}

// Null tells whether row i is NULL.
func (v *Vector) Null(i int) bool { return v.Valid != nil && !v.Valid.Get(i) }

// Bytes gives the string value of row i; it is valid as long as the batch is.
func (v *Vector) Bytes(i int) []byte {
	w := v.Views[i]
	return v.Slab[w.Off : w.Off+w.Len : w.Off+w.Len]
}

// Equal tells whether rows i and j hold the same value, or both none.
func (v *Vector) Equal(i, j int) bool {
	if v.Null(i) || v.Null(j) {
		return v.Null(i) == v.Null(j)
	}
	switch v.Type.Physical() {
	case types.PhysicalBool:
		return v.Bools[i] == v.Bools[j]
	case types.PhysicalInt64:
		return v.Ints[i] == v.Ints[j]
	case types.PhysicalFloat64:
		return v.Floats[i] == v.Floats[j] || v.Floats[i] != v.Floats[i] && v.Floats[j] != v.Floats[j]
	case types.PhysicalInt128:
		return v.Wides[i] == v.Wides[j]
	case types.PhysicalBytes:
		return string(v.Bytes(i)) == string(v.Bytes(j))
	}
	return true
}

// Len is the number of values, read from the slice in use.
func (v *Vector) Len() int {
	switch v.Type.Physical() {
	case types.PhysicalBool:
		return len(v.Bools)
	case types.PhysicalInt64:
		return len(v.Ints)
	case types.PhysicalFloat64:
		return len(v.Floats)
	case types.PhysicalInt128:
		return len(v.Wides)
	case types.PhysicalBytes:
		return len(v.Views)
	}
	return 0
}
