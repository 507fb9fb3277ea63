package op

import (
	"fmt"
	"slices"
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

var (
	leftRows  = types.Schema{{Name: "a", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.Of(types.String)}, {Name: "x", Type: types.Of(types.BigInt)}}
	rightRows = types.Schema{{Name: "t", Type: types.Of(types.String)}, {Name: "b", Type: types.Of(types.BigInt)}}
	bothRows  = slices.Concat(leftRows, rightRows)
)

// lessThan is x < b, over the columns of both.
func lessThan() plan.Expr {
	x, b := &plan.Column{Index: 2, Name: "x", Typ: bothRows[2].Type}, &plan.Column{Index: 4, Name: "b", Typ: bothRows[4].Type}
	return &plan.Call{Func: "<", Args: []plan.Expr{x, b}, Typ: types.Of(types.Boolean)}
}

// eachWithEach is the answer: each row with each.
func eachWithEach(kind plan.JoinKind, left, right []executortest.Tuple, meets func(l, r executortest.Tuple) bool) (out []executortest.Tuple) {
	met := make([]bool, len(right))
	for _, l := range left {
		some := false
		for i, r := range right {
			if meets(l, r) {
				some, met[i] = true, true
				out = append(out, slices.Concat(l, r))
			}
		}
		if !some && kind.Keeps(0) {
			out = append(out, slices.Concat(l, make(executortest.Tuple, len(rightRows))))
		}
	}
	for i, r := range right {
		if !met[i] && kind.Keeps(1) {
			out = append(out, slices.Concat(make(executortest.Tuple, len(leftRows)), r))
		}
	}
	return out
}

func isLess(a, b any) bool { return a != nil && b != nil && a.(int64) < b.(int64) }

func sameKey(a, b any) bool { return a != nil && a == b }

// TestJoins holds all kinds of join, of rows that come and rows that change, against a nested loop.
func TestJoins(t *testing.T) {
	for _, kind := range []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin} {
		for _, on := range []plan.Expr{nil, lessThan()} {
			for append := range 4 { // which of the inputs are never corrected
				t.Run(fmt.Sprintf("%s, condition %t, appended %d", kind, on != nil, append), func(t *testing.T) {
					checkJoin(t, kind, on, append&1 != 0, append&2 != 0)
				})
			}
		}
	}
}

func checkJoin(t *testing.T, kind plan.JoinKind, on plan.Expr, left, right bool) {
	p := &plan.Join{Kind: kind, Left: len(leftRows), On: on, EmitBefore: true, Out: bothRows,
		Sides: []plan.JoinSide{{Keys: []int{0, 1}, Updates: !left}, {Keys: []int{1, 0}, Updates: !right}}}
	rounds := 0
	if left || right { // it grows
		rounds = 12
	}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: leftRows, Hash: []int{0, 1}, Append: left}, {Schema: rightRows, Hash: []int{1, 0}, Append: right}},
		New:    func() (executor.Operator, error) { return NewJoin(p, expr.Options{}) },
		Want: func(in [][]executortest.Tuple) []executortest.Tuple {
			return eachWithEach(kind, in[0], in[1], func(l, r executortest.Tuple) bool {
				return sameKey(l[0], r[1]) && sameKey(l[1], r[0]) && (on == nil || isLess(l[2], r[1]))
			})
		},
		Before: true, Rounds: rounds,
	}.Run(t)
}

// TestJoinOfAllRows: without keys every pair is looked at, in one task.
func TestJoinOfAllRows(t *testing.T) {
	p := &plan.Join{Kind: plan.FullJoin, Left: len(leftRows), On: lessThan(), EmitBefore: true, Out: bothRows,
		Sides: []plan.JoinSide{{Updates: true}, {Updates: true}}}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: leftRows}, {Schema: rightRows}},
		New:    func() (executor.Operator, error) { return NewJoin(p, expr.Options{}) },
		Want: func(in [][]executortest.Tuple) []executortest.Tuple {
			return eachWithEach(plan.FullJoin, in[0], in[1], func(l, r executortest.Tuple) bool {
				return isLess(l[2], r[1])
			})
		},
		Before: true, Single: true, Most: 40,
	}.Run(t)
}

