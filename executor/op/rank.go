package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Rank gives the first rows of each partition. Of an input that takes nothing back it keeps no row
// behind them, and does not look at one that comes behind them.
type Rank struct {
	partitions
	reached
	p      *plan.Rank
	schema types.Schema // of the input
	out    rankedRows
	before []placed // of the partitions of a batch, one behind the other
	ends   []int
	after  []placed
	former []int64 // by row: copies or place before, 0 between two partitions
	front  frontRow
}

// placed is a row of a partition with its place, and so many equal ones.
type placed struct {
	id    int32
	n     int64
	place int64 // of the first
}

// NewRank makes the operator of a plan node.
func NewRank(p *plan.Rank) *Rank {
	schema := p.Out[:p.Width()]
	return &Rank{partitions: newPartitions(p.Order, schema, p.TTL), p: p, schema: schema,
		out: rankedRows{emitter: emitter{batch: column.NewBatch(p.Out), kinds: p.When == plan.WithChanges}, width: len(schema), numbered: p.Number}}
}

// Open implements executor.Operator.
func (r *Rank) Open(env *executor.Env) error {
	if err := r.partitions.open(env, r.schema, !r.p.InputUpdates && r.p.Kind == plan.RowNumber); err != nil {
		return err
	}
	r.reached.open(env)
	r.out.rows = r.rows
	if r.p.When != plan.AtWindowEnd {
		return nil
	}
	return env.Timers.Open(keyTypes(r.schema, r.p.Order.Partition))
}

// Process implements executor.Operator.
func (r *Rank) Process(_ int, b *column.Batch, out executor.Output) (err error) {
	r.take(b)
	sel := r.sel
	if r.p.When == plan.AtWindowEnd {
		if sel, err = r.inTime(b, sel, r.p.End, r.p.Late); err != nil {
			return err
		}
	}
	if !r.p.InputUpdates && !r.p.Order.Latest {
		sel = r.promising(sel)
	}
	if len(sel) == 0 {
		return nil
	}
	if err := r.batch.collect(&r.in, r.hashes, sel); err != nil {
		return err
	}
	switch r.p.When {
	case plan.WithChanges:
		if r.oneInFront() {
			return r.replaceFront(sel, out)
		}
		return r.change(sel, out)
	case plan.AtWindowEnd:
		if err := r.env.Timers.Register(state.EventTime, &r.in, r.p.Order.Partition, r.hashes, r.batch.first, b.Cols[r.p.End].Ints); err != nil {
			return err
		}
	}
	return r.keep(sel)
}

// promising leaves out the rows that are behind the last one that is kept.
func (r *Rank) promising(sel []int32) []int32 {
	kept := sel[:0]
	for i, key := range r.lookup(sel) {
		row := sel[i]
		if key == state.Absent || r.p.Kind == plan.DenseRank || int64(r.rows.Size(key)) < r.p.Limit {
			kept = append(kept, row)
			continue
		}
		c := r.rows.Compare(r.rows.Last(key), state.Bound{Bytes: r.bytes.Bytes(int(row))})
		if c > 0 || c == 0 && r.p.Kind != plan.RowNumber {
			kept = append(kept, row)
		}
	}
	return kept
}

// keep enters rows of which nothing is given yet.
func (r *Rank) keep(sel []int32) error {
	if err := r.apply(sel); err != nil {
		return err
	}
	for _, key := range r.lookup(r.batch.first) {
		var next int32
		if r.after, next = r.list(key, r.after[:0]); next != state.Absent {
			r.cut(next)
		}
	}
	r.rows.Prune()
	return nil
}

// change enters rows and gives what has become of the first ones of their partitions.
func (r *Rank) change(sel []int32, out executor.Output) error {
	r.before, r.ends = r.before[:0], r.ends[:0]
	for _, key := range r.lookup(r.batch.first) {
		r.before, _ = r.list(key, r.before)
		r.ends = append(r.ends, len(r.before))
	}
	if err := r.apply(sel); err != nil {
		return err
	}
	r.out.begin(out)
	from := 0
	for i, key := range r.lookup(r.batch.first) {
		var next int32
		if r.after, next = r.list(key, r.after[:0]); next != state.Absent && !r.p.InputUpdates {
			r.cut(next)
		}
		r.difference(r.before[from:r.ends[i]], r.after)
		from = r.ends[i]
	}
	return r.finish(&r.out)
}

