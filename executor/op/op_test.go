package op

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// collector copies what an operator emits, since batches are only lent.
type collector struct {
	rows []string
	last map[string]string // changelog applied: key columns -> the rest
	keys int
}

func (c *collector) Emit(b *column.Batch) error {
	b.Each(func(i int) {
		var cells []string
		for _, v := range b.Cols {
			if v.Null(i) {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, string(column.AppendText(nil, v, i)))
			}
		}
		c.rows = append(c.rows, fmt.Sprint(cells))
		if c.last != nil {
			key := fmt.Sprint(cells[:c.keys])
			if b.Kind(i).Retracts() {
				delete(c.last, key)
			} else {
				c.last[key] = fmt.Sprint(cells[c.keys:])
			}
		}
	})
	return nil
}

var input = types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "t", Type: types.NewTimestamp(6)}, {Name: "v", Type: types.Of(types.Int)}}

func env(s *state.Store) *executor.Env {
	return &executor.Env{State: s, Counters: &executor.Counters{}}
}

func store() *state.Store {
	return state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{})
}

// random makes a batch of rows with times around `at`, and notes them in seen.
func random(r *rand.Rand, at int64, seen func(k string, t int64, v int64, null bool)) *column.Batch {
	b := column.NewBatch(input)
	for range 1 + r.IntN(300) {
		k, t, v := fmt.Sprintf("k%d", r.IntN(20)), at+r.Int64N(4_000_000), int64(r.IntN(1000))
		b.Cols[0].AppendBytes([]byte(k))
		b.Cols[1].AppendInt(t)
		null := r.IntN(10) == 0
		if null {
			b.Cols[2].AppendNull()
		} else {
			b.Cols[2].AppendInt(v)
		}
		b.Rows++
		seen(k, t, v, null)
	}
	return b
}

type sums struct{ n, count, sum, low, high int64 }

func (s *sums) add(v int64, null bool) {
	s.n++
	if null {
		return
	}
	if s.count == 0 || v < s.low {
		s.low = v
	}
	if s.count == 0 || v > s.high {
		s.high = v
	}
	s.count++
	s.sum += v
}

func (s *sums) text() string {
	if s.count == 0 {
		return fmt.Sprint([]string{fmt.Sprint(s.n), "0", "NULL", "NULL", "NULL"})
	}
	return fmt.Sprint([]string{fmt.Sprint(s.n), fmt.Sprint(s.count), fmt.Sprint(s.sum), fmt.Sprint(s.low), fmt.Sprint(s.high)})
}

func aggs(arg int) []plan.Agg {
	big := types.Of(types.BigInt)
	return []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}, {Kind: plan.Count, Arg: arg, Filter: -1, Typ: big},
		{Kind: plan.Sum, Arg: arg, Filter: -1, Typ: big}, {Kind: plan.Min, Arg: arg, Filter: -1, Typ: input[2].Type}, {Kind: plan.Max, Arg: arg, Filter: -1, Typ: input[2].Type}}
}

func outSchema(front ...types.Column) types.Schema {
	s := types.Schema(front)
	for i, a := range aggs(2) {
		s = append(s, types.Column{Name: fmt.Sprintf("a%d", i), Type: a.Typ})
	}
	return s
}

// TestGroupAggregateAgainstMap: the changelog, applied, is the plain computation, also
// over partial results.
func TestGroupAggregateAgainstMap(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: aggs(2), EmitBefore: true, Out: outSchema(input[0])}, input)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]*sums{}, &collector{last: map[string]string{}, keys: 1}
	for range 50 {
		b := random(r, 0, func(k string, _, v int64, null bool) {
			if want[k] == nil {
				want[k] = &sums{}
			}
			want[k].add(v, null)
		})
		if err := errors.Join(g.Process(0, b, got), g.Flush(got)); err != nil {
			t.Fatal(err)
		}
		plain := map[string]string{}
		for k, s := range want {
			plain[fmt.Sprint([]string{k})] = s.text()
		}
		if !maps.Equal(plain, got.last) {
			t.Fatalf("got %v\nwant %v", got.last, plain)
		}
	}
}

type windowOf struct {
	k          string
	start, end int64
}