// TestBoundedJoin: nothing is ever corrected, rows without a partner come at the end, and the state is empty then.
func TestBoundedJoin(t *testing.T) {
	r := executortest.Random(t)
	for _, kind := range []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin} {
		p := &plan.Join{Kind: kind, Left: len(leftRows), On: lessThan(), Final: true, Out: bothRows, Sides: []plan.JoinSide{{Keys: []int{0}}, {Keys: []int{1}}}}
		j, s := openJoin(t, p)
		var held [2][]executortest.Tuple
		var got executortest.Applied
		got.Before = true
		only := outputFunc(func(b *column.Batch) error {
			if len(b.Kinds) > 0 {
				t.Errorf("kinds %v", b.Kinds)
			}
			return got.Emit(b)
		})
		for range 20 {
			port := r.IntN(2)
			in := []types.Schema{leftRows, rightRows}[port]
			rows := make([]executortest.Tuple, 1+r.IntN(50))
			for i := range rows {
				for _, c := range in {
					rows[i] = append(rows[i], executortest.AnyValue(r, c.Type))
				}
			}
			held[port] = append(held[port], rows...)
			must(t, j.Process(port, batchOf(in, nil, rows), only))
		}
		must(t, j.OnWatermark(executor.EndWatermark, only))
		want := eachWithEach(kind, held[0], held[1], func(l, r executortest.Tuple) bool {
			return sameKey(l[0], r[1]) && isLess(l[2], r[1])
		})
		if differs := got.Differs(want); differs != "" {
			t.Errorf("%s:\n%s", kind, differs)
		}
		if n := s.Rows(); n != 0 {
			t.Errorf("%s: %d rows of state are left", kind, n)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openJoin(t testing.TB, p *plan.Join) (*Join, *state.Store) {
	j, err := NewJoin(p, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := store()
	if err := j.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	return j, s
}

// batchOf is a batch of integers and texts.
func batchOf(s types.Schema, kinds []column.RowKind, rows []executortest.Tuple) *column.Batch {
	b := column.NewBatch(s)
	for _, row := range rows {
		for c, x := range row {
			switch x := x.(type) {
			case nil:
				b.Cols[c].AppendNull()
			case int64:
				b.Cols[c].AppendInt(x)
			case string:
				b.Cols[c].AppendBytes([]byte(x))
			}
		}
	}
	b.Rows, b.Kinds = len(rows), kinds
	return b
}

// changed plays changes of one side after the other and gives what comes out.
type changed struct {
	t *testing.T
	j *Join
}

func (c changed) give(port int, kinds string, rows ...executortest.Tuple) (out string) {
	c.t.Helper()
	var list []column.RowKind
	for i := 0; i < len(kinds); i += 2 {
		list = append(list, map[string]column.RowKind{"+I": column.Insert, "-U": column.UpdateBefore, "+U": column.UpdateAfter, "-D": column.Delete}[kinds[i:i+2]])
	}
	must(c.t, c.j.Process(port, batchOf([]types.Schema{leftRows, rightRows}[port], list, rows), outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { out += fmt.Sprintf("%s %s\n", b.Kind(i), executortest.TupleOf(b, i)) })
		return nil
	})))
	return out
}

