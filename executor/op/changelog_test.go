package op

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var versioned = types.Schema{{Name: "s", Type: types.Of(types.String)}, {Name: "k", Type: types.Of(types.BigInt)}, {Name: "wide", Type: types.NewDecimal(30, 2)},
	{Name: "f", Type: types.Of(types.Double)}, {Name: "ok", Type: types.Of(types.Boolean)}, {Name: "k2", Type: types.Of(types.String)}}

// rowText is a row as a test compares it.
func rowText(b *column.Batch, i int) string {
	cells := make([]string, len(b.Cols))
	for c, v := range b.Cols {
		if cells[c] = "NULL"; !v.Null(i) {
			cells[c] = fmt.Sprintf("%q", column.AppendText(nil, v, i))
		}
	}
	return strings.Join(cells, " ")
}

func keyText(b *column.Batch, keys []int, i int) string {
	row := strings.Split(rowText(b, i), " ")
	var parts []string
	for _, k := range keys {
		parts = append(parts, row[k])
	}
	return strings.Join(parts, " ")
}

// judge applies a changelog and sees that it is whole: nothing is inserted twice, what is
// taken back is what was there, the two versions of a row follow one another in a batch.
type judge struct {
	t      *testing.T
	keys   []int
	before bool // old versions are asked for
	rows   map[string]string
	kinds  map[column.RowKind]int
}

func (j *judge) Emit(b *column.Batch) error {
	old := ""
	b.Each(func(i int) {
		k, row, kind := keyText(b, j.keys, i), rowText(b, i), b.Kind(i)
		j.kinds[kind]++
		have, there := j.rows[k]
		switch {
		case kind == column.Insert && there, kind != column.Insert && !there, kind.Retracts() && have != row, (old != "") != (kind == column.UpdateAfter && j.before), old != "" && old != k:
			j.t.Fatalf("%s %s: there is %q, behind the old version of %q", kind, row, have, old)
		}
		old = ""
		switch kind {
		case column.UpdateBefore:
			old = k
		case column.Delete:
			delete(j.rows, k)
		default:
			j.rows[k] = row
		}
	})
	if old != "" {
		j.t.Fatalf("the batch ends between the versions of %s", old)
	}
	return nil
}

// upserts makes a batch of rows that replace or delete one another.
func upserts(r *rand.Rand, keys int, want map[string]string, at []int) *column.Batch {
	b := column.NewBatch(versioned)
	for range 1 + r.IntN(column.BatchRows) {
		k := r.IntN(keys)
		kind := column.Insert
		if r.IntN(4) == 0 {
			kind = column.Delete
		}
		b.Cols[1].AppendInt(int64(k / 3))
		if k%3 == 0 {
			b.Cols[5].AppendNull()
		} else {
			b.Cols[5].AppendBytes(fmt.Appendf(nil, "k%d", k%3))
		}
		for _, c := range []int{0, 2, 3, 4} {
			appendAny(r, b.Cols[c], kind == column.Delete)
		}
		b.Kinds = append(b.Kinds, kind)
		b.Rows++
	}
	if r.IntN(2) == 0 { // as behind a filter
		b.Sel = []int32{}
		for i := range int32(b.Rows) {
			if r.IntN(3) > 0 {
				b.Sel = append(b.Sel, i)
			}
		}
	}
	b.Each(func(i int) {
		if b.Kinds[i] == column.Delete {
			delete(want, keyText(b, at, i))
		} else {
			want[keyText(b, at, i)] = rowText(b, i)
		}
	})
	return b
}

func appendAny(r *rand.Rand, v *column.Vector, null bool) {
	if n := v.Len(); null || r.IntN(4) == 0 {
		v.AppendNull()
		return
	} else if v.Type.Physical() != types.PhysicalBytes {
		v.Grow(n + 1)
		v.Present()
		switch v.Type.Physical() {
		case types.PhysicalBool:
			v.Bools[n] = r.IntN(2) == 0
		case types.PhysicalFloat64:
			v.Floats[n] = float64(r.IntN(3))
		case types.PhysicalInt128:
			v.Wides[n] = column.Int128{Hi: int64(r.IntN(2)), Lo: uint64(r.IntN(2))}
		}
		return
	}
	v.AppendBytes([]byte(strings.Repeat("x", r.IntN(3))))
}