// windowsOf gives the windows that hold a time, by trying all that could.
func windowsOf(w plan.Window, t int64) (out []windowOf) {
	size, slide, offset := w.Size.Microseconds(), w.Slide.Microseconds(), w.Offset.Microseconds()
	every := slide
	if w.Kind == plan.Cumulate {
		every = size
	}
	last := column.FloorDiv(t-offset, every)*every + offset
	for start := last; start > t-size; start -= every {
		if w.Kind != plan.Cumulate {
			out = append(out, windowOf{start: start, end: start + size})
			continue
		}
		for end := start + slide; end <= start+size; end += slide {
			if end > t {
				out = append(out, windowOf{start: start, end: end})
			}
		}
	}
	return out
}

// TestWindowsAgainstMap: tumbling and hopping windows over partial slices equal a
// plain computation; each window is given once; late rows are counted: input =
// emitted + late.
func TestWindowsAgainstMap(t *testing.T) {
	for _, w := range []plan.Window{
		{Kind: plan.Tumble, Time: 1, Size: 2 * time.Second, Slide: 2 * time.Second},
		{Kind: plan.Hop, Time: 1, Size: 5 * time.Second, Slide: 2 * time.Second},
		{Kind: plan.Hop, Time: 1, Size: 3 * time.Second, Slide: time.Second, Offset: 500 * time.Millisecond},
		{Kind: plan.Cumulate, Time: 1, Size: 6 * time.Second, Slide: time.Second},
		{Kind: plan.Cumulate, Time: 1, Size: 5 * time.Second, Slide: 2500 * time.Millisecond, Offset: -700 * time.Millisecond},
	} {
		t.Run(w.String(), func(t *testing.T) { windowsAgainstMap(t, w) })
	}
}

func windowsAgainstMap(t *testing.T, w plan.Window) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	slice := types.Column{Name: "slice", Type: types.NewTimestamp(6)}
	partialOut := outSchema(input[0], slice)
	partial, err := NewPartialAggregate(&plan.PartialAggregate{Keys: []int{0}, Window: &w, Aggs: aggs(2), Out: partialOut}, input)
	if err != nil {
		t.Fatal(err)
	}
	merged := aggs(2)
	for i := range merged {
		merged[i].Merge, merged[i].Arg = true, i+2
	}
	sliced := w
	sliced.Time = 1
	bounds := types.NewTimestamp(6)
	final, err := NewWindowAggregate(&plan.WindowAggregate{Keys: []int{0}, Window: sliced, Sliced: true, Weight: 2, Aggs: merged,
		Out: outSchema(input[0], types.Column{Name: "s", Type: bounds}, types.Column{Name: "e", Type: bounds})}, partialOut)
	if err != nil {
		t.Fatal(err)
	}
	e := env(store())
	if err := partial.Open(e); err != nil {
		t.Fatal(err)
	}
	if err := final.Open(e); err != nil {
		t.Fatal(err)
	}
	cut := w.Slice().Microseconds()
	want, rows, late, watermark := map[windowOf]*sums{}, int64(0), int64(0), int64(-1<<62)
	got := &collector{}
	next := func(b *column.Batch) error { return final.Process(0, b, got) }
	for round := range int64(60) {
		at := -20_000_000 + round*1_000_000
		b := random(r, at, func(k string, tm, v int64, null bool) {
			rows++
			// A row is late if the last window of its slice has ended.
			slice := column.FloorDiv(tm-w.Offset.Microseconds(), cut)*cut + w.Offset.Microseconds()
			if !slices.ContainsFunc(windowsOf(w, slice), func(x windowOf) bool { return x.end > watermark }) {
				late++
				return
			}
			for _, x := range windowsOf(w, tm) {
				if x.end <= watermark {
					continue // that window is final
				}
				x.k = k
				if want[x] == nil {
					want[x] = &sums{}
				}
				want[x].add(v, null)
			}
		})
		if err := partial.Process(0, b, outputFunc(next)); err != nil {
			t.Fatal(err)
		}
		if err := partial.Flush(outputFunc(next)); err != nil {
			t.Fatal(err)
		}
		if r.IntN(2) == 0 {
			watermark = at + 2_000_000
			if err := final.OnWatermark(watermark, got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := final.OnWatermark(executor.EndWatermark, got); err != nil {
		t.Fatal(err)
	}
	plain := map[string]int{}
	for k, s := range want {
		stamp := func(x int64) string { return string(value.AppendTimestamp(nil, x, 6)) }
		text := s.text()
		plain[fmt.Sprintf("[%s %s %s %s", k.k, stamp(k.start), stamp(k.end), text[1:])]++
	}
	have := map[string]int{}
	for _, row := range got.rows {
		have[row]++
	}
	if !maps.Equal(plain, have) {
		for k, n := range plain {
			if have[k] != n {
				t.Errorf("want %d of %s, got %d", n, k, have[k])
			}
		}
		for k := range have {
			if plain[k] == 0 {
				t.Errorf("got %s, which nobody asked for", k)
			}
		}
	}
	if e.Counters.Late.Load() != late {
		t.Errorf("%d rows late, want %d of %d", e.Counters.Late.Load(), late, rows)
	}
	if len(e.State.Tables()) != 0 {
		t.Errorf("slices are left: %v", e.State.Tables())
	}
}

type outputFunc func(*column.Batch) error

func (f outputFunc) Emit(b *column.Batch) error { return f(b) }

// BenchmarkCountPerKey is the heart of Nexmark's q12, beside a plain map.
func BenchmarkCountPerKey(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000} {
		schema := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}}
		r := rand.New(rand.NewPCG(1, 1))
		batches := make([]*column.Batch, 64)
		for i := range batches {
			batches[i] = column.NewBatch(schema)
			for range column.BatchRows {
				batches[i].Cols[0].AppendInt(int64(r.IntN(keys)))
			}
			batches[i].Rows = column.BatchRows
		}
		agg := []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}}
		out := types.Schema{schema[0], {Name: "n", Type: types.Of(types.BigInt)}}
		b.Run(fmt.Sprintf("group aggregate, %d keys", keys), func(b *testing.B) {
			g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: agg, Out: out}, schema)
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
		})
		b.Run(fmt.Sprintf("plain map, %d keys", keys), func(b *testing.B) {
			m, i := map[int64]int64{}, 0
			for b.Loop() {
				for _, k := range batches[i%len(batches)].Cols[0].Ints {
					m[k]++
				}
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
		})
	}
}

