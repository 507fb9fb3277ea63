package op

import (
	"math/rand/v2"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// joined is either input of the joins that are measured.
var joined = types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "t", Type: types.NewTimestamp(6)}, {Name: "v", Type: types.Of(types.BigInt)}}

// BenchmarkTimedJoins: a batch of each input in turn, a second of 2048 rows, 1000 keys; a row
// meets about one.
func BenchmarkTimedJoins(b *testing.B) {
	half := 250 * time.Millisecond
	for name, p := range map[string]*plan.IntervalJoin{
		"interval":      {Lower: -half, Upper: half},
		"left interval": {Lower: -half, Upper: half, Left: plan.TimedSide{Keep: true}},
		"window":        {Windows: true},
		"distinct":      {Windows: true, Left: plan.TimedSide{Distinct: true}, Right: plan.TimedSide{Distinct: true}},
		"full window":   {Windows: true, Left: plan.TimedSide{Keep: true}, Right: plan.TimedSide{Keep: true}},
	} {
		b.Run(name, func(b *testing.B) { benchmarkTimedJoin(b, p) })
	}
}

func benchmarkTimedJoin(b *testing.B, p *plan.IntervalJoin) {
	p.Left.Keys, p.Right.Keys, p.Left.Time, p.Right.Time = []int{0}, []int{0}, 1, 1
	p.Width, p.Out = 3, append(joined[:3:3], joined...)
	j, err := NewIntervalJoin(p, joined, joined, expr.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := j.Open(env(store())); err != nil {
		b.Fatal(err)
	}
	r, in, given := rand.New(rand.NewPCG(1, 1)), column.NewBatch(joined), 0
	for _, v := range in.Cols {
		v.Grow(column.BatchRows)
	}
	in.Rows = column.BatchRows
	keys := make([]int64, 64*column.BatchRows)
	for i := range keys {
		keys[i] = int64(r.IntN(1000))
	}
	count := outputFunc(func(b *column.Batch) error { given += b.Live(); return nil })
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		now := int64(i/2) * 1_000_000
		copy(in.Cols[0].Ints, keys[i%64*column.BatchRows:])
		for k := range in.Cols[1].Ints {
			if in.Cols[1].Ints[k] = now + int64(k)*1_000_000/column.BatchRows; p.Windows {
				in.Cols[1].Ints[k] = now + 1_000_000
			}
		}
		if err := j.Process(i&1, in, count); err != nil {
			b.Fatal(err)
		}
		if i&1 == 1 {
			if err := j.OnWatermark(now, count); err != nil {
				b.Fatal(err)
			}
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
	b.ReportMetric(float64(given)/float64(b.N)/column.BatchRows, "out/row")
}

// BenchmarkRareInterval: rows of keys that hardly come again wait for ten seconds, 20480 of them to a second,
// for the one row of a second that comes by the other input.
func BenchmarkRareInterval(b *testing.B) {
	p := &plan.IntervalJoin{Upper: 10 * time.Second, Width: 3, Out: append(joined[:3:3], joined...)}
	p.Left.Keys, p.Right.Keys, p.Left.Time, p.Right.Time = []int{0}, []int{0}, 1, 1
	j, err := NewIntervalJoin(p, joined, joined, expr.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := j.Open(env(store())); err != nil {
		b.Fatal(err)
	}
	r, in, rare := rand.New(rand.NewPCG(1, 1)), column.NewBatch(joined), column.NewBatch(joined)
	for i := range in.Cols {
		in.Cols[i].Grow(column.BatchRows)
		rare.Cols[i].Grow(1)
	}
	in.Rows, rare.Rows = column.BatchRows, 1
	discard := outputFunc(func(*column.Batch) error { return nil })
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		now := int64(i) * 100_000
		for k := range in.Cols[0].Ints {
			in.Cols[0].Ints[k], in.Cols[1].Ints[k] = r.Int64N(1<<30), now+int64(k)*100_000/column.BatchRows
		}
		err := j.Process(1, in, discard)
		if i++; err == nil && i%10 == 0 {
			rare.Cols[0].Ints[0], rare.Cols[1].Ints[0] = r.Int64N(1<<30), now-1_000_000
			err = j.Process(0, rare, discard)
		}
		if err == nil {
			err = j.OnWatermark(now-2_000_000, discard)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}

// BenchmarkWindowMaximum: of each window 20480 rows under one key, and one row by the other input that a few of them match.
func BenchmarkWindowMaximum(b *testing.B) {
	more := &plan.Call{Func: ">=", Args: []plan.Expr{&plan.Column{Index: 2, Name: "v", Typ: joined[2].Type}, &plan.Column{Index: 5, Name: "v", Typ: joined[2].Type}},
		Typ: types.Of(types.Boolean)}
	side := plan.TimedSide{Keys: []int{1}, Time: 1, Distinct: true}
	j, err := NewIntervalJoin(&plan.IntervalJoin{Left: side, Right: side, Windows: true, On: more, Width: 3, Out: append(joined[:3:3], joined...)}, joined, joined, expr.Options{})
	if err == nil {
		err = j.Open(env(store()))
	}
	if err != nil {
		b.Fatal(err)
	}
	in, one, given := column.NewBatch(joined), column.NewBatch(joined), 0
	for i := range in.Cols {
		in.Cols[i].Grow(column.BatchRows)
		one.Cols[i].Grow(1)
	}
	in.Rows, one.Rows, one.Cols[2].Ints[0] = column.BatchRows, 1, column.BatchRows-1
	count := outputFunc(func(b *column.Batch) error { given += b.Live(); return nil })
	b.ReportAllocs()
	const batches = 20
	i := 0
	for b.Loop() {
		end := int64(i/batches) * 2_000_000
		for k := range in.Cols[0].Ints {
			in.Cols[0].Ints[k], in.Cols[1].Ints[k], in.Cols[2].Ints[k] = int64(i*column.BatchRows+k), end, int64(k)
		}
		err := j.Process(0, in, count)
		if i++; err == nil && i%batches == 0 {
			one.Cols[1].Ints[0] = end
			err = j.Process(1, one, count)
			if err == nil {
				err = j.OnWatermark(end+1, count)
			}
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if i > batches && given != i/batches*batches {
		b.Errorf("%d pairs of %d batches", given, i)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}
