package expr

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// ofArrays are functions of which the result is NULL where an argument is.
var ofArrays = map[string]kernel{
	"cardinality": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = int64(vs[0].Views[i].Len)
		return true, nil
	},
	"array_length": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		n := int64(vs[0].Views[i].Len)
		out.Ints[i] = n
		return len(vs) == 1 || n > 0 && vs[1].Ints[i] == 1, nil
	},
	"array_contains": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = placeOf(vs[0], i, vs[1]) >= 0
		return true, nil
	},
	"array_distinct": elements(distinctElements),
	"array_reverse": elements(func(_ *column.Vector, list []int32) []int32 {
		slices.Reverse(list)
		return list
	}),
	"sort_array": elements(func(v *column.Vector, list []int32) []int32 {
		slices.SortStableFunc(list, func(a, b int32) int { return compareElements(v, a, v, b) })
		return list
	}),
	"array_max":  extremeElement(1),
	"array_min":  extremeElement(-1),
	"map_keys":   entriesOf(0),
	"map_values": entriesOf(1),
}

// withNulls are functions to which NULL is an argument as others are.
var withNulls = map[string]kernel{
	"string_to_array": stringToArray,
	"array_append": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off := out.Kids[0].Len()
		appendElements(out, vs[0], i)
		out.AppendPart(0, vs[1], i, 1)
		return true, closeArray(out, i, off)
	},
	"array_prepend": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off := out.Kids[0].Len()
		out.AppendPart(0, vs[0], i, 1)
		appendElements(out, vs[1], i)
		return true, closeArray(out, i, off)
	},
	"array_cat": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off, some := out.Kids[0].Len(), false
		for _, v := range vs {
			some = appendElements(out, v, i) || some
		}
		return some, closeArray(out, i, off)
	},
	"array_remove": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if vs[0].Null(i) {
			return false, nil
		}
		w, off := vs[0].Views[i], out.Kids[0].Len()
		for e := int(w.Off); e < int(w.Off+w.Len); e++ {
			if !same(vs[0].Kids[0], e, vs[1], i) {
				out.AppendPart(0, vs[0].Kids[0], e, 1)
			}
		}
		return true, closeArray(out, i, off)
	},
	"array_position": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if vs[0].Null(i) {
			return false, nil
		}
		out.Ints[i] = int64(placeOf(vs[0], i, vs[1])) + 1
		return out.Ints[i] > 0, nil
	},
	"array_to_string": arrayText,
	"map": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off := out.Kids[0].Len()
		for n, v := range vs {
			if n%2 == 0 && v.Null(i) {
				return false, sqlerr.New(sqlerr.NotNullViolation, "a key of a MAP is NULL")
			}
			out.AppendPart(n%2, v, i, 1)
		}
		out.SetEntries(i, off, len(vs)/2)
		return true, tooLarge(out)
	},
}

// closeArray makes row i of the elements that were appended from off on.
func closeArray(out *column.Vector, i, off int) error {
	out.Kids[0].Present()
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(out.Kids[0].Len() - off)}
	return tooLarge(out)
}

func tooLarge(out *column.Vector) error {
	for _, k := range out.Kids {
		if len(k.Slab) > maxSlab || k.Len() > maxSlab/8 {
			return ErrTooMuch
		}
	}
	return nil
}

// appendElements appends those of row i of an array; false if it is NULL.
func appendElements(out, v *column.Vector, i int) bool {
	if v.Null(i) {
		return false
	}
	w := v.Views[i]
	out.AppendPart(0, v.Kids[0], int(w.Off), int(w.Len))
	return true
}

// numbers are the rows that a view is of; never nil.
func numbers(w column.View) []int32 {
	list := make([]int32, w.Len)
	for e := range list {
		list[e] = int32(w.Off) + int32(e)
	}
	return list
}

// elements makes an array of some of another's elements.
func elements(choose func(v *column.Vector, list []int32) []int32) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off, from := out.Kids[0].Len(), vs[0].Kids[0]
		out.Kids[0].AppendRows(from, choose(from, numbers(vs[0].Views[i])), 0)
		return true, closeArray(out, i, off)
	}
}

// entriesOf are the keys of a map, or the values.
func entriesOf(part int) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off, w := out.Kids[0].Len(), vs[0].Views[i]
		out.AppendPart(0, vs[0].Kids[part], int(w.Off), int(w.Len))
		return true, closeArray(out, i, off)
	}
}

// extremeElement is the greatest element, or the least; NULLs are left out.
func extremeElement(sign int) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v, w, best := vs[0].Kids[0], vs[0].Views[i], -1
		for e := int(w.Off); e < int(w.Off+w.Len); e++ {
			if !v.Null(e) && (best < 0 || v.Compare(e, v, best)*sign > 0) {
				best = e
			}
		}
		return best >= 0 && pick(out, i, v, best), nil
	}
}

// placeOf finds a value among the elements of row i of an array, counted from 0; -1 if it is not there.
func placeOf(array *column.Vector, i int, x *column.Vector) int {
	w := array.Views[i]
	for e := range int(w.Len) {
		if same(array.Kids[0], int(w.Off)+e, x, i) {
			return e
		}
	}
	return -1
}

// same takes NULL as one more value.
func same(v *column.Vector, i int, w *column.Vector, j int) bool {
	if v.Null(i) || w.Null(j) {
		return v.Null(i) && w.Null(j)
	}
	return v.Compare(i, w, j) == 0
}

// arrayText joins the elements as texts; NULLs are left out, or a text stands for them.
func arrayText(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) || vs[1].Null(i) {
		return false, nil
	}
	w, v, off, some := vs[0].Views[i], vs[0].Kids[0], len(out.Slab), false
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		null := v.Null(e)
		if null && (len(vs) < 3 || vs[2].Null(i)) {
			continue
		}
		if some {
			out.Slab = append(out.Slab, vs[1].Bytes(i)...)
		}
		if some = true; null {
			out.Slab = append(out.Slab, vs[2].Bytes(i)...)
		} else {
			out.Slab = column.AppendText(out.Slab, v, e)
		}
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// stringToArray gives the parts that a text separates; NULL separates every character.
func stringToArray(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	text, off := vs[0].Bytes(i), out.Kids[0].Len()
	if vs[1].Null(i) {
		for len(text) > 0 {
			_, n := utf8.DecodeRune(text)
			out.Kids[0].AppendBytes(text[:n])
			text = text[n:]
		}
		return true, closeArray(out, i, off)
	}
	between := vs[1].Bytes(i)
	for len(text) > 0 {
		part, rest, more := text, []byte(nil), false
		if len(between) > 0 {
			part, rest, more = bytes.Cut(text, between)
		}
		out.Kids[0].AppendBytes(part)
		if text = rest; more && len(rest) == 0 {
			out.Kids[0].AppendBytes(nil)
		}
	}
	return true, closeArray(out, i, off)
}
