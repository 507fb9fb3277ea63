package executor

import (
	"slipway/executor/column"
	"slipway/sql/plan"
)

// LateRows takes the rows that windows leave out, with the columns that their stream has. They are
// of the same checkpoint as the rows in front of them.
type LateRows struct {
	batch *column.Batch
	out   Output
}

// NewLateRows makes one for an edge of a plan, which out is.
func NewLateRows(f *plan.Dataflow, e plan.Edge, out Output) *LateRows {
	return &LateRows{batch: column.NewBatch(f.Carried(e)), out: out}
}

// Waits tells that there are rows that have not left.
func (l *LateRows) Waits() bool { return l != nil && l.batch.Rows > 0 }

// Add copies rows of a batch, of which cols are the columns (plan.LateRows), all late for one reason.
func (l *LateRows) Add(b *column.Batch, cols []int, rows []int32, reason string) error {
	for i, c := range cols {
		v := l.batch.Cols[i]
		if c != plan.LateReason {
			v.AppendRows(b.Cols[c], rows, 0)
			continue
		}
		for range rows {
			v.AppendBytes([]byte(reason))
		}
	}
	if l.batch.Rows += len(rows); l.batch.Rows >= column.BatchRows {
		return l.Flush()
	}
	return nil
}

// Flush gives what waits.
func (l *LateRows) Flush() error {
	if !l.Waits() {
		return nil
	}
	err := l.out.Emit(l.batch)
	l.batch.Reset()
	return err
}
