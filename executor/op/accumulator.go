package op

import (
	"slices"
	"strconv"
	"strings"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// kernel is an aggregate for one type of argument, as typed loops over a batch. The words that
// it has in a state row begin with zeros at `at`. A file of its own registers each aggregate.
type kernel struct {
	words int
	// text: word 1 refers to a string of the table; refs are further words that do.
	text bool
	refs []int
	// whole: a row counts only if all its arguments are there, not only the first.
	whole bool
	// add takes rows in.
	add func(t *state.Table, at int, r *rows) error
	// merge takes partial results in, as emit gives them; nil: add does.
	merge func(t *state.Table, at int, r *rows) error
	// change takes rows in and back, by r.signs; nil: none can be taken back.
	change func(t *state.Table, at int, r *rows) error
	// combine takes rows of another table into those of t, pair by pair.
	combine func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error
	// emit appends the results of rows of t, given by their accumulators as they are or were.
	emit func(t *state.Table, at int, accs [][]uint64, v *column.Vector)
	// read, in place of all of these, gives the result of values that are kept in order.
	read reader
	// list: what is read is the values in another order than their own.
	list listKind
	// nulls: a row whose argument is NULL counts too.
	nulls bool
	// given: so does it, and the argument is looked at.
	given bool
}

// listKind tells how the values of a list come when nothing else is said.
type listKind uint8

const (
	noList         listKind = iota
	listOfArrivals          // as they came
	listOfChanges           // as each came first: one that is taken back is found by itself
	listOfRepeats           // as each came last
	listOfPairs             // the values of the second argument in the order of the first, as each came first
)

// kernels makes the kernel of an aggregate for the types of its argument and its result.
var kernels = map[plan.AggKind]func(in, out types.Type) kernel{}

// rows are those of a batch that an aggregate takes.
type rows struct {
	ids   []int32 // of each the row of the table
	sel   []int32 // of each the row of the batch; nil: row i
	signs []int64 // of each 1, or -1 for one that is taken back; nil: all 1
	v     *column.Vector
	more  []*column.Vector // of the arguments behind the first
}

func (r *rows) at(i int) int { return rowAt(r.sel, i) }

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

// accumulators are the aggregates of one operator as words of a state row.
type accumulators struct {
	list   []accumulator
	words  int
	refs   []int
	init   []uint64
	all    rows // of the batch
	chosen rows // those of all that one aggregate takes

	distincts []*distinct
	sorted    []*orderedValues
	keys      *groupKeys
	one       [1]int32
	faults    aggregateFaults
}

type accumulator struct {
	plan.Agg
	kernel
	at       int       // first word
	distinct *distinct // of arguments that are DISTINCT
	slot     int
	sorted   int            // number of the values that it is read from
	before   *column.Vector // former results that are read from them
	fraction float64        // of a percentile
	desc     bool
}

// newAccumulators lays the aggregates out behind `reserved` words of the operator's own.
func newAccumulators(aggs []plan.Agg, in types.Schema, reserved int) (*accumulators, error) {
	a := &accumulators{words: reserved}
	for _, g := range aggs {
		of := types.Type{}
		if g.Arg >= 0 && g.Arg < len(in) {
			of = in[g.Arg].Type
		}
		k, err := kernelOf(&g, of, in, &a.faults)
		if err != nil {
			return nil, err
		}
		acc := accumulator{Agg: g, kernel: k, at: a.words}
		if g.Merge && acc.merge != nil {
			acc.add, acc.change = acc.merge, nil
		}
		if acc.text {
			a.refs = append(a.refs, acc.at+1)
		}
		for _, r := range acc.refs {
			a.refs = append(a.refs, acc.at+r)
		}
		a.words += acc.kernel.words
		if acc.Distinct {
			a.addDistinct(&acc)
		}
		if acc.read != nil {
			number, desc := strings.CutSuffix(g.Param, " DESC")
			acc.fraction, _ = strconv.ParseFloat(number, 64)
			acc.desc = desc
			a.addSorted(&acc)
		}
		a.list = append(a.list, acc)
	}
	a.init = make([]uint64, a.words)
	return a, nil
}

// kernelOf makes the kernel of an aggregate over columns of `in`, of which the first argument's type is `of`.
func kernelOf(g *plan.Agg, of types.Type, in types.Schema, faults *aggregateFaults) (kernel, error) {
	if g.Module != nil {
		return ofModule(g, in, faults)
	}
	make := kernels[g.Kind]
	if make == nil {
		return kernel{}, sqlerr.New(sqlerr.Internal, "there is no accumulator %s", g.Kind)
	}
	return make(of, g.Typ), nil
}

// check refuses at construction what would fail at run time.
func (a *accumulators) check(updates bool) error {
	a.faults.changes = updates
	for i := range a.list {
		if acc := &a.list[i]; updates && acc.change == nil && (acc.read == nil || acc.list == listOfArrivals) {
			return acc.unchangeable()
		}
	}
	return nil
}

func (a *accumulator) unchangeable() error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s over a result that takes rows back is not supported", a.Kind)
}

