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
	// Asked counts calls, Keys those that they asked for; Most is how many calls were under way at a
	// time; Closed tells that it was closed.
	Asked, Keys, Most, under int
	Closed                   bool
}

// Find implements executor.Lookup.
func (t *Table) Find(ctx context.Context, keys, out *column.Batch) error {
	t.count(1, keys.Rows)
	defer t.count(-1, 0)
	if t.Fault != nil {
		if err := t.Fault(ctx); err != nil {
			AppendTuple(out, t.Rows[0])
			return err
		}
	}
	for _, row := range t.Rows {
		for r := range keys.Rows {
			if TupleOf(keys, r).String() == t.key(row).String() {
				AppendTuple(out, row)
			}
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

func (t *Table) count(by, keys int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Keys += keys
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

// CheckLookup holds an executor.Lookup to its contract, over a table that has these rows: those of
// one key or of all, and none for a key that is not there, behind what out has, many calls at a time.
func CheckLookup(t *testing.T, l executor.Lookup, p *plan.LookupTable, rows []Tuple) {
	t.Helper()
	table := Table{Plan: p, Rows: rows}
	all := distinctKeys(&table, append(slices.Clone(rows), absentKey(p, rows)))
	asked := [][]Tuple{all}
	for _, key := range all {
		asked = append(asked, []Tuple{key})
	}
	var asking sync.WaitGroup
	for _, keys := range slices.Concat(asked, asked, asked) {
		asking.Go(func() { checkFind(t, l, &table, keys) }) // the wait below waits for it
	}
	asking.Wait()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// checkFind asks for some keys; rows of others may be in the answer.
func checkFind(t *testing.T, l executor.Lookup, table *Table, list []Tuple) {
	keys, out, got, want := column.NewBatch(keySchema(table.Plan)), column.NewBatch(table.Plan.Out), column.NewBatch(table.Plan.Out), column.NewBatch(table.Plan.Out)
	for _, k := range list {
		AppendTuple(keys, k)
	}
	AppendTuple(out, table.Rows[0]) // what is there already
	if err := l.Find(t.Context(), keys, out); err != nil {
		t.Error(err)
		return
	}
	_ = table.Find(t.Context(), keys, want)
	for i := 1; i < out.Rows; i++ {
		row := TupleOf(out, i)
		if slices.ContainsFunc(list, func(k Tuple) bool { return k.String() == table.key(row).String() }) {
			AppendTuple(got, row)
		}
	}
	if g, w := tuples(got), tuples(want); g != w || TupleOf(out, 0).String() != table.Rows[0].String() {
		t.Errorf("of keys %v:\n%s\nwant\n%s", list, g, w)
	}
}

func distinctKeys(t *Table, rows []Tuple) (out []Tuple) {
	seen := map[string]bool{}
	for _, r := range rows {
		if k := t.key(r); !seen[k.String()] && !slices.Contains(k, nil) {
			seen[k.String()] = true
			out = append(out, k)
		}
	}
	return out
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
