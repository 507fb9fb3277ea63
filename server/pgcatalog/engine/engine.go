package engine

import (
	"context"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// Query is a query that was bound to a catalog. One goroutine runs it at a time.
type Query struct {
	Columns []Column
	// Params are the types of its parameters.
	Params []Type

	binding *binding
	bound   *boundQuery
}

// Bind binds a query with so many parameters. Hints are their types as far as the client gives them; 0 where not.
func Bind(c Catalog, tree *syntax.Query, params int, hints []Type) (q *Query, err error) {
	defer caught(&err)
	b := &binding{catalog: c, params: make([]Type, max(params, len(hints)))}
	copy(b.params, hints)
	bound, _ := b.settledQuery(tree, &scope{})
	for i, t := range b.params {
		if t == 0 || t == Unknown {
			b.params[i] = Text
		}
	}
	return &Query{bound.columns, b.params, b, bound}, nil
}

// Run computes the rows. The arguments are texts, or nil.
func (q *Query) Run(ctx context.Context, env Env, args []Value) (rows [][]Value, err error) {
	defer caught(&err)
	if len(args) < len(q.Params) {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "the query has %d parameters, %d are given", len(q.Params), len(args))
	}
	r := &run{env: env, catalog: q.binding.catalog, params: make([]Value, len(q.Params)), cached: make([]any, q.binding.caches),
		indexes: map[indexed]map[string][][]Value{}, stopped: ctx.Err}
	for i, t := range q.Params {
		r.params[i] = q.binding.cast(env, args[i], Text, t)
	}
	return q.bound.rows(&frame{run: r}), nil
}