// TestNewestRow: the changelog, applied, is the newest row of each key, with old versions
// and without.
func TestNewestRow(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	keys := []int{5, 1}
	for _, before := range []bool{false, true} {
		n := NewChangelogNormalize(&plan.ChangelogNormalize{Keys: keys, EmitBefore: before, Out: versioned})
		if err := n.Open(env(store())); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		got := &judge{t: t, keys: keys, before: before, rows: map[string]string{}, kinds: map[column.RowKind]int{}}
		for round := range executortest.Rounds(60) {
			if err := n.Process(0, upserts(r, 3*(1+round*40), want, keys), got); err != nil {
				t.Fatal(err)
			}
			if len(want) != len(got.rows) {
				t.Fatalf("%d rows, want %d", len(got.rows), len(want))
			}
			for k, row := range want {
				if got.rows[k] != row {
					t.Fatalf("%s is %s, want %s", k, got.rows[k], row)
				}
			}
		}
		if got.kinds[column.Delete] == 0 || got.kinds[column.UpdateAfter] == 0 || before != (got.kinds[column.UpdateBefore] > 0) {
			t.Errorf("before %t: %v", before, got.kinds)
		}
		same := column.NewBatch(versioned)
		b := upserts(r, 3, map[string]string{}, keys)
		b.Kinds[0] = column.Insert
		same.AppendBatch(b, []int32{0})
		if err := n.Process(0, same, got); err != nil {
			t.Fatal(err)
		}
		clear(got.kinds)
		if err := n.Process(0, same, got); err != nil || len(got.kinds) != 0 {
			t.Errorf("a row like the one before gives %v, %v", got.kinds, err)
		}
	}
}

// TestNewestRowMemory: strings that are replaced leave nothing behind, also between two
// checkpoints; more keys than the budget has room for end the job.
func TestNewestRowMemory(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.Of(types.String)}}
	budget := &state.Budget{Limit: 8 << 20}
	n := NewChangelogNormalize(&plan.ChangelogNormalize{Keys: []int{0}, Out: schema})
	if err := n.Open(env(state.NewStore(state.Range{From: 0, To: state.KeyGroups}, budget))); err != nil {
		t.Fatal(err)
	}
	nothing := outputFunc(func(*column.Batch) error { return nil })
	b := column.NewBatch(schema)
	fill := func(round, keys int) error {
		b.Reset()
		for i := range column.BatchRows {
			b.Cols[0].AppendInt(int64(round*column.BatchRows+i) % int64(keys))
			b.Cols[1].AppendBytes(fmt.Appendf(nil, "%0100d", round*column.BatchRows+i))
		}
		b.Rows = column.BatchRows
		return n.Process(0, b, nothing)
	}
	for round := range 200 { // 40 MB of strings
		if err := fill(round, 5000); err != nil {
			t.Fatal(err)
		}
	}
	if used := budget.Used(); used > 3<<20 {
		t.Errorf("5000 rows of 100 bytes take %d bytes", used)
	}
	if allocations := testing.AllocsPerRun(20, func() {
		if err := n.Process(0, b, nothing); err != nil {
			t.Fatal(err)
		}
	}); allocations > 1 {
		t.Errorf("%v allocations per batch", allocations)
	}
	var err error
	for round := 0; err == nil && round < 100; round++ {
		err = fill(round, 1<<40)
	}
	if _, full := errors.AsType[*state.BudgetError](err); !full {
		t.Errorf("a full memory: %v", err)
	}
}

// changes makes a batch of (key, value) with kinds, from "-U 1 5, +U 1 6".
func changes(text string) *column.Batch {
	big := types.Of(types.BigInt)
	b := column.NewBatch(types.Schema{{Name: "k", Type: big}, {Name: "v", Type: big}})
	for _, row := range strings.Split(text, ", ") {
		var kind string
		var k, v int64
		fmt.Sscan(row, &kind, &k, &v)
		b.Cols[0].AppendInt(k)
		b.Cols[1].AppendInt(v)
		b.Kinds = append(b.Kinds, map[string]column.RowKind{"+I": column.Insert, "-U": column.UpdateBefore, "+U": column.UpdateAfter, "-D": column.Delete}[kind])
		b.Rows++
	}
	return b
}

func changesText(parts *[]string) outputFunc {
	return func(b *column.Batch) error {
		b.Each(func(i int) {
			*parts = append(*parts, fmt.Sprintf("%s %d %d", b.Kind(i), b.Cols[0].Ints[i], b.Cols[1].Ints[i]))
		})
		return nil
	}
}

// TestUpsertChanges: a change is one record; the row under an old key is deleted first.
func TestUpsertChanges(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"+I 1 5", "+I 1 5"}, {"-U 1 5, +U 1 6", "+U 1 6"}, {"-U 1 5, +U 2 5", "-D 1 5, +U 2 5"}, {"-D 1 5", "-D 1 5"},
		{"-U 1 5", "-D 1 5"}, // the new version has gone to the task of another key
		{"-U 1 5, -U 2 6, +U 2 7", "-D 1 5, +U 2 7"}, {"-D 1 5, +I 1 6", "-D 1 5, +I 1 6"}, {"-U 1 5, +U 1 6, -U 1 6, +U 1 7", "+U 1 6, +U 1 7"},
	} {
		var got []string
		if err := NewUpsertChanges(&plan.UpsertChanges{Keys: []int{0}}).Process(0, changes(c.in), changesText(&got)); err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v %v, want %s", c.in, got, err, c.want)
		}
	}
	var got []string
	u := NewUpsertChanges(&plan.UpsertChanges{Keys: []int{0}})
	b := changes("-U 1 5, +U 1 6")
	b.Sel = []int32{}
	if err := u.Process(0, b, changesText(&got)); err != nil || len(got) > 0 {
		t.Errorf("no row is alive, but %v %v", got, err)
	}
}

