package session

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"slipway/executor/expr"
	"slipway/server/pgcatalog"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// PREPARE, DECLARE CURSOR and COPY take queries of the catalog as well. The parser of statements reads all but the query, in whose
// place another stands for it.

// asked is a query of the catalog within a statement.
type asked struct {
	inner  string // the query; empty: there is none
	offset int    // of the query in the statement
	outer  string // the statement with another query in its place; empty if the query is all of it
}

// Where a statement holds a query: what stands before it, and for COPY behind it.
var (
	beforeQuery = regexp.MustCompile(`(?is)^(prepare\s+("[^"]+"|\w+)\s*(\([^)]*\))?\s*as|declare\s+("[^"]+"|\w+)\s[a-z\s]*\bcursor\b[a-z\s]*\bfor|copy\s*\()\s+`)
	bracket     = regexp.MustCompile(`(?is)^copy\s*\(\s*`)
	behindQuery = regexp.MustCompile(`(?is)\s*\)\s*to\s`)
	copiedTable = regexp.MustCompile(`(?is)^copy\s+((?:pg_catalog|information_schema|slipway)\s*\.\s*\w+|pg_\w+)\s*(\([^)]*\))?\s+to\s`)
)

// standIn is a query that all these statements take.
const standIn = "SELECT 1"

// askedIn finds the query of the catalog in a statement; an error is about it, its place counting from the query's beginning.
func askedIn(text string, taken bool) (asked, error) {
	a := asked{inner: text}
	if m := copiedTable.FindStringSubmatch(text); m != nil {
		a = asked{inner: copied(m[1], m[2]), outer: text}
	} else if from, to := within(text); to > 0 {
		a = asked{inner: text[from:to], offset: from, outer: untyped(text[:from]) + padded(to-from) + text[to:]}
	}
	ok, err := pgcatalog.Asks(a.inner, taken)
	if !ok {
		a = asked{}
	}
	return a, err
}

// copied is the query of COPY relation (columns) TO.
func copied(name, columns string) string {
	if columns = strings.Trim(columns, "()"); columns == "" {
		columns = "*"
	}
	return "SELECT " + columns + " FROM " + name
}

// within tells where in a statement a query stands, in bytes.
func within(text string) (from, to int) {
	m := bracket.FindStringIndex(text)
	if m == nil {
		if m = beforeQuery.FindStringIndex(text); m == nil {
			return 0, 0
		}
		return m[1], len(text)
	}
	ends := behindQuery.FindAllStringIndex(text, -1)
	if len(ends) == 0 {
		return 0, 0
	}
	return m[1], ends[len(ends)-1][0]
}

// typeList are the types of PREPARE name (type, …): some are of the catalog alone, and the query tells them as well.
var typeList = regexp.MustCompile(`(?is)^(prepare\s+(?:"[^"]+"|\w+)\s*)(\([^)]*\))`)

// untyped is the beginning of a statement with blanks in place of the types of its parameters.
func untyped(head string) string {
	m := typeList.FindStringSubmatchIndex(head)
	if m == nil {
		return head
	}
	return head[:m[4]] + strings.Repeat(" ", m[5]-m[4]) + head[m[5]:]
}

// padded is the stand-in, so long that what stands behind it keeps its place.
func padded(length int) string { return standIn + strings.Repeat(" ", max(0, length-len(standIn))) }

// ofCatalog is a query of the catalog where a tree has a query. What it stands in for gives it the rest of a query's methods.
type ofCatalog struct {
	ast.Query
	query *catalogQuery
}

// takeCatalog puts the query into the statement in place of its stand-in. The parser has just made the tree.
func takeCatalog(st ast.Statement, q *catalogQuery, src ast.Source) {
	st.SetOrigin(src)
	switch st := st.(type) {
	case *ast.Prepare:
		st.Statement = q
	case *ast.DeclareCursor:
		st.Query = &ofCatalog{st.Query, q}
	case *ast.Copy:
		st.Query = &ofCatalog{st.Query, q}
	}
}

// runCatalog answers EXECUTE of a query of the catalog.
func (s *session) runCatalog(ctx context.Context, q *catalogQuery, args []plan.Expr) (pgwire.Result, error) {
	r, err := s.askConstant(ctx, q, args)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// askConstant answers a query of the catalog whose arguments are constants of ours.
func (s *session) askConstant(ctx context.Context, q *catalogQuery, args []plan.Expr) (*catalogRows, error) {
	list, err := s.texts(args)
	if err != nil {
		return nil, err
	}
	return s.askCatalog(ctx, q, list)
}

// texts are constants as a client would send them; their types are for the catalog to find.
func (s *session) texts(args []plan.Expr) ([]pgwire.Arg, error) {
	out := make([]pgwire.Arg, len(args))
	for i, a := range args {
		b, err := expr.Constants([]plan.Expr{a}, types.Schema{{Name: "a", Type: a.Type()}}, s.location())
		if err != nil {
			return nil, err
		}
		row := s.rowsOut()
		row.b = b
		text, null := row.AppendText(nil, 0)
		out[i] = pgwire.Arg{Null: null, Text: string(text)}
	}
	return out, nil
}

func (s *session) catalogQueryColumns(q *catalogQuery, args []plan.Expr) ([]pgwire.Column, error) {
	_, columns, err := describeCatalog(q, make([]uint32, len(args)))
	return columns, err
}

// builtin are the functions that nobody declared, for pg_proc.
var builtin = sync.OnceValue(func() (out []pgcatalog.Function) {
	for _, name := range function.Callable() {
		d, _ := function.Describe(name)
		f := pgcatalog.Function{Name: name, Kind: "f", Rows: d.Kind == function.Table, Text: d.Text}
		switch d.Kind {
		case function.Aggregate:
			f.Kind = "a"
		case function.Window:
			f.Kind = "w"
		}
		if _, rest, ok := strings.Cut(d.Form, "("); ok {
			f.Arguments = strings.TrimSuffix(rest, ")")
		}
		out = append(out, f)
	}
	return out
})
