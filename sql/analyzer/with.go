package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// Limits of what a text may unfold to. Each use of a view or WITH is compiled anew, and
// NULLIF, BETWEEN, IN and CASE x take an operand several times over: nested, a few
// lines can ask for millions of tasks or expressions.
const (
	maxParts     = 256
	maxResolved  = 1000 // each is compiled by itself
	maxViewDepth = 32
	maxNodes     = 50_000
	maxWindows   = 64   // of OVER in one query: each is a step behind the one before
	maxTree      = 2000 // steps of a query that subqueries stand in; what one reads of the query around it may be computed again for it
	maxColumns   = 1664 // that a query gives, as in PostgreSQL
	maxArguments = 1000
)

// cte is one name of a WITH clause. Its query sees what stands before it, never
// itself: WITH s AS (SELECT … FROM s) reads the stream s.
type cte struct {
	name   string // lower case
	query  ast.Query
	names  []ast.Ident // of its columns, the first ones
	before *cte
}

// find looks a name up, nil if it is no WITH clause's.
func (c *cte) find(name string) *cte {
	for c != nil && c.name != name {
		c = c.before
	}
	return c
}

// with brings the names of a WITH clause into sight for its body alone.
func (a *analysis) with(q *ast.With) (*relation, error) {
	if q.Recursive {
		return nil, notSupported(q.Pos, "WITH RECURSIVE")
	}
	outer := a.ctes
	defer func() { a.ctes = outer }()
	here := map[string]bool{}
	for _, c := range q.CTEs {
		name := strings.ToLower(c.Name.Name)
		if here[name] {
			return nil, sqlerr.At(c.Name.Pos, sqlerr.DuplicateTable, "WITH names %q twice", c.Name.Name)
		}
		here[name] = true
		a.ctes = &cte{name: name, query: c.Query, names: c.Columns, before: a.ctes}
	}
	return a.query(q.Body)
}

// named compiles one use of a WITH clause's name.
func (a *analysis) named(c *cte) (*relation, error) {
	if a.resolved++; a.resolved > maxResolved {
		return nil, sqlerr.At(c.query.Position(), sqlerr.TooComplex, "names of WITH are read more than %d times, resolved", maxResolved).
			WithHint("A WITH that is named twice is computed twice; write a part of it into a stream of its own.")
	}
	outer := a.ctes
	a.ctes = c.before
	defer func() { a.ctes = outer }()
	r, err := a.query(c.query)
	if err == nil {
		err = renameFirst(r, c.names)
	}
	return r, err
}
