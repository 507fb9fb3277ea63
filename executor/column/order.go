package column

import (
	"slipway/sql/types"
	"slipway/sql/value"
)

// Comparison gives the order of two present values, below 0, 0 or above 0, of types that are held
// in the same way or are both DECIMAL: NaN is behind every number, -0 is 0, false is before true,
// texts are in the order of their bytes, lists in that of their first elements that differ, with
// NULL behind all.
func Comparison(a, b types.Type) func(x *Vector, i int, y *Vector, j int) int {
	if a.Kind == types.Decimal && b.Kind == types.Decimal && (a.Scale != b.Scale || a.Physical() != b.Physical()) {
		return compareDecimals
	}
	return of(a).compare
}

// Compare orders row i of v and row j of another vector of its type; both are present.
func (v *Vector) Compare(i int, w *Vector, j int) int { return v.held.compare(v, i, w, j) }

// compareDecimals compares numbers of any scales, exactly.
func compareDecimals(x *Vector, i int, y *Vector, j int) int {
	a, b := x.wideAt(i), y.wideAt(j)
	p, q := x.Type.Scale, y.Type.Scale
	switch {
	case p == q:
		return a.Cmp(b)
	case p < q:
		return compareScaled(a, b, q-p)
	}
	return -compareScaled(b, a, p-q)
}

// compareScaled orders a times 10^digits and b. A product beyond 128 bits is beyond every decimal.
func compareScaled(a, b Int128, digits int) int {
	product, ok := a.Mul(value.WidePow10[digits])
	switch {
	case ok:
		return product.Cmp(b)
	case a.IsNegative():
		return -1
	}
	return 1
}

// wideAt gives a DECIMAL however it is held.
func (v *Vector) wideAt(i int) Int128 {
	if len(v.Wides) > 0 {
		return v.Wides[i]
	}
	return FromInt64(v.Ints[i])
}
