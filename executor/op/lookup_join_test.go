package op

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// give lets rows through, one batch after the other, and waits for their answers.
func (a *asking) give(t *testing.T, batches ...*column.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := a.Process(0, b, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Flush(a); err != nil {
		t.Fatal(err)
	}
}

// TestLookupJoin: rows meet what the table has, by any condition, in the order in which they came; it
// is asked once for a key that is kept, and for one of each batch where nothing is.
func TestLookupJoin(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, on := range []plan.Expr{nil, notSame()} {
			for _, limits := range []plan.LookupLimits{
				{Requests: 3, CacheTTL: time.Hour, Attempts: 1}, {Requests: 3, Batch: 2, CacheRows: 1000, CacheTTL: time.Hour, Attempts: 1},
				{Requests: 1, Batch: 100, CacheRows: 3, CacheTTL: time.Hour, Attempts: 1, Unordered: true}, {Requests: 3, AbsentUncached: true, CacheRows: 1000, CacheTTL: time.Hour},
			} {
				t.Run(fmt.Sprint(keep, on != nil, limits), func(t *testing.T) {
					r := executortest.Random(t)
					a := newAsking(t, &plan.LookupJoin{Keep: keep, On: on, Limits: limits})
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
					a.give(t)
					want := nestedLoop(rows, cityRows, keep, false, func(l, r executortest.Tuple) bool { return equalValues(l[0], r[0]) && (on == nil || l[2] != r[2]) })
					slices.Sort(a.got)
					slices.Sort(want)
					if !slices.Equal(a.got, want) {
						t.Errorf("%d rows, want %d", len(a.got), len(want))
					}
					if a.table.Most > limits.Requests || limits.CacheRows == 1000 && !limits.AbsentUncached && a.table.Keys != 4 || a.table.Keys > 40 {
						t.Errorf("asked for 4 keys %d times, %d at a time", a.table.Keys, a.table.Most)
					}
					if hits, misses := a.counters.LookupHits.Load(), a.counters.LookupMisses.Load(); int(misses) != a.table.Keys || hits == 0 {
						t.Errorf("%d hits, %d misses", hits, misses)
					}
					if err := a.Close(); err != nil || !a.table.Closed {
						t.Error("the table was not closed", err)
					}
				})
			}
		}
	}
}

// TestLookupsAreBatched: keys go together, also those that came while all requests were under way.
func TestLookupsAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 1, Batch: 3}})
		a.table.Fault = func(context.Context) error { time.Sleep(time.Second); return nil }
		began := time.Now()
		for _, k := range []string{"k0", "k1", "k3", "none"} { // the others while the first is asked for
			if err := a.Process(0, kinds(version(k, 0, 0)), a); err != nil {
				t.Fatal(err)
			}
		}
		a.give(t)
		if took := time.Since(began); a.table.Asked != 2 || a.table.Keys != 4 || took != 2*time.Second || len(a.got) != 4 {
			t.Errorf("%d keys by %d requests in %s: %v", a.table.Keys, a.table.Asked, took, a.got)
		}
	})
}

// TestSlowLookups: a slow answer holds the rows behind it up where they are in order, and no others;
// Flush waits for all.
func TestSlowLookups(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a := newAsking(t, &plan.LookupJoin{Keep: true, Limits: plan.LookupLimits{Requests: 3, Batch: 100, Unordered: unordered}})
			first := true
			a.table.Fault = func(context.Context) error {
				if first {
					first = false
					time.Sleep(time.Hour)
				}
				return nil
			}
			for _, k := range []string{"k0", "k1", "k0", "none"} {
				if err := a.Process(0, kinds(version(k, 0, 0)), a); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			// the last answer may be there while its row is taken
			if before := len(a.got); unordered != (before == 2 || before == 3) || !unordered && before > 0 {
				t.Errorf("unordered %t: %d rows before the slow one", unordered, before)
			}
			a.give(t)
			want := []string{"k0", "k1", "k1", "k0", "none"}
			if unordered {
				want = []string{"k1", "k1", "none", "k0", "k0"}
			}
			for i, row := range a.got {
				if !strings.Contains(row, strconv.Quote(want[i])) {
					t.Errorf("unordered %t: %v, want %v", unordered, a.got, want)
					break
				}
			}
		})
	}
}

