package op

import (
	"fmt"
	"math/rand/v2"
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

var setRows = types.Schema{{Name: "s", Type: types.Of(types.String)}, {Name: "n", Type: types.Of(types.BigInt)}, {Name: "i", Type: types.Of(types.Int)},
	{Name: "end", Type: types.NewTimestamp(3)}}

// bag counts rows by their text; nothing in it is below zero.
type bag map[string]int

// Emit applies a changelog.
func (g bag) Emit(b *column.Batch) (err error) {
	b.Each(func(i int) {
		row := rowText(b, i)
		if b.Kind(i).Retracts() {
			g[row]--
		} else {
			g[row]++
		}
		if g[row] < 0 {
			err = fmt.Errorf("%s is taken back and was not there", row)
		}
		if g[row] == 0 {
			delete(g, row)
		}
	})
	return err
}

// setAnswer is the batch answer, made row by row from the definition of each operation.
func setAnswer(k plan.SetOpKind, l, r bag) bag {
	out := bag{}
	for row, n := range l {
		m := r[row]
		switch k {
		case plan.IntersectAll:
			n = min(n, m)
		case plan.Intersect:
			n = min(n, m, 1)
		case plan.ExceptAll:
			n -= m
		case plan.Except:
			if n = 1; m > 0 {
				n = 0
			}
		}
		if n > 0 {
			out[row] = n
		}
	}
	return out
}

// setBatch makes changes of few different rows: what is taken back is in have, which is kept.
func setBatch(r *rand.Rand, have *[]*column.Batch, end int64, deletes bool) *column.Batch {
	b, kinds := column.NewBatch(setRows), []column.RowKind(nil)
	for range 1 + r.IntN(60) {
		row := setRow(r, end)
		kind := []column.RowKind{column.Insert, column.UpdateAfter}[r.IntN(2)]
		if deletes && len(*have) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(*have))
			row, kind = (*have)[i], []column.RowKind{column.Delete, column.UpdateBefore}[r.IntN(2)]
			*have = slices.Delete(*have, i, i+1)
		} else {
			*have = append(*have, row)
		}
		b.AppendBatch(row, nil)
		kinds = append(kinds, kind)
	}
	b.Kinds = kinds
	return b
}

func setRow(r *rand.Rand, end int64) *column.Batch {
	b := column.NewBatch(setRows)
	if r.IntN(4) == 0 {
		b.Cols[0].AppendNull()
	} else {
		b.Cols[0].AppendBytes([]byte{'a' + byte(r.IntN(3))})
	}
	if r.IntN(4) == 0 {
		b.Cols[1].AppendNull()
	} else {
		b.Cols[1].AppendInt(int64(r.IntN(3)))
	}
	b.Cols[2].AppendInt(r.Int64N(2))
	b.Cols[3].AppendInt(end)
	b.Rows = 1
	return b
}

var setKinds = []plan.SetOpKind{plan.IntersectAll, plan.Intersect, plan.ExceptAll, plan.Except}

// TestSetOpChanges: after every batch of changes what was given is the batch answer over what is
// there; when all has been taken back nothing is kept.
func TestSetOpChanges(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, kind := range setKinds {
		r := rand.New(rand.NewPCG(seed, uint64(kind)))
		o, s := NewSetOp(&plan.SetOp{Kind: kind, Time: -1, Out: setRows}), store()
		if err := o.Open(env(s)); err != nil {
			t.Fatal(err)
		}
		in, given, have := [2]bag{{}, {}}, bag{}, [2][]*column.Batch{}
		give := func(port int, b *column.Batch) {
			t.Helper()
			if err := in[port].Emit(b); err != nil {
				t.Fatal(err)
			}
			if err := o.Process(port, b, given); err != nil {
				t.Fatal(err)
			}
			if want := setAnswer(kind, in[0], in[1]); fmt.Sprint(given) != fmt.Sprint(want) {
				t.Fatalf("%s: given is %v, the answer is %v", kind, given, want)
			}
		}
		for range 200 {
			port := r.IntN(2)
			give(port, setBatch(r, &have[port], 0, true))
		}
		for port, rows := range have {
			for _, b := range rows {
				b.Kinds = []column.RowKind{column.Delete}
				give(port, b)
			}
		}
		if n := s.Table("rows", o.layout).Len(); n != 0 || len(given) != 0 {
			t.Errorf("%s: %d rows are kept and %d given of nothing", kind, n, len(given))
		}
	}
}

