package op

import (
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// matchConditions tells which rows may stand for which variables. What hangs on the row alone has been
// found when it came, and is in a bit of its word in the state. The rest is computed for all threads at once.
type matchConditions struct {
	kept      *state.OrderedMap
	variables []matchVariable
	values    []plan.MatchValue
	registers *matchRegisters
	buffer    *matchBuffer
	words     []uint64
	faults    *matchFaults
}

type matchVariable struct {
	bit   uint64 // of the row's word; 0: every row will do
	pred  *expr.Predicate
	reads []int // values
	ahead int   // rows behind that which is asked about
	batch *column.Batch
	asked []matchQuestion
}

// matchQuestion is asked for a candidate.
type matchQuestion struct {
	candidate int32
	not       bool
}

func newMatchConditions(p *matchPlan, columns []types.Type, o expr.Options) (*matchConditions, error) {
	c := &matchConditions{values: p.Values, registers: newMatchRegisters(p.Values, columns)}
	for i, v := range p.Variables {
		var w matchVariable
		if v.Own >= 0 {
			w.bit = 2 << i
		}
		if v.Cond != nil {
			var err error
			if w.pred, err = expr.CompileFilter(v.Cond, o); err != nil {
				return nil, err
			}
			w.batch = &column.Batch{Cols: make([]*column.Vector, len(p.Values))}
			plan.EachColumn(v.Cond, func(x *plan.Column) {
				if w.batch.Cols[x.Index] == nil {
					w.batch.Cols[x.Index] = column.NewVector(x.Typ)
					w.reads = append(w.reads, x.Index)
					w.ahead = max(w.ahead, -p.Values[x.Index].Back)
				}
			})
		}
		c.variables = append(c.variables, w)
	}
	return c, nil
}

// ahead is how many rows behind one the conditions read that may be asked about it.
func (c *matchConditions) ahead(row int32) (most int) {
	word := c.kept.Acc(row)[0]
	for i := range c.variables {
		if v := &c.variables[i]; v.bit == 0 || word&v.bit != 0 {
			most = max(most, v.ahead)
		}
	}
	return most
}

// own tells whether a row meets what the tests of a state ask of it alone. What a test forbids is met only
// if nothing else is asked for that.
func (c *matchConditions) own(s *plan.MatchState, row int32) bool {
	word := c.kept.Acc(row)[0]
	for _, t := range s.Tests {
		v := &c.variables[t.Variable]
		meets := v.bit == 0 || word&v.bit != 0
		if !t.Not && !meets || t.Not && meets && v.pred == nil {
			return false
		}
	}
	return true
}

// ask puts down what else must be found out for a candidate of the row whose state it is.
func (c *matchConditions) ask(s *plan.MatchState, candidate int, row int32) {
	word := c.kept.Acc(row)[0]
	for _, t := range s.Tests {
		v := &c.variables[t.Variable]
		if v.pred != nil && (!t.Not || v.bit == 0 || word&v.bit != 0) {
			v.asked = append(v.asked, matchQuestion{int32(candidate), t.Not})
		}
	}
}

// flushAll answers all questions about a row.
func (c *matchConditions) flushAll(list []matchCandidate, row int32) error {
	for i := range c.variables {
		v := &c.variables[i]
		for from := 0; from < len(v.asked); from += column.BatchRows {
			if err := c.answer(v, i, list, v.asked[from:min(len(v.asked), from+column.BatchRows)], row); err != nil {
				return err
			}
		}
		v.asked = v.asked[:0]
	}
	return nil
}

// answer finds out which of the questions about one variable are met by a row. A way for which that cannot be computed
// does not go on, whatever was asked.
func (c *matchConditions) answer(v *matchVariable, variable int, list []matchCandidate, asked []matchQuestion, row int32) error {
	if err := c.read(v, variable, list, asked, row); err != nil {
		return err
	}
	sel, err := v.pred.Select(v.batch, nil)
	if err != nil {
		if sel, err = c.oneByOne(v, list, asked, err); err != nil {
			return err
		}
	}
	for i, q := range asked {
		met := len(sel) > 0 && sel[0] == int32(i)
		if met {
			sel = sel[1:]
		}
		if met == q.not {
			list[q.candidate].fails = true
		}
	}
	return nil
}

// read fills the batch of a variable with the values that its condition asks for, a row for each question.
func (c *matchConditions) read(v *matchVariable, variable int, list []matchCandidate, asked []matchQuestion, row int32) error {
	v.empty()
	for _, q := range asked {
		node := list[q.candidate].node
		c.words, c.registers.path.node = append(c.words[:0], c.buffer.of(node)...), node
		if err := c.registers.take(c.words, row, variable); err != nil {
			if err = c.faults.leave(err); err != nil {
				return err
			}
			list[q.candidate].fails = true
		}
		for _, n := range v.reads {
			c.registers.read(v.batch.Cols[n], &c.values[n], n, c.words, row)
		}
		v.batch.Rows++
	}
	return nil
}

// oneByOne answers each question of a batch for which some cannot be answered.
func (c *matchConditions) oneByOne(v *matchVariable, list []matchCandidate, asked []matchQuestion, first error) (met []int32, err error) {
	if !c.faults.skips(first) {
		return nil, c.faults.leave(first)
	}
	for i, q := range asked {
		sel, err := v.pred.Select(v.batch, []int32{int32(i)})
		if err == nil {
			met = append(met, sel...)
			continue
		}
		if err := c.faults.leave(err); err != nil {
			return nil, err
		}
		list[q.candidate].fails = true
	}
	return met, nil
}

// empty makes place for the values of other candidates.
func (v *matchVariable) empty() {
	v.batch.Rows = 0
	for _, n := range v.reads {
		v.batch.Cols[n].Reset()
	}
}
