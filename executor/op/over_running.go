package op

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// RunningOver computes calls that look at no later row, for rows that come in their order or are
// brought into it: by time a row waits until the watermark has passed it. Results are for good. Of
// the rows that have been given it keeps those that later ones look at, and of each partition how
// many there were and the accumulators of all.
type RunningOver struct {
	reached
	sorted  plan.Order
	when    plan.Emission
	late    lateTo
	schema  types.Schema
	calls   *overCalls
	by      []sortKey
	waiting *state.OrderedMap // by time; nil where rows are given as they come
	past    *state.OrderedMap // the rows that are looked at, with their number in the partition
	totals  *state.Table
	layout  state.Layout
	keeps   reach
	idle

	keyed
	all     []int // columns of past
	hashed  []uint64
	rows    []int32       // of a batch, those of one partition behind one another
	of      []int32       // the totals of each
	due     *column.Batch // rows that have waited
	ids     []int32
	found   []int32
	part    *column.Batch  // of one partition: the rows that are looked at, and those that are given
	numbers *column.Vector // of the rows of part
	kept    column.Batch   // part with the numbers
	same    []uint64       // the hash of the partition, for each row of kept
	rowsOf  []int32
	results *column.Batch
	out     *column.Batch
}

// reach is how far calls look back.
type reach struct {
	rows  int64 // the last ones
	first int64 // the first ones of all
	time  int64 // those within so long before the last; -1: none
}

const (
	totalRows = iota
	totalGroups
	totalTouch
	totalWords
)

func newRunningOver(order plan.Order, when plan.Emission, late lateTo, ttl time.Duration, out types.Schema, calls *overCalls) (*RunningOver, error) {
	in := out[:len(out)-len(calls.list)]
	o := &RunningOver{sorted: order, when: when, late: late, schema: in, calls: calls, keeps: reach{time: -1}, idle: newIdle(ttl),
		due: column.NewBatch(in), part: column.NewBatch(in), out: column.NewBatch(out), results: column.NewBatch(out[len(in):]), numbers: column.NewVector(types.Of(types.BigInt))}
	o.keys = order.Partition
	o.all = plan.SamePlaces(len(in) + 1)
	o.kept.Cols = append(slices.Clone(o.part.Cols), o.numbers)
	for _, k := range order.Keys {
		t := in[k.Column].Type
		o.by = append(o.by, sortKey{SortKey: k, values: column.Comparison(t, t)})
	}
	o.layout = state.Layout{Keys: keyTypes(in, o.keys), Words: totalWords}
	for i := range calls.list {
		call := &calls.list[i]
		o.keeps.add(call)
		if !call.carried() {
			continue
		}
		var err error
		if call.sum, err = newAccumulators([]plan.Agg{call.Agg}, in, o.layout.Words); err != nil {
			return nil, err
		}
		call.sum.layBeside(o.keys, in, false)
		o.layout.Words = call.sum.words
		o.layout.Refs = append(o.layout.Refs, call.sum.refs...)
	}
	o.init = make([]uint64, o.layout.Words)
	return o, nil
}

// add takes in how far a call looks back.
func (r *reach) add(c *overCall) {
	start := c.Frame.Start
	switch {
	case c.Func == "lag":
		r.rows = max(r.rows, c.N)
	case !c.framed() || c.carried():
	case start.Kind == plan.UnboundedPreceding && c.Func == "first":
		r.first = max(r.first, 1)
	case start.Kind == plan.UnboundedPreceding && c.Func == "nth":
		r.first = max(r.first, c.N)
	case start.Kind == plan.Preceding && start.Months:
		r.time = max(r.time, longestMonth*(start.By+1)) // a month more: frames of days that a shorter month lacks
	case start.Kind == plan.Preceding && c.Frame.Unit == plan.FrameRange:
		r.time = max(r.time, start.By)
	case start.Kind == plan.Preceding:
		r.rows = max(r.rows, start.By)
	}
}

