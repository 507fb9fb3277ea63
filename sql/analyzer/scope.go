// Package analyzer resolves names and types and turns a query into a tree of logical nodes: all
// faults of meaning are found here, with their place in the user's text.
package analyzer

import (
	"strings"

	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// scopeColumn is a column that expressions can name.
type scopeColumn struct {
	qualifier string // alias or name of its relation, lower case
	db        string
	name      string // in its spelling
	typ       types.Type
	index     int  // in the input; -1 of one that is computed
	hidden    bool // not part of *
	// computed, if set, is what the name stands for, over the columns of the input.
	computed plan.Expr
	// merged: USING or NATURAL has made one column of it and of that of the other side, which bare
	// names and * mean.
	merged bool
}

// shown tells that * has the column.
func (c *scopeColumn) shown() bool { return !c.hidden && !c.merged }

// scope is what names mean at one place.
type scope struct {
	columns []scopeColumn
	// groups, if set, replaces expressions of GROUP BY and aggregates by columns of
	// the aggregate's output; names that are neither are an error.
	groups *groupScope
	// match, if set, makes names and calls values of a match.
	match *matching
	// overs, if set, has the results of calls with OVER by their text.
	overs map[string]plan.Expr
	// aliases are the select list's names, which HAVING may use; nil elsewhere.
	aliases []ast.SelectItem
}

// alias finds what a name of the select list stands for, nil if it is none.
func (s *scope) alias(r *ast.ColumnRef) ast.Expr {
	for _, item := range s.aliases {
		if len(r.Parts) == 1 && item.Alias != "" && strings.EqualFold(item.Alias, r.Column()) {
			return item.X
		}
	}
	return nil
}

// column resolves a reference.
func (s *scope) column(r *ast.ColumnRef) (*scopeColumn, error) {
	name := r.Column()
	var found *scopeColumn
	for i := range s.columns {
		c := &s.columns[i]
		if !strings.EqualFold(c.name, name) || !qualifies(r.Parts, c) || c.merged && len(r.Parts) == 1 {
			continue
		}
		if found != nil && found.index != c.index {
			return nil, sqlerr.At(r.Pos, sqlerr.AmbiguousColumn, "column reference %q is ambiguous", name)
		}
		found = c
	}
	if found == nil {
		return nil, s.unknown(r)
	}
	return found, nil
}

func qualifies(parts []string, c *scopeColumn) bool {
	switch len(parts) {
	case 2:
		return strings.EqualFold(parts[0], c.qualifier)
	case 3:
		return strings.EqualFold(parts[1], c.qualifier) && strings.EqualFold(parts[0], c.db)
	}
	return true
}

// noTable refuses t.* of a t that is not in FROM.
func (s *scope) noTable(star *ast.Star) error {
	e := sqlerr.At(star.Pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", strings.Join(star.Parts, "."))
	if c, err := s.column(&ast.ColumnRef{Pos: star.Pos, Parts: star.Parts}); err == nil && c.typ.Kind == types.Struct {
		return e.WithHint("The fields of a STRUCT are named one by one: %s.%s.", c.name, c.typ.Fields()[0].Name)
	}
	return e
}

func (s *scope) unknown(r *ast.ColumnRef) error {
	if len(r.Parts) > 1 {
		known := false
		for _, c := range s.columns {
			known = known || strings.EqualFold(c.qualifier, r.Parts[len(r.Parts)-2])
		}
		if !known {
			return sqlerr.At(r.Pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", r.Parts[len(r.Parts)-2])
		}
	}
	e := sqlerr.At(r.Pos, sqlerr.UndefinedColumn, "column %q does not exist", strings.Join(r.Parts, "."))
	var names []string
	for _, c := range s.columns {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	if known := near.Name(r.Column(), names); known != "" {
		return e.WithHint("Perhaps you meant %q.", known)
	}
	if bound := ksqlBounds[strings.ToLower(r.Column())]; bound != "" {
		return e.WithHint("Here it is %s.", bound)
	}
	if len(r.Parts) == 1 && ast.QuoteName(r.Parts[0]) != r.Parts[0] {
		e.WithHint("A name stands in \"…\", a string in '…'.")
	}
	return e
}

// ksqlBounds are columns of windows in ksqlDB.
var ksqlBounds = map[string]string{"windowstart": "window_start", "windowend": "window_end", "rowtime": "a column METADATA FROM 'timestamp'"}

// groupScope is the output of an aggregate as expressions see it.
type groupScope struct {
	// sets are those of GROUPING SETS, nil if there is one, and setNumber the column that tells them.
	sets      *groupingSets
	setNumber plan.Expr
	// computed: some key is more than a column.
	computed bool
	keys     map[string]plan.Expr // GROUP BY expression over the input, printed -> column
	aggs     map[string]plan.Expr // normal form of an aggregate call -> expression over the output
	// windowStart, windowEnd and windowTime are set behind a window aggregate.
	windowStart, windowEnd, windowTime plan.Expr
	// arrival: the window is cut by arrival time.
	arrival bool
}
