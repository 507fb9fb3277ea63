package op

import (
	"math"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// TestSumOfDoubles: a sum beyond the greatest number is out of range; one of infinities is what it is.
func TestSumOfDoubles(t *testing.T) {
	double := types.Of(types.Double)
	for _, c := range []struct {
		values []float64
		fails  bool
		want   string
	}{{[]float64{1.5, 2}, false, "3.5"}, {[]float64{1e308, 1e308}, true, ""}, {[]float64{math.Inf(1), 1e308}, false, "Infinity"},
		{[]float64{math.NaN(), 1}, false, "NaN"}} {
		in := types.Schema{{Name: "k", Type: big}, {Name: "x", Type: double}}
		g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: []plan.Agg{{Kind: plan.Sum, Arg: 1, Filter: -1, Typ: double}}, Out: in}, in)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Open(env(store())); err != nil {
			t.Fatal(err)
		}
		b := column.NewBatch(in)
		for _, x := range c.values {
			b.Cols[0].AppendInt(1)
			b.Cols[1].Floats = append(b.Cols[1].Floats, x)
			b.Rows++
		}
		got := ""
		take := outputFunc(func(b *column.Batch) error {
			got = string(column.AppendText(nil, b.Cols[1], b.Rows-1))
			return nil
		})
		err = g.Process(0, b, take)
		if err == nil {
			err = g.Flush(take)
		}
		if c.fails != (err != nil) || c.fails && sqlerr.From(err).Code != sqlerr.OutOfRange || got != c.want {
			t.Errorf("the sum of %v is %s, %v", c.values, got, err)
		}
	}
}
