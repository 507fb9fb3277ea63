package jdbc

import (
	"context"
	"sync"

	"slipway/executor/column"
	"slipway/sql/plan"
)

// lookup asks for rows by key, those of all keys in one statement.
type lookup struct {
	*table
	plan   *plan.LookupTable
	begin  string // of the statement, up to the condition
	mu     sync.Mutex
	key    []keyColumn
	more   string // the condition beside the key
	args   []any  // of it
	learnt bool   // what kinds the columns are there
}

func newLookup(t *table, p *plan.LookupTable) *lookup {
	return &lookup{table: t, plan: p, begin: "SELECT " + t.list(p.Out, p.Columns) + " FROM " + t.there + " WHERE "}
}

// Find implements executor.Lookup.
func (l *lookup) Find(ctx context.Context, keys, out *column.Batch) error {
	key, err := l.keyColumns(ctx)
	if err != nil {
		return err
	}
	condition, args := l.among(key, keys)
	if condition == "" {
		return nil
	}
	return l.ask(ctx, l.begin+both("("+condition+")", " AND ", l.more), append(args, l.args...), func(row [][]byte) error { return l.appendRow(out, l.plan.Columns, row) })
}

// keyColumns asks once what the key columns are there; failures are not kept.
func (l *lookup) keyColumns(ctx context.Context) ([]keyColumn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.learnt {
		return l.key, nil
	}
	key := make([]keyColumn, len(l.plan.Keys))
	for i, k := range l.plan.Keys {
		key[i] = keyColumn{name: l.quote(l.columns[l.plan.Columns[k]].Name), typ: l.plan.Out[k].Type}
	}
	err := l.learn(ctx, key)
	if err == nil {
		l.more, l.args, err = l.where(ctx, l.plan.Where, l.plan.Columns, len(key))
	}
	l.key, l.learnt = key, err == nil
	return key, err
}

// learn fills in what types columns have in the database.
func (t *table) learn(ctx context.Context, key []keyColumn) error {
	names := make([]string, len(key))
	for i, k := range key {
		names[i] = k.name
	}
	query := t.kinds(t.there, names)
	if query == "" {
		return nil
	}
	return t.ask(ctx, query, nil, func(row [][]byte) error {
		for i := range key {
			key[i].kind = string(row[i])
		}
		return nil
	})
}