// list appends the rows of a partition up to the last place, and gives the row behind them.
func (r *Rank) list(key int32, dst []placed) ([]placed, int32) {
	if key == state.Absent {
		return dst, state.Absent
	}
	rows, place, former := int64(0), int64(0), state.Absent
	for id := r.rows.First(key); id != state.Absent; id = r.rows.Next(id) {
		switch {
		case r.p.Kind == plan.RowNumber || former == state.Absent || !r.equals(former, id):
			if place++; r.p.Kind != plan.DenseRank {
				place = rows + 1
			}
		}
		if place > r.p.Limit {
			return dst, id
		}
		n := r.rows.Count(id)
		dst = append(dst, placed{id, n, place})
		rows, former = rows+n, id
	}
	return dst, state.Absent
}

// OnTimer gives the partitions whose window has ended.
func (r *Rank) OnTimer(due *state.Due, out executor.Output) error {
	columns := plan.SamePlaces(len(due.Keys.Cols))
	r.keys = r.rows.Lookup(due.Keys, columns, due.Hashes, nil, r.keys)
	return r.giveAll(r.keys, out)
}

// OnWatermark gives all partitions at the end of a bounded input.
func (r *Rank) OnWatermark(watermark int64, out executor.Output) error {
	r.to(watermark)
	if r.p.When != plan.AtEnd || watermark != executor.EndWatermark {
		return nil
	}
	return r.giveAll(r.rows.AppendKeys(r.keys[:0]), out)
}

// giveAll gives the rows of partitions for good, and forgets them.
func (r *Rank) giveAll(keys []int32, out executor.Output) error {
	r.out.begin(out)
	for _, key := range keys {
		if key == state.Absent {
			continue
		}
		r.after, _ = r.list(key, r.after[:0])
		r.forget(key)
		for _, x := range r.after {
			for at := range r.copies(x) {
				r.out.row(x.id, x.place+at, column.Insert)
			}
		}
	}
	return r.finish(&r.out)
}

// copies are the places that equal rows have, counted from that of the first, as far as they are
// given.
func (r *Rank) copies(x placed) func(yield func(int64) bool) {
	from, to, step := max(0, r.p.Offset-x.place+1), min(x.n, r.p.Limit-x.place+1), int64(1)
	if r.p.Kind != plan.RowNumber {
		from, to, step = 0, x.n, 0
		if x.place <= r.p.Offset {
			to = 0
		}
	}
	return func(yield func(int64) bool) {
		for i := from; i < to; i++ {
			if !yield(i * step) {
				return
			}
		}
	}
}

// Flush forgets idle partitions.
func (r *Rank) Flush(executor.Output) error {
	if r.p.When == plan.WithChanges {
		r.expire()
	}
	return nil
}

// Close implements executor.Operator.
func (r *Rank) Close() error { return nil }

// rankedRows gives rows that are kept, with their places. They are gathered until there is a batch
// of them and then written column by column.
type rankedRows struct {
	emitter
	rows     *state.OrderedMap
	width    int
	numbered bool
	ids      []int32
	places   []int64
}

func (o *rankedRows) begin(out executor.Output) { o.out, o.err = out, nil }

func (o *rankedRows) row(id int32, place int64, k column.RowKind) {
	o.ids, o.places = append(o.ids, id), append(o.places, place)
	if o.kinds {
		o.batch.Kinds = append(o.batch.Kinds, k)
	}
	if len(o.ids) >= column.BatchRows && k != column.UpdateBefore {
		o.write()
		o.send()
	}
}

func (o *rankedRows) write() {
	for i := range o.width {
		o.rows.AppendColumn(o.batch.Cols[i], i, o.ids)
	}
	if o.numbered {
		v := o.batch.Cols[o.width]
		v.Ints = append(v.Ints, o.places...)
	}
	o.batch.Rows += len(o.ids)
	o.ids, o.places = o.ids[:0], o.places[:0]
}

func (o *rankedRows) finish() error {
	o.write()
	return o.emitter.finish()
}
