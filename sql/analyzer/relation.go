package analyzer

import (
	"slices"

	"slipway/conf"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// relation is the rows of a query as names see them.
type relation struct {
	node   logical.Node
	traits logical.Traits // of the node
	// columns are those of the node, in order, by the names that they have here.
	columns []scopeColumn
	// derived are names besides that stand for something computed of the columns.
	derived []scopeColumn
	// window is asked for and not in the tree yet: whether its bounds become columns or
	// the keys of an aggregate is known when the select list is.
	window *plan.Window
	// grouped: GROUP BY names the window, so there is an aggregate whatever else is said.
	grouped bool
	// loose: the window is not cut by an event time, so what is in it may change for ever.
	loose bool
	// assigned: the bounds are the column at start and the next one, and GROUP BY may name them.
	assigned bool
	start    int
	// byConditions: they are those of sessions that rows begin and end, whose number is the column behind them.
	byConditions bool
	// partition are the keys of a session that is asked for in FROM.
	partition []plan.Expr
	// late are the columns that rows are written with that come late for the window; nil: they are dropped.
	late []plan.Expr
	// updates is when rows of the window are given beside its end; nil for not at all.
	updates *logical.Updates
	// windowName qualifies the bounds of the window.
	windowName string
	// untimed says why the declared event time is none, for the window that asks.
	untimed error
	// textTime is the event time of a stream whose timefield is text or a number, for the window that asks: a
	// column that is computed only then. Its expression is over the columns of the scan below.
	textTime *plan.WatermarkSpec
}

func (r *relation) schema() types.Schema {
	out := make(types.Schema, 0, len(r.columns))
	for _, c := range r.columns {
		out = append(out, types.Column{Name: c.name, Type: c.typ})
	}
	return out
}

func (r *relation) scope() *scope {
	if r.derived == nil {
		return &scope{columns: r.columns}
	}
	return &scope{columns: slices.Concat(r.columns, r.derived)}
}

// put makes the relation one of a node that reads it.
func (r *relation) put(n logical.Node) {
	r.node, r.traits = n, n.Traits([]logical.Traits{r.traits})
}

// at is the column of some number.
func (r *relation) at(i int) *plan.Column {
	return &plan.Column{Index: i, Name: r.columns[i].name, Typ: r.columns[i].typ}
}

// all are the columns as they are.
func (r *relation) all() []plan.Expr {
	out := make([]plan.Expr, len(r.columns))
	for i := range out {
		out[i] = r.at(i)
	}
	return out
}

// isTime tells whether watermarks speak of a column.
func (r *relation) isTime(column int) bool { return slices.Contains(r.traits.EventTimes, column) }

// cast brings the columns to the types of a schema.
func (r *relation) cast(want types.Schema) {
	exprs, changed := r.all(), false
	for i, c := range r.columns {
		if c.typ != want[i].Type {
			exprs[i] = &plan.Cast{Arg: exprs[i], Typ: want[i].Type}
			changed = true
		}
	}
	if changed {
		r.project(exprs, want)
	}
}

// project replaces the columns.
func (r *relation) project(exprs []plan.Expr, out types.Schema) {
	r.put(&logical.Project{Input: r.node, Exprs: exprs, Out: out})
	r.rename(out)
}

// rename takes the columns of a schema as those of the relation, which belong to no table.
func (r *relation) rename(s types.Schema) {
	r.columns, r.derived, r.assigned, r.byConditions = make([]scopeColumn, len(s)), nil, false, false
	for i, c := range s {
		r.columns[i] = scopeColumn{name: c.Name, typ: c.Type, index: i}
	}
}

// first leaves the first n columns.
func (r *relation) first(n int) {
	if n < len(r.columns) {
		r.project(r.all()[:n], r.schema()[:n])
	}
}

// keyedStream names the stream with PRIMARY KEY whose records make rows change; empty if
// an aggregate does.
func keyedStream(n logical.Node) (name string) {
	logical.Walk(n, func(n logical.Node) bool {
		if s, ok := n.(*logical.Scan); ok && s.Keys != nil && !s.Bounded && name == "" {
			name = s.Name
		}
		_, aggregate := n.(*logical.Aggregate)
		return !aggregate
	})
	return name
}

// insteadAppend says of a refusal that is due to a stream's PRIMARY KEY what else can be done.
func (r *relation) insteadAppend(e *sqlerr.Error) error {
	stream := keyedStream(r.node)
	if stream == "" {
		return e
	}
	e.Detail = stream + " has a PRIMARY KEY: it is read as its newest row per key, and a later record corrects an earlier one."
	hint := `With "` + conf.SourceChangelog.Name() + `"="append" in the properties of ` + stream + ` every record is a row of its own.`
	if e.Hint != "" {
		hint = e.Hint + " " + hint
	}
	e.Hint = hint
	return e
}
