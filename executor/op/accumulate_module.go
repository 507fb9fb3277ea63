package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/executor/wasm"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// An aggregate in WebAssembly is how many rows were taken in, and the bytes of the state that its module makes of these, to which a word
// refers; a state of no bytes is that of no rows. They are the result too, NULL of no rows, which a function of the module behind the aggregate makes a value of.

// ofModule is the kernel of an aggregate in WebAssembly over the columns of its arguments.
func ofModule(a *plan.Agg, in types.Schema, faults *aggregateFaults) (kernel, error) {
	var arguments []types.Type
	for _, c := range a.Args() {
		arguments = append(arguments, in[c].Type)
	}
	f, err := wasm.NewAggregate(string(a.Kind), a.Module, arguments)
	m := &moduleStates{f: f, faults: faults}
	k := kernel{words: 2, text: true, whole: !a.Nulls, given: a.Nulls && !a.Merge, add: m.add, merge: m.merge, combine: m.combine, emit: m.emit}
	if a.Module.Retracts {
		k.change = m.change
	}
	return k, err
}

// moduleStates are the states of groups that a call is about.
type moduleStates struct {
	f      *wasm.Aggregate
	faults *aggregateFaults
	order  []int32 // rows of a call by their groups
	rows   []int32 // of each the row of the batch
	of     []int32 // of each the number of its group
	ids    []int32 // of each group the row of the table
	vs     []*column.Vector
	part   *column.Vector
	by     []int64 // of each group how many rows it has
	back   bool
	table  *state.Table
	at     int
	// Of rows that are left out.
	key, joined []byte
	hash        [leftOutHash]byte
}

func (m *moduleStates) add(t *state.Table, at int, r *rows) error {
	return m.take(wasm.Accumulate, t, at, r)
}

func (m *moduleStates) merge(t *state.Table, at int, r *rows) error {
	return m.take(wasm.Merge, t, at, r)
}

// change takes rows in first, so that none is taken back that is not there yet. One that was left out is not taken back.
func (m *moduleStates) change(t *state.Table, at int, r *rows) error {
	for _, of := range []struct {
		sign int64
		what wasm.Taking
	}{{1, wasm.Accumulate}, {-1, wasm.Retract}} {
		some := rows{v: r.v, more: r.more}
		for i, s := range r.signs {
			if s != of.sign {
				continue
			}
			out := false
			if s < 0 {
				m.table, m.at, m.vs = t, at, append(append(m.vs[:0], r.v), r.more...)
				var err error
				if out, err = m.wasLeftOut(r.ids[i], m.vs, r.at(i)); err != nil {
					return err
				}
			}
			if !out {
				some.ids, some.sel = append(some.ids, r.ids[i]), append(some.sel, int32(r.at(i)))
			}
		}
		if err := m.take(of.what, t, at, &some); err != nil {
			return err
		}
	}
	return nil
}

// take gives each group its rows, in the order in which they came.
func (m *moduleStates) take(what wasm.Taking, t *state.Table, at int, r *rows) error {
	m.order = m.order[:0]
	for i := range r.ids {
		m.order = append(m.order, int32(i))
	}
	slices.SortStableFunc(m.order, func(a, b int32) int { return int(r.ids[a]) - int(r.ids[b]) })
	m.rows, m.of, m.ids, m.by = m.rows[:0], m.of[:0], m.ids[:0], m.by[:0]
	for _, i := range m.order {
		m.belongs(r.ids[i])
		m.rows = append(m.rows, int32(r.at(int(i))))
	}
	m.vs = append(append(m.vs[:0], r.v), r.more...)
	return m.call(what, t, at)
}

// belongs notes the group of the next row.
func (m *moduleStates) belongs(id int32) {
	if n := len(m.ids); n == 0 || m.ids[n-1] != id {
		m.ids, m.by = append(m.ids, id), append(m.by, 0)
	}
	m.of = append(m.of, int32(len(m.ids)-1))
	m.by[len(m.by)-1]++
}

func (m *moduleStates) call(what wasm.Taking, t *state.Table, at int) error {
	m.table, m.at, m.back = t, at, what == wasm.Retract
	if err := m.some(what, m.rows, m.of); err != nil {
		return err
	}
	for g, id := range m.ids {
		w := t.Write(id)[at:]
		if m.back {
			w[0] -= uint64(m.by[g])
		} else {
			w[0] += uint64(m.by[g])
		}
		if w[0]&^hasLeftOut == 0 { // nothing is left of it
			list, _ := leftOutOf(w[0], m.bytes(w))
			if err := m.keep(w, list, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// some takes rows; those that the module fails for are found in halves, and left out where on.error says so.
func (m *moduleStates) some(what wasm.Taking, rows, of []int32) error {
	n, err := m.f.Take(what, m.vs, rows, of, m)
	if err == nil || what == wasm.Merge {
		return err
	}
	if what == wasm.Retract && m.faults.again {
		return err // whoever takes rows of the batch again makes the group anew
	}
	rows, of = rows[n:], of[n:]
	if err := m.faults.verdict(err, rows); err != nil {
		return err
	}
	half := len(rows) / 2
	if half == 0 {
		m.by[of[0]]--
		if what == wasm.Retract {
			return nil // it stays
		}
		return m.leaveOut(m.ids[of[0]], int(rows[0]))
	}
	if err := m.some(what, rows[:half], of[:half]); err != nil {
		return err
	}
	return m.some(what, rows[half:], of[half:])
}

// bytes are those of the words of a group: a state, and perhaps a list of rows that are left out in front of it.
func (m *moduleStates) bytes(w []uint64) []byte {
	if w[1] == 0 {
		return nil
	}
	return m.table.Bytes(w[1])
}

// Former implements wasm.Groups.
func (m *moduleStates) Former(group int) []byte {
	w := m.table.Acc(m.ids[group])[m.at:]
	if _, s := leftOutOf(w[0], m.bytes(w)); len(s) > 0 {
		return s
	}
	return nil
}

// Becomes implements wasm.Groups.
func (m *moduleStates) Becomes(group int, b []byte) error {
	w := m.table.Write(m.ids[group])[m.at:]
	list, _ := leftOutOf(w[0], m.bytes(w))
	return m.keep(w, list, b)
}

// combine takes states in that other rows have come to.
func (m *moduleStates) combine(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
	if m.part == nil {
		m.part = column.NewVector(wasm.State)
	}
	m.order = m.order[:0]
	for i := range to {
		if from.Acc(src[i])[at+1] > 0 {
			m.order = append(m.order, int32(i))
		}
	}
	slices.SortStableFunc(m.order, func(a, b int32) int { return int(to[a]) - int(to[b]) })
	m.rows, m.of, m.ids, m.by = m.rows[:0], m.of[:0], m.ids[:0], m.by[:0]
	m.part.Reset()
	for n, i := range m.order {
		w := from.Acc(src[i])[at:]
		m.belongs(to[i])
		m.by[len(m.by)-1] += int64(w[0]) - 1
		m.part.AppendBytes(from.Bytes(w[1]))
		m.rows = append(m.rows, int32(n))
	}
	m.vs = append(m.vs[:0], m.part)
	return m.call(wasm.Merge, t, at)
}

func (m *moduleStates) emit(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		var s []byte
		if w[at+1] != 0 {
			_, s = leftOutOf(w[at], t.Bytes(w[at+1]))
		}
		if len(s) == 0 {
			v.AppendNull()
		} else {
			v.AppendBytes(s)
		}
	}
}
