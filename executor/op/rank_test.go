package op

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// orderOf compares tuples by keys, as ORDER BY does.
func orderOf(keys []plan.SortKey) func(a, b executortest.Tuple) int {
	return func(a, b executortest.Tuple) int {
		for _, k := range keys {
			if c := compareCells(a[k.Column], b[k.Column], k); c != 0 {
				return c
			}
		}
		return 0
	}
}

func compareCells(a, b any, k plan.SortKey) int {
	switch {
	case a == nil && b == nil:
		return 0
	case (a == nil) != (b == nil):
		if (a == nil) == k.NullsFirst {
			return -1
		}
		return 1
	}
	c := 0
	if x, ok := a.(int64); ok {
		c = cmp.Compare(x, b.(int64))
	} else {
		c = cmp.Compare(a.(string), b.(string))
	}
	if k.Desc {
		return -c
	}
	return c
}

// partitionsOf are the rows of each partition, in order.
func partitionsOf(rows []executortest.Tuple, o plan.Order) (out [][]executortest.Tuple) {
	at := map[string]int{}
	for _, row := range rows {
		var key executortest.Tuple
		for _, k := range o.Partition {
			key = append(key, row[k])
		}
		i, there := at[key.String()]
		if !there {
			i = len(out)
			at[key.String()] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], row)
	}
	for _, p := range out {
		slices.SortStableFunc(p, orderOf(o.Keys))
	}
	return out
}

// placesOf computes what a Rank gives.
func placesOf(rows []executortest.Tuple, p *plan.Rank) (out []executortest.Tuple) {
	order := orderOf(p.Order.Keys)
	for _, part := range partitionsOf(rows, p.Order) {
		place, dense := int64(0), int64(0)
		for i, row := range part {
			if i == 0 || order(part[i-1], row) != 0 {
				place, dense = int64(i)+1, dense+1
			}
			n := [...]int64{int64(i) + 1, place, dense}[p.Kind]
			if n <= p.Offset || n > p.Limit {
				continue
			}
			if p.Number {
				row = append(slices.Clone(row), n)
			}
			out = append(out, row)
		}
	}
	return out
}

func ranked(p plan.Rank) *plan.Rank {
	p.End, p.Out = -1, changing
	if p.Number {
		p.Out = append(slices.Clone(changing), types.Column{Name: "n", Type: types.Of(types.BigInt)})
	}
	return &p
}

// rankSamples are those that take rows back or not, with and without places.
func rankSamples() (out []*plan.Rank) {
	total := []plan.SortKey{{Column: 1, Desc: true}, {Column: 2, NullsFirst: true}, {Column: 0}}
	for _, updates := range []bool{false, true} {
		for _, number := range []bool{false, true} {
			for _, limits := range [][2]int64{{0, 1}, {0, 3}, {2, 5}} {
				for kind := plan.RowNumber; kind <= plan.DenseRank; kind++ {
					o := plan.Order{Partition: []int{0}, Keys: total}
					if kind != plan.RowNumber { // places do not hang on the order of equal rows
						o.Keys = total[:1]
					}
					out = append(out, ranked(plan.Rank{Kind: kind, Order: o, Offset: limits[0], Limit: limits[1], Number: number, InputUpdates: updates, EmitBefore: true}))
				}
			}
		}
	}
	return out
}

func nameOf(p *plan.Rank) string {
	return fmt.Sprintf("%s updates=%t number=%t", p.Describe(), p.InputUpdates, p.Number)
}

// TestChangingRanks: after each batch the rows at the first places are those of a plain sort.
func TestChangingRanks(t *testing.T) {
	for _, p := range rankSamples() {
		t.Run(nameOf(p), func(t *testing.T) {
			executortest.Check{
				Inputs: []executortest.Input{{Schema: changing, Hash: []int{0}, Append: !p.InputUpdates}},
				New:    func() (executor.Operator, error) { return NewRank(p), nil },
				Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return placesOf(in[0], p) },
				Before: true, Rounds: 25,
			}.Run(t)
		})
	}
}

// TestChangingFirstRows: of one row per partition its key is enough to replace it.
func TestChangingFirstRows(t *testing.T) {
	for _, updates := range []bool{false, true} {
		t.Run(fmt.Sprint(updates), func(t *testing.T) {
			p := ranked(plan.Rank{Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 2}, {Column: 1}}}, Limit: 1, InputUpdates: updates})
			executortest.Check{
				Inputs: []executortest.Input{{Schema: changing, Hash: []int{0}, Append: !updates}},
				New:    func() (executor.Operator, error) { return NewRank(p), nil },
				Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return placesOf(in[0], p) },
				Key:    []int{0}, Rounds: 25,
			}.Run(t)
		})
	}
}

