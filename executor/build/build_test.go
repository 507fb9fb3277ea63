package build

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/plan/plantest"
	"slipway/sql/types"
)

// TestEveryOperatorIsBuilt walks the samples, of which there is one for every operator.
func TestEveryOperatorIsBuilt(t *testing.T) {
	for _, s := range plantest.Samples() {
		if _, err := Operator(s.Make(), s.Inputs, expr.Options{}); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// TestOperatorsSayThatTheyTakeTimers: one that does not embed executor.NoTimers registers some.
func TestOperatorsSayThatTheyTakeTimers(t *testing.T) {
	for _, s := range plantest.Samples() {
		p := s.Make()
		o, err := Operator(p, s.Inputs, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, none := reflect.TypeOf(o).Elem().FieldByName("NoTimers"); none == p.Needs().Timers {
			t.Errorf("%s: its plan needs timers: %v; it takes none: %v", s.Name, p.Needs().Timers, none)
		}
	}
}

// TestOperatorsReadWhatTheySay: other values in columns that an operator does not name as read
// for some of its output change nothing of that.
func TestOperatorsReadWhatTheySay(t *testing.T) {
	for _, s := range plantest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			o := s.Make()
			for _, wanted := range subsets(len(o.Schema())) {
				want, got := give(t, s, wanted, false), give(t, s, wanted, true)
				if !slices.Equal(got, want) {
					t.Errorf("for columns %v it reads %v alone and gives\n%v\ninstead of\n%v", wanted.List(), o.Reads(0, wanted), got, want)
				}
				if len(want) == 0 {
					t.Error("it gives no rows")
				}
			}
		})
	}
}

// subsets are none, all, and each one of so many columns.
func subsets(n int) []plan.Columns {
	out := []plan.Columns{make(plan.Columns, n), plan.AllColumns(n)}
	for i := range n {
		one := make(plan.Columns, n)
		one[i] = true
		out = append(out, one)
	}
	return out
}

// give runs a sample over the same rows each time, with other values in what it does not read
// for the wanted columns, and gives these.
func give(t *testing.T, s plantest.Sample, wanted plan.Columns, others bool) []string {
	t.Helper()
	p := s.Make()
	o, err := Operator(p, s.Inputs, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	groups := state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{})
	timers := state.NewTimers(groups)
	if err := o.Open(&executor.Env{State: groups, Timers: timers, Counters: &executor.Counters{}, Lookup: nothing}); err != nil {
		t.Fatal(err)
	}
	out := &taken{wanted: wanted}
	for port, in := range s.Inputs {
		reads := p.Reads(port, wanted)
		b := column.NewBatch(in)
		for i, c := range in {
			seed := uint64(i)
			if others && !slices.Contains(reads, i) {
				seed += 1000
			}
			fill(b.Cols[i], c.Type, rand.New(rand.NewPCG(seed, 1)))
		}
		b.Rows = rows
		if err := o.Process(port, b, out); err != nil && err != executor.ErrFinished {
			t.Fatal(err)
		}
	}
	fire := func() (err error) {
		for due := timers.Take(state.EventTime, executor.EndWatermark); due != nil && err == nil; due = timers.Take(state.EventTime, executor.EndWatermark) {
			err = o.OnTimer(due, out)
		}
		return err
	}
	for _, end := range []func() error{func() error { return o.Flush(out) }, fire, func() error { return o.OnWatermark(executor.EndWatermark, out) }, o.Close} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	return out.rows
}

// empty is a table outside without rows.
type empty struct{}

func nothing(*plan.LookupTable) (executor.Lookup, error) { return empty{}, nil }

func (empty) Find(context.Context, *column.Batch, *column.Batch) error { return nil }
func (empty) Close() error                                             { return nil }

// rows is how many there are of each input.
const rows = 60

// fill makes values that are hardly ever the same, but of texts and integers, which are keys.
func fill(v *column.Vector, typ types.Type, r *rand.Rand) {
	v.Grow(rows)
	if typ.Physical() == types.PhysicalBytes {
		v.Reset()
	}
	for i := range rows {
		switch typ.Physical() {
		case types.PhysicalBool:
			v.Bools[i] = r.IntN(2) == 0
		case types.PhysicalInt64:
			v.Ints[i] = r.Int64N(6)
			if typ.Kind == types.Timestamp {
				v.Ints[i] = r.Int64N(300_000_000)
			}
		case types.PhysicalInt128:
			v.Wides[i] = column.FromInt64(r.Int64N(1 << 60))
		case types.PhysicalFloat64:
			v.Floats[i] = r.Float64()
		case types.PhysicalBytes:
			v.AppendBytes(fmt.Appendf(nil, "%d", r.IntN(6)))
		}
	}
}

// taken keeps the wanted columns of what is emitted.
type taken struct {
	wanted plan.Columns
	rows   []string
}

func (o *taken) Emit(b *column.Batch) error {
	b.Each(func(i int) {
		row := b.Kind(i).String()
		for _, c := range o.wanted.List() {
			if v := b.Cols[c]; v.Null(i) {
				row += " NULL"
			} else {
				row += " " + string(column.AppendText(nil, v, i))
			}
		}
		o.rows = append(o.rows, row)
	})
	return nil
}