// TestFilterOfChanges: what passes no longer is deleted, what passes for the first time is
// inserted, what goes on passing stays a change.
func TestFilterOfChanges(t *testing.T) {
	big := types.Of(types.BigInt)
	pred := &plan.Call{Func: ">", Args: []plan.Expr{&plan.Column{Index: 1, Name: "v", Typ: big}, &plan.Const{Typ: big, Int: 5}}, Typ: types.Of(types.Boolean)}
	for _, c := range []struct{ in, want string }{
		{"+I 1 6, +I 2 5", "+I 1 6"}, {"-U 1 6, +U 1 7", "-U 1 6, +U 1 7"}, {"-U 1 6, +U 1 5", "-D 1 6"}, {"-U 1 5, +U 1 6", "+I 1 6"}, {"-U 1 4, +U 1 5", ""},
		{"-D 1 6, -D 2 5", "-D 1 6"}, {"-U 1 6, -U 2 7, +U 2 8", "-D 1 6, -U 2 7, +U 2 8"}, {"-U 1 5, +U 1 5, -U 2 7, +U 2 6, +U 3 9", "-U 2 7, +U 2 6, +U 3 9"},
	} {
		f, err := NewFilter(&plan.Filter{Pred: pred, Changes: true}, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := f.Process(0, changes(c.in), changesText(&got)); err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v %v, want %s", c.in, got, err, c.want)
		}
	}
}

// TestVersionsStayTogether: the two versions of a group's row follow one another in one
// batch, however many groups a batch changes; without GROUP BY the last row that is taken
// back leaves a row of none.
func TestVersionsStayTogether(t *testing.T) {
	big := types.Of(types.BigInt)
	in := types.Schema{{Name: "k", Type: big}, {Name: "v", Type: big}}
	list := []plan.Agg{{Kind: plan.Sum, Arg: 1, Filter: -1, Typ: big}}
	g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Aggs: list, InputUpdates: true, EmitBefore: true, Out: in}, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	got := &judge{t: t, keys: []int{0}, before: true, rows: map[string]string{}, kinds: map[column.RowKind]int{}}
	for round := range int64(3) {
		b := column.NewBatch(in)
		for i := range int64(column.MaxBatchRows) {
			b.Cols[0].AppendInt(i)
			b.Cols[1].AppendInt(i + round)
		}
		b.Rows = column.MaxBatchRows
		if err := errors.Join(g.Process(0, b, got), g.Flush(got)); err != nil {
			t.Fatal(err)
		}
	}
	if got.kinds[column.UpdateBefore] != 2*column.MaxBatchRows || got.rows[`"7"`] != `"7" "24"` {
		t.Errorf("%v, %s", got.kinds, got.rows[`"7"`])
	}
	all, err := NewGroupAggregate(&plan.GroupAggregate{Aggs: append(list, plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}), InputUpdates: true, Out: in}, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	var rows []string
	keep := outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { rows = append(rows, b.Kind(i).String()+" "+rowText(b, i)) })
		return nil
	})
	for _, text := range []string{"+I 1 5, +I 2 7", "-D 1 5", "-D 2 7", "+I 3 1"} {
		if err := errors.Join(all.Process(0, changes(text), keep), all.Flush(keep)); err != nil {
			t.Fatal(err)
		}
	}
	if want := `+I NULL "0", +U "12" "2", +U "7" "1", +U NULL "0", +U "1" "1"`; strings.Join(rows, ", ") != want {
		t.Errorf("%v, want %s", rows, want)
	}
}

// TestKindsOfReusedBatches: a batch that had kinds and has none any more passes on inserts.
func TestKindsOfReusedBatches(t *testing.T) {
	b := changes("-D 1 1, -D 2 2")
	to := changes("-D 0 0")
	b.Reset()
	b.Cols[0].AppendInt(3)
	b.Cols[1].AppendInt(3)
	b.Rows = 1
	to.AppendBatch(b, nil)
	if to.Kind(1) != column.Insert {
		t.Errorf("the row is %s", to.Kind(1))
	}
}

var _ executor.Operator = (*ChangelogNormalize)(nil)
