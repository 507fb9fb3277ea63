package op

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// measured is the input of BenchmarkAggregates: a key, a time, and values of several types.
var measured = types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "t", Type: types.NewTimestamp(6)}, {Name: "i", Type: types.Of(types.Int)},
	{Name: "d", Type: types.NewDecimal(38, 2)}, {Name: "f", Type: types.Of(types.Double)}, {Name: "s", Type: types.Of(types.String)}, conditions[0], conditions[1], conditions[2], conditions[3],
	conditions[4], conditions[5], conditions[6]}

// conditions are filters.
var conditions = slices.Repeat(types.Schema{{Name: "c", Type: types.Of(types.Boolean)}}, 7)

func measuredBatches(keys int) []*column.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	out := make([]*column.Batch, 32)
	for i := range out {
		b := column.NewBatch(measured)
		for _, v := range b.Cols {
			v.Grow(column.BatchRows)
		}
		b.Cols[5].Reset()
		for j := range column.BatchRows {
			b.Cols[0].Ints[j], b.Cols[1].Ints[j], b.Cols[2].Ints[j] = int64(r.IntN(keys)), int64(i)*100_000+int64(j), int64(r.IntN(1000))
			b.Cols[3].Wides[j], b.Cols[4].Floats[j] = column.FromInt64(int64(r.IntN(100_000))), r.Float64()
			b.Cols[5].AppendBytes(fmt.Appendf(nil, "text %d", r.IntN(1000)))
			for _, v := range b.Cols[6:] {
				v.Bools[j] = r.IntN(3) == 0
			}
		}
		b.Rows = column.BatchRows
		out[i] = b
	}
	return out
}

// BenchmarkAggregates is each accumulator by itself, without the changes that it makes.
func BenchmarkAggregates(b *testing.B) {
	big := types.Of(types.BigInt)
	for _, a := range []plan.Agg{{Kind: plan.Count, Arg: 2, Typ: big}, {Kind: plan.Sum, Arg: 2, Typ: big}, {Kind: plan.Min, Arg: 2, Typ: measured[2].Type},
		{Kind: plan.Max, Arg: 2, Typ: measured[2].Type}, {Kind: plan.Sum, Arg: 3, Typ: measured[3].Type}, {Kind: plan.Sum, Arg: 4, Typ: measured[4].Type},
		{Kind: plan.Max, Arg: 4, Typ: measured[4].Type}, {Kind: plan.Max, Arg: 5, Typ: measured[5].Type}, exampleAggregate(b, "weighted_avg", false, 0, 1)} {
		a.Filter = -1
		b.Run(fmt.Sprintf("%s of %s", a.Kind, measured[a.Arg].Type), func(b *testing.B) {
			out := types.Schema{measured[0], {Name: "n", Type: a.Typ}}
			benchmarkGroups(b, &plan.GroupAggregate{Keys: []int{0}, Aggs: []plan.Agg{a}, Final: true, Out: out})
		})
	}
	distinct := plan.Agg{Kind: plan.Count, Arg: 2, Filter: -1, Typ: big, Distinct: true}
	benchmarkGroupsOf(b, "COUNT(DISTINCT INT)", distinct)
	benchmarkGroupsOf(b, "COUNT(DISTINCT INT), eight filters", slices.Repeat([]plan.Agg{distinct}, 8)...)
	benchmarkGroupsOf(b, "COUNT(*) FILTER", plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: 6, Typ: big})
	list := []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}, {Kind: plan.Sum, Arg: 2, Filter: -1, Typ: big},
		{Kind: plan.Min, Arg: 2, Filter: -1, Typ: measured[2].Type}, {Kind: plan.Max, Arg: 2, Filter: -1, Typ: measured[2].Type}}
	out := types.Schema{measured[0], {Name: "n", Type: big}, {Name: "s", Type: big}, {Name: "l", Type: measured[2].Type}, {Name: "h", Type: measured[2].Type}}
	for _, before := range []bool{false, true} {
		b.Run(fmt.Sprintf("changes, former versions %v", before), func(b *testing.B) {
			benchmarkGroups(b, &plan.GroupAggregate{Keys: []int{0}, Aggs: list, EmitBefore: before, Out: out})
		})
	}
	b.Run("hopping windows", func(b *testing.B) {
		bounds := types.Schema{{Name: "s", Type: measured[1].Type}, {Name: "e", Type: measured[1].Type}}
		w := plan.Window{Kind: plan.Hop, Time: 1, Size: 5 * time.Second, Slide: time.Second}
		benchmarkWindows(b, &plan.WindowAggregate{Keys: []int{0}, Window: w, Weight: -1, Aggs: list, Out: append(append(out[:1:1], bounds...), out[1:]...)})
	})
}

