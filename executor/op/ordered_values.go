package op

import (
	"encoding/binary"
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// orderedValues keeps the values of each group in order, with how often each is there, for aggregates
// that are read from that: the extremes of rows that are taken back, percentiles, lists. All aggregates over
// the same rows in the same order share one.
//
// State is an OrderedMap beside the groups: the keys of the group, and what the values are ordered by.
// That is the value itself, as it is if it is held as an integer, else as bytes in that order. In
// a list it is the keys of ORDER BY, or the order of arrival, and the value stands behind it.
type orderedValues struct {
	taken  accumulator // takes the rows
	values int         // column of the values
	order  []plan.SortKey
	key    *column.Vector
	layout state.OrderedLayout
	cols   []int
	in     column.Batch // the input with the key behind it
	ids    []int32
	room   []byte
	value  *column.Vector // one of a list
}

// reader gives the result of the values of a group, whose own words are w; key is Absent if there
// are none.
type reader = func(a *accumulator, s *orderedValues, m *state.OrderedMap, key int32, w []uint64, v *column.Vector)

// addSorted gives an aggregate the values that it is read from.
func (a *accumulators) addSorted(acc *accumulator) {
	i := slices.IndexFunc(a.sorted, func(s *orderedValues) bool {
		t := &s.taken
		return slices.Equal(t.Args(), acc.Args()) && t.Filter == acc.Filter && t.Distinct == acc.Distinct && t.list == acc.list && t.nulls == acc.nulls && slices.Equal(t.Order, acc.Order)
	})
	if i < 0 {
		i = len(a.sorted)
		s := &orderedValues{taken: *acc, values: acc.Arg, order: acc.Order}
		if acc.list == listOfPairs {
			s.values, s.order = acc.More[0], []plan.SortKey{{Column: acc.Arg}}
		}
		a.sorted = append(a.sorted, s)
	}
	acc.sorted = i
}

// lay fixes the layout.
func (s *orderedValues) lay(keys []int, in types.Schema) {
	s.cols = append(slices.Clone(keys), s.taken.Arg)
	value := in[s.values].Type
	s.layout.Columns, s.layout.Sort = keyTypes(in, s.cols), len(keys)
	if s.taken.list != noList || value.Physical() != types.PhysicalInt64 {
		s.key = column.NewVector(types.Of(types.Binary))
		s.cols[len(keys)], s.layout.Columns[len(keys)] = len(in), s.key.Type
		s.in.Cols = make([]*column.Vector, len(in)+1)
	}
	if s.taken.list != noList {
		s.cols, s.layout.Columns = append(s.cols, s.values), append(s.layout.Columns, value)
		s.value = column.NewVector(value)
	}
	for i := range keys {
		s.layout.Key = append(s.layout.Key, i)
	}
}

// take enters rows of a batch, or takes them back.
func (s *orderedValues) take(m *state.OrderedMap, t *state.Table, k *keyed, b *column.Batch, r *rows) (err error) {
	if s.key != nil {
		b = s.withKey(b, t, r)
	}
	s.ids, err = m.Apply(b, s.cols, k.hashes, r.sel, s.ids)
	if err != nil || s.taken.list != listOfRepeats {
		return err
	}
	return s.renew(m, b, r)
}

// renew puts the values that came with a batch last, in their order; some have gone again.
func (s *orderedValues) renew(m *state.OrderedMap, b *column.Batch, r *rows) error {
	for i, id := range s.ids {
		if sign(b, r.at(i)) < 0 || m.Count(id) == 0 {
			continue
		}
		if err := m.Renew(id); err != nil {
			return err
		}
	}
	return nil
}

// withKey adds the column that values are ordered by, for the rows that are taken.
func (s *orderedValues) withKey(b *column.Batch, t *state.Table, r *rows) *column.Batch {
	s.key.Reset()
	next := 0
	for i, id := range r.ids {
		at := r.at(i)
		for ; next < at; next++ {
			s.key.AppendBytes(nil)
		}
		s.room = s.keyOf(s.room[:0], b, at, t, id)
		s.key.AppendBytes(s.room)
		next++
	}
	for ; next < b.Rows; next++ {
		s.key.AppendBytes(nil)
	}
	n := copy(s.in.Cols, b.Cols)
	s.in.Cols[n] = s.key
	s.in.Rows, s.in.Kinds = b.Rows, b.Kinds
	return &s.in
}

// keyOf writes what row `at` of the batch is ordered by within the group of row id of t.
func (s *orderedValues) keyOf(dst []byte, b *column.Batch, at int, t *state.Table, id int32) []byte {
	switch {
	case s.taken.list == noList:
		return column.AppendKey(dst, b.Cols[s.taken.Arg], at, column.KeyOrder{})
	case len(s.order) == 0 && s.taken.list == listOfArrivals:
		w := t.Write(id)[s.taken.at:]
		w[valuesSerial]++
		return binary.BigEndian.AppendUint64(dst, w[valuesSerial])
	}
	for _, o := range s.order {
		dst = column.AppendKey(dst, b.Cols[o.Column], at, column.KeyOrder{Desc: o.Desc, NullsFirst: o.NullsFirst})
	}
	return dst
}

// append appends the value of a row of the map.
func (s *orderedValues) append(m *state.OrderedMap, id int32, v *column.Vector) {
	if s.key == nil {
		v.AppendInt(m.SortInt(id))
	} else if _, err := column.ReadKey(v, m.SortBytes(id), column.KeyOrder{}); err != nil {
		v.AppendNull()
	}
}

// former keeps the results that aggregates which are read from values have of some groups now, for when
// these have changed.
func (a *accumulators) former(at *beside, groups *state.Table, ids []int32) {
	if len(a.sorted) == 0 || len(ids) == 0 {
		return
	}
	a.keys.gather(ids, groupKey(groups))
	for i := range a.list {
		acc := &a.list[i]
		if acc.read == nil {
			continue
		}
		if acc.before == nil {
			acc.before = column.NewVector(acc.Typ)
		}
		acc.before.Reset()
		s, m := a.sorted[acc.sorted], at.sorted[acc.sorted]
		for r, key := range a.keys.find(m) {
			acc.read(acc, s, m, key, groups.Acc(ids[r])[acc.at:], acc.before)
		}
	}
}

func groupKey(groups *state.Table) func(v *column.Vector, i int, id int32) {
	return func(v *column.Vector, i int, id int32) { groups.AppendKey(v, id, i) }
}

// emitSorted appends the results that are read from values, of groups as they are, and of those
// whose number in old is not negative as former found them.
func (a *accumulators) emitSorted(at *beside, groups *state.Table, ids, old []int32, out *column.Batch, first int) {
	if len(a.sorted) == 0 || len(ids) == 0 {
		return
	}
	a.keys.gather(ids, groupKey(groups))
	for i := range a.list {
		acc := &a.list[i]
		if acc.read == nil {
			continue
		}
		s, m, v := a.sorted[acc.sorted], at.sorted[acc.sorted], out.Cols[first+i]
		for r, key := range a.keys.find(m) {
			if n := old[r]; n >= 0 {
				a.one[0] = n
				v.AppendRows(acc.before, a.one[:], 1)
			} else {
				acc.read(acc, s, m, key, groups.Acc(ids[r])[acc.at:], v)
			}
		}
	}
}
