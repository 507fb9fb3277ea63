package op

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// sales and people are the two sides of Nexmark's third query.
var (
	sales  = types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "seller", Type: types.Of(types.BigInt)}}
	people = types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "name", Type: types.Of(types.String)}, {Name: "city", Type: types.Of(types.String)}}
)

const (
	salesBatches = 100
	persons      = salesBatches / 10 * column.BatchRows
)

// saleBatch is new sales, or sales that go from one of two sellers to the other.
func saleBatch(n, rows int, changes bool, turn int64) *column.Batch {
	b := column.NewBatch(sales)
	r := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range rows {
		id, seller := int64(n*rows+i), r.Int64N(persons)
		if changes {
			b.Cols[0].AppendInt(id)
			b.Cols[1].AppendInt((seller + 1 - turn) % persons)
			b.Kinds = append(b.Kinds, column.UpdateBefore, column.UpdateAfter)
		}
		b.Cols[0].AppendInt(id)
		b.Cols[1].AppendInt((seller + turn) % persons)
	}
	b.Rows = b.Cols[0].Len()
	return b
}

func personBatch(n int) *column.Batch {
	b := column.NewBatch(people)
	for i := range column.BatchRows {
		id := int64(n*column.BatchRows + i)
		b.Cols[0].AppendInt(id)
		b.Cols[1].AppendBytes(fmt.Appendf(nil, "person %d", id))
		b.Cols[2].AppendBytes([]byte("Ulm"))
	}
	b.Rows = column.BatchRows
	return b
}

// BenchmarkJoin is sales behind ten times fewer persons: new ones, and such as change.
func BenchmarkJoin(b *testing.B) {
	for _, kind := range []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.FullJoin} {
		for _, changes := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s, changes %t", kind, changes), func(b *testing.B) { benchmarkJoin(b, kind, changes) })
		}
	}
}

func benchmarkJoin(b *testing.B, kind plan.JoinKind, changes bool) {
	p := &plan.Join{Kind: kind, Left: len(sales), EmitBefore: changes, Out: append(append(types.Schema{}, sales...), people...),
		Sides: []plan.JoinSide{{Keys: []int{1}, Updates: changes, Fixed: []int{0}}, {Keys: []int{0}}}}
	var give [2][]*column.Batch
	var first []*column.Batch
	for n := range salesBatches {
		for turn := range give {
			give[turn] = append(give[turn], saleBatch(n, column.BatchRows/(1+btoi(changes)), changes, int64(1-turn)))
		}
		first = append(first, saleBatch(n, column.BatchRows/2, false, 0))
	}
	out := outputFunc(func(*column.Batch) error { return nil })
	process := func(j *Join, port int, batch *column.Batch) {
		if err := j.Process(port, batch, out); err != nil {
			b.Fatal(err)
		}
	}
	fresh := func() *Join {
		j, _ := openJoin(b, p)
		for n := range persons / column.BatchRows {
			process(j, 1, personBatch(n))
		}
		if changes {
			for _, batch := range first {
				process(j, 0, batch)
			}
		}
		return j
	}
	j := fresh()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		turn, at := n/salesBatches%2, n%salesBatches
		if !changes && at == 0 && n > 0 {
			b.StopTimer()
			j = fresh()
			b.StartTimer()
		}
		process(j, 0, give[turn][at])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*column.BatchRows), "ns/row")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
