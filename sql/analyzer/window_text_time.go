package analyzer

import (
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// A stream may name a column of text as its timefield, and say by timeformat how a time is written in it. What
// windows are cut by is then computed of that column. Only the window that asks makes it: a query that asks for no
// event time is the same as over a stream that declares none.

// textTime is the event time of a stream whose timefield is text; nil if that cannot be read as a time.
func (a *analysis) textTime(rel *catalog.Relation, r *relation) *plan.WatermarkSpec {
	at := rel.Columns.Index(timeField(rel))
	if !rel.Columns[at].Type.IsText() || rel.Clause(rel.Columns[at].Name).Computed != "" {
		return nil
	}
	x, err := storedExpr(readTime(ast.QuoteName(rel.Columns[at].Name), rel.Property("timeformat")))
	if err != nil {
		return nil
	}
	e, err := a.ofColumns(x, &scope{columns: r.columns})
	if err != nil {
		return nil
	}
	scan := r.node.(*logical.Scan)
	return &plan.WatermarkSpec{Column: -1, Computed: e, Delay: a.delay(rel), IdleAfter: idleAfter(scan.Properties)}
}

// readTime is the expression that reads a time in the form that timeformat says.
func readTime(column, form string) string {
	switch strings.ToLower(form) {
	case "":
		return "CAST(" + column + " AS TIMESTAMP(3))"
	case "epoch_s":
		return "to_timestamp(CAST(" + column + " AS BIGINT))"
	case "epoch_ms":
		return "to_timestamp(CAST(" + column + " AS DECIMAL(20,0)) / 1000)"
	}
	return "to_timestamp(" + column + ", " + ast.QuoteString(form) + ")"
}

// timedByText adds the event time as the last column, which nobody can name.
func (r *relation) timedByText(pos int) (int, error) {
	n, ok := withTextTime(r.node, r.textTime)
	if !ok {
		return 0, sqlerr.At(
			pos, sqlerr.FeatureNotSupported, "a window over a %s of text must stand on its stream, with nothing but WHERE and columns between", conf.TimeField.Name(),
		).WithHint("Declare the column as TIMESTAMP, or WATERMARK FOR a computed column.")
	}
	at := len(r.columns)
	r.node, r.traits, r.textTime = n, logical.TraitsOf(n), nil
	r.columns = append(r.columns, scopeColumn{typ: n.Schema()[at].Type, index: at, hidden: true})
	return at, nil
}

// withTextTime adds the column on top of the scan and carries it up.
func withTextTime(n logical.Node, w *plan.WatermarkSpec) (logical.Node, bool) {
	switch n := n.(type) {
	case *logical.Scan:
		out := *n
		out.Watermark = w
		return withLast(&out, identity(&out), out.Schema(), w.Computed), n.Watermark == nil && n.Keys == nil && !n.Changes
	case *logical.Filter:
		in, ok := withTextTime(n.Input, w)
		return &logical.Filter{Input: in, Pred: n.Pred}, ok
	case *logical.Project:
		in, ok := withTextTime(n.Input, w)
		if !ok {
			return nil, false
		}
		last := identity(in)
		return withLast(in, n.Exprs, n.Out, last[len(last)-1]), true
	}
	return nil, false
}

// withLast computes one more column.
func withLast(in logical.Node, exprs []plan.Expr, out types.Schema, last plan.Expr) logical.Node {
	return &logical.Project{
		Input: in, Exprs: append(slices.Clone(exprs), last),
		Out: append(slices.Clone(out), types.Column{Name: made("e", len(out)), Type: last.Type()}),
	}
}