// Open implements executor.Operator.
func (o *RunningOver) Open(env *executor.Env) (err error) {
	o.reached.open(env)
	layout := state.RowLayout{Key: o.keys, Apart: true}
	for _, c := range o.schema {
		layout.Columns = append(layout.Columns, c.Type)
	}
	if o.when == plan.AtTime {
		layout.Init = []uint64{1} // how often the row is there, known when it has gone
		if o.waiting, err = env.State.OrderedMap("waiting", state.OrderedLayout{RowLayout: layout, Sort: o.sorted.Keys[0].Column}); err != nil {
			return err
		}
	}
	layout.Columns, layout.Init = append(slices.Clone(layout.Columns), o.numbers.Type), []uint64{0, 0} // when it was given, its time
	if o.past, err = env.State.OrderedMap("past", state.OrderedLayout{RowLayout: layout, Sort: len(o.schema)}); err != nil {
		return err
	}
	o.totals = env.State.Table("totals", o.layout)
	for i := range o.calls.list {
		if call := &o.calls.list[i]; call.sum != nil && call.sum.apart() {
			if call.apartSum, err = call.sum.openBeside(env.State, fmt.Sprintf("totals %d", i)); err != nil {
				return err
			}
		}
	}
	return o.calls.open(env)
}

// Process gives rows that are in order as they come, and lets others wait.
func (o *RunningOver) Process(_ int, b *column.Batch, out executor.Output) (err error) {
	o.hashed = column.HashColumns(o.hashed, b, o.keys)
	o.rows = liveRows(o.rows, b)
	if o.when == plan.AtTime {
		if o.rows, err = o.inTime(b, o.rows); err != nil {
			return err
		}
		return o.wait(b)
	}
	if err := o.enterTotals(b); err != nil {
		return err
	}
	sort.Stable(byPartition{o})
	return o.runs(b, out)
}

// wait keeps rows until their time has come.
func (o *RunningOver) wait(b *column.Batch) (err error) {
	if o.ids, err = o.waiting.Apply(b, o.all[:len(o.schema)], o.hashed, o.rows, o.ids); err != nil {
		return err
	}
	for _, id := range o.ids {
		if n := o.waiting.Count(id); n > 1 {
			o.waiting.Write(id)[0] = uint64(n)
		}
	}
	return nil
}

// inTime leaves out the rows that come behind the watermark, or without a time.
func (o *RunningOver) inTime(b *column.Batch, sel []int32) ([]int32, error) {
	t, kept := b.Cols[o.sorted.Keys[0].Column], sel[:0]
	timeless := int64(0)
	o.reached.late = o.reached.late[:0]
	for _, r := range sel {
		switch {
		case t.Null(int(r)):
			timeless++
		case t.Ints[r] < o.watermark:
			o.reached.late = append(o.reached.late, r)
		default:
			kept = append(kept, r)
		}
	}
	if timeless > 0 {
		o.env.Counters.Failed.Add(timeless)
		o.env.Dropped.Rows("rows without an event time are left out of OVER", "", timeless)
	}
	return kept, o.late.rows(timePassed, o.env, b, o.reached.late, t.Ints, o.watermark)
}

// enterTotals finds the totals of the partitions of the rows at hand.
func (o *RunningOver) enterTotals(b *column.Batch) error {
	o.hashes = o.hashed
	err := o.enter(o.totals, b, o.rows)
	o.of = append(o.of[:0], o.keyed.ids...)
	return err
}

// byPartition brings the rows at hand that share a partition together.
type byPartition struct{ *RunningOver }

func (o byPartition) Len() int           { return len(o.rows) }
func (o byPartition) Less(i, j int) bool { return o.of[i] < o.of[j] }
func (o byPartition) Swap(i, j int) {
	o.rows[i], o.rows[j] = o.rows[j], o.rows[i]
	o.of[i], o.of[j] = o.of[j], o.of[i]
}