func (c changed) want(got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestJoinChanges: a row that changes and keeps its partner is one change, not a deletion; so is the NULL row that gives way to a pair.
// Who finds rows by what stays the same in them is spared the old versions.
func TestJoinChanges(t *testing.T) {
	type row = executortest.Tuple
	for _, before := range []bool{true, false} {
		old := func(s string) string {
			if before {
				return s
			}
			return ""
		}
		p := &plan.Join{Kind: plan.LeftJoin, Left: len(leftRows), EmitBefore: before, Out: bothRows,
			Sides: []plan.JoinSide{{Keys: []int{0}, Updates: true, Fixed: []int{0}}, {Keys: []int{1}, Updates: true}}}
		j, s := openJoin(t, p)
		c := changed{t, j}
		c.want(c.give(0, "+I", row{int64(1), "l", int64(5)}), "+I (1, \"l\", 5, NULL, NULL)\n")
		c.want(c.give(0, "-U+U", row{int64(1), "l", int64(5)}, row{int64(1), "l", int64(6)}),
			old("-U (1, \"l\", 5, NULL, NULL)\n")+"+U (1, \"l\", 6, NULL, NULL)\n")
		c.want(c.give(1, "+I", row{"r", int64(1)}), old("-U (1, \"l\", 6, NULL, NULL)\n")+"+U (1, \"l\", 6, \"r\", 1)\n")
		c.want(c.give(1, "-U+U", row{"r", int64(1)}, row{"r2", int64(1)}), old("-U (1, \"l\", 6, \"r\", 1)\n")+"+U (1, \"l\", 6, \"r2\", 1)\n")
		c.want(c.give(1, "+I", row{"s", int64(1)}), "+I (1, \"l\", 6, \"s\", 1)\n")
		c.want(c.give(0, "-U+U", row{int64(1), "l", int64(6)}, row{int64(1), "l", nil}),
			old("-U (1, \"l\", 6, \"r2\", 1)\n")+"+U (1, \"l\", NULL, \"r2\", 1)\n"+old("-U (1, \"l\", 6, \"s\", 1)\n")+"+U (1, \"l\", NULL, \"s\", 1)\n")
		// The new version of another row stands behind an old one, whose own went elsewhere: they are two.
		c.want(c.give(0, "+I", row{int64(2), "m", nil}), "+I (2, \"m\", NULL, NULL, NULL)\n")
		c.want(c.give(0, "-U+U", row{int64(2), "m", nil}, row{int64(3), "n", nil}), "-D (2, \"m\", NULL, NULL, NULL)\n+I (3, \"n\", NULL, NULL, NULL)\n")
		c.want(c.give(1, "-D-D", row{"s", int64(1)}, row{"r2", int64(1)}),
			"-D (1, \"l\", NULL, \"s\", 1)\n"+old("-U (1, \"l\", NULL, \"r2\", 1)\n")+"+U (1, \"l\", NULL, NULL, NULL)\n")
		// Without a key it has no partner ever, and is not kept.
		c.want(c.give(0, "+I-U+U-D", row{nil, "o", nil}, row{nil, "o", nil}, row{nil, "p", nil}, row{nil, "p", nil}),
			"+I (NULL, \"o\", NULL, NULL, NULL)\n"+old("-U (NULL, \"o\", NULL, NULL, NULL)\n")+
				"+U (NULL, \"p\", NULL, NULL, NULL)\n-D (NULL, \"p\", NULL, NULL, NULL)\n")
		if n := s.Rows(); n != 2 {
			t.Errorf("%d rows are kept", n)
		}
	}
}

// TestJoinForgets: rows go when their time to live has passed, each side by its own, and what is taken back then was never there.
func TestJoinForgets(t *testing.T) {
	type row = executortest.Tuple
	p := &plan.Join{Left: len(leftRows), EmitBefore: true, Out: bothRows,
		Sides: []plan.JoinSide{{Keys: []int{0}, Updates: true, TTL: time.Minute}, {Keys: []int{1}, Updates: true, TTL: time.Hour}}}
	j, s := openJoin(t, p)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range j.sides {
		j.sides[i].expiry.now = func() time.Time { return now }
	}
	c := changed{t, j}
	c.give(0, "+I", row{int64(1), "l", nil})
	c.give(1, "+I", row{"r", int64(1)})
	for _, step := range []struct {
		after time.Duration
		rows  int
	}{{30 * time.Second, 2}, {40 * time.Second, 1}, {50 * time.Minute, 1}, {time.Hour, 0}} {
		now = now.Add(step.after)
		must(t, j.Flush(nil))
		if n := s.Rows(); n != step.rows {
			t.Errorf("%d rows at %s, want %d", n, now, step.rows)
		}
	}
	c.give(1, "+I", row{"r", int64(1)})
	c.want(c.give(0, "-D", row{int64(1), "l", nil}), "")
}

// keyedRows are rows of which there is one for each key at a time, and their changes.
type keyedRows struct {
	live  map[int64]executortest.Tuple
	row   func(key int64) executortest.Tuple
	kinds []column.RowKind
	rows  []executortest.Tuple
}

func (k *keyedRows) change(key int64, gone bool) {
	old, there := k.live[key]
	next := k.row(key)
	switch {
	case there && gone:
		k.kinds, k.rows = append(k.kinds, column.Delete), append(k.rows, old)
		delete(k.live, key)
	case there:
		k.kinds, k.rows = append(k.kinds, column.UpdateBefore, column.UpdateAfter), append(k.rows, old, next)
		k.live[key] = next
	case !gone:
		k.kinds, k.rows = append(k.kinds, column.Insert), append(k.rows, next)
		k.live[key] = next
	}
}

func (k *keyedRows) list() (out []executortest.Tuple) {
	for _, row := range k.live {
		out = append(out, row)
	}
	return out
}

// TestJoinByKeyAlone: who finds rows by a key that is the same in all versions of a row needs no old versions: each key has one row
// at each moment, a new one replaces it.
func TestJoinByKeyAlone(t *testing.T) {
	r := executortest.Random(t)
	for _, c := range []struct {
		kind plan.JoinKind
		on   plan.Expr
	}{{plan.InnerJoin, nil}, {plan.LeftJoin, nil}, {plan.InnerJoin, lessThan()}, {plan.LeftJoin, lessThan()}} {
		p := &plan.Join{Kind: c.kind, Left: len(leftRows), On: c.on, Out: bothRows,
			Sides: []plan.JoinSide{{Keys: []int{0}, Updates: true, Fixed: []int{0}}, {Keys: []int{1}, Updates: true, Fixed: []int{1}}}}
		j, _ := openJoin(t, p)
		sides := []*keyedRows{
			{live: map[int64]executortest.Tuple{}, row: func(key int64) executortest.Tuple { return executortest.Tuple{key, "l", r.Int64N(12)} }},
			{live: map[int64]executortest.Tuple{}, row: func(key int64) executortest.Tuple { return executortest.Tuple{fmt.Sprint(r.IntN(4)), key} }},
		}
		got := executortest.Applied{Key: []int{0}}
		for range 300 {
			port := r.IntN(2)
			s := sides[port]
			s.kinds, s.rows = nil, nil
			for range 1 + r.IntN(6) {
				s.change(r.Int64N(12), r.IntN(4) == 0)
			}
			must(t, j.Process(port, batchOf([]types.Schema{leftRows, rightRows}[port], s.kinds, s.rows), &got))
			want := eachWithEach(c.kind, sides[0].list(), sides[1].list(), func(l, r executortest.Tuple) bool {
				return sameKey(l[0], r[1]) && (c.on == nil || isLess(l[2], r[1]))
			})
			if differs := got.Differs(want); differs != "" {
				t.Fatalf("%s, condition %t:\n%s", c.kind, c.on != nil, differs)
			}
		}
	}
}

// TestJoinOfLongTexts: a text that many rows meet does not make one batch of all that.
func TestJoinOfLongTexts(t *testing.T) {
	p := &plan.Join{Left: len(leftRows), Out: bothRows, Sides: []plan.JoinSide{{Keys: []int{0}}, {Keys: []int{1}}}}
	j, _ := openJoin(t, p)
	c := changed{t, j}
	var partners []executortest.Tuple
	for i := range 1000 {
		partners = append(partners, executortest.Tuple{fmt.Sprint(i), int64(1)})
	}
	c.give(1, "", partners...)
	rows, most := 0, 0
	long := batchOf(leftRows, nil, []executortest.Tuple{{int64(1), strings.Repeat("x", 1<<20), nil}})
	must(t, j.Process(0, long, outputFunc(func(b *column.Batch) error {
		rows, most = rows+b.Rows, max(most, b.TextBytes())
		return nil
	})))
	if rows != 1000 || most > (partRows+8)<<20 {
		t.Errorf("%d rows, %d bytes in a batch", rows, most)
	}
}
