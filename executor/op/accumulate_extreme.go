package op

import (
	"bytes"
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
	"slipway/sql/value"
)

// MIN and MAX are the count of values, which tells an extreme of none, and the value that is kept.
// One that is taken back cannot be: nobody knows the next. Over rows that are taken back they are
// the ends of all values.
func init() {
	kernels["MIN_OF_CHANGES"] = func(types.Type, types.Type) kernel { return kernel{read: readFirst} }
	kernels["MAX_OF_CHANGES"] = func(types.Type, types.Type) kernel { return kernel{read: readLast} }

	kernels["MIN"] = func(_, out types.Type) kernel { return extreme(out, minInts, 1) }
	kernels["MAX"] = func(_, out types.Type) kernel { return extreme(out, maxInts, -1) }
}

// extreme keeps of two values the one that compares less, times direction.
func extreme(t types.Type, ints adder, direction int) kernel {
	kept := keptInOrder(t)
	k := kernel{words: 1 + kept.N, text: kept.Ref, combine: combineExtremes(kept, direction), emit: emitKept(t)}
	switch p := t.Physical(); {
	case t.IsNested():
		k.add = extremeNested(kept, direction)
	case kept.Ref:
		k.add = extremeTexts(direction)
	case p == types.PhysicalInt64:
		k.add = ints
	case p == types.PhysicalFloat64:
		k.add = extremeFloats(direction)
	default:
		k.add = extremeWords(kept, direction)
	}
	return k
}

func minInts(t *state.Table, at int, r *rows) error {
	xs := r.v.Ints
	for i, id := range r.ids {
		w, x := t.Write(id)[at:], xs[r.at(i)]
		if w[0] == 0 || x < int64(w[1]) {
			w[1] = uint64(x)
		}
		w[0]++
	}
	return nil
}

func maxInts(t *state.Table, at int, r *rows) error {
	xs := r.v.Ints
	for i, id := range r.ids {
		w, x := t.Write(id)[at:], xs[r.at(i)]
		if w[0] == 0 || x > int64(w[1]) {
			w[1] = uint64(x)
		}
		w[0]++
	}
	return nil
}

func extremeFloats(direction int) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Floats
		for i, id := range r.ids {
			w, x := t.Write(id)[at:], xs[r.at(i)]
			if w[0] == 0 || value.CompareFloat(x, math.Float64frombits(w[1]))*direction < 0 {
				w[1] = math.Float64bits(x)
			}
			w[0]++
		}
		return nil
	}
}

// extremeWords is for the types that are seldom compared.
func extremeWords(k *kept, direction int) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w, x := t.Write(id)[at:], r.at(i)
			if w[0] == 0 || k.Compare(w[1:], r.v, x)*direction > 0 {
				k.Put(w[1:], r.v, x)
			}
			w[0]++
		}
		return nil
	}
}

func extremeTexts(direction int) adder {
	return func(t *state.Table, at int, r *rows) (err error) {
		for i, id := range r.ids {
			w, x := t.Write(id)[at:], r.v.Bytes(r.at(i))
			if w[0] == 0 || bytes.Compare(x, t.Bytes(w[1]))*direction < 0 {
				if w[1], err = t.Put(w[1], x); err != nil {
					return err
				}
			}
			w[0]++
		}
		return nil
	}
}

func extremeNested(k *kept, direction int) adder {
	return func(t *state.Table, at int, r *rows) (err error) {
		for i, id := range r.ids {
			w, x := t.Write(id)[at:], k.text(r.v, r.at(i))
			if w[0] == 0 || bytes.Compare(x, t.Bytes(w[1]))*direction < 0 {
				if w[1], err = t.Put(w[1], x); err != nil {
					return err
				}
			}
			w[0]++
		}
		return nil
	}
}

func combineExtremes(k *kept, direction int) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			if x[0] == 0 {
				continue // no value there
			}
			if w[0] == 0 || k.compare(from, x[1:], t, w[1:])*direction < 0 {
				if err := k.copy(t, w[1:], from, x[1:]); err != nil {
					return err
				}
			}
			w[0] += x[0]
		}
		return nil
	}
}

func readFirst(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
	} else {
		s.append(m, m.First(key), v)
	}
}

func readLast(_ *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
	} else {
		s.append(m, m.Last(key), v)
	}
}
