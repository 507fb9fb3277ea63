package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// matchResults gives matches.
type matchResults struct {
	plan      *matchPlan
	registers *matchRegisters
	rows      []matchRow // of the match
	running   []uint64
	final     []uint64
	alone     bool // a row that belongs to no match
	faults    *matchFaults
}

func newMatchResults(p *matchPlan, columns []types.Type) matchResults {
	r := newMatchRegisters(p.Measures, columns)
	r.path.seen = map[*matchRegister]map[string]struct{}{}
	return matchResults{plan: p, registers: r, running: make([]uint64, r.words), final: make([]uint64, r.words)}
}

// give gives the match that the rows are, which began with a row, or was looked for from there if it has none.
func (m *matchResults) give(out *emitter, start int32, number int64) {
	clear(m.running)
	clear(m.final)
	clear(m.registers.path.seen)
	if err := m.takeAll(m.final); err != nil {
		out.err = m.faults.leave(err)
		return
	}
	clear(m.registers.path.seen)
	switch {
	case len(m.rows) == 0:
		if !m.plan.OmitEmpty {
			m.row(out, start, nil, number)
		}
	case !m.plan.AllRows:
		copy(m.running, m.final)
		m.row(out, start, &m.rows[len(m.rows)-1], number)
	default:
		for i := range m.rows {
			r := &m.rows[i]
			s := &m.plan.States[r.state]
			if out.err = m.registers.take(m.running, r.id, s.Variable); out.err != nil {
				return
			}
			if !s.Excluded {
				m.row(out, r.id, r, number)
			}
		}
	}
}

// unmatched gives a row that belongs to no match.
func (m *matchResults) unmatched(out *emitter, id int32) {
	clear(m.running)
	clear(m.final)
	m.rows, m.alone = m.rows[:0], true
	m.row(out, id, nil, 0)
	m.alone = false
}

func (m *matchResults) takeAll(words []uint64) error {
	for _, r := range m.rows {
		if err := m.registers.take(words, r.id, m.plan.States[r.state].Variable); err != nil {
			return err
		}
	}
	return nil
}

// row gives a row with its columns and the measures, of which current is the row that they are asked at.
func (m *matchResults) row(out *emitter, id int32, current *matchRow, number int64) {
	b, given := out.batch, len(m.plan.Given)
	for i, c := range m.plan.Given {
		m.registers.kept.AppendCell(b.Cols[i], c, id)
	}
	for i := range m.plan.Measures {
		m.measure(b.Cols[given+i], i, current, number)
	}
	out.row(column.Insert)
}

func (m *matchResults) measure(v *column.Vector, i int, current *matchRow, number int64) {
	value, words := &m.plan.Measures[i], m.running
	if value.Final {
		words = m.final
		if len(m.rows) > 0 {
			current = &m.rows[len(m.rows)-1]
		}
	}
	switch value.Kind {
	case plan.MatchNumber:
		v.AppendInt(number)
		return
	case plan.MatchFound:
		v.Bools = append(v.Bools, !m.alone)
		return
	case plan.MatchClassifier:
		if current == nil {
			v.AppendNull()
			return
		}
		v.AppendBytes([]byte(m.plan.Variables[m.plan.States[current.state].Variable].Name))
		return
	}
	id := state.Absent
	if current != nil {
		id = current.id
	}
	m.registers.read(v, value, i, words, id)
}

// matchNumbers keeps the number of the last match of each partition.
type matchNumbers struct {
	keyed
	table *state.Table
	one   [1]int32
}

func newMatchNumbers(s *state.Store, keys []types.Type) *matchNumbers {
	return &matchNumbers{keyed: keyed{init: []uint64{0}}, table: s.Table("numbers", state.Layout{Keys: keys, Words: 1})}
}

// last is that of the partition of a key of timers that are due.
func (n *matchNumbers) last(due *state.Due, keys []int, i int) int64 {
	if id := n.table.Find(due.Keys, keys, i, due.Hashes[i]); id != state.Absent {
		return int64(n.table.Acc(id)[0])
	}
	return 0
}

func (n *matchNumbers) keep(due *state.Due, keys []int, i int, number int64) (err error) {
	n.one[0] = int32(i)
	n.ids, n.fresh, err = n.table.Upsert(due.Keys, keys, due.Hashes, n.one[:], n.init, n.ids, n.fresh[:0])
	if err == nil {
		n.table.Write(n.ids[0])[0] = uint64(number)
	}
	return err
}
