package expr

import (
	"slices"

	"slipway/executor/column"
)

// arrayOperators are @>, <@ and && of arrays, in which NULL is equal to nothing, and x[low:high].
var arrayOperators = map[string]kernel{
	"arraycontains": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = holdsAll(vs[0], vs[1], i)
		return true, nil
	},
	"arraycontained": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = holdsAll(vs[1], vs[0], i)
		return true, nil
	},
	"arrayoverlap": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = false
		has := lookedUpIn(vs[0], vs[1], i)
		eachElement(vs[1], i, func(e int) bool {
			out.Bools[i] = has(vs[1].Kids[0], e)
			return !out.Bools[i]
		})
		return true, nil
	},
	"array_slice": slice,
}

func eachElement(v *column.Vector, i int, visit func(e int) bool) {
	w := v.Views[i]
	for e := int(w.Off); e < int(w.Off+w.Len) && visit(e); e++ {
	}
}

func holdsAll(v, of *column.Vector, i int) bool {
	all, has := true, lookedUpIn(v, of, i)
	eachElement(of, i, func(e int) bool {
		all = has(of.Kids[0], e)
		return all
	})
	return all
}

// manyPairs is how many pairs of elements are compared before one list is put in order.
const manyPairs = 10_000

// lookedUpIn tells of elements of another list whether row i of v has them.
func lookedUpIn(v, other *column.Vector, i int) (has func(of *column.Vector, at int) bool) {
	if int(v.Views[i].Len)*int(other.Views[i].Len) <= manyPairs {
		return func(of *column.Vector, at int) bool { return holdsElement(v, i, of, at) }
	}
	var list []int
	eachElement(v, i, func(e int) bool {
		if !v.Kids[0].Null(e) {
			list = append(list, e)
		}
		return true
	})
	slices.SortFunc(list, func(a, b int) int { return v.Kids[0].Compare(a, v.Kids[0], b) })
	return func(of *column.Vector, at int) bool {
		if of.Null(at) {
			return false
		}
		_, found := slices.BinarySearchFunc(list, at, func(e, at int) int { return v.Kids[0].Compare(e, of, at) })
		return found
	}
}

func holdsElement(v *column.Vector, i int, of *column.Vector, at int) (found bool) {
	if of.Null(at) {
		return false
	}
	list := v.Kids[0]
	eachElement(v, i, func(e int) bool {
		found = !list.Null(e) && list.Compare(e, of, at) == 0
		return !found
	})
	return found
}

// slice is x[low:high]: what of it is there.
func slice(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	w, off := vs[0].Views[i], out.Kids[0].Len()
	low, high := max(vs[1].Ints[i], 1), min(vs[2].Ints[i], int64(w.Len))
	if low <= high {
		out.AppendPart(0, vs[0].Kids[0], int(w.Off)+int(low)-1, int(high-low)+1)
	}
	return true, closeArray(out, i, off)
}