// TestLookupsEndWithTheJob: whatever the table does not answer.
func TestLookupsEndWithTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 3, Batch: 100}})
		a.requests.open(ctx, a.table)
		a.table.Fault = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		if err := a.Process(0, kinds(version("k0", 0, 0)), a); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, cancel)
		if err := a.Flush(a); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := a.Close(); err != nil || !a.table.Closed {
			t.Error(err)
		}
	})
}

// TestLookupIsTriedAgain: more and more seldom, so often as is allowed, also when nothing is
// answered; what stays wrong is not.
func TestLookupIsTriedAgain(t *testing.T) {
	busy, silent := errors.New("busy"), errors.New("silent")
	for _, c := range []struct {
		failures int64
		err      error
		took     time.Duration
		asked    int
		fails    string
	}{
		{2, busy, 300 * time.Millisecond, 3, ""}, {3, busy, 300 * time.Millisecond, 3, "looking rows up in default.cities: busy"},
		{1, executor.Permanent(busy), 0, 1, "looking rows up in default.cities: busy"}, {1, silent, 5100 * time.Millisecond, 2, ""},
		{3, silent, 15300 * time.Millisecond, 3, "looking rows up in default.cities: no answer within 5s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 1, Attempts: 3, Timeout: 5 * time.Second}})
			var failed atomic.Int64
			a.table.Fault = func(ctx context.Context) error {
				if failed.Add(1) > c.failures {
					return nil
				}
				if c.err == silent {
					<-ctx.Done()
				}
				return c.err
			}
			began := time.Now()
			err := a.Process(0, kinds(version("k1", 0, 0)), a)
			if err == nil {
				err = a.Flush(a)
			}
			if took := time.Since(began); (err != nil) != (c.fails != "") || err != nil && err.Error() != c.fails || took != c.took || a.table.Asked != c.asked {
				t.Errorf("%v: %v after %s and %d calls", c, err, took, a.table.Asked)
			}
			if executor.IsPermanent(err) != executor.IsPermanent(c.err) {
				t.Errorf("%v: permanent is %t", err, executor.IsPermanent(err))
			}
			if c.fails == "" && len(a.got) != 2 {
				t.Errorf("%v: rows of an answer that failed are not to be seen", a.got)
			}
			_ = a.Close()
		})
	}
}

// TestLookedUpRowsGrowOld: what is kept too long is asked for again, and what was not used for
// longest goes first; of keys without rows as is said.
func TestLookedUpRowsGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{Requests: 1, CacheRows: 3, CacheTTL: time.Minute, Attempts: 1}})
		for _, step := range []struct {
			key   string
			after time.Duration
			asked int
		}{
			{"k0", 0, 1}, {"k1", 0, 2}, {"k0", 59 * time.Second, 2}, {"k0", 2 * time.Second, 3}, {"k1", 0, 4}, {"k3", 0, 5}, {"k0", 0, 6}, {"k3", 0, 6}, {"k1", 0, 7},
			{"k3", 0, 7}, {"none", 0, 8}, {"none", 0, 8}, {"k3", 0, 8}, {"k1", 0, 9},
		} {
			time.Sleep(step.after)
			a.give(t, kinds(version(step.key, 0, 0)))
			if a.table.Asked != step.asked {
				t.Errorf("%v: asked %d times", step, a.table.Asked)
			}
		}
		a = newAsking(t, &plan.LookupJoin{Limits: plan.LookupLimits{CacheRows: 3, CacheTTL: time.Minute, AbsentUncached: true}})
		for range 3 {
			a.give(t, kinds(version("none", 0, 0), version("k0", 0, 0)))
		}
		if a.table.Keys != 4 {
			t.Errorf("asked for %d keys", a.table.Keys)
		}
	})
}
