package op

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/plan"
)

var cities = &plan.LookupTable{Name: "default.cities", Connector: "fake", Declared: timedIn, Columns: []int{0, 1, 2}, Keys: []int{0}, Out: timedIn}

var cityRows = []executortest.Tuple{version("k0", 1, 0), version("k1", 1, 1), version("k1", 2, 2), version("k3", 1, 1)}

// TestFakeLookup: the fake keeps the contract that connectors are held to.
func TestFakeLookup(t *testing.T) {
	executortest.CheckLookup(t, &executortest.Table{Plan: cities, Rows: cityRows}, cities, cityRows)
}

// asking is a lookup join with a fake behind it.
type asking struct {
	*LookupJoin
	table *executortest.Table
	got   []string
}

func newAsking(t *testing.T, p *plan.LookupJoin) *asking {
	t.Helper()
	a := &asking{table: &executortest.Table{Plan: cities, Rows: cityRows}}
	p.Table, p.Keys, p.Out = *cities, []int{0}, sideBySideColumns
	var err error
	if a.LookupJoin, err = NewLookupJoin(p, expr.Options{}); err == nil {
		err = a.Open(&executor.Env{Counters: &executor.Counters{}, Running: t.Context(), Lookup: func(*plan.LookupTable) (executor.Lookup, error) { return a.table, nil }})
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *asking) Emit(b *column.Batch) error {
	b.Each(func(i int) { a.got = append(a.got, b.Kind(i).String()+" "+executortest.TupleOf(b, i).String()) })
	return nil
}

// TestLookupJoin: rows meet what the table has, by any condition; it is asked once for a key that
// is kept, and for one of each batch where nothing is.
func TestLookupJoin(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, on := range []plan.Expr{nil, notSame()} {
			for _, most := range []int{0, 1000} {
				t.Run(fmt.Sprint(keep, on != nil, most), func(t *testing.T) {
					r := executortest.Random(t)
					a := newAsking(t, &plan.LookupJoin{Keep: keep, On: on, Limits: plan.LookupLimits{Requests: 3, CacheRows: most, CacheTTL: time.Hour, Attempts: 1}})
					var rows []executortest.Tuple
					for range 10 {
						var list []any
						for range 1 + r.IntN(3000) {
							row := timedRow(r, 0)
							list, rows = append(list, row), append(rows, row)
						}
						if err := a.Process(0, kinds(list...), a); err != nil {
							t.Fatal(err)
						}
					}
					want := nestedLoop(rows, cityRows, keep, false, func(l, r executortest.Tuple) bool { return equalValues(l[0], r[0]) && (on == nil || l[2] != r[2]) })
					slices.Sort(a.got)
					slices.Sort(want)
					if !slices.Equal(a.got, want) {
						t.Errorf("%d rows, want %d", len(a.got), len(want))
					}
					if a.table.Most > 3 || most > 0 && a.table.Asked != 4 || a.table.Asked > 40 {
						t.Errorf("asked %d times for 4 keys, %d at a time", a.table.Asked, a.table.Most)
					}
					if err := a.Close(); err != nil || !a.table.Closed {
						t.Error("the table was not closed", err)
					}
				})
			}
		}
	}
}

// TestLookupIsTriedAgain: more and more seldom, so often as is allowed; what stays wrong is not.
func TestLookupIsTriedAgain(t *testing.T) {
	busy := errors.New("busy")
	for _, c := range []struct {
		failures int64
		err      error
		took     time.Duration
		asked    int
		fails    bool
	}{{2, busy, 300 * time.Millisecond, 3, false}, {3, busy, 300 * time.Millisecond, 3, true}, {1, executor.Permanent(busy), 0, 1, true}} {
		synctest.Test(t, func(t *testing.T) {
			a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 1, Attempts: 3}})
			var failed atomic.Int64
			a.table.Fault = func(context.Context) error {
				if failed.Add(1) <= c.failures {
					return c.err
				}
				return nil
			}
			began := time.Now()
			err := a.Process(0, kinds(version("k1", 0, 0)), a)
			if took := time.Since(began); (err != nil) != c.fails || c.fails && !errors.Is(err, busy) || took != c.took || a.table.Asked != c.asked {
				t.Errorf("%v: %v after %s and %d calls", c, err, took, a.table.Asked)
			}
			if !c.fails && len(a.got) != 2 {
				t.Errorf("%v: rows of an answer that failed are not to be seen", a.got)
			}
		})
	}
}

// TestLookedUpRowsGrowOld: what is kept too long is asked for again, and the oldest goes first.
func TestLookedUpRowsGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 1, CacheRows: 3, CacheTTL: time.Minute, Attempts: 1}})
		for _, step := range []struct {
			key   string
			after time.Duration
			asked int
		}{{"k0", 0, 1}, {"k1", 0, 2}, {"k0", 59 * time.Second, 2}, {"k0", 2 * time.Second, 3}, {"k1", 0, 4}, {"k3", 0, 5}, {"k0", 0, 6}, {"k3", 0, 6}, {"k1", 0, 7}} {
			time.Sleep(step.after)
			if err := a.Process(0, kinds(version(step.key, 0, 0)), a); err != nil {
				t.Fatal(err)
			}
			if a.table.Asked != step.asked {
				t.Errorf("%v: asked %d times", step, a.table.Asked)
			}
		}
	})
}
