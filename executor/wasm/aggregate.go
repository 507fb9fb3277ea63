package wasm

import (
	"context"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Exports of an aggregate behind the name of the function.
const (
	accumulates = "_accumulate"
	merges      = "_merge"
	retracts    = "_retract"
	finishes    = "_finish" // makes the result of a state: a function of one value
)

// MaxState bounds the bytes of a group's state.
const MaxState = 1 << 20

// State is what an aggregate has come to, as bytes that its module made: those of a column.
var State = types.Of(types.Binary)

// Aggregate is what takes rows into the states of groups. A state lies with the caller: nothing of it stays in the
// module's memory. One goroutine calls it.
type Aggregate struct {
	instance
	arguments []kind
	layout

	kinds []kind  // of a call
	all   []int32 // numbers from 0
	group *column.Vector
	state *column.Vector
}

// Taking is what is done with rows.
type Taking int

// Rows are taken in, states for some of the rows are, or rows are taken back.
const (
	Accumulate Taking = iota
	Merge
	Retract
)

// NewAggregate compiles the module of an aggregate, unless another one has.
func NewAggregate(name string, m *plan.Module, arguments []types.Type) (*Aggregate, error) {
	a := aggregateOf(m, arguments)
	var err error
	a.instance, err = newInstance(m, name, a.exports...)
	return a, err
}

func aggregateOf(m *plan.Module, arguments []types.Type) *Aggregate {
	a := &Aggregate{arguments: kindsOf(arguments), group: column.NewVector(types.Of(types.BigInt)), state: column.NewVector(State)}
	a.exports = []export{{name: m.Export + accumulates, params: 3}, {name: m.Export + merges, params: 3, optional: true}, {name: m.Export + retracts, params: 3, optional: true}}
	return a
}

// CheckAggregate compiles a module, begins it and looks for the functions of an aggregate in it, and says which of those that
// need not be there are.
func CheckAggregate(ctx context.Context, code []byte, m *plan.Module, arguments []types.Type, result types.Type) (merging, retracting bool, err error) {
	finish := *m
	finish.Export += finishes
	if err := Check(ctx, code, &finish, []types.Type{State}, result); err != nil {
		return false, false, err
	}
	a := aggregateOf(m, arguments)
	a.checked = func() { merging, retracting = a.calls[Merge] != nil, a.calls[Retract] != nil }
	return merging, retracting, a.check(ctx, code, m)
}

// Groups are those that rows of a call belong to, by numbers from 0.
type Groups interface {
	// Former is the state of a group; nil if it has none yet.
	Former(group int) []byte
	// Becomes is given each group's next state, which is valid during the call, in order.
	Becomes(group int, state []byte) error
}

// Take takes rows into the states of groups. The group of row i is of[i]; these do not go down. More rows than go into a call
// are taken by several: groups whose rows are in both go through Becomes and Former twice. Where one fails, those in front of it were
// taken: so many rows.
func (a *Aggregate) Take(what Taking, vs []*column.Vector, rows, of []int32, g Groups) (taken int, err error) {
	a.kinds = append(a.kinds[:0], a.arguments...)
	if what == Merge {
		a.kinds = append(a.kinds[:0], text)
	}
	for len(rows) > 0 {
		n := fitting(a.kinds, vs, rows)
		if err := a.some(what, vs, rows[:n], of[:n], g); err != nil {
			return taken, err
		}
		rows, of, taken = rows[n:], of[n:], taken+n
	}
	return taken, nil
}

func (a *Aggregate) some(what Taking, vs []*column.Vector, rows, of []int32, g Groups) error {
	first := of[0]
	groups := int(of[len(of)-1]-first) + 1
	a.given(of, first, groups, g)
	a.begins(len(vs) + 3)
	for i, v := range vs {
		a.column(a.kinds[i], v, rows)
	}
	a.column(whole, a.group, a.all[:len(rows)])
	a.column(text, a.state, a.all[:groups])
	a.room(text, groups)
	err := a.run(int(what), a.end, func(m []byte) {
		a.layout.write(m, a.block, vs, rows)
		a.writeColumn(m, len(vs), a.group, a.all[:len(rows)])
		a.writeColumn(m, len(vs)+1, a.state, a.all[:groups])
	}, len(rows), groups)
	if err != nil {
		return err
	}
	return a.results(len(vs)+2, groups, int(first), g)
}

// given makes the columns that say to which group a row belongs, and what the groups' states are.
func (a *Aggregate) given(of []int32, first int32, groups int, g Groups) {
	a.group.Reset()
	a.state.Reset()
	for len(a.all) < max(len(of), groups) {
		a.all = append(a.all, int32(len(a.all)))
	}
	for _, n := range of {
		a.group.AppendInt(int64(n - first))
	}
	for n := range groups {
		if s := g.Former(int(first) + n); s != nil {
			a.state.AppendBytes(s)
		} else {
			a.state.AppendNull()
		}
	}
}

func (a *Aggregate) results(at, groups, first int, g Groups) error {
	values, err := a.find(at, text, groups, a.block, a.places[at])
	if err != nil {
		return err
	}
	for n := range groups {
		b, ok := values.text(n)
		if !ok || values.null(n) {
			return a.lost("a state that it gives is NULL, or not within its memory")
		}
		if len(b) > MaxState {
			return sqlerr.New(sqlerr.ProgramLimit, "function %s gives a state of %d bytes, at most %d are kept", a.name, len(b), MaxState)
		}
		if err := g.Becomes(first+n, b); err != nil {
			return err
		}
	}
	return nil
}