// TestLatestRank: without keys the last row that came is the first, also of one batch.
func TestLatestRank(t *testing.T) {
	p := ranked(plan.Rank{Order: plan.Order{Partition: []int{0}, Latest: true}, Limit: 2, Number: true, EmitBefore: true})
	o := NewRank(p)
	s := store()
	if err := o.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	var got executortest.Applied
	got.Before = true
	var all []executortest.Tuple
	for round, values := range [][]int64{{1, 2, 1}, {1}, {3, 1, 3}} {
		b := column.NewBatch(changing)
		for _, v := range values {
			b.Cols[0].AppendBytes([]byte("k"))
			b.Cols[1].AppendInt(v)
			b.Cols[2].AppendNull()
			b.Rows++
			all = append([]executortest.Tuple{{"k", v, nil}}, all...)
		}
		if err := o.Process(0, b, &got); err != nil {
			t.Fatal(err)
		}
		want := placesOf(all, p)
		if diff := got.Differs(want); diff != "" {
			t.Fatalf("round %d: %s", round, diff)
		}
	}
}

// TestRankOfWindows: a partition is given when the watermark has reached the end of its window, and
// what comes later is left out.
func TestRankOfWindows(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "end", Type: types.NewTimestamp(3)}}
	p := &plan.Rank{Order: plan.Order{Partition: []int{1}, Keys: []plan.SortKey{{Column: 0}}}, Limit: 2, When: plan.AtWindowEnd, End: 1, Out: schema}
	o, e := NewRank(p), env(store())
	e.Timers = state.NewTimers(e.State)
	if err := o.Open(e); err != nil {
		t.Fatal(err)
	}
	var got collector
	give := func(rows ...[2]int64) {
		b := column.NewBatch(schema)
		for _, r := range rows {
			b.Cols[0].AppendInt(r[0])
			b.Cols[1].AppendInt(r[1])
			b.Rows++
		}
		if err := o.Process(0, b, &got); err != nil {
			t.Fatal(err)
		}
	}
	reach := func(w int64) {
		for due := e.Timers.Take(0, w); due != nil; due = e.Timers.Take(0, w) {
			if err := o.OnTimer(due, &got); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.OnWatermark(w, &got); err != nil {
			t.Fatal(err)
		}
	}
	give([2]int64{5, 10}, [2]int64{7, 20}, [2]int64{3, 10}, [2]int64{4, 10})
	reach(9)
	if len(got.rows) > 0 {
		t.Fatalf("given too early: %v", got.rows)
	}
	reach(10)
	give([2]int64{1, 10}, [2]int64{6, 20})
	reach(25)
	want := []string{"[3 1970-01-01 00:00:00.000]", "[4 1970-01-01 00:00:00.000]", "[6 1970-01-01 00:00:00.000]", "[7 1970-01-01 00:00:00.000]"}
	if !slices.Equal(got.rows, want) {
		t.Errorf("%v, want %v", got.rows, want)
	}
	if late := e.Counters.Late.Load(); late != 1 {
		t.Errorf("%d rows are late", late)
	}
	if n := o.rows.Len() + e.Timers.Len(0); n > 0 {
		t.Errorf("%d rows and timers are left", n)
	}
}

// TestReplacedRowStays: a row that has taken the place of another is as old as its own coming.
func TestReplacedRowStays(t *testing.T) {
	p := ranked(plan.Rank{Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 1}}}, Limit: 1, TTL: time.Second})
	p.EmitBefore = false
	o := NewRank(p)
	now := time.UnixMilli(1000)
	o.now = func() time.Time { return now }
	if err := o.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b", "a"} {
		b := column.NewBatch(changing)
		b.Cols[0].AppendBytes([]byte(name))
		b.Cols[1].AppendInt(int64(-i))
		b.Cols[2].AppendInt(1)
		b.Rows = 1
		if err := o.Process(0, b, &collector{}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(600 * time.Millisecond)
	}
	if err := o.Flush(nil); err != nil || o.rows.Len() != 1 {
		t.Errorf("%d rows are left, %v", o.rows.Len(), err)
	}
}

// TestRankForgets: a partition that nothing comes for is forgotten.
func TestRankForgets(t *testing.T) {
	p := ranked(plan.Rank{Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 1}}}, Limit: 2, TTL: time.Second})
	o := NewRank(p)
	now := time.UnixMilli(1000)
	o.now = func() time.Time { return now }
	if err := o.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b"} {
		b := column.NewBatch(changing)
		b.Cols[0].AppendBytes([]byte(name))
		b.Cols[1].AppendInt(1)
		b.Cols[2].AppendInt(1)
		b.Rows = 1
		now = now.Add(time.Duration(i) * 800 * time.Millisecond)
		if err := o.Process(0, b, &collector{}); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(500 * time.Millisecond)
	if err := o.Flush(nil); err != nil || o.rows.Len() != 1 {
		t.Errorf("%d rows are left, %v", o.rows.Len(), err)
	}
}