// update takes the selected rows of a batch into the rows of t that ids name. Where something is
// kept beside them, enter has been called.
func (a *accumulators) update(t *state.Table, ids []int32, b *column.Batch, sel []int32) error {
	a.all.ids, a.all.sel = ids, sel
	for i := range a.list {
		acc := &a.list[i]
		if acc.add == nil && acc.read != nil {
			continue // enter has taken them
		}
		r, back := a.choose(acc, b)
		add := acc.add
		if back {
			add = acc.change
		}
		if add == nil {
			return acc.unchangeable()
		}
		if err := add(t, acc.at, r); err != nil {
			return err
		}
	}
	return nil
}

// choose gives the rows that an aggregate takes; back tells that some are taken back.
func (a *accumulators) choose(acc *accumulator, b *column.Batch) (r *rows, back bool) {
	if acc.distinct != nil {
		return acc.distinctOf(b)
	}
	a.all.v = nil
	if acc.Arg >= 0 && !acc.nulls {
		a.all.v = b.Cols[acc.Arg]
	}
	nullable := a.all.v != nil && a.all.v.Valid != nil && !acc.given
	a.all.more = a.all.more[:0]
	for _, c := range acc.More {
		a.all.more = append(a.all.more, b.Cols[c])
		nullable = nullable || acc.whole && b.Cols[c].Valid != nil
	}
	if len(b.Kinds) == 0 && acc.Filter < 0 && !nullable {
		return &a.all, false
	}
	return &a.chosen, acc.choose(&a.chosen, &a.all, b)
}

// choose leaves out rows whose argument is NULL or that the filter does not let pass; back
// tells that some are taken back.
func (a *accumulator) choose(dst, r *rows, b *column.Batch) (back bool) {
	dst.ids, dst.sel, dst.signs, dst.v, dst.more = dst.ids[:0], dst.sel[:0], dst.signs[:0], r.v, r.more
	for i, id := range r.ids {
		at := r.at(i)
		if !passes(b, a.Filter, at) || r.v != nil && !a.given && r.v.Null(at) || a.whole && r.lacks(at) {
			continue
		}
		s := sign(b, at)
		back = back || s < 0
		dst.ids, dst.sel, dst.signs = append(dst.ids, id), append(dst.sel, int32(at)), append(dst.signs, s)
	}
	return back
}

// lacks tells that an argument behind the first is NULL.
func (r *rows) lacks(at int) bool {
	return slices.ContainsFunc(r.more, func(v *column.Vector) bool { return v.Null(at) })
}

// combine takes the accumulators of rows of another table into rows of t, pair by pair.
func (a *accumulators) combine(t *state.Table, to []int32, from *state.Table, src []int32) error {
	for i := range a.list {
		if err := a.list[i].combine(t, a.list[i].at, to, from, src); err != nil {
			return err
		}
	}
	return nil
}

// emit appends the results of rows of t to the columns that begin at `at`.
func (a *accumulators) emit(t *state.Table, accs [][]uint64, out *column.Batch, at int) {
	for i := range a.list {
		if emit := a.list[i].emit; emit != nil {
			emit(t, a.list[i].at, accs, out.Cols[at+i])
		}
	}
}
