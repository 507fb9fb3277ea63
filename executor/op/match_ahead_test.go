package op

import (
	"math/rand/v2"
	"testing"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// aheadRun matches single rows whose value is below that of the row two behind, if their own flag is set.
func aheadRun(t *testing.T) *timedRun {
	read := func(i int) plan.Expr { return &plan.Column{Index: i, Typ: bigOf} }
	here := plan.MatchValue{Kind: plan.MatchCurrent, Column: 2, Typ: bigOf}
	behind := here
	behind.Back = -2
	less := &plan.Call{Func: "<", Args: []plan.Expr{read(0), read(1)}, Typ: types.Of(types.Boolean)}
	p := &plan.MatchTable{Op: "match", Partition: []int{0}, Time: 1, Kept: 3, Given: []int{0}, States: statesOf(variableOf(0)),
		Variables: []plan.MatchVariable{{Name: "v0", Own: 3, Cond: less}}, Values: []plan.MatchValue{here, behind},
		Measures: []plan.MatchValue{{Kind: plan.MatchLast, Column: 2, Typ: bigOf}}, Out: types.Schema{timedIn[0], {Name: "m", Type: bigOf}}}
	d := &timedRun{t: t, r: rand.New(rand.NewPCG(1, 1)), in: matchIn, hash: []int{0}}
	d.new = func() (executor.Operator, error) { return NewMatchTable(p, matchIn, expr.Options{}) }
	d.late = func(_ int, at int64) bool { return at < d.watermark }
	d.watermark, d.passed = executor.NoWatermark, executor.NoWatermark
	d.start(nil)
	return d
}

func (d *timedRun) keptRows() (n int) {
	for _, s := range d.tasks {
		n += s.store.Rows()
	}
	return n
}

// TestRowsAhead: a row waits until the watermark has passed the rows that are read behind it, also over a restore, and one that is not asked
// about does not wait; at the end of the input what is behind it is NULL. No more is kept than the rows that wait and their timers.
func TestRowsAhead(t *testing.T) {
	d := aheadRun(t)
	want := func(n, kept int) {
		t.Helper()
		if len(d.got) != n {
			t.Errorf("%q are given, want %d rows", d.got, n)
		}
		if got := d.keptRows(); got != kept {
			t.Errorf("%d rows are kept, want %d", got, kept)
		}
	}
	row := func(at, v int64, own bool) { d.send(0, []executortest.Tuple{{"a", at, v, own, nil, nil, nil}}) }
	row(10, 1, true)
	row(20, 5, true)
	d.mark(25)
	want(0, 3)
	row(30, 4, true) // which the watermark has not passed
	want(0, 5)
	d.restore()
	d.mark(31)
	want(1, 3) // 1 < 4 is given; 5 and 4 wait
	row(40, 2, false)
	row(50, 9, false)
	d.mark(60)
	want(2, 0) // 4 < 9, and of the others nothing is asked
	row(70, 1, true)
	d.mark(100)
	want(2, 2)
	d.mark(executor.EndWatermark)
	want(2, 0)
}
