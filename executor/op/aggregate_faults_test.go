package op

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/wasm"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// failingBatch has rows of some groups; where fails is true the value is longer than a state may be. Want are the rows without these.
func failingBatch(r *rand.Rand, schema types.Schema, rows int) (b, want *column.Batch, failing int64) {
	b, want = column.NewBatch(schema), column.NewBatch(schema)
	long := []byte(strings.Repeat("x", wasm.MaxState+1))
	for range rows {
		value := []byte{byte('a' + r.IntN(4))}
		to := []*column.Batch{b, want}
		if r.IntN(6) == 0 {
			value, to, failing = long, to[:1], failing+1
		}
		group := int64(r.IntN(5))
		for _, b := range to {
			b.Cols[0].AppendInt(group)
			b.Cols[1].AppendBytes(value)
			b.Cols[2].AppendNull()
			b.Rows++
		}
	}
	return b, want, failing
}

// taken is how many rows the states of a table are of.
func taken(g *groupsOf) (n int64) {
	g.table.EachRow(func(id int32) { n += int64(g.table.Acc(id)[0]) })
	return n
}

// TestRowsAnAggregateFailsFor: with on.error=skip the states are those of the other rows, whatever rows of a call fail; without it
// the first one is the job's error.
func TestRowsAnAggregateFailsFor(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "v", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Boolean)}}
	agg := exampleAggregate(t, "most_common", false, 1)
	agg.Filter = -1
	for seed := range uint64(10) {
		b, rest, failing := failingBatch(rand.New(rand.NewPCG(seed, 3)), schema, 1+int(seed)*5)
		env := &executor.Env{SkipRows: true, Counters: &executor.Counters{}}
		got, want := newGroupsOf(t, agg, schema), newGroupsOf(t, agg, schema)
		got.accs.faults.env = env
		got.take(b, nil)
		want.take(rest, nil)
		want.find(want.table, b, nil) // a group whose rows all failed is there too, without a value
		if g, w := got.text(agg), want.text(agg); g != w {
			t.Fatalf("seed %d: %.500s, want %.500s", seed, g, w)
		}
		if g, w := taken(got), taken(want); g != w || w != int64(rest.Rows) {
			t.Errorf("seed %d: %d rows are in the states, want %d", seed, g, w)
		}
		if n := env.Counters.Failed.Load(); n != failing {
			t.Errorf("seed %d: %d are counted, want %d", seed, n, failing)
		}
		if failing == 0 {
			continue
		}
		for name, faults := range map[string]aggregateFaults{"fails": {env: &executor.Env{}}, "nobody says": {}} {
			g := newGroupsOf(t, agg, schema)
			g.accs.faults = faults
			if err := g.find(g.table, b, nil); err != nil {
				t.Fatal(err)
			}
			e := sqlerr.From(g.accs.update(g.table, g.ids, b, nil))
			if e.Code != sqlerr.ProgramLimit || strings.Contains(e.Hint, "skip") != (name == "fails") {
				t.Errorf("%s: %s %v, hint %q", name, e.Code, e, e.Hint)
			}
		}
	}
}

// failingValue gives products that are sometimes out of range.
func failingValue(r *rand.Rand, c int) any {
	if c == 1 && r.IntN(4) == 0 {
		return int64(9e18)
	}
	return executortest.AnyValue(r, valued[c].Type)
}

// weighted is the state of weighted_avg of the rows that it does not fail for.
func weighted(rows []executortest.Tuple) any {
	var state []byte
	sum, weights := int64(0), int64(0)
	for _, r := range rows {
		x, weight := r[1].(int64), r[2].(int64)
		if x == 9e18 && (weight > 1 || weight < -1) {
			continue
		}
		sum, weights = sum+x*weight, weights+weight
		state = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(sum)), uint64(weights))
	}
	if state == nil {
		return nil
	}
	return string(state)
}

// TestRowsTakenBackThatAnAggregateFailedFor: a row that was left out is known when it is taken back, also behind a restore.
func TestRowsTakenBackThatAnAggregateFailedFor(t *testing.T) {
	agg := exampleAggregate(t, "weighted_avg", false, 1, 2)
	agg.Filter = -1
	a := aggregated{agg, weighted}
	p := plan.GroupAggregate{Keys: []int{0}, Aggs: []plan.Agg{agg}, Out: append(valued[:1:1], types.Column{Name: "r", Type: agg.Typ})}
	for _, before := range []bool{false, true} {
		p.InputUpdates, p.EmitBefore = true, before
		executortest.Check{
			Inputs: []executortest.Input{{Schema: valued, Hash: []int{0}, Value: failingValue}},
			New:    func() (executor.Operator, error) { return NewGroupAggregate(&p, valued) },
			Want: func(in [][]executortest.Tuple) []executortest.Tuple {
				return answer(in[0], func(rows []executortest.Tuple) []any { return []any{a.of(a.counted(rows))} })
			},
			Before: before, Key: []int{0}, Rounds: 60, Skip: true,
		}.Run(t)
	}
}

// TestLeftOutRows: a list takes rows in and gives them back, in any order, and none that it does not have.
func TestLeftOutRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var list []byte
	have := map[byte]int{}
	for range 2000 {
		b, by := byte(r.IntN(20)), 1-2*r.IntN(2)
		next, ok := leftOutChanged(list, bytes.Repeat([]byte{b}, leftOutHash), by)
		if want := by > 0 || have[b] > 0; ok != want {
			t.Fatalf("%d by %d is %v, want %v", b, by, ok, want)
		}
		if list = next; ok {
			if have[b] += by; have[b] == 0 {
				delete(have, b)
			}
		}
		if len(list) != len(have)*leftOutBytes {
			t.Fatalf("%d bytes of %d rows", len(list), len(have))
		}
		if len(list) == 0 {
			continue
		}
		kept, state := leftOutOf(hasLeftOut, joinLeftOut(nil, list, []byte("state")))
		if !bytes.Equal(kept, list) || string(state) != "state" {
			t.Fatalf("%x and %q, want %x", kept, state, list)
		}
	}
}

// TestLeftOutIsNotTakenBack: a row that did not fit in is not taken back from what did.
func TestLeftOutIsNotTakenBack(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "v", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Boolean)}}
	agg := exampleAggregate(t, "most_common", false, 1)
	agg.Filter = -1
	got, want := newGroupsOf(t, agg, schema), newGroupsOf(t, agg, schema)
	env := &executor.Env{SkipRows: true, Counters: &executor.Counters{}}
	got.accs.faults = aggregateFaults{env: env, changes: true}
	take := func(g *groupsOf, letter string, kind column.RowKind) {
		b := column.NewBatch(schema)
		executortest.AppendTuple(b, executortest.Tuple{int64(1), strings.Repeat(letter, wasm.MaxState*2/5), nil})
		b.Kinds = append(b.Kinds, kind)
		g.take(b, nil)
	}
	for _, letter := range []string{"a", "b", "c"} {
		take(got, letter, column.Insert)
	}
	take(got, "a", column.Delete)
	take(got, "c", column.Delete)
	take(want, "b", column.Insert)
	if g, w := got.text(agg), want.text(agg); g != w {
		t.Errorf("%d bytes, want %d", len(g), len(w))
	}
	if n := env.Counters.Failed.Load(); n != 1 {
		t.Errorf("%d rows are counted", n)
	}
	take(got, "b", column.Delete)
	if n := taken(got); n != 0 {
		t.Errorf("%x rows are in the state", n)
	}
}
