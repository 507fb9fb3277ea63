package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// compileElement is a[i], NULL behind either end of the array, and m[k], NULL of a key that is not there.
func compileElement(e *plan.Call, args []Evaluator) Evaluator {
	k := newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		w, n := vs[0].Views[i], vs[1].Ints[i]
		return n >= 1 && n <= int64(w.Len) && pick(out, i, vs[0].Kids[0], int(w.Off)+int(n)-1), nil
	})
	if e.Args[0].Type().Kind == types.Map {
		k.f = func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			at := entryOf(vs[0], i, vs[1])
			return at >= 0 && pick(out, i, vs[0].Kids[1], at), nil
		}
	}
	return k
}

// pick puts row j of v into row i; false if it is NULL.
func pick(out *column.Vector, i int, v *column.Vector, j int) bool {
	if v.Null(j) {
		return false
	}
	out.Set(i, v, j)
	return true
}

// entryOf finds the entry of a map, whose keys are in order, with key i; -1 if there is none.
func entryOf(m *column.Vector, i int, key *column.Vector) int {
	w, keys := m.Views[i], m.Kids[0]
	from, to := int(w.Off), int(w.Off+w.Len)
	for from < to {
		middle := (from + to) / 2
		switch c := keys.Compare(middle, key, i); {
		case c == 0:
			return middle
		case c < 0:
			from = middle + 1
		default:
			to = middle
		}
	}
	return -1
}

// quantified is x op ANY (array) and ALL: where no element decides, NULL in the array or as x makes the
// result NULL. Of an empty array ANY is false and ALL true, whatever x is.
type quantified struct {
	x, list Evaluator
	op      string
	all     bool
	out     scratch
	rows    []int32
}

func (k *quantified) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	list, err := k.list.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out := k.out.ready(b.Rows)
	for _, r := range allRows(&k.rows, b.Rows, sel) {
		i := int(r)
		if list.Null(i) {
			k.out.setNull(i, b.Rows)
			continue
		}
		decided, known := k.decide(x, list, i)
		if out.Bools[i] = decided != k.all; !decided && !known {
			k.out.setNull(i, b.Rows)
		}
	}
	return out, nil
}

// decide looks for an element that decides; known is false if there was a NULL.
func (k *quantified) decide(x, list *column.Vector, i int) (decided, known bool) {
	w, elements := list.Views[i], list.Kids[0]
	known = w.Len == 0 || !x.Null(i)
	for e := int(w.Off); e < int(w.Off+w.Len) && !x.Null(i); e++ {
		if elements.Null(e) {
			known = false
		} else if holds(k.op, x.Compare(i, elements, e)) != k.all {
			return true, true
		}
	}
	return false, known
}