// benchmarkGroupsOf gives each aggregate but the first a filter of its own.
func benchmarkGroupsOf(b *testing.B, name string, list ...plan.Agg) {
	out := measured[:1:1]
	for i := range list {
		if i > 0 {
			list[i].Filter = 5 + i
		}
		out = append(out, types.Column{Name: "n", Type: list[i].Typ})
	}
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		benchmarkGroups(b, &plan.GroupAggregate{Keys: []int{0}, Aggs: list, Final: true, Out: out})
	})
}

func benchmarkGroups(b *testing.B, p *plan.GroupAggregate) {
	batches := measuredBatches(1000)
	g, err := NewGroupAggregate(p, measured)
	if err != nil {
		b.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		b.Fatal(err)
	}
	i, away := 0, outputFunc(func(*column.Batch) error { return nil })
	for b.Loop() {
		if err := errors.Join(g.Process(0, batches[i%len(batches)], away), g.Flush(away)); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}

// benchmarkWindows moves the batches' times on, round after round.
func benchmarkWindows(b *testing.B, p *plan.WindowAggregate) {
	batches := measuredBatches(1000)
	a, err := NewWindowAggregate(p, measured)
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Open(env(store())); err != nil {
		b.Fatal(err)
	}
	nothing := outputFunc(func(*column.Batch) error { return nil })
	i, last := 0, int64(0)
	for b.Loop() {
		in := batches[i%len(batches)]
		if err := a.Process(0, in, nothing); err != nil {
			b.Fatal(err)
		}
		last = in.Cols[1].Ints[0]
		for j := range in.Cols[1].Ints {
			in.Cols[1].Ints[j] += int64(len(batches)) * 100_000
		}
		if err := a.OnWatermark(last, nothing); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}

// BenchmarkSessions: rows of a thousand keys, each of which pauses now and then.
func BenchmarkSessions(b *testing.B) {
	big := types.Of(types.BigInt)
	p := &plan.SessionAggregate{Keys: []int{0}, Window: plan.Window{Kind: plan.Session, Time: 1, Size: time.Second, Slide: time.Second},
		Aggs: []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}, {Kind: plan.Sum, Arg: 2, Filter: -1, Typ: big}},
		Out:  types.Schema{measured[0], {Name: "s", Type: measured[1].Type}, {Name: "e", Type: measured[1].Type}, {Name: "n", Type: big}, {Name: "v", Type: big}}}
	for _, keys := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("%d keys", keys), func(b *testing.B) {
			a, err := NewSessionAggregate(p, measured)
			if err != nil {
				b.Fatal(err)
			}
			e := env(store())
			e.Timers = state.NewTimers(e.State)
			if err := a.Open(e); err != nil {
				b.Fatal(err)
			}
			moveOn(b, measuredBatches(keys), a, e)
		})
	}
}

// BenchmarkCumulate is of ten steps.
func BenchmarkCumulate(b *testing.B) {
	big := types.Of(types.BigInt)
	p := &plan.WindowAggregate{Keys: []int{0}, Window: plan.Window{Kind: plan.Cumulate, Time: 1, Size: 10 * time.Second, Slide: time.Second}, Weight: -1,
		Aggs: []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}, {Kind: plan.Sum, Arg: 2, Filter: -1, Typ: big}},
		Out:  types.Schema{measured[0], {Name: "s", Type: measured[1].Type}, {Name: "e", Type: measured[1].Type}, {Name: "n", Type: big}, {Name: "v", Type: big}}}
	benchmarkWindows(b, p)
}

// moveOn gives batches again and again, each time later, with a watermark behind each.
func moveOn(b *testing.B, batches []*column.Batch, o executor.Operator, e *executor.Env) {
	nothing := outputFunc(func(*column.Batch) error { return nil })
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		in := batches[i%len(batches)]
		if err := o.Process(0, in, nothing); err != nil {
			b.Fatal(err)
		}
		w := in.Cols[1].Ints[0]
		for j := range in.Cols[1].Ints {
			in.Cols[1].Ints[j] += int64(len(batches)) * 100_000
		}
		for due := e.Timers.Take(state.EventTime, w); due != nil; due = e.Timers.Take(state.EventTime, w) {
			if err := o.OnTimer(due, nothing); err != nil {
				b.Fatal(err)
			}
		}
		if err := o.OnWatermark(w, nothing); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}
