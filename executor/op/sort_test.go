package op

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var sorted = types.Schema{{Name: "s", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Double)}, {Name: "w", Type: types.NewDecimal(30, 0)},
	{Name: "b", Type: types.Of(types.Boolean)}, {Name: "n", Type: types.Of(types.BigInt)}}

// sortRow is a row of sorted; nil is NULL.
type sortRow struct {
	s *string
	f *float64
	w *int64
	b *bool
	n int64 // as it came
}

func maybe[T any](r *rand.Rand, x T) *T {
	if r.IntN(6) == 0 {
		return nil
	}
	return &x
}

func randomRow(r *rand.Rand, n int64) sortRow {
	f := float64(r.IntN(9)-4) / 2
	if r.IntN(9) == 0 {
		f = math.NaN()
	}
	return sortRow{maybe(r, fmt.Sprintf("%c%d", 'a'+rune(r.IntN(3)), r.IntN(12))), maybe(r, f), maybe(r, r.Int64N(7)-3), maybe(r, r.IntN(2) == 0), n}
}

func appendRow(b *column.Batch, x sortRow) {
	if x.s == nil {
		b.Cols[0].AppendNull()
	} else {
		b.Cols[0].AppendBytes([]byte(*x.s))
	}
	if x.f == nil {
		b.Cols[1].AppendNull()
	} else {
		b.Cols[1].Floats = append(b.Cols[1].Floats, *x.f)
		b.Cols[1].Present()
	}
	if x.w == nil {
		b.Cols[2].AppendNull()
	} else {
		b.Cols[2].Wides = append(b.Cols[2].Wides, column.FromInt64(*x.w))
		b.Cols[2].Present()
	}
	if x.b == nil {
		b.Cols[3].AppendNull()
	} else {
		b.Cols[3].Bools = append(b.Cols[3].Bools, *x.b)
		b.Cols[3].Present()
	}
	b.Cols[4].AppendInt(x.n)
	b.Rows++
}

// compareMaybe is the order of PostgreSQL, spelled out.
func compareMaybe[T any](k plan.SortKey, a, b *T, values func(a, b T) int) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		if (a == nil) == k.NullsFirst {
			return -1
		}
		return 1
	case k.Desc:
		return values(*b, *a)
	}
	return values(*a, *b)
}

