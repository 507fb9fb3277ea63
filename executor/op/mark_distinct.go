package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// MarkDistinct says of each row whether it is the first with its values. State is a table of the values, each
// with a bit for each filter that has let a row with it through.
type MarkDistinct struct {
	executor.NoTimers
	keyed
	args    []int
	filters []int
	layout  state.Layout
	store   *state.Store
	table   *state.Table
	sel     []int32 // rows that have all arguments
	marks   []*column.Vector
	out     column.Batch
}

const valuesTable = "values"

// NewMarkDistinct makes the operator of a plan node over an input schema.
func NewMarkDistinct(p *plan.MarkDistinct, in types.Schema) executor.Operator {
	m := newMarkDistinct(p, in)
	if p.Windows {
		return newMarkWindows(m, p.Time)
	}
	return m
}

func newMarkDistinct(p *plan.MarkDistinct, in types.Schema) *MarkDistinct {
	words := (len(p.Filters) + 63) / 64
	m := &MarkDistinct{keyed: keyed{keys: slices.Concat(p.Keys, p.Args), init: make([]uint64, words)}, args: p.Args, filters: p.Filters, sel: []int32{}}
	m.layout = state.Layout{Keys: keyTypes(in, m.keys), Words: words}
	for range p.Filters {
		m.marks = append(m.marks, column.NewVector(types.Of(types.Boolean)))
	}
	m.out.Cols = make([]*column.Vector, len(p.Out))
	return m
}

// Open implements executor.Operator.
func (m *MarkDistinct) Open(env *executor.Env) error {
	m.store = env.State
	m.table = m.store.Table(valuesTable, m.layout)
	return m.table.Fits(m.layout)
}

// Process sends the batch on with its marks.
func (m *MarkDistinct) Process(_ int, b *column.Batch, out executor.Output) error {
	m.begin(b)
	if err := m.markAll(m.table, b, b.Sel); err != nil {
		return err
	}
	return m.send(b, b.Sel, out)
}

// begin makes room for the marks of a batch, of which none is set.
func (m *MarkDistinct) begin(b *column.Batch) {
	m.hash(b)
	for _, v := range m.marks {
		v.Grow(b.Rows)
		clear(v.Bools)
	}
}

// markAll marks some rows of a batch by the values of a table.
func (m *MarkDistinct) markAll(table *state.Table, b *column.Batch, sel []int32) error {
	sel = m.choose(b, sel)
	if err := m.enter(table, b, sel); err != nil {
		return err
	}
	for n, v := range m.marks {
		m.mark(table, b, sel, n, v.Bools)
	}
	return nil
}

// send gives some rows of a batch with their marks.
func (m *MarkDistinct) send(b *column.Batch, sel []int32, out executor.Output) error {
	at := copy(m.out.Cols, b.Cols)
	copy(m.out.Cols[at:], m.marks)
	m.out.Rows, m.out.Sel, m.out.Kinds, m.out.Split = b.Rows, sel, b.Kinds, b.Split
	return out.Emit(&m.out)
}

// choose leaves out rows with a NULL among the arguments.
func (m *MarkDistinct) choose(b *column.Batch, sel []int32) []int32 {
	if !slices.ContainsFunc(m.args, func(c int) bool { return b.Cols[c].Valid != nil }) {
		return sel
	}
	m.sel = m.sel[:0]
	rows := len(sel)
	if sel == nil {
		rows = b.Rows
	}
	for i := range rows {
		r := rowAt(sel, i)
		if !slices.ContainsFunc(m.args, func(c int) bool { return b.Cols[c].Null(r) }) {
			m.sel = append(m.sel, int32(r))
		}
	}
	return m.sel
}

// mark sets the mark of each row that a filter lets through as the first with its values.
func (m *MarkDistinct) mark(table *state.Table, b *column.Batch, sel []int32, n int, marks []bool) {
	filter, word, bit := m.filters[n], n/64, uint64(1)<<(n%64)
	for i, id := range m.ids {
		r := rowAt(sel, i)
		if table.Acc(id)[word]&bit == 0 && passes(b, filter, r) {
			table.Write(id)[word] |= bit
			marks[r] = true
		}
	}
}

// OnWatermark forgets everything at the end: no more rows come.
func (m *MarkDistinct) OnWatermark(watermark int64, _ executor.Output) error {
	if watermark == executor.EndWatermark {
		m.table = emptied(m.store, valuesTable, m.layout)
	}
	return nil
}

// Flush implements executor.Operator: nothing is held back.
func (m *MarkDistinct) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (m *MarkDistinct) Close() error { return nil }
