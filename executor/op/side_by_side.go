package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// sideBySide writes rows of two inputs side by side, those of port 0 first: rows of a batch
// that came by one port with kept rows of the other, or with NULL. A batch of pairs is written
// column by column.
type sideBySide struct {
	failingRows
	on     *expr.Predicate // what must be true of a pair; nil: nothing
	reads  []bool          // the columns of a pair that it reads
	width  int             // columns of port 0
	batch  *column.Batch
	out    executor.Output
	probes []int32 // physical rows of the batch
	kept   []int32 // the row that is kept, of each

	few struct{ probes, kept []int32 } // of pairs that match
}

func newSideBySide(on plan.Expr, width int, out types.Schema, o expr.Options) (s sideBySide, err error) {
	s.width, s.batch = width, column.NewBatch(out)
	if on == nil {
		return s, nil
	}
	s.reads = make([]bool, len(out))
	plan.EachColumn(on, func(c *plan.Column) { s.reads[c.Index] = true })
	s.on, err = expr.CompileFilter(on, o)
	return s, err
}

// rowColumns gives columns of rows by their numbers: those of state, or of a batch.
type rowColumns interface {
	AppendColumn(v *column.Vector, i int, rows []int32)
}

// columns are those of a port.
func (s *sideBySide) columns(port int) []*column.Vector {
	if port == 0 {
		return s.batch.Cols[:s.width]
	}
	return s.batch.Cols[s.width:]
}

func (s *sideBySide) clear() {
	s.batch.Reset()
	s.batch.Sel = nil
}

// pair adds a pair; true if there is a batch of them.
func (s *sideBySide) pair(probe, kept int32) (full bool) {
	s.probes, s.kept = append(s.probes, probe), append(s.kept, kept)
	return len(s.probes) >= column.BatchRows
}

// pairs are rows of a batch that came by a port, each with a kept row.
type pairs struct {
	port   int
	b      *column.Batch
	kept   rowColumns
	probes []int32
	ids    []int32
}

// emitPairs gives the pairs that match, of rows of b, which came by the port, and kept ones; the
// places of those that did are valid until the next call. Nil: all did. Of pairs that do not match only
// what tells so is written, where those that do are few.
func (s *sideBySide) emitPairs(port int, b *column.Batch, kept rowColumns) (matching []int32, err error) {
	all := pairs{port, b, kept, s.probes, s.kept}
	s.clear()
	if s.on == nil {
		s.fill(all, func(int) bool { return true })
		return nil, s.out.Emit(s.batch)
	}
	s.fill(all, func(c int) bool { return s.reads[c] })
	if matching, err = s.matching(); err != nil || len(matching) == 0 {
		return matching, err
	}
	if len(matching) <= len(all.probes)/2 {
		s.batch.Reset()
		s.fill(s.some(all, matching), func(int) bool { return true })
		return matching, s.out.Emit(s.batch)
	}
	s.fill(all, func(c int) bool { return !s.reads[c] })
	s.batch.Sel = matching
	return matching, s.out.Emit(s.batch)
}

// fill writes some of the columns of pairs.
func (s *sideBySide) fill(p pairs, wanted func(c int) bool) {
	own, others := 0, s.width
	if p.port == 1 {
		own, others = others, own
	}
	for i, v := range s.columns(p.port) {
		if wanted(own + i) {
			v.AppendRows(p.b.Cols[i], p.probes, 0)
		}
	}
	for i, v := range s.columns(1 - p.port) {
		if wanted(others + i) {
			p.kept.AppendColumn(v, i, p.ids)
		}
	}
	s.batch.Rows = len(p.probes)
}

// some are those at some places.
func (s *sideBySide) some(p pairs, places []int32) pairs {
	s.few.probes, s.few.kept = s.few.probes[:0], s.few.kept[:0]
	for _, i := range places {
		s.few.probes, s.few.kept = append(s.few.probes, p.probes[i]), append(s.few.kept, p.ids[i])
	}
	return pairs{p.port, p.b, p.kept, s.few.probes, s.few.kept}
}

func (s *sideBySide) matching() ([]int32, error) {
	if s.on == nil {
		return nil, nil
	}
	sel, err := s.on.Select(s.batch, nil)
	if err != nil {
		return s.rest(err, s.batch, nil, func(rows []int32) ([]int32, error) { return s.on.Select(s.batch, rows) })
	}
	return sel, nil
}

// emitAlone gives rows of a batch that came by the port with NULL beside them.
func (s *sideBySide) emitAlone(port int, b *column.Batch, sel []int32) error {
	if len(sel) == 0 {
		return nil
	}
	s.clear()
	for i, v := range s.columns(port) {
		v.AppendRows(b.Cols[i], sel, 0)
	}
	return s.emitBesideNull(port, len(sel))
}

// emitKeptAlone gives kept rows of a port with NULL beside them.
func (s *sideBySide) emitKeptAlone(port int, kept *state.Rows, ids []int32) error {
	if len(ids) == 0 {
		return nil
	}
	s.clear()
	for i, v := range s.columns(port) {
		kept.AppendColumn(v, i, ids)
	}
	return s.emitBesideNull(port, len(ids))
}

func (s *sideBySide) emitBesideNull(port, rows int) error {
	for _, v := range s.columns(1 - port) {
		for range rows {
			v.AppendNull()
		}
	}
	s.batch.Rows = rows
	return s.out.Emit(s.batch)
}
