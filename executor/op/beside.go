package op

import (
	"fmt"
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// beside is what an operator, or a slice of a window, keeps beside a table of groups.
type beside struct {
	distinct []*state.Table
	sorted   []*state.OrderedMap
}

// addDistinct gives an aggregate its slot.
func (a *accumulators) addDistinct(acc *accumulator) {
	args := acc.Args()
	i := slices.IndexFunc(a.distincts, func(d *distinct) bool { return slices.Equal(d.args, args) && d.nulls == acc.nulls })
	if i < 0 {
		i = len(a.distincts)
		a.distincts = append(a.distincts, &distinct{args: args, nulls: acc.nulls})
	}
	acc.distinct = a.distincts[i]
	acc.slot = acc.distinct.slotOf(acc.Filter)
}

// layBeside fixes what is kept beside the groups, which have these keys.
func (a *accumulators) layBeside(keys []int, in types.Schema, updates bool) {
	a.keys = newGroupKeys(keys, in)
	for _, d := range a.distincts {
		d.lay(keys, in, updates)
	}
	for _, s := range a.sorted {
		s.lay(keys, in)
	}
}

// apart tells that something is kept beside the groups.
func (a *accumulators) apart() bool { return len(a.distincts)+len(a.sorted) > 0 }

// openBeside takes up what is kept beside a table of groups.
func (a *accumulators) openBeside(s *state.Store, groups string) (*beside, error) {
	out := &beside{}
	for i, d := range a.distincts {
		t := s.Table(distinctName(groups, i), d.layout)
		if err := t.Fits(d.layout); err != nil {
			return nil, err
		}
		out.distinct = append(out.distinct, t)
	}
	for i, o := range a.sorted {
		m, err := s.OrderedMap(sortedName(groups, i), o.layout)
		if err != nil {
			return nil, err
		}
		out.sorted = append(out.sorted, m)
	}
	return out, nil
}

func distinctName(groups string, i int) string { return fmt.Sprintf("%s distinct %d", groups, i) }
func sortedName(groups string, i int) string   { return fmt.Sprintf("%s sorted %d", groups, i) }

// dropBeside forgets it; at is nil if it was not taken up.
func (a *accumulators) dropBeside(at *beside, s *state.Store, groups string) {
	for i := range a.distincts {
		s.Drop(distinctName(groups, i))
	}
	for i := range a.sorted {
		if at != nil {
			at.sorted[i].Drop()
		} else {
			s.Drop(sortedName(groups, i))
		}
	}
}

// enter takes a batch whose groups k has found into what is beside them, before update.
func (a *accumulators) enter(at *beside, t *state.Table, k *keyed, b *column.Batch, sel []int32) error {
	for i, d := range a.distincts {
		if err := d.take(at.distinct[i], k, b, sel); err != nil {
			return err
		}
	}
	for i, s := range a.sorted {
		a.all.ids, a.all.sel = k.ids, sel
		r, _ := a.choose(&s.taken, b)
		if len(r.ids) == 0 {
			continue
		}
		if err := s.take(at.sorted[i], t, k, b, r); err != nil {
			return err
		}
	}
	return nil
}

// prune gives the memory of values that have gone free.
func (at *beside) prune() {
	for _, m := range at.sorted {
		m.Prune()
	}
}

// sweep forgets the values of groups that are gone.
func (a *accumulators) sweep(at *beside, groups *state.Table) {
	for _, t := range at.distinct {
		a.sweepRows(groups, t.EachRow, t.Delete, func(v *column.Vector, i int, id int32) { t.AppendKey(v, id, i) })
	}
	for _, m := range at.sorted {
		a.sweepRows(groups, m.EachRow, m.Remove, func(v *column.Vector, i int, id int32) { m.AppendCell(v, i, id) })
		m.Prune()
	}
}

// sweepRows removes rows whose first key columns are those of no group.
func (a *accumulators) sweepRows(groups *state.Table, each func(func(id int32)), remove func(id int32), key func(v *column.Vector, i int, id int32)) {
	var ids []int32
	flush := func() {
		a.keys.gather(ids, key)
		for r, id := range ids {
			if groups.Find(a.keys.batch, a.keys.cols, r, a.keys.hashes[r]) == state.Absent {
				remove(id)
			}
		}
		ids = ids[:0]
	}
	each(func(id int32) {
		if ids = append(ids, id); len(ids) == column.BatchRows {
			flush()
		}
	})
	flush()
}

// groupKeys are the keys of some groups as a batch, to find by them what is beside the groups.
type groupKeys struct {
	batch  *column.Batch
	cols   []int
	hashes []uint64
	found  []int32
}

func newGroupKeys(keys []int, in types.Schema) *groupKeys {
	schema, g := make(types.Schema, len(keys)), &groupKeys{cols: make([]int, len(keys))}
	for i, k := range keys {
		schema[i].Type, g.cols[i] = in[k].Type, i
	}
	g.batch = column.NewBatch(schema)
	return g
}

// gather takes the keys of some rows, each of which has them as its first columns.
func (g *groupKeys) gather(ids []int32, key func(v *column.Vector, i int, id int32)) {
	g.batch.Reset()
	for i, v := range g.batch.Cols {
		for _, id := range ids {
			key(v, i, id)
		}
	}
	g.batch.Rows = len(ids)
	g.hashes = column.HashColumns(g.hashes, g.batch, g.cols)
}

// find gives the number that each of the gathered groups has in a map, or Absent.
func (g *groupKeys) find(m *state.OrderedMap) []int32 {
	g.found = m.Lookup(g.batch, g.cols, g.hashes, nil, g.found)
	return g.found
}
