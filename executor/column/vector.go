package column

import (
	"slipway/sql/types"
	"slipway/sql/value"
)

// View names the bytes Slab[Off:Off+Len] of one string value, or so many rows of the children.
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

// Vector is the values of one column of a batch, made by NewVector. Which slice is in use follows
// from Type.Physical(); the others are nil. The slices of values are pointer-free, so that
// kernels are bare loops and the collector has nothing to trace. The value slice
// has one element per physical row of the batch, also at NULLs, where the element
// is unspecified but readable.
//
// A nested vector has children. Row i of an ARRAY is the rows Views[i] of its child, which
// may lie in any order and with others between; of a MAP, those of two children, keys and
// values. Row i of a STRUCT is row i of every child, of which there is one per field.
type Vector struct {
	// Type may be set to another one that is held in the same way.
	Type types.Type
	// Valid has a bit set where a value is present; nil means that no row is NULL.
	Valid  Bitmap
	Bools  []bool
	Ints   []int64
	Floats []float64
	Wides  []Int128
	// Views point into Slab; several vectors may share a slab. An unused view
	// (NULL) is the zero View, which is always readable. Those of an ARRAY or MAP
	// point at rows of the children.
	Views []View
	Slab  []byte
	Kids  []*Vector
	// fields are those of Type, of a nested vector.
	fields []types.Field
	// spare is the memory of a validity bitmap between two batches.
	spare Bitmap
	// held is what is done with the values; NewVector sets it.
	held representation
	// picked is the rows of the children that are being copied.
	picked []int32
}

// Null tells whether row i is NULL.
func (v *Vector) Null(i int) bool { return v.Valid != nil && !v.Valid.Get(i) }

// Bytes gives the string value of row i; it is valid as long as the batch is.
func (v *Vector) Bytes(i int) []byte {
	w := v.Views[i]
	return v.Slab[w.Off : w.Off+w.Len : w.Off+w.Len]
}
