package expr

import (
	"slices"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// Functions of arrays that look for values, and those that take arrays for sets.

func init() {
	withNulls["array_positions"] = arrayPositions
	withNulls["array_replace"] = arrayReplace
	ofArrays["trim_array"] = trimArray
	ofArrays["array_union"] = arraySet(func(bool) bool { return true }, true)
	ofArrays["array_intersect"] = arraySet(func(inOther bool) bool { return inOther }, false)
	ofArrays["array_except"] = arraySet(func(inOther bool) bool { return !inOther }, false)
	ofArrays["map_from_arrays"] = mapFromArrays
}

// arrayPositions gives every place of a value, counted from 1; NULL is a value too.
func arrayPositions(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	w, off := vs[0].Views[i], out.Kids[0].Len()
	for e := range int(w.Len) {
		if same(vs[0].Kids[0], int(w.Off)+e, vs[1], i) {
			out.Kids[0].AppendInt(int64(e) + 1)
		}
	}
	return true, closeArray(out, i, off)
}

// arrayReplace puts one value in place of another; NULL is a value too.
func arrayReplace(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	w, off := vs[0].Views[i], out.Kids[0].Len()
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		if same(vs[0].Kids[0], e, vs[1], i) {
			out.AppendPart(0, vs[2], i, 1)
		} else {
			out.AppendPart(0, vs[0].Kids[0], e, 1)
		}
	}
	return true, closeArray(out, i, off)
}

// trimArray leaves so many elements out at the end.
func trimArray(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	w, n, off := vs[0].Views[i], vs[1].Ints[i], out.Kids[0].Len()
	if n < 0 || n > int64(w.Len) {
		return false, sqlerr.New("2202E", "number of elements to trim must be between 0 and %d", w.Len)
	}
	out.AppendPart(0, vs[0].Kids[0], int(w.Off), int(w.Len)-int(n))
	return true, closeArray(out, i, off)
}

// arraySet gives each element of an array once that is wanted, by whether it is in the other array; with others, those of the
// other one behind them that are not in the first.
func arraySet(wanted func(inOther bool) bool, others bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off, a, b := out.Kids[0].Len(), vs[0].Kids[0], vs[1].Kids[0]
		of, other := numbers(vs[0].Views[i]), numbers(vs[1].Views[i])
		out.Kids[0].AppendRows(a, distinctElements(a, chosenOf(a, of, b, other, wanted)), 0)
		if others {
			out.Kids[0].AppendRows(b, distinctElements(b, chosenOf(b, other, a, of, func(in bool) bool { return !in })), 0)
		}
		return true, closeArray(out, i, off)
	}
}

// chosenOf are the elements of v that are wanted, by whether they are among those of w.
func chosenOf(v *column.Vector, list []int32, w *column.Vector, others []int32, wanted func(in bool) bool) []int32 {
	sorted := slices.Clone(others)
	slices.SortFunc(sorted, func(x, y int32) int { return compareElements(w, x, w, y) })
	return slices.DeleteFunc(slices.Clone(list), func(e int32) bool {
		_, in := slices.BinarySearchFunc(sorted, e, func(k, e int32) int { return compareElements(w, k, v, e) })
		return !wanted(in)
	})
}

// distinctElements leaves the first of equal elements, in their order.
func distinctElements(v *column.Vector, list []int32) []int32 {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(x, y int32) int { return compareElements(v, x, v, y) })
	kept := slices.CompactFunc(sorted, func(x, y int32) bool { return compareElements(v, x, v, y) == 0 })
	slices.Sort(kept)
	return kept
}

// compareElements has NULL behind every value.
func compareElements(v *column.Vector, i int32, w *column.Vector, k int32) int {
	switch x, y := v.Null(int(i)), w.Null(int(k)); {
	case x && y:
		return 0
	case x:
		return 1
	case y:
		return -1
	}
	return v.Compare(int(i), w, int(k))
}

// mapFromArrays makes a map of an array of keys and one of values.
func mapFromArrays(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	keys, list, off := vs[0].Views[i], vs[1].Views[i], out.Kids[0].Len()
	if keys.Len != list.Len {
		return false, sqlerr.New(sqlerr.InvalidParameter, "map_from_arrays: there are %d keys and %d values", keys.Len, list.Len)
	}
	for e := keys.Off; e < keys.Off+keys.Len; e++ {
		if vs[0].Kids[0].Null(int(e)) {
			return false, sqlerr.New(sqlerr.NotNullViolation, "a key of a MAP is NULL")
		}
	}
	out.AppendPart(0, vs[0].Kids[0], int(keys.Off), int(keys.Len))
	out.AppendPart(1, vs[1].Kids[0], int(list.Off), int(list.Len))
	out.SetEntries(i, off, int(keys.Len))
	return true, tooLarge(out)
}
