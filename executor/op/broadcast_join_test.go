package op

import (
	"fmt"
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// TestBroadcastJoin: each row meets those of the table that came before it, of any number, by any
// condition; the table counts to the budget and is no part of a checkpoint.
func TestBroadcastJoin(t *testing.T) {
	for _, table := range []int{0, 1} {
		for _, keyless := range []bool{false, true} {
			for _, keep := range []bool{false, true} {
				for _, on := range []plan.Expr{nil, notSame()} {
					t.Run(fmt.Sprint(table, keyless, keep, on != nil), func(t *testing.T) {
						p := &plan.BroadcastJoin{Table: table, LeftKeys: []int{0}, RightKeys: []int{0}, Keep: keep, On: on, Width: len(timedIn), Out: sideBySideColumns}
						if keyless {
							p.LeftKeys, p.RightKeys = nil, nil
						}
						checkBroadcastJoin(t, p)
					})
				}
			}
		}
	}
}

func checkBroadcastJoin(t *testing.T, p *plan.BroadcastJoin) {
	r := executortest.Random(t)
	j, err := NewBroadcastJoin(p, timedSchemas, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	budget := &state.Budget{}
	s := state.NewStore(state.Range{From: 0, To: state.KeyGroups}, budget)
	if err := j.Open(&executor.Env{State: s, Counters: &executor.Counters{}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	out := outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { got = append(got, b.Kind(i).String()+" "+executortest.TupleOf(b, i).String()) })
		return nil
	})
	var rows [2][]executortest.Tuple
	for step := range 20 {
		port := p.Table
		if step >= 8 {
			port = 1 - p.Table
		}
		var list []any
		for range r.IntN(60) {
			row := timedRow(r, 0)
			list, rows[port] = append(list, row), append(rows[port], row)
		}
		if err := j.Process(port, kinds(list...), out); err != nil {
			t.Fatal(err)
		}
	}
	want := nestedLoop(rows[0], rows[1], p.Keep && p.Table == 1, p.Keep && p.Table == 0, func(l, r executortest.Tuple) bool {
		return (len(p.LeftKeys) == 0 || equalValues(l[0], r[0])) && (p.On == nil || l[2] != r[2])
	})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	if s.Rows() != 0 || budget.Used() == 0 {
		t.Errorf("%d rows are in the checkpoint, %d bytes count to the budget", s.Rows(), budget.Used())
	}
	if err := j.Close(); err != nil || budget.Used() != s.Bytes() {
		t.Errorf("%d bytes are left, %v", budget.Used()-s.Bytes(), err)
	}
}