// OnWatermark gives the rows whose time has come.
func (o *RunningOver) OnWatermark(watermark int64, out executor.Output) (err error) {
	if o.to(watermark); o.waiting == nil {
		return nil
	}
	if o.ids, err = o.waiting.ExpireBelow(watermark, o.ids[:0], math.MaxInt); err != nil || len(o.ids) == 0 {
		return err
	}
	for at := 0; at < len(o.ids); at++ { // equal rows follow one another
		for range o.waiting.Acc(o.ids[at])[0] - 1 {
			o.found = append(o.found, o.ids[at])
		}
		o.found = append(o.found, o.ids[at])
	}
	o.due.Reset()
	for i, v := range o.due.Cols {
		o.waiting.AppendColumn(v, i, o.found)
	}
	o.due.Rows, o.found = len(o.found), o.found[:0]
	o.hashed = column.HashColumns(o.hashed, o.due, o.keys)
	o.rows = liveRows(o.rows, o.due)
	if err := o.enterTotals(o.due); err != nil {
		return err
	}
	o.waiting.Prune()
	return o.runs(o.due, out)
}

// runs gives the rows at hand, partition by partition.
func (o *RunningOver) runs(b *column.Batch, out executor.Output) error {
	e := emitter{batch: o.out, out: out}
	for from := 0; from < len(o.rows); {
		to := from + 1
		for to < len(o.rows) && o.of[to] == o.of[from] {
			to++
		}
		rows := o.rows[from:to]
		if len(o.by) > 1 {
			slices.SortStableFunc(rows, func(x, y int32) int { return o.compare(b, int(x), int(y)) })
		}
		if err := o.give(b, rows, o.of[from], &e); err != nil {
			return err
		}
		from = to
	}
	return e.finish()
}

func (o *RunningOver) compare(b *column.Batch, x, y int) int {
	for i := range o.by {
		k := &o.by[i]
		if c := k.compare(b.Cols[k.Column], x, b.Cols[k.Column], y); c != 0 {
			return c
		}
	}
	return 0
}

// give computes and gives rows of one partition that follow one another.
func (o *RunningOver) give(b *column.Batch, rows []int32, total int32, e *emitter) error {
	o.part.Reset()
	o.load(b, rows)
	before := o.part.Rows
	for i, v := range o.part.Cols {
		v.AppendRows(b.Cols[i], rows, 0)
	}
	o.part.Rows += len(rows)
	w := o.totals.Acc(total)
	past := soFar{rows: int64(w[totalRows]), groups: int64(w[totalGroups]), totals: o.totals, id: total, hash: o.hashed[rows[0]]}
	o.results.Reset()
	if err := o.calls.compute(o.part, before, &past, o.results, 0); err != nil {
		return err
	}
	o.send(before, e)
	w = o.totals.Write(total)
	w[totalRows] += uint64(len(rows))
	w[totalGroups] += uint64(o.calls.groups(before))
	w[totalTouch] = o.stamp()
	return o.keep(before, int64(w[totalRows]), o.hashed[rows[0]])
}

// send gives the rows of part from some number on, with their results.
func (o *RunningOver) send(before int, e *emitter) {
	for from := before; from < o.part.Rows; {
		n := min(o.part.Rows-from, column.BatchRows-e.batch.Rows)
		sel := o.calls.sel[from : from+n]
		for i, v := range o.part.Cols {
			e.batch.Cols[i].AppendRows(v, sel, 0)
		}
		sel = o.calls.sel[from-before : from-before+n]
		for i, v := range o.results.Cols {
			e.batch.Cols[len(o.schema)+i].AppendRows(v, sel, 0)
		}
		from += n
		if e.batch.Rows += n; e.batch.Rows >= column.BatchRows {
			e.send()
		}
	}
}

// looksBack tells that rows that have been given are looked at.
func (o *RunningOver) looksBack() bool {
	return o.keeps.rows > 0 || o.keeps.first > 0 || o.keeps.time >= 0
}

