package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Columns that a stream declares beside those that records hold: what is computed of others, and what stands for a
// value that is not given.

// CheckComputed gives the type of a computed column over the others of its stream, and whether it is the same each time
// it is computed.
func CheckComputed(in Input, x ast.Expr, others types.Schema) (t types.Type, steady bool, err error) {
	a, s := newAnalysis(in), &scope{}
	for i, col := range others {
		s.columns = append(s.columns, scopeColumn{name: col.Name, typ: col.Type, index: i})
	}
	if isProcTime(x) {
		return types.NewTimestamp(types.DefaultTimestamp), false, nil
	}
	e, err := a.ofColumns(x, s)
	if err != nil {
		return types.Type{}, false, err
	}
	return visible(types.Schema{{Type: e.Type()}})[0].Type, !logical.Volatile(e), nil
}

// CheckDefault tells whether an expression can be the DEFAULT of a column.
func CheckDefault(in Input, x ast.Expr, col types.Column) error {
	a := newAnalysis(in)
	if hasSubquery(x) {
		return sqlerr.At(x.Position(), sqlerr.FeatureNotSupported, "a DEFAULT has no subquery")
	}
	_, err := a.constant(x, col)
	return err
}

func isProcTime(x ast.Expr) bool {
	f, ok := x.(*ast.FuncCall)
	return ok && f.Name == "proctime" && len(f.Args) == 0
}

// ofColumns types an expression over the columns of one row.
func (a *analysis) ofColumns(x ast.Expr, s *scope) (plan.Expr, error) {
	if hasSubquery(x) {
		return nil, sqlerr.At(x.Position(), sqlerr.FeatureNotSupported, "a computed column has no subquery")
	}
	outer, lifting := a.outer, a.lifting
	a.outer, a.lifting = nil, nil
	e, err := a.expr(x, s)
	a.outer, a.lifting = outer, lifting
	return e, err
}

// storedExpr reads the text of an expression that a declaration holds.
func storedExpr(text string) (ast.Expr, error) {
	q, err := parser.ParseQuery("SELECT "+text, nil)
	if err != nil {
		return nil, err
	}
	return q.(*ast.Select).Items[0].X, nil
}

// computedColumns compiles those of a stream over what is read of it, by their names.
func (a *analysis) computedColumns(rel *catalog.Relation, r *relation) (map[string]plan.Expr, error) {
	out, s := map[string]plan.Expr{}, &scope{columns: slices.Clone(r.columns)}
	defer a.lookIn(rel.Database)()
	for _, c := range rel.Clauses {
		if c.Computed == "" {
			continue
		}
		x, err := storedExpr(c.Computed)
		if err == nil && isProcTime(x) {
			out[c.Column], err = r.procTime(rel)
		} else if err == nil {
			out[c.Column], err = a.ofColumns(x, s)
		}
		if err != nil {
			e := *sqlerr.From(err)
			e.Message, e.Position = "column "+c.Column+" of "+rel.FullName()+": "+e.Message, 0
			return nil, &e
		}
	}
	return out, nil
}

// lookIn looks for functions in a database until the function that it gives is called: what a stream declares is read where
// the stream is, wherever the session that uses it may be.
func (a *analysis) lookIn(database string) (back func()) {
	former := a.Database
	a.Database = database
	return func() { a.Database = former }
}

// ClauseFunctions are the keys of the declared functions that the columns of a stream are computed by, and their defaults.
func ClauseFunctions(in Input, rel *catalog.Relation) []string {
	in.Database = rel.Database
	a, s := newAnalysis(in), &scope{}
	for i, col := range rel.Columns {
		s.columns = append(s.columns, scopeColumn{name: col.Name, typ: col.Type, index: i})
	}
	for _, c := range rel.Clauses {
		for _, text := range []string{c.Computed, c.Default} {
			if x, err := storedExpr(text); text != "" && err == nil && !isProcTime(x) {
				a.ofColumns(x, s) // of what is not understood any more, that which is
			}
		}
	}
	return a.functions
}

// procTime is the arrival time of the records.
func (r *relation) procTime(rel *catalog.Relation) (plan.Expr, error) {
	at, ok := r.stamp()
	if !ok {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "PROCTIME() is the time of a record, and %s is read as its newest rows", rel.FullName())
	}
	return r.at(at), nil
}

// asDeclared brings what is read of a stream, and what is computed of it, into the order of the declaration.
func (r *relation) asDeclared(rel *catalog.Relation, computed map[string]plan.Expr) {
	if len(rel.Recorded()) == len(rel.Columns) {
		return
	}
	exprs, columns := make([]plan.Expr, len(rel.Columns)), make([]scopeColumn, len(rel.Columns))
	for i, col := range rel.Columns {
		columns[i] = scopeColumn{qualifier: r.columns[0].qualifier, db: rel.Database, name: col.Name, typ: col.Type, index: i}
		at := slices.IndexFunc(r.columns, func(c scopeColumn) bool { return !c.hidden && strings.EqualFold(c.name, col.Name) })
		if x := computed[col.Name]; x != nil {
			exprs[i] = asStored(x, col.Type)
		} else {
			exprs[i] = r.at(at)
		}
	}
	r.put(&logical.Project{Input: r.node, Exprs: exprs, Out: rel.Columns})
	r.columns = columns
}

// asStored: the type that was stored is that of the column, whatever the expression would have today.
func asStored(x plan.Expr, t types.Type) plan.Expr {
	if x.Type() == t {
		return x
	}
	return &plan.Cast{Arg: x, Typ: t}
}

// defaultOf is the value of a column of a stream that is not given.
func (a *analysis) defaultOf(rel *catalog.Relation, col types.Column) (plan.Expr, error) {
	x, err := storedExpr(rel.Clause(col.Name).Default)
	if err != nil {
		return nil, err
	}
	defer a.lookIn(rel.Database)()
	return a.constant(x, col)
}

// defaults are the constant ones, of columns that a record may not have.
func (a *analysis) defaults(rel *catalog.Relation) (out []plan.Default, err error) {
	for i, col := range rel.Recorded() {
		if rel.Clause(col.Name).Default == "" {
			continue
		}
		x, err := a.defaultOf(rel, col)
		if err != nil {
			return nil, err
		}
		if !logical.Volatile(x) {
			out = append(out, plan.Default{Column: i, Value: x})
		}
	}
	return out, nil
}
