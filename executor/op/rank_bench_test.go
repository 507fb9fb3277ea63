package op

import (
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// ordered is an operator over batches of measured, whose times rise from one to the next.
type ordered struct {
	name string
	make func() (executor.Operator, error)
	time bool // a watermark behind each batch
}

// orderedOperators are top-N, de-duplication and OVER as Nexmark asks for them, and the other ways
// that rows may come.
func orderedOperators() []ordered {
	key := []int{0}
	number := append(measured[:len(measured):len(measured)], types.Column{Name: "n", Type: bigType})
	rank := func(p plan.Rank) func() (executor.Operator, error) {
		return func() (executor.Operator, error) { return NewRank(&p), nil }
	}
	over := func(when plan.Emission, keys []plan.SortKey, calls ...plan.OverCall) func() (executor.Operator, error) {
		p := plan.Over{Order: plan.Order{Partition: key, Keys: keys}, Calls: calls, When: when, End: -1, Out: append(types.Schema{}, measured...)}
		for _, c := range calls {
			p.Out = append(p.Out, types.Column{Name: "r", Type: c.Agg.Typ})
		}
		return func() (executor.Operator, error) { return NewOver(&p) }
	}
	sum := func(f plan.Frame) plan.OverCall {
		return plan.OverCall{Agg: plan.Agg{Kind: plan.Sum, Arg: 2, Filter: -1, Typ: bigType}, Default: -1, Frame: f}
	}
	rows := plan.OverCall{Func: "row_number", Agg: plan.Agg{Arg: -1, Filter: -1, Typ: bigType}, Default: -1}
	down := plan.Order{Partition: key, Keys: []plan.SortKey{{Column: 2, Desc: true}}}
	last := plan.Order{Partition: key, Keys: []plan.SortKey{{Column: 1, Desc: true}}}
	time := []plan.SortKey{{Column: 1}}
	ten := between(plan.FrameRows, preceding(9), plan.Bound{Kind: plan.CurrentRow})
	return []ordered{
		{"top 10 with places", rank(plan.Rank{Order: down, Limit: 10, Number: true, EmitBefore: true, End: -1, Out: number}), false},
		{"top 10", rank(plan.Rank{Order: down, Limit: 10, EmitBefore: true, End: -1, Out: measured}), false},
		{"last row", rank(plan.Rank{Order: last, Limit: 1, End: -1, Out: measured}), false},
		{"first row that comes", over(plan.AsTheyCome, nil, rows), false},
		{"running sum by time", over(plan.AtTime, time, sum(upToNow)), true},
		{"sum of ten rows by time", over(plan.AtTime, time, sum(ten)), true},
		{"sum of ten rows that come", over(plan.AsTheyCome, nil, sum(ten)), false},
	}
}

// run gives an operator a batch, and what stands behind it.
func (o *ordered) run(op executor.Operator, b *column.Batch, out executor.Output) error {
	err := op.Process(0, b, out)
	if err == nil && o.time {
		err = op.OnWatermark(b.Cols[1].Ints[b.Rows-1], out)
	}
	return err
}

// rising moves the times of a batch on.
func rising(b *column.Batch, by int64) {
	for i := range b.Cols[1].Ints {
		b.Cols[1].Ints[i] += by
	}
}

func opened(tb testing.TB, o *ordered) executor.Operator {
	tb.Helper()
	op, err := o.make()
	if err == nil {
		s := store()
		e := env(s)
		e.Timers = state.NewTimers(s)
		err = op.Open(e)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return op
}

// BenchmarkRanks: a row at a time, of a thousand partitions.
func BenchmarkRanks(b *testing.B) {
	for _, o := range orderedOperators() {
		b.Run(o.name, func(b *testing.B) {
			op, batches := opened(b, &o), measuredBatches(1000)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				batch := batches[n/column.BatchRows%len(batches)]
				if err := o.run(op, batch, discard{}); err != nil {
					b.Fatal(err)
				}
				rising(batch, int64(len(batches))*100_000)
				n += batch.Rows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/row")
		})
	}
}

// TestRanksAllocateNothing: in the steady state there is no garbage for a row.
func TestRanksAllocateNothing(t *testing.T) {
	for _, o := range orderedOperators() {
		rounds := executortest.Rounds(100)
		op, batches := opened(t, &o), measuredBatches(rounds)
		n := 0
		step := func() {
			batch := batches[n%len(batches)]
			if err := o.run(op, batch, discard{}); err != nil {
				t.Fatal(err)
			}
			rising(batch, int64(len(batches))*100_000)
			n++
		}
		for range rounds {
			step()
		}
		if allocations := testing.AllocsPerRun(rounds, step); allocations > 8 { // of a batch of 2048 rows
			t.Errorf("%s: %v allocations a batch", o.name, allocations)
		}
	}
}

// discard takes what is emitted and looks at nothing.
type discard struct{}

func (discard) Emit(*column.Batch) error { return nil }