// TestNoAllocationsPerRow: a filter, a projection and an aggregate over known keys
// allocate nothing for a batch, whatever its rows; EXPLAIN's promise of 0 per row.
func TestNoAllocationsPerRow(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "v", Type: types.Of(types.BigInt)}}
	b := column.NewBatch(schema)
	for i := range column.BatchRows {
		b.Cols[0].AppendInt(int64(i % 100))
		b.Cols[1].AppendInt(int64(i))
	}
	b.Rows = column.BatchRows
	list := []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}, {Kind: plan.Max, Arg: 1, Filter: -1, Typ: types.Of(types.BigInt)}}
	out := types.Schema{schema[0], {Name: "n", Type: types.Of(types.BigInt)}, {Name: "m", Type: types.Of(types.BigInt)}}
	group, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: list, Out: out}, schema)
	if err != nil {
		t.Fatal(err)
	}
	values, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: []plan.Agg{{Kind: plan.Sum, Arg: 1, Filter: -1, Typ: types.Of(types.BigInt), Distinct: true}},
		InputUpdates: true, Out: out[:2]}, schema)
	if err != nil {
		t.Fatal(err)
	}
	partial, err := NewPartialAggregate(&plan.PartialAggregate{Keys: []int{0}, Aggs: list, Out: out}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]executor.Operator{"group": group, "distinct": values, "partial": partial} {
		if err := o.Open(env(store())); err != nil {
			t.Fatal(err)
		}
		nothing := outputFunc(func(*column.Batch) error { return nil })
		n := testing.AllocsPerRun(50, func() {
			if err := errors.Join(o.Process(0, b, nothing), o.Flush(nothing)); err != nil {
				t.Fatal(err)
			}
		})
		if n > 1 { // a batch, not its rows
			t.Errorf("%s: %v allocations per batch of %d rows", name, n, b.Rows)
		}
	}
}
