package op

import (
	"bytes"
	"math"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Over computes calls for each row of a partition. What it gives it computes anew from the rows that
// it keeps, to take it back as it was: of a partition that a batch touches before and behind it.
type Over struct {
	partitions
	reached
	p      *plan.Over
	schema types.Schema // of the input
	calls  *overCalls
	out    rankedRows
	part   *column.Batch // the rows of one partition
	before results
	after  results
	ends   []int   // of partitions in before
	back   int     // how many rows before a changed one a result hangs on, -1: on any
	spans  []span  // of the rows of a batch, by partition
	list   []int32 // rows of one partition
	of     []int32 // by row: where its result was, from 1
}

// span is the first and the last of the rows of a batch that belong to one partition, in its order.
type span struct{ first, last int32 }

// results are those of rows, one for one.
type results struct {
	ids   []int32
	calls *column.Batch
}

func (r *results) reset() {
	r.ids = r.ids[:0]
	r.calls.Reset()
}

// NewOver makes the operator of a plan node.
func NewOver(p *plan.Over) (executor.Operator, error) {
	schema := p.Out[:p.Width()]
	calls, err := newOverCalls(p.Calls, &p.Order, p.When == plan.AsTheyCome, schema)
	if err != nil {
		return nil, err
	}
	results := func() results { return results{calls: column.NewBatch(p.Out[len(schema):])} }
	if p.When == plan.AtTime || p.When == plan.AsTheyCome {
		return newRunningOver(p.Order, p.When, p.Late, p.TTL, p.Out, calls)
	}
	return &Over{partitions: newPartitions(p.Order, schema, p.TTL), p: p, schema: schema, calls: calls, part: column.NewBatch(schema),
		before: results(), after: results(), back: lookBack(p.Calls),
		out: rankedRows{emitter: emitter{batch: column.NewBatch(p.Out), kinds: p.When == plan.WithChanges}, width: len(schema)}}, nil
}

// Open implements executor.Operator.
func (o *Over) Open(env *executor.Env) error {
	if err := o.partitions.open(env, o.schema, false); err != nil {
		return err
	}
	if err := o.calls.open(env); err != nil {
		return err
	}
	o.reached.open(env)
	o.out.rows = o.partitions.rows
	if o.p.When != plan.AtWindowEnd {
		return nil
	}
	return env.Timers.Open(keyTypes(o.schema, o.p.Order.Partition))
}

// Process implements executor.Operator.
func (o *Over) Process(_ int, b *column.Batch, out executor.Output) (err error) {
	o.take(b)
	sel := o.sel
	if o.p.When == plan.AtWindowEnd {
		if sel, err = o.inTime(b, sel, o.p.End, o.p.Late); err != nil {
			return err
		}
	}
	if len(sel) == 0 {
		return nil
	}
	switch o.p.When {
	case plan.AtEnd:
		return o.apply(sel)
	case plan.AtWindowEnd:
		if err := o.env.Timers.Register(state.EventTime, &o.in, o.p.Order.Partition, o.hashes, sel, b.Cols[o.p.End].Ints); err != nil {
			return err
		}
		return o.apply(sel)
	}
	return o.change(sel, out)
}

// change enters rows and gives what has become of the results of their partitions.
func (o *Over) change(sel []int32, out executor.Output) error {
	if err := o.batch.collect(&o.in, o.hashes, sel); err != nil {
		return err
	}
	o.measure(sel)
	o.before.reset()
	o.ends = o.ends[:0]
	for i, key := range o.lookup(o.batch.first) {
		if err := o.recompute(key, i, &o.before); err != nil {
			return err
		}
		o.ends = append(o.ends, len(o.before.ids))
	}
	if err := o.apply(sel); err != nil {
		return err
	}
	o.out.begin(out)
	from := 0
	for i, key := range o.lookup(o.batch.first) {
		o.after.reset()
		if err := o.recompute(key, i, &o.after); err != nil {
			return err
		}
		o.difference(from, o.ends[i])
		from = o.ends[i]
	}
	return o.finish(&o.out)
}

// compute appends the rows of a partition and their results.
func (o *Over) compute(key int32, to *results) error {
	if key == state.Absent {
		return nil
	}
	o.list = o.list[:0]
	o.add(o.partitions.rows.First(key), math.MaxInt)
	return o.computeList(0, to)
}

// add appends a row and those behind it to the list, so many different ones, each as often as it is
// there, and gives the row behind them.
func (o *Over) add(id int32, n int) int32 {
	rows := o.partitions.rows
	for ; id != state.Absent && n > 0; id, n = rows.Next(id), n-1 {
		for range rows.Count(id) {
			o.list = append(o.list, id)
		}
	}
	return id
}

// computeList appends the rows of the list from some place on, and their results.
func (o *Over) computeList(from int, to *results) error {
	o.part.Reset()
	for i, v := range o.part.Cols {
		o.partitions.rows.AppendColumn(v, i, o.list)
	}
	o.part.Rows = len(o.list)
	to.ids = append(to.ids, o.list[from:]...)
	return o.calls.compute(o.part, from, &soFar{}, to.calls, 0)
}

// lookBack is how many rows before a row its results hang on, -1 if on others too.
func lookBack(calls []plan.OverCall) (n int) {
	for _, c := range calls {
		f, by := c.Frame, int64(0)
		switch {
		case c.IgnoreNulls:
			return -1
		case c.Func == "lag":
			by = c.N
		case c.Func != "" && c.Func != "first" && c.Func != "last" && c.Func != "nth":
			return -1
		case f.Unit != plan.FrameRows || f.Start.Kind == plan.UnboundedPreceding || f.End.Kind > plan.CurrentRow:
			return -1
		case f.Start.Kind == plan.Preceding:
			by = f.Start.By
		}
		n = max(n, int(by))
	}
	return n
}

// measure finds the spans of the rows of a batch.
func (o *Over) measure(sel []int32) {
	if o.spans = o.spans[:0]; o.back < 0 {
		return
	}
	for i, g := range o.batch.ids {
		r := sel[i]
		if int(g) == len(o.spans) {
			o.spans = append(o.spans, span{r, r})
		}
		s := &o.spans[g]
		if bytes.Compare(o.bytes.Bytes(int(r)), o.bytes.Bytes(int(s.first))) < 0 {
			s.first = r
		}
		if bytes.Compare(o.bytes.Bytes(int(r)), o.bytes.Bytes(int(s.last))) > 0 {
			s.last = r
		}
	}
}

// recompute does it for the rows of a partition whose results rows of the batch may change: all,
// or those among them and some behind them.
func (o *Over) recompute(key int32, group int, to *results) error {
	if o.back < 0 || key == state.Absent {
		return o.compute(key, to)
	}
	rows, s := o.partitions.rows, o.spans[group]
	first := rows.Ceil(key, state.Bound{Bytes: o.bytes.Bytes(int(s.first))})
	if first == state.Absent {
		return nil
	}
	begin := first
	for range o.back {
		if before := rows.Prev(begin); before != state.Absent {
			begin = before
		}
	}
	o.list = o.list[:0]
	for id := begin; id != first; id = rows.Next(id) {
		o.add(id, 1)
	}
	from, last := len(o.list), o.bytes.Bytes(int(s.last))
	for first != state.Absent && bytes.Compare(rows.SortBytes(first), last) <= 0 {
		first = o.add(first, 1)
	}
	o.add(first, o.back)
	return o.computeList(from, to)
}

// difference compares the results of a partition before and behind a batch, row by row; of equal
// rows in their order.
func (o *Over) difference(from, to int) {
	for _, ids := range [][]int32{o.before.ids[from:to], o.after.ids} {
		for _, id := range ids {
			for int(id) >= len(o.of) {
				o.of = append(o.of, 0)
			}
		}
	}
	for i := to - 1; i >= from; i-- {
		o.of[o.before.ids[i]] = int32(i) + 1
	}
	o.leave(from, to)
	for i, id := range o.after.ids {
		at := int(o.of[id]) - 1
		switch {
		case at < 0:
			o.give(&o.after, i, column.Insert)
			continue
		case !o.same(at, i):
			if o.p.EmitBefore {
				o.give(&o.before, at, column.UpdateBefore)
			}
			o.give(&o.after, i, column.UpdateAfter)
		}
		if o.of[id] = 0; at+1 < to && o.before.ids[at+1] == id {
			o.of[id] = int32(at) + 2
		}
	}
	for _, id := range o.before.ids[from:to] {
		if id != state.Absent {
			o.of[id] = 0
		}
	}
}

// leave takes back the rows that are not there any more.
func (o *Over) leave(from, to int) {
	rows := o.partitions.rows
	for i := from; i < to; {
		id, n := o.before.ids[i], i
		for n < to && o.before.ids[n] == id {
			n++
		}
		left := int(rows.Count(id))
		for at := i + left; at < n; at++ {
			o.give(&o.before, at, column.Delete)
			o.before.ids[at] = state.Absent // what is compared ends with those that stay
		}
		if left == 0 {
			o.of[id] = 0
		}
		i = n
	}
}

// same tells that the results of a row are what they were.
func (o *Over) same(at, i int) bool {
	for c, v := range o.before.calls.Cols {
		w := o.after.calls.Cols[c]
		if v.Null(at) || w.Null(i) {
			if v.Null(at) != w.Null(i) {
				return false
			}
		} else if v.Compare(at, w, i) != 0 {
			return false
		}
	}
	return true
}

// give gives a row with its results.
func (o *Over) give(of *results, i int, k column.RowKind) {
	o.calls.one[0] = int32(i)
	for c, v := range of.calls.Cols {
		o.out.batch.Cols[o.out.width+c].AppendRows(v, o.calls.one[:], 0)
	}
	o.out.row(of.ids[i], 0, k)
}

// OnTimer gives the partitions whose window has ended.
func (o *Over) OnTimer(due *state.Due, out executor.Output) error {
	o.keys = o.partitions.rows.Lookup(due.Keys, plan.SamePlaces(len(due.Keys.Cols)), due.Hashes, nil, o.keys)
	return o.giveAll(o.keys, out)
}

// OnWatermark gives all partitions at the end of a bounded input.
func (o *Over) OnWatermark(watermark int64, out executor.Output) error {
	o.to(watermark)
	if o.p.When != plan.AtEnd || watermark != executor.EndWatermark {
		return nil
	}
	return o.giveAll(o.partitions.rows.AppendKeys(o.keys[:0]), out)
}

// giveAll gives the rows of partitions for good, and forgets them.
func (o *Over) giveAll(keys []int32, out executor.Output) error {
	o.out.begin(out)
	for _, key := range keys {
		o.after.reset()
		if err := o.compute(key, &o.after); err != nil || key == state.Absent {
			if err != nil {
				return err
			}
			continue
		}
		o.forget(key)
		for i := range o.after.ids {
			o.give(&o.after, i, column.Insert)
		}
	}
	return o.finish(&o.out)
}

// Flush forgets idle partitions.
func (o *Over) Flush(executor.Output) error {
	if o.p.When == plan.WithChanges {
		o.expire()
	}
	return nil
}

// Close implements executor.Operator.
func (o *Over) Close() error { return nil }