// load puts the rows that are looked at in front.
func (o *RunningOver) load(b *column.Batch, rows []int32) {
	if !o.looksBack() {
		return
	}
	o.found = o.past.Lookup(b, o.keys, o.hashed, rows[:1], o.found)
	key := o.found[0]
	o.found = o.found[:0]
	if key == state.Absent {
		return
	}
	o.ids = o.past.AppendRange(o.ids[:0], o.past.First(key), state.Bound{Int: math.MaxInt64}, math.MaxInt)
	for i, v := range o.part.Cols {
		o.past.AppendColumn(v, i, o.ids)
	}
	o.part.Rows = len(o.ids)
}

// keep keeps of the rows that have been given those that later ones look at; the last one has
// number last, all have one hash.
func (o *RunningOver) keep(before int, last int64, hash uint64) (err error) {
	if !o.looksBack() {
		return nil
	}
	n := o.part.Rows
	o.numbers.Reset()
	o.same, o.rowsOf, o.kept.Rows = o.same[:0], o.rowsOf[:0], n
	for i := range n {
		number := last - int64(n-1-i)
		o.numbers.AppendInt(number)
		o.same = append(o.same, hash)
		if i >= before && (number <= o.keeps.first || o.recent(number, o.timeOf(i), last)) {
			o.rowsOf = append(o.rowsOf, int32(i))
		}
	}
	if o.found, err = o.past.Apply(&o.kept, o.all, o.same, o.rowsOf, o.found); err != nil {
		return err
	}
	for i, id := range o.found {
		w := o.past.Write(id)
		w[0], w[1] = o.stamp(), uint64(o.timeOf(int(o.rowsOf[i])))
	}
	o.forget(last)
	o.found = o.found[:0]
	return nil
}

// timeOf is the time of a row of part, 0 where none is looked at.
func (o *RunningOver) timeOf(i int) int64 {
	if o.keeps.time < 0 {
		return 0
	}
	return o.part.Cols[o.sorted.Keys[0].Column].Ints[i]
}

// recent tells a row that is looked at from rows behind number last.
func (o *RunningOver) recent(number, at, last int64) bool {
	return number > last-o.keeps.rows || o.keeps.time >= 0 && at >= o.timeOf(o.part.Rows-1)-o.keeps.time
}

// forget removes those rows of the partition at hand that are looked at no more.
func (o *RunningOver) forget(last int64) {
	row := [1]int32{int32(o.part.Rows - 1)}
	o.found = o.past.Lookup(&o.kept, o.keys, o.same, row[:], o.found)
	if o.found[0] == state.Absent {
		return
	}
	for id := o.past.First(o.found[0]); id != state.Absent; {
		next, number := o.past.Next(id), o.past.SortInt(id)
		switch {
		case number <= o.keeps.first:
		case o.recent(number, int64(o.past.Acc(id)[1]), last):
			return
		default:
			o.past.Remove(id)
		}
		id = next
	}
}

// Flush forgets idle partitions now and then.
func (o *RunningOver) Flush(executor.Output) error {
	oldest, sweep := o.sweepDue()
	if !sweep {
		return nil
	}
	o.totals.EachRow(func(id int32) {
		if o.totals.Acc(id)[totalTouch] < oldest {
			o.totals.Delete(id)
		}
	})
	for i := range o.calls.list {
		if call := &o.calls.list[i]; call.apartSum != nil {
			call.sum.sweep(call.apartSum, o.totals)
		}
	}
	for _, key := range o.past.AppendKeys(nil) {
		if o.past.Acc(o.past.Last(key))[0] < oldest {
			for id := o.past.First(key); id != state.Absent; {
				next := o.past.Next(id)
				o.past.Remove(id)
				id = next
			}
		}
	}
	return nil
}

// OnTimer is not called: no timers are registered.
func (o *RunningOver) OnTimer(*state.Due, executor.Output) error { return nil }

// Close implements executor.Operator.
func (o *RunningOver) Close() error { return nil }