// TestSetOpWindows: rows of a window are given once, when it has ended, and are then forgotten; one
// that comes later is counted as late.
func TestSetOpWindows(t *testing.T) {
	for _, kind := range setKinds {
		r := rand.New(rand.NewPCG(7, uint64(kind)))
		o, s := NewSetOp(&plan.SetOp{Kind: kind, Time: 3, Out: setRows}), store()
		e := env(s)
		if err := o.Open(e); err != nil {
			t.Fatal(err)
		}
		in := map[int64]*[2]bag{}
		for i := range int64(60) {
			for range 4 {
				end, port := i+r.Int64N(3)+1, r.IntN(2)
				b := setBatch(r, new([]*column.Batch), end, false)
				if in[end] == nil {
					in[end] = &[2]bag{{}, {}}
				}
				_ = in[end][port].Emit(b)
				if err := o.Process(port, b, bag{}); err != nil {
					t.Fatal(err)
				}
			}
			given, want := bag{}, bag{}
			if err := o.OnWatermark(i, given); err != nil {
				t.Fatal(err)
			}
			if w := in[i]; w != nil {
				want = setAnswer(kind, w[0], w[1])
			}
			if fmt.Sprint(given) != fmt.Sprint(want) {
				t.Fatalf("%s: the window that ends at %d gives %v, the answer is %v", kind, i, given, want)
			}
		}
		late := setBatch(r, new([]*column.Batch), 9, false)
		if err := o.Process(0, late, bag{}); err != nil || e.Counters.Late.Load() != int64(late.Rows) {
			t.Errorf("%s: %d of %d rows are late, %v", kind, e.Counters.Late.Load(), late.Rows, err)
		}
		if err := o.OnWatermark(executor.EndWatermark, bag{}); err != nil || len(s.Tables()) != 0 {
			t.Errorf("%s: at the end %v are kept, %v", kind, s.Tables(), err)
		}
	}
}

// TestSetOpFinal: bounded inputs give their rows at the end, and nothing on the way.
func TestSetOpFinal(t *testing.T) {
	for _, kind := range setKinds {
		r := rand.New(rand.NewPCG(3, uint64(kind)))
		o, s := NewSetOp(&plan.SetOp{Kind: kind, Time: -1, Final: true, Out: setRows}), store()
		if err := o.Open(env(s)); err != nil {
			t.Fatal(err)
		}
		in, given := [2]bag{{}, {}}, bag{}
		for i := range 20 {
			b := setBatch(r, new([]*column.Batch), 0, false)
			b.Kinds = nil
			_ = in[i%2].Emit(b)
			if err := o.Process(i%2, b, given); err != nil || len(given) > 0 {
				t.Fatalf("%s: %v is given on the way, %v", kind, given, err)
			}
		}
		if err := o.OnWatermark(executor.EndWatermark, given); err != nil {
			t.Fatal(err)
		}
		if want := setAnswer(kind, in[0], in[1]); fmt.Sprint(given) != fmt.Sprint(want) {
			t.Errorf("%s: given is %v, the answer is %v", kind, given, want)
		}
		if n := s.Table("rows", o.layout).Len(); n != 0 {
			t.Errorf("%s: %d rows are kept", kind, n)
		}
	}
}

// TestSetOpTTL: a row that nothing has touched for so long is forgotten.
func TestSetOpTTL(t *testing.T) {
	o, s := NewSetOp(&plan.SetOp{Kind: plan.Except, Time: -1, TTL: time.Minute, Out: setRows}), store()
	now := time.UnixMilli(1_000_000)
	o.now = func() time.Time { return now }
	if err := o.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	table := s.Table("rows", state.Layout{Keys: o.layout.Keys, Words: setWords})
	for i, want := range []int{1, 2, 1} {
		b := setRow(rand.New(rand.NewPCG(1, uint64(i))), int64(i))
		if i < 2 {
			if err := o.Process(0, b, bag{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.Flush(bag{}); err != nil || table.Len() != want {
			t.Fatalf("step %d: %d rows, %v", i, table.Len(), err)
		}
		now = now.Add(40 * time.Second)
	}
}

// TestChangingSetOps: the same by the common check, with restores at another parallelism.
func TestChangingSetOps(t *testing.T) {
	out := changing[:2]
	for _, kind := range setKinds {
		t.Run(kind.String(), func(t *testing.T) {
			in := executortest.Input{Schema: out, Hash: []int{0, 1}}
			executortest.Check{
				Inputs: []executortest.Input{in, in}, Before: true,
				New: func() (executor.Operator, error) { return NewSetOp(&plan.SetOp{Kind: kind, Time: -1, Out: out}), nil },
				Want: func(in [][]executortest.Tuple) (rows []executortest.Tuple) {
					count, first := [2]bag{{}, {}}, map[string]executortest.Tuple{}
					for port, list := range in {
						for _, row := range list {
							count[port][row.String()]++
							first[row.String()] = row
						}
					}
					for row, n := range setAnswer(kind, count[0], count[1]) {
						rows = append(rows, slices.Repeat([]executortest.Tuple{first[row]}, n)...)
					}
					return rows
				},
			}.Run(t)
		})
	}
}