func compareRows(keys []plan.SortKey, a, b sortRow) int {
	for _, k := range keys {
		c := 0
		switch k.Column {
		case 0:
			c = compareMaybe(k, a.s, b.s, cmp.Compare[string])
		case 1:
			c = compareMaybe(k, a.f, b.f, func(x, y float64) int {
				if math.IsNaN(x) || math.IsNaN(y) { // behind every number
					return -cmp.Compare(x, y)
				}
				return cmp.Compare(x, y)
			})
		case 2:
			c = compareMaybe(k, a.w, b.w, cmp.Compare[int64])
		case 3:
			c = compareMaybe(k, a.b, b.b, func(x, y bool) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// numbers collects the last column.
type numbers []int64

func (n *numbers) Emit(b *column.Batch) error {
	b.Each(func(i int) { *n = append(*n, b.Cols[4].Ints[i]) })
	return nil
}

// TestSort: any keys over any rows give what a stable sort gives, whole or the first
// rows of it, and the memory is given back.
func TestSort(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for round := range 60 {
		var keys []plan.SortKey
		for _, c := range r.Perm(4)[:1+r.IntN(3)] {
			keys = append(keys, plan.SortKey{Column: c, Desc: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0})
		}
		top := []int64{0, 1, 10, 3000, 100_000}[r.IntN(5)]
		budget := &state.Budget{}
		store := state.NewStore(state.Range{To: state.KeyGroups}, budget)
		s := NewSort(&plan.Sort{Keys: keys, Top: top, Out: sorted})
		if err := s.Open(env(store)); err != nil {
			t.Fatal(err)
		}
		var rows []sortRow
		var got numbers
		for range r.IntN(12) {
			b := column.NewBatch(sorted)
			for range r.IntN(column.BatchRows) {
				x := randomRow(r, int64(len(rows)))
				appendRow(b, x)
				rows = append(rows, x)
			}
			if err := s.Process(0, b, &got); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.Flush(&got), s.OnWatermark(77, &got)); err != nil || len(got) > 0 {
			t.Fatalf("seed %d round %d: %d rows before the end, %v", seed, round, len(got), err)
		}
		if top > 0 && len(rows) > 0 && store.Bytes() > 200*(2*top+3*column.BatchRows) {
			t.Errorf("seed %d round %d: %d bytes for the first %d rows", seed, round, store.Bytes(), top)
		}
		if err := s.OnWatermark(executor.EndWatermark, &got); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(rows, func(a, b sortRow) int { return compareRows(keys, a, b) })
		if top > 0 {
			rows = rows[:min(int(top), len(rows))]
		}
		if want := make(numbers, 0); true {
			for _, x := range rows {
				want = append(want, x.n)
			}
			if !slices.Equal(got, want) && len(want)+len(got) > 0 {
				t.Fatalf("seed %d round %d: keys %v, the first %d: %d rows %v…, want %d rows %v…", seed, round, keys, top, len(got), got[:min(9, len(got))], len(want), want[:min(9, len(want))])
			}
		}
		if budget.Used() != 0 {
			t.Errorf("seed %d round %d: %d bytes are still reserved", seed, round, budget.Used())
		}
	}
}

// TestSortBudget: what is kept counts, and passes no limit.
func TestSortBudget(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	budget := &state.Budget{Limit: 1 << 20}
	store := state.NewStore(state.Range{To: state.KeyGroups}, budget)
	s := NewSort(&plan.Sort{Keys: []plan.SortKey{{Column: 0}}, Out: sorted})
	if err := s.Open(env(store)); err != nil {
		t.Fatal(err)
	}
	var err error
	for n := 0; err == nil && n < 100; n++ {
		b := column.NewBatch(sorted)
		for i := range column.BatchRows {
			appendRow(b, randomRow(r, int64(i)))
		}
		err = s.Process(0, b, nil)
	}
	if _, ok := errors.AsType[*state.BudgetError](err); !ok {
		t.Errorf("the limit was passed: %v", err)
	}
	if store.Close(); budget.Used() != 0 {
		t.Errorf("%d bytes are still reserved", budget.Used())
	}
}

// TestFinalRows: of a random changelog, whose rows may be taken back before they come,
// those that are left come out at the end, as often as they are there.
func TestFinalRows(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 2))
	schema := types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "v", Type: types.Of(types.Int)}}
	for round := range 30 {
		budget := &state.Budget{}
		store := state.NewStore(state.Range{To: state.KeyGroups}, budget)
		f := NewFinalRows(&plan.FinalRows{Out: schema})
		if err := f.Open(env(store)); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		out := &collector{}
		for range r.IntN(8) {
			b := column.NewBatch(schema)
			for range r.IntN(500) {
				k, v, kind := fmt.Sprintf("k%d", r.IntN(5)), r.Int64N(5), column.RowKind(r.IntN(4))
				b.Cols[0].AppendBytes([]byte(k))
				text := fmt.Sprintf("[%s NULL]", k)
				if v == 0 {
					b.Cols[1].AppendNull()
				} else {
					b.Cols[1].AppendInt(v)
					text = fmt.Sprintf("[%s %d]", k, v)
				}
				b.Kinds = append(b.Kinds, kind)
				b.Rows++
				if kind.Retracts() {
					want[text]--
				} else {
					want[text]++
				}
			}
			if err := f.Process(0, b, out); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.OnWatermark(5, out); err != nil || len(out.rows) > 0 {
			t.Fatalf("%v before the end, %v", out.rows, err)
		}
		if err := f.OnWatermark(executor.EndWatermark, out); err != nil {
			t.Fatal(err)
		}
		for _, row := range out.rows {
			want[row]--
		}
		for row, n := range want {
			if n > 0 || n < 0 && slices.Contains(out.rows, row) {
				t.Errorf("seed %d round %d: row %s: %d", seed, round, row, n)
			}
		}
		if store.Close(); budget.Used() != 0 {
			t.Errorf("%d bytes are still reserved", budget.Used())
		}
	}
}
