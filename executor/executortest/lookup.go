package executortest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Table is a table in memory that can be asked for rows: a fake of what is outside.
type Table struct {
	Plan *plan.LookupTable
	Rows []Tuple
	// Fault, if set, is asked before each answer; an error fails it, when it has appended some row.
	// It may sleep: no lock is held.
	Fault func(ctx context.Context) error

	mu sync.Mutex
	// Asked counts calls; Most is how many were under way at a time; Closed tells that it was closed.
	Asked, Most, under int
	Closed             bool
}

// Find implements executor.Lookup.
func (t *Table) Find(ctx context.Context, keys *column.Batch, r int, out *column.Batch) error {
	t.count(1)
	defer t.count(-1)
	want := TupleOf(keys, r).String()
	if t.Fault != nil {
		if err := t.Fault(ctx); err != nil {
			appendTuple(out, t.Rows[0])
			return err
		}
	}
	for _, row := range t.Rows {
		if t.key(row).String() == want {
			appendTuple(out, row)
		}
	}
	return nil
}

func (t *Table) key(row Tuple) (key Tuple) {
	for _, k := range t.Plan.Keys {
		key = append(key, row[k])
	}
	return key
}

func (t *Table) count(by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.under += by; by > 0 {
		t.Asked++
	}
	t.Most = max(t.Most, t.under)
}

// Close implements executor.Lookup.
func (t *Table) Close() error {
	t.Closed = true
	return nil
}

// CheckLookup holds an executor.Lookup to its contract, over a table that has these rows: those of a
// key and no others, none for a key that is not there, behind what out has, and many at a time.
func CheckLookup(t *testing.T, l executor.Lookup, p *plan.LookupTable, rows []Tuple) {
	t.Helper()
	table := Table{Plan: p, Rows: rows}
	asked := append(slices.Clone(rows), absentKey(p, rows))
	var asking sync.WaitGroup
	for _, row := range slices.Concat(asked, asked, asked) {
		asking.Go(func() { // the wait below waits for it
			keys, got, want := column.NewBatch(keySchema(p)), column.NewBatch(p.Out), column.NewBatch(p.Out)
			appendTuple(keys, table.key(row))
			for _, b := range []*column.Batch{got, want} {
				appendTuple(b, rows[0])
			}
			if err := l.Find(t.Context(), keys, 0, got); err != nil {
				t.Error(err)
				return
			}
			for _, r := range rows {
				if table.key(r).String() == table.key(row).String() {
					appendTuple(want, r)
				}
			}
			if g, w := tuples(got), tuples(want); g != w {
				t.Errorf("of key %s:\n%s\nwant\n%s", table.key(row), g, w)
			}
		})
	}
	asking.Wait()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// absentKey is a row whose key no other has.
func absentKey(p *plan.LookupTable, rows []Tuple) Tuple {
	out := slices.Clone(rows[0])
	for _, k := range p.Keys {
		switch x := out[k].(type) {
		case int64:
			out[k] = x + 1<<30
		case string:
			out[k] = x + " and nobody else's"
		default:
			panic(fmt.Sprintf("executortest: a key of %T", x))
		}
	}
	return out
}

func keySchema(p *plan.LookupTable) (out types.Schema) {
	for _, k := range p.Keys {
		out = append(out, p.Out[k])
	}
	return out
}

func tuples(b *column.Batch) string {
	var list []string
	for i := range b.Rows {
		list = append(list, TupleOf(b, i).String())
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
