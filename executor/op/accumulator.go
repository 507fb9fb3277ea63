package op

import (
	"bytes"
	"cmp"
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// accumulators are the aggregates of one operator as words of a state row:
//
//	COUNT, COUNT(*)   count
//	SUM               count of values, sum (one word, or high and low half)
//	MIN, MAX          count of values, value (as a key holds it)
type accumulators struct {
	list  []accumulator
	words int
	refs  []int
	init  []uint64
}

type accumulator struct {
	plan.Agg
	at int        // first word
	in types.Type // of the argument
}

// newAccumulators lays the aggregates out behind `reserved` words of the operator's own.
func newAccumulators(aggs []plan.Agg, in types.Schema, reserved int) *accumulators {
	a := &accumulators{words: reserved}
	for _, g := range aggs {
		acc := accumulator{Agg: g, at: a.words}
		if g.Arg >= 0 && g.Arg < len(in) {
			acc.in = in[g.Arg].Type
		}
		switch {
		case g.Kind == plan.Count || g.Kind == plan.CountStar:
			a.words++
		case g.Typ.Physical() == types.PhysicalInt128:
			a.words += 3
		default:
			if g.Typ.Physical() == types.PhysicalBytes {
				a.refs = append(a.refs, a.words+1)
			}
			a.words += 2
		}
		a.list = append(a.list, acc)
	}
	a.init = make([]uint64, a.words)
	return a
}

// update takes the selected rows of a batch into the rows of t that ids name.
func (a *accumulators) update(t *state.Table, ids []int32, b *column.Batch, sel []int32) error {
	for i := range a.list {
		if err := a.list[i].update(t, ids, b, sel); err != nil {
			return err
		}
	}
	return nil
}

func rowAt(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

// sign is -1 for a row that is taken back.
func sign(b *column.Batch, r int) int64 {
	if b.Kind(r).Retracts() {
		return -1
	}
	return 1
}

func (a *accumulator) update(t *state.Table, ids []int32, b *column.Batch, sel []int32) error {
	plain := len(b.Kinds) == 0 && a.Filter < 0
	if a.Kind == plan.CountStar && !a.Merge && plain {
		for _, id := range ids {
			t.Write(id)[a.at]++
		}
		return nil
	}
	var v *column.Vector
	if a.Arg >= 0 {
		v = b.Cols[a.Arg]
	}
	if plain && v != nil && v.Valid == nil {
		if done, err := a.dense(t, ids, v, sel); done {
			return err
		}
	}
	for i, id := range ids {
		r := rowAt(sel, i)
		if a.Filter >= 0 && (b.Cols[a.Filter].Null(r) || !b.Cols[a.Filter].Bools[r]) || v != nil && v.Null(r) {
			continue
		}
		if err := a.one(t, id, v, r, sign(b, r)); err != nil {
			return err
		}
	}
	return nil
}

// dense is the loop for 64-bit arguments without NULLs, filters and retractions.
func (a *accumulator) dense(t *state.Table, ids []int32, v *column.Vector, sel []int32) (bool, error) {
	if v.Type.Physical() != types.PhysicalInt64 {
		return false, nil
	}
	xs := v.Ints
	switch {
	case a.Kind == plan.Count && !a.Merge:
		for _, id := range ids {
			t.Write(id)[a.at]++
		}
	case a.Kind == plan.Count || a.Kind == plan.CountStar:
		for i, id := range ids {
			t.Write(id)[a.at] += uint64(xs[rowAt(sel, i)])
		}
	case a.Kind == plan.Min:
		for i, id := range ids {
			w, x := t.Write(id)[a.at:], xs[rowAt(sel, i)]
			if w[0] == 0 || x < int64(w[1]) {
				w[1] = uint64(x)
			}
			w[0]++
		}
	case a.Kind == plan.Max:
		for i, id := range ids {
			w, x := t.Write(id)[a.at:], xs[rowAt(sel, i)]
			if w[0] == 0 || x > int64(w[1]) {
				w[1] = uint64(x)
			}
			w[0]++
		}
	default:
		return false, nil
	}
	return true, nil
}

// one takes a single present value.
func (a *accumulator) one(t *state.Table, id int32, v *column.Vector, r int, sign int64) error {
	w := t.Write(id)[a.at:]
	switch a.Kind {
	case plan.CountStar, plan.Count:
		n := int64(1)
		if a.Merge {
			n = v.Ints[r]
		}
		w[0] += uint64(n * sign)
		return nil
	case plan.Sum:
		w[0] += uint64(sign)
		if err := a.sum(w[1:], v, r, sign); err != nil || w[0] != 0 {
			return err
		}
		clear(w[1 : 1+sumWords(a.Typ)]) // of no values nothing is left: no rounding, no NaN
		return nil
	}
	if sign < 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s over a result that takes rows back is not supported", a.Kind)
	}
	return a.extreme(t, id, w, v, r)
}

func sumWords(t types.Type) int {
	if t.Physical() == types.PhysicalInt128 {
		return 2
	}
	return 1
}

func (a *accumulator) sum(w []uint64, v *column.Vector, r int, sign int64) error {
	switch a.Typ.Physical() {
	case types.PhysicalFloat64:
		return addFloat(w, float64(sign)*v.Floats[r], a.Typ)
	case types.PhysicalInt64:
		s, x := int64(w[0]), v.Ints[r]*sign
		z := s + x
		w[0] = uint64(z)
		if (s^z)&(x^z) < 0 {
			return overflow(a.Typ)
		}
		return nil
	}
	x := column.Int128{}
	if v.Type.Physical() == types.PhysicalInt128 {
		x = v.Wides[r]
	} else {
		x = column.FromInt64(v.Ints[r])
	}
	if sign < 0 {
		x = x.Neg()
	}
	return addWide(w, x, a.Typ)
}

// addFloat: infinities and what is no number come only from the values themselves.
func addFloat(w []uint64, x float64, t types.Type) error {
	s := math.Float64frombits(w[0])
	z := s + x
	w[0] = math.Float64bits(z)
	if z-z != 0 && s-s == 0 && x-x == 0 {
		return overflow(t)
	}
	return nil
}

func addWide(w []uint64, x column.Int128, t types.Type) error {
	z, ok := column.Int128{Hi: int64(w[0]), Lo: w[1]}.Add(x)
	w[0], w[1] = uint64(z.Hi), z.Lo
	if !ok || !z.Within(t.Precision) {
		return overflow(t)
	}
	return nil
}

func overflow(t types.Type) error {
	return sqlerr.New(sqlerr.OutOfRange, "SUM is out of range for %s", t)
}

// extreme keeps the smaller or greater value.
func (a *accumulator) extreme(t *state.Table, id int32, w []uint64, v *column.Vector, r int) error {
	better := w[0] == 0
	if !better {
		c := compareWord(w[1:], t, v, r)
		better = a.Kind == plan.Min && c > 0 || a.Kind == plan.Max && c < 0
	}
	w[0]++
	if !better {
		return nil
	}
	switch v.Type.Physical() {
	case types.PhysicalInt64:
		w[1] = uint64(v.Ints[r])
	case types.PhysicalFloat64:
		w[1] = math.Float64bits(v.Floats[r])
	case types.PhysicalInt128:
		w[1], w[2] = uint64(v.Wides[r].Hi), v.Wides[r].Lo
	case types.PhysicalBool:
		w[1] = 0
		if v.Bools[r] {
			w[1] = 1
		}
	case types.PhysicalBytes:
		ref, err := t.Put(w[1], v.Bytes(r))
		if err != nil {
			return err
		}
		w[1] = ref
	}
	return nil
}

// compareWord orders a kept value and a value of a batch.
func compareWord(w []uint64, t *state.Table, v *column.Vector, r int) int {
	switch v.Type.Physical() {
	case types.PhysicalFloat64:
		return value.CompareFloat(math.Float64frombits(w[0]), v.Floats[r])
	case types.PhysicalInt128:
		return column.Int128{Hi: int64(w[0]), Lo: w[1]}.Cmp(v.Wides[r])
	case types.PhysicalBytes:
		return bytes.Compare(t.Bytes(w[0]), v.Bytes(r))
	case types.PhysicalBool:
		x := int64(0)
		if v.Bools[r] {
			x = 1
		}
		return cmp.Compare(int64(w[0]), x)
	}
	return cmp.Compare(int64(w[0]), v.Ints[r])
}

// combine takes the accumulators of a row of another table into a row of t.
func (a *accumulators) combine(t *state.Table, id int32, from *state.Table, src int32) error {
	for i := range a.list {
		acc := &a.list[i]
		w, x := t.Write(id)[acc.at:], from.Acc(src)[acc.at:]
		switch {
		case acc.Kind == plan.Count || acc.Kind == plan.CountStar:
			w[0] += x[0]
		case x[0] == 0: // no value there
		case acc.Kind == plan.Sum:
			if err := acc.combineSum(w, x); err != nil {
				return err
			}
		default:
			if err := acc.combineExtreme(t, w, from, x); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *accumulator) combineSum(w, x []uint64) error {
	w[0] += x[0]
	switch a.Typ.Physical() {
	case types.PhysicalFloat64:
		return addFloat(w[1:], math.Float64frombits(x[1]), a.Typ)
	case types.PhysicalInt64:
		s, y := int64(w[1]), int64(x[1])
		z := s + y
		w[1] = uint64(z)
		if (s^z)&(y^z) < 0 {
			return overflow(a.Typ)
		}
	default:
		return addWide(w[1:], column.Int128{Hi: int64(x[1]), Lo: x[2]}, a.Typ)
	}
	return nil
}

func (a *accumulator) combineExtreme(t *state.Table, w []uint64, from *state.Table, x []uint64) (err error) {
	better := w[0] == 0
	if !better {
		c := compareKept(a.Typ, w[1:], t, x[1:], from)
		better = a.Kind == plan.Min && c > 0 || a.Kind == plan.Max && c < 0
	}
	w[0] += x[0]
	if !better {
		return nil
	}
	switch a.Typ.Physical() {
	case types.PhysicalBytes:
		w[1], err = t.Put(w[1], from.Bytes(x[1]))
	case types.PhysicalInt128:
		w[1], w[2] = x[1], x[2]
	default:
		w[1] = x[1]
	}
	return err
}

func compareKept(typ types.Type, w []uint64, t *state.Table, x []uint64, from *state.Table) int {
	switch typ.Physical() {
	case types.PhysicalFloat64:
		return value.CompareFloat(math.Float64frombits(w[0]), math.Float64frombits(x[0]))
	case types.PhysicalInt128:
		return column.Int128{Hi: int64(w[0]), Lo: w[1]}.Cmp(column.Int128{Hi: int64(x[0]), Lo: x[1]})
	case types.PhysicalBytes:
		return bytes.Compare(t.Bytes(w[0]), from.Bytes(x[0]))
	}
	return cmp.Compare(int64(w[0]), int64(x[0]))
}

// emit appends the results of a row to the columns that begin at `at`.
func (a *accumulators) emit(t *state.Table, id int32, out *column.Batch, at int) {
	a.emitWords(t, t.Acc(id), out, at)
}

// emitWords does so with a row's accumulators as they are or were.
func (a *accumulators) emitWords(t *state.Table, row []uint64, out *column.Batch, at int) {
	for i := range a.list {
		acc := &a.list[i]
		w, v := row[acc.at:], out.Cols[at+i]
		switch {
		case acc.Kind == plan.Count || acc.Kind == plan.CountStar:
			v.AppendInt(int64(w[0]))
		case w[0] == 0:
			v.AppendNull()
		default:
			t.AppendValue(v, w[1:])
		}
	}
}

// checkInput refuses at construction what would fail at run time.
func checkInput(aggs []plan.Agg, updates bool) error {
	for _, a := range aggs {
		if updates && (a.Kind == plan.Min || a.Kind == plan.Max) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "%s over a result that takes rows back is not supported", a.Kind)
		}
	}
	return nil
}
