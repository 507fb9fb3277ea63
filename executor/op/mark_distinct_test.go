package op

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var (
	boolean    = types.Of(types.Boolean)
	markedRows = types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "v", Type: types.Of(types.Int)}, {Name: "f", Type: boolean}}
	markFirst  = &plan.MarkDistinct{Keys: []int{0}, Args: []int{1}, Filters: []int{-1, 2},
		Out: append(markedRows[:3:3], types.Column{Name: "first0", Type: boolean}, types.Column{Name: "first1", Type: boolean})}
)

// markedBatch has rows with NULL in every column, some of which are not selected.
func markedBatch(r *rand.Rand) *column.Batch {
	b := column.NewBatch(markedRows)
	for row := range 1 + r.IntN(200) {
		if r.IntN(6) == 0 {
			b.Cols[0].AppendNull()
		} else {
			b.Cols[0].AppendBytes(fmt.Appendf(nil, "k%d", r.IntN(4)))
		}
		if r.IntN(6) == 0 {
			b.Cols[1].AppendNull()
		} else {
			b.Cols[1].AppendInt(r.Int64N(30))
		}
		if r.IntN(6) == 0 {
			b.Cols[2].AppendNull()
		} else {
			b.Cols[2].Bools = append(b.Cols[2].Bools, r.IntN(3) == 0)
		}
		b.Rows++
		if r.IntN(4) > 0 {
			b.Sel = append(b.Sel, int32(row))
		}
	}
	return b
}

// seen is what there was: values, and values that passed the filter.
type seen map[string]bool

// want is the text of a row with its marks.
func (s seen) want(b *column.Batch, r int) string {
	value := rowText(&column.Batch{Cols: b.Cols[:2], Rows: b.Rows}, r)
	first := [2]bool{}
	for n := range first {
		key := fmt.Sprint(n, value)
		if !b.Cols[1].Null(r) && passes(b, markFirst.Filters[n], r) && !s[key] {
			s[key], first[n] = true, true
		}
	}
	return fmt.Sprint(rowText(b, r), first)
}

// marksOf compares what comes with what should.
type marksOf struct {
	t *testing.T
	s seen
}

func (m marksOf) Emit(b *column.Batch) error {
	in := &column.Batch{Cols: b.Cols[:3], Rows: b.Rows, Sel: b.Sel}
	b.Each(func(r int) {
		got := fmt.Sprint(rowText(in, r), [2]bool{b.Cols[3].Bools[r], b.Cols[4].Bools[r]})
		if want := m.s.want(in, r); got != want {
			m.t.Errorf("%s instead of %s", got, want)
		}
	})
	return nil
}

// TestMarkDistinct: a row is marked if it is the first with its value, for each filter; a NULL is no value. The state
// has each value once, and nothing behind the end.
func TestMarkDistinct(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r, s := rand.New(rand.NewPCG(seed, 1)), store()
	o := newMarkDistinct(markFirst, markedRows)
	if err := o.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	m := marksOf{t, seen{}}
	for range 40 {
		if err := o.Process(0, markedBatch(r), m); err != nil {
			t.Fatal(err)
		}
	}
	values := 0
	for n := range m.s {
		if n[0] == '0' {
			values++
		}
	}
	if o.table.Len() != values {
		t.Errorf("%d values are kept of %d", o.table.Len(), values)
	}
	if err := o.OnWatermark(executor.EndWatermark, m); err != nil || o.table.Len() > 0 {
		t.Errorf("%d values are kept behind the end: %v", o.table.Len(), err)
	}
}

// TestMarkDistinctAllocates: nothing, where all values are known.
func TestMarkDistinctAllocates(t *testing.T) {
	o, b := newMarkDistinct(markFirst, markedRows), markedBatch(rand.New(rand.NewPCG(1, 1)))
	if err := o.Open(env(store())); err != nil {
		t.Fatal(err)
	}

	process := func() {
		if err := o.Process(0, b, discard{}); err != nil {
			t.Fatal(err)
		}
	}
	process()
	if n := testing.AllocsPerRun(100, process); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
}
