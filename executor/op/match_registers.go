package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// matchRegisters are words that hold what some values need to know of the rows of a match so far. All
// begin with zeros. A row is held by its number in the state, and 1.
type matchRegisters struct {
	kept  *state.OrderedMap
	list  []matchRegister
	of    []int // by value its register; -1: none
	words int
	path  matchPath
}

type matchRegister struct {
	kind   plan.MatchValueKind
	agg    plan.AggKind
	of     uint64 // a bit for each variable whose rows it is about
	column int
	at, n  int // its words
	typ    types.Type
	// distinct: values count once; the last word is the sum of their hashes, so that other values make other words.
	distinct bool
	emit     func(t *state.Table, at int, accs [][]uint64, v *column.Vector) // of a sum
	// values has place for two values of the column.
	values  *column.Vector
	compare func(a *column.Vector, i int, b *column.Vector, j int) int
}

// newMatchRegisters lays them out for values over columns of some types.
func newMatchRegisters(values []plan.MatchValue, columns []types.Type) *matchRegisters {
	m := &matchRegisters{}
	for _, v := range values {
		m.of = append(m.of, m.register(v, columns))
	}
	for i := range m.list {
		m.list[i].at = m.words
		m.words += m.list[i].n
	}
	return m
}

// register gives the number of that which holds a value.
func (m *matchRegisters) register(v plan.MatchValue, columns []types.Type) int {
	r := matchRegister{kind: v.Kind, agg: v.Agg, of: variableSet(v.Of), column: v.Column, n: 1, typ: v.Typ, distinct: v.Distinct}
	switch v.Kind {
	case plan.MatchCurrent, plan.MatchClassifier, plan.MatchNumber, plan.MatchFound:
		return -1
	case plan.MatchFirst, plan.MatchLast:
		r.column, r.n, r.typ = -1, v.Offset+1, types.Type{}
	case plan.MatchAggregate:
		if v.Agg == plan.Sum {
			if r.n, r.emit = 2, emitKept(v.Typ); v.Typ.Physical() == types.PhysicalInt128 {
				r.n = 3
			}
		}
		if r.distinct {
			r.n++
		}
	}
	if r.column >= 0 {
		t := columns[r.column]
		r.values, r.compare = column.NewVector(t), column.Comparison(t, t)
	}
	i := slices.IndexFunc(m.list, func(x matchRegister) bool {
		return x.kind == r.kind && x.agg == r.agg && x.of == r.of && x.column == r.column && x.typ == r.typ && x.distinct == r.distinct
	})
	if i < 0 {
		m.list = append(m.list, r)
		return len(m.list) - 1
	}
	m.list[i].n = max(m.list[i].n, r.n)
	return i
}

// variableSet has a bit for each variable of a list, all if there is none.
func variableSet(list []int) (set uint64) {
	if list == nil {
		return ^uint64(0)
	}
	for _, v := range list {
		set |= 1 << v
	}
	return set
}

// take notes a row that a match goes on with.
func (m *matchRegisters) take(words []uint64, id int32, variable int) error {
	for i := range m.list {
		r := &m.list[i]
		if r.of>>variable&1 == 0 {
			continue
		}
		if err := m.note(r, words[r.at:r.at+r.n], id); err != nil {
			return err
		}
	}
	return nil
}

func (m *matchRegisters) note(r *matchRegister, words []uint64, id int32) error {
	switch r.kind {
	case plan.MatchFirst:
		if i := slices.Index(words, 0); i >= 0 {
			words[i] = uint64(id) + 1
		}
		return nil
	case plan.MatchLast:
		copy(words[1:], words)
		words[0] = uint64(id) + 1
		return nil
	}
	if r.column >= 0 {
		r.values.Reset()
		if m.kept.AppendCell(r.values, r.column, id); r.values.Null(0) {
			return nil
		}
	}
	if r.distinct && m.path.repeats(m.kept, r, &words[len(words)-1]) {
		return nil
	}
	switch r.agg {
	case plan.CountStar, plan.Count:
		words[0]++
	case plan.Sum:
		return r.add(words)
	default:
		m.extreme(r, words, id)
	}
	return nil
}

// add adds the value that was read.
func (r *matchRegister) add(words []uint64) error {
	var ok bool
	switch words[0]++; {
	case r.typ.Physical() == types.PhysicalFloat64:
		ok = addFloat(words, r.values.Floats[0])
	case r.typ.Physical() == types.PhysicalInt64:
		ok = addInt(words, r.values.Ints[0])
	case len(r.values.Wides) > 0:
		ok = addWide(words, r.values.Wides[0], r.typ.Precision)
	default:
		ok = addWide(words, column.FromInt64(r.values.Ints[0]), r.typ.Precision)
	}
	if !ok {
		return overflow(r.typ)
	}
	return nil
}

// extreme keeps the first row with the least or the greatest value.
func (m *matchRegisters) extreme(r *matchRegister, words []uint64, id int32) {
	if words[0] != 0 {
		m.kept.AppendCell(r.values, r.column, int32(words[0]-1))
		c := r.compare(r.values, 0, r.values, 1)
		if r.agg == plan.Min && c >= 0 || r.agg == plan.Max && c <= 0 {
			return
		}
	}
	words[0] = uint64(id) + 1
}

// matchRow is a row of a match, and the state that it led to.
type matchRow struct {
	id    int32
	state int32
}

// shifted is the row so many rows in front of one, or behind it if that is below 0.
func (m *matchRegisters) shifted(id int32, back int) int32 {
	for ; back > 0 && id != state.Absent; back-- {
		id = m.kept.Prev(id)
	}
	for ; back < 0 && id != state.Absent; back++ {
		id = m.kept.Next(id)
	}
	return id
}

// read appends a value to a vector; current is the row that is asked about, if there is one.
func (m *matchRegisters) read(v *column.Vector, value *plan.MatchValue, n int, words []uint64, current int32) {
	id := current
	if of := m.of[n]; of >= 0 {
		r := &m.list[of]
		words = words[r.at : r.at+r.n]
		switch value.Agg {
		case plan.CountStar, plan.Count:
			v.AppendInt(int64(words[0]))
			return
		case plan.Sum:
			r.emit(nil, 0, [][]uint64{words}, v)
			return
		}
		id = int32(words[value.Offset]) - 1
	}
	id = m.shifted(id, value.Back)
	if id == state.Absent {
		v.AppendNull()
		return
	}
	m.kept.AppendCell(v, value.Column, id)
}
