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
	width  int             // columns of port 0
	batch  *column.Batch
	out    executor.Output
	probes []int32 // physical rows of the batch
	kept   []int32 // the row that is kept, of each
}

func newSideBySide(on plan.Expr, width int, out types.Schema, o expr.Options) (s sideBySide, err error) {
	s.width, s.batch = width, column.NewBatch(out)
	if on != nil {
		s.on, err = expr.CompileFilter(on, o)
	}
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

// emitPairs gives the pairs that match, of rows of b, which came by the port, and kept ones; the
// places of those that did are valid until the next call. Nil: all did.
func (s *sideBySide) emitPairs(port int, b *column.Batch, kept rowColumns) (matching []int32, err error) {
	s.clear()
	for i, v := range s.columns(port) {
		v.AppendRows(b.Cols[i], s.probes, 0)
	}
	for i, v := range s.columns(1 - port) {
		kept.AppendColumn(v, i, s.kept)
	}
	s.batch.Rows = len(s.probes)
	if matching, err = s.matching(); err != nil || s.on != nil && len(matching) == 0 {
		return matching, err
	}
	s.batch.Sel = matching
	return matching, s.out.Emit(s.batch)
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
