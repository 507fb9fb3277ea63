package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// A function that gives rows may stand in a select list, as Hive's and PostgreSQL's do. It is read as what it means:
// the same function in FROM, of each row of the query's tables.

func behindRowCall(r *rewriter) bool {
	return behindCall(r) && givesRows(strings.ToUpper(r.toks[r.callName].value))
}

// readCallColumns reads AS (a, b) behind a call.
func readCallColumns(r *rewriter, c *cursor) (any, error) {
	f := r.behind()
	c.i++
	var err error
	f.Columns, err = c.names()
	r.callEnd = c.i - 1
	return nil, err
}

// hiveFunctions are those that Hive has behind LATERAL VIEW, whose columns have names of their own.
var hiveFunctions = map[string]bool{"EXPLODE": true, "POSEXPLODE": true, "INLINE": true, "JSON_TUPLE": true}

// givesRows: RANGE is Hive's and Flink's in FROM alone.
func givesRows(name string) bool {
	return name != "RANGE" && (rowFunctions[name] || hiveFunctions[name])
}

// unfold takes the function that gives rows out of a select list and joins it to what is in FROM.
func (c *converter) unfold(q *ast.Select) ast.Query {
	at := -1
	for i, it := range q.Items {
		f, ok := it.X.(*ast.FuncCall)
		if !ok || !givesRows(strings.ToUpper(f.Name)) || f.Over != nil {
			continue
		}
		if at >= 0 || len(q.GroupBy) > 0 || q.Having != nil || q.Qualify != nil {
			c.fail(unsupported(f.Pos, strings.ToUpper(f.Name)+" in this select list").
				WithHint("Put it into FROM: FROM t, UNNEST(t.items) AS u (item), or LATERAL VIEW explode(t.items) u AS item."))
			return nil
		}
		at = i
	}
	if at < 0 {
		return q
	}
	f := q.Items[at].X.(*ast.FuncCall)
	if f.Distinct || f.Star || f.Filter != nil || len(f.OrderBy) > 0 {
		c.fail(sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s gives rows: it takes no DISTINCT, ORDER BY and FILTER", strings.ToUpper(f.Name)))
		return nil
	}
	u := rowsOf(f, q.Items[at])
	q.Items[at] = ast.SelectItem{X: &ast.Star{Pos: f.Pos, Parts: []string{u.Alias}}, AliasPos: ast.NoPos, Text: q.Items[at].Text}
	if q.From == nil {
		q.From = oneRow(f.Pos)
	}
	q.From = &ast.Join{Pos: f.Pos, Kind: ast.CrossJoin, L: q.From, R: u, NaturalPos: ast.NoPos}
	return q
}

// oneRow is what a SELECT without FROM reads.
func oneRow(at int) ast.TableRef {
	one := &ast.Literal{Pos: at, Kind: ast.IntLiteral, Text: "1"}
	q := &ast.Select{Pos: at, Items: []ast.SelectItem{{X: one, AliasPos: ast.NoPos, Text: "1"}}}
	return &ast.SubqueryRef{Pos: at, Query: q, Alias: "one row", AliasPos: ast.NoPos}
}

// rowsOf is the call in FROM, with the names that its columns have in the select list.
func rowsOf(f *ast.FuncCall, it ast.SelectItem) *ast.Unnest {
	u := &ast.Unnest{Pos: f.Pos, Func: f.Name, Args: f.Args, AliasPos: ast.NoPos, Columns: f.Columns, Below: hiveFunctions[strings.ToUpper(f.Name)]}
	switch {
	case len(u.Columns) > 0:
	case it.Alias != "":
		u.Columns = []ast.Ident{{Pos: it.AliasPos, Name: it.Alias}}
	case !u.Below:
		u.Columns = []ast.Ident{{Pos: f.Pos, Name: f.Name}}
	}
	unnestParts(u)
	u.Alias = "rows of " + f.Name // which nobody else has
	return u
}
