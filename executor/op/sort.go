package op

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Sort keeps the rows until the input has ended, in runs that are in order each and are
// merged at the end. Of a Sort that wants only the first rows those that cannot be among
// them are thrown away now and then, and not taken any more.
type Sort struct {
	executor.NoTimers
	schema types.Schema
	keys   []sortKey
	top    int // 0: all
	out    *column.Batch
	runs   []*run
	kept   int  // rows in all runs
	worst  *run // whose last row is the last of the first rows, as known
	store  *state.Store
	sel    []int32
}

// run is a part of the rows as they came.
type run struct {
	rows  *column.Batch
	order []int32 // of the rows; valid when the run is whole
	next  int     // in order, while runs are merged
	held  int64   // bytes, as reserved
}

// maxRunBytes bounds a run: views into a slab have 32 bits.
const maxRunBytes = 64 << 20

type sortKey struct {
	plan.SortKey
	values func(a *column.Vector, i int, b *column.Vector, j int) int // their order
}

// NewSort makes the operator of a plan node.
func NewSort(p *plan.Sort) *Sort {
	s := &Sort{schema: p.Out, out: column.NewBatch(p.Out)}
	if p.Top <= maxTop {
		s.top = int(p.Top)
	}
	for _, k := range p.Keys {
		t := p.Out[k.Column].Type
		s.keys = append(s.keys, sortKey{SortKey: k, values: column.Comparison(t, t)})
	}
	return s
}

// maxTop is where looking for the first rows alone is no gain any more.
const maxTop = 1 << 30

// Open implements executor.Operator.
func (s *Sort) Open(env *executor.Env) error { s.store = env.State; return nil }

// Process implements executor.Operator.
func (s *Sort) Process(_ int, b *column.Batch, _ executor.Output) error {
	s.sel = s.sel[:0]
	b.Each(func(r int) {
		if s.worst == nil || s.compare(b, r, s.worst.rows, s.worst.rows.Rows-1) < 0 {
			s.sel = append(s.sel, int32(r))
		}
	})
	for from := 0; from < len(s.sel); {
		n, err := s.keep(b, s.sel[from:])
		if err != nil {
			return err
		}
		from += n
	}
	if s.top > 0 && s.kept >= 2*s.top+column.BatchRows {
		return s.cut()
	}
	return nil
}

// keep copies rows into the last run, as many as it takes.
func (s *Sort) keep(b *column.Batch, sel []int32) (int, error) {
	if n := len(s.runs); n == 0 || s.runs[n-1].order != nil {
		s.runs = append(s.runs, &run{rows: column.NewBatch(s.schema)})
	}
	last := s.runs[len(s.runs)-1]
	n := min(len(sel), column.BatchRows-last.rows.Rows)
	last.rows.AppendBatch(b, sel[:n])
	s.kept += n
	size := batchBytes(last.rows) + column.BatchRows*4
	if err := s.store.Reserve(size - last.held); err != nil {
		return 0, err
	}
	if last.held = size; last.rows.Rows == column.BatchRows || size > maxRunBytes {
		s.arrange(last)
	}
	return n, nil
}

// arrange brings a run into order; it takes no more rows then.
func (s *Sort) arrange(r *run) {
	r.order = make([]int32, r.rows.Rows)
	for i := range r.order {
		r.order[i] = int32(i)
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		return cmp.Or(s.compare(r.rows, int(a), r.rows, int(b)), cmp.Compare(a, b))
	})
}

// batchBytes is the memory of a batch.
func batchBytes(b *column.Batch) (n int64) {
	for _, v := range b.Cols {
		n += int64(v.Memory())
	}
	return n
}

// compare orders two rows by the keys.
func (s *Sort) compare(a *column.Batch, i int, b *column.Batch, j int) int {
	for _, k := range s.keys {
		if c := k.compare(a.Cols[k.Column], i, b.Cols[k.Column], j); c != 0 {
			return c
		}
	}
	return 0
}

func (k *sortKey) compare(a *column.Vector, i int, b *column.Vector, j int) int {
	switch l, r := a.Null(i), b.Null(j); {
	case l && r:
		return 0
	case l != r:
		if l == k.NullsFirst {
			return -1
		}
		return 1
	}
	c := k.values(a, i, b, j)
	if k.Desc {
		return -c
	}
	return c
}

// merge visits the rows of all runs in order, up to a number (0: all).
func (s *Sort) merge(limit int, visit func(r *run, row int32) error) error {
	h := &heads{sort: s}
	for i, r := range s.runs {
		if r.order == nil {
			s.arrange(r)
		}
		if r.next = 0; len(r.order) > 0 {
			h.at = append(h.at, i)
		}
	}
	heap.Init(h)
	for n := 0; len(h.at) > 0 && (limit == 0 || n < limit); n++ {
		r := s.runs[h.at[0]]
		if err := visit(r, r.order[r.next]); err != nil {
			return err
		}
		if r.next++; r.next < len(r.order) {
			heap.Fix(h, 0)
		} else {
			heap.Pop(h)
		}
	}
	return nil
}

// heads is a heap of runs by their next rows; of equal ones the run that began first.
type heads struct {
	sort *Sort
	at   []int // places in runs
}

func (h *heads) Len() int      { return len(h.at) }
func (h *heads) Swap(i, j int) { h.at[i], h.at[j] = h.at[j], h.at[i] }
func (h *heads) Push(any)      {}
func (h *heads) Pop() any      { h.at = h.at[:len(h.at)-1]; return nil }

func (h *heads) Less(i, j int) bool {
	a, b := h.sort.runs[h.at[i]], h.sort.runs[h.at[j]]
	c := h.sort.compare(a.rows, int(a.order[a.next]), b.rows, int(b.order[b.next]))
	return cmp.Or(c, cmp.Compare(h.at[i], h.at[j])) < 0
}

// cut keeps the first rows alone, in runs of their own.
func (s *Sort) cut() error {
	first := &Sort{schema: s.schema, keys: s.keys, store: s.store}
	one := make([]int32, 1)
	err := s.merge(s.top, func(r *run, row int32) error {
		one[0] = row
		_, err := first.keep(r.rows, one)
		return err
	})
	if err != nil {
		return err
	}
	last := first.runs[len(first.runs)-1]
	if last.order == nil {
		first.arrange(last)
	}
	err = s.release()
	s.runs, s.kept, s.worst = first.runs, first.kept, last
	return err
}

// release gives the runs' memory back.
func (s *Sort) release() error {
	held := int64(0)
	for _, r := range s.runs {
		held += r.held
	}
	s.runs = nil
	return s.store.Reserve(-held)
}

// OnWatermark gives the rows at the end.
func (s *Sort) OnWatermark(watermark int64, out executor.Output) error {
	if watermark != executor.EndWatermark {
		return nil
	}
	e := emitter{batch: s.out, out: out}
	one := make([]int32, 1)
	err := s.merge(s.top, func(r *run, row int32) error {
		one[0] = row
		for i, c := range r.rows.Cols {
			s.out.Cols[i].AppendRows(c, one, 0)
		}
		if e.row(column.Insert); s.out.Rows%64 == 0 && batchBytes(s.out) > maxRunBytes {
			e.send()
		}
		return e.err
	})
	if err == nil {
		err = e.finish()
	}
	s.worst = nil
	return errors.Join(err, s.release())
}

// Flush has nothing to emit: the end is not yet.
func (s *Sort) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (s *Sort) Close() error { return nil }
