package analyzer

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// oneRow is the relation that a query without FROM is computed over. Its one column has no name.
func (a *analysis) oneRow(of string) *relation {
	n := &logical.OneRow{Of: of}
	a.parts++
	return &relation{node: n, traits: n.Traits(nil), columns: []scopeColumn{{typ: n.Schema()[0].Type, hidden: true}}}
}

// values is VALUES (…), (…) as a query: its columns are column1, column2 and so on.
func (a *analysis) values(q *ast.Values) (*relation, error) {
	rows, out, err := a.valueRows(q, &scope{})
	if err != nil {
		return nil, err
	}
	r := a.oneRow("values " + storedRows(rows))
	a.unfold(r, rows, out)
	r.project(r.all()[1:], out)
	o, err := a.unionOrder(r, q.OrderBy)
	if err != nil {
		return nil, err
	}
	return r, a.tail(r, q.Tail, o)
}

// valueRows are the rows of VALUES, and their columns.
func (a *analysis) valueRows(q *ast.Values, s *scope) (rows [][]plan.Expr, out types.Schema, err error) {
	width := len(q.Rows[0])
	if width > maxColumns {
		return nil, nil, sqlerr.At(q.Rows[0][0].Position(), sqlerr.TooManyColumns, "a row of VALUES has at most %d columns", maxColumns)
	}
	columns, places := make([][]plan.Expr, width), make([][]ast.Expr, width)
	for _, row := range q.Rows {
		if len(row) != width {
			return nil, nil, sqlerr.At(row[0].Position(), sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		for i, e := range row {
			if l, ok := e.(*ast.Literal); ok && l.Kind == ast.NullLiteral && l.Text == ast.Default {
				return nil, nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "DEFAULT in VALUES of a job is not supported").WithHint("INSERT INTO t (…) that does not name the column gives its DEFAULT.")
			}
			x, err := a.expr(e, s)
			if err != nil {
				return nil, nil, err
			}
			places[i], columns[i] = append(places[i], e), append(columns[i], x)
		}
	}
	rows = make([][]plan.Expr, len(q.Rows))
	for i := range width {
		t, err := a.oneType("VALUES", columns[i], places[i])
		if err != nil {
			return nil, nil, err
		}
		for n := range rows {
			rows[n] = append(rows[n], columns[i][n])
		}
		out = append(out, types.Column{Name: "column" + strconv.Itoa(i+1), Type: t})
	}
	return rows, out, nil
}

// oneType brings values of one column to the type that they have in common.
func (a *analysis) oneType(word string, list []plan.Expr, places []ast.Expr) (types.Type, error) {
	t, problem := function.CommonOf(typesOf(list))
	if problem != "" {
		return t, sqlerr.At(places[0].Position(), sqlerr.DatatypeMismatch, "%s: %s", word, problem)
	}
	if t.Kind == types.Null {
		t = types.Of(types.String)
	}
	for i := range list {
		var err error
		if list[i], err = a.to(places[i], list[i], t); err != nil {
			return t, err
		}
	}
	return t, nil
}

func storedRows(rows [][]plan.Expr) string {
	var b strings.Builder
	for _, r := range rows {
		for _, e := range r {
			b.WriteString(plan.Stored(e) + ", ")
		}
		b.WriteString("; ")
	}
	return b.String()
}

// unfold gives each row with each of some rows of values.
func (a *analysis) unfold(r *relation, rows [][]plan.Expr, out types.Schema) {
	r.put(&logical.Values{Input: r.node, Rows: rows, Out: out})
	for _, c := range out {
		r.columns = append(r.columns[:len(r.columns):len(r.columns)], scopeColumn{name: c.Name, typ: c.Type, index: len(r.columns)})
	}
}

// rowFunction is UNNEST, GENERATE_SERIES or RANGE in FROM, over the rows of the tables before it,
// nil if there are none.
func (a *analysis) rowFunction(l *relation, f *ast.Unnest) (*relation, error) {
	alone := l == nil
	if alone {
		l = a.oneRow(f.String())
	}
	width := len(l.columns)
	var err error
	switch f.Func {
	case "unnest":
		err = a.unnest(l, f)
	case "generate_series", "range":
		err = a.series(l, f)
	case "json_tuple":
		err = a.jsonTuple(l, f)
	case "json_table":
		err = a.jsonTable(l, f)
	case "explode", "posexplode", "inline":
		err = a.explode(l, f)
	default:
		err = a.declaredRows(l, f)
	}
	if err != nil {
		return nil, err
	}
	if err := nameColumns(l.columns[width:], f); err != nil {
		return nil, err
	}
	if alone {
		columns := l.columns[1:]
		l.project(l.all()[1:], l.schema()[1:])
		for i, c := range columns {
			l.columns[i].qualifier = c.qualifier
		}
	}
	return l, nil
}

// nameColumns gives columns the names of the alias; that of a single column is the alias itself.
func nameColumns(columns []scopeColumn, f *ast.Unnest) error {
	alias := f.Alias
	if alias == "" {
		alias = f.Func
	}
	if len(f.Columns) > len(columns) {
		return sqlerr.At(f.Columns[len(columns)].Pos, sqlerr.InvalidColumnRef, "%s gives %s", strings.ToUpper(f.Func), counted(len(columns), "column"))
	}
	for i := range columns {
		columns[i].qualifier = strings.ToLower(alias)
		switch {
		case i < len(f.Columns):
			columns[i].name = f.Columns[i].Name
		case f.Ordinality && i == len(columns)-1:
			columns[i].name = "ordinality"
		case keepsName(f, len(columns)):
		default:
			columns[i].name = alias
		}
	}
	return nil
}

// keepsName tells that columns without names of their own have those of what they are of: of a map, of a row, of
// EXPLODE. That of a single column is the alias.
func keepsName(f *ast.Unnest, columns int) bool {
	if f.Ordinality {
		columns--
	}
	switch f.Func {
	case "unnest", "inline", "generate_series", "range":
		return columns > 1 && !allArrays(f.Args) && len(f.Args) == 1
	}
	return true
}

// unnest gives the items of ARRAY[…] as rows, of several of them side by side.
func (a *analysis) unnest(r *relation, f *ast.Unnest) error {
	if f.Outer || !allArrays(f.Args) {
		return a.unnestValues(r, f, true)
	}
	var rows [][]plan.Expr
	var out types.Schema
	s := r.scope()
	for c, arg := range f.Args {
		items, t, err := a.items(arg.(*ast.Array), s)
		if err != nil {
			return err
		}
		for len(rows) < len(items) { // the arrays before are NULL there
			rows = append(rows, nulls(out))
		}
		for i := range rows {
			x := plan.Expr(&plan.Const{Typ: t, Null: true})
			if i < len(items) {
				x = items[i]
			}
			rows[i] = append(rows[i], x)
		}
		out = append(out, types.Column{Name: "unnest" + strconv.Itoa(c+1), Type: t})
	}
	if f.Ordinality {
		big := types.Of(types.BigInt)
		for i := range rows {
			rows[i] = append(rows[i], &plan.Const{Typ: big, Int: int64(i + 1)})
		}
		out = append(out, types.Column{Name: "ordinality", Type: big})
	}
	a.unfold(r, rows, out)
	return nil
}

func nulls(s types.Schema) (row []plan.Expr) {
	for _, c := range s {
		row = append(row, &plan.Const{Typ: c.Type, Null: true})
	}
	return row
}

// items are the expressions of an array, of one type.
func (a *analysis) items(array *ast.Array, s *scope) ([]plan.Expr, types.Type, error) {
	list := make([]plan.Expr, len(array.Items))
	for i, e := range array.Items {
		var err error
		if list[i], err = a.expr(e, s); err != nil {
			return nil, types.Type{}, err
		}
	}
	if len(list) == 0 {
		return nil, types.Of(types.String), nil
	}
	t, err := a.oneType("ARRAY", list, array.Items)
	return list, t, err
}

// series gives the numbers, or times, of a series.
func (a *analysis) series(r *relation, f *ast.Unnest) error {
	open := f.Func == "range"
	if f.Ordinality {
		return notSupported(f.Pos, "WITH ORDINALITY of "+strings.ToUpper(f.Func))
	}
	args := f.Args
	if open && len(args) == 1 {
		args = append([]ast.Expr{&ast.Literal{Pos: f.Pos, Kind: ast.IntLiteral, Text: "0"}}, args...)
	}
	if len(args) != 2 && len(args) != 3 {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes where it begins, where it ends, and a step", strings.ToUpper(f.Func))
	}
	bounds := make([]plan.Expr, len(args))
	for i, e := range args {
		var err error
		if bounds[i], err = a.expr(e, r.scope()); err != nil {
			return err
		}
	}
	n := &logical.Series{Input: r.node, Open: open, Out: types.Column{Name: f.Func}}
	if err := a.seriesBounds(n, f, bounds, args); err != nil {
		return err
	}
	r.put(n)
	r.columns = append(r.columns[:len(r.columns):len(r.columns)], scopeColumn{name: f.Func, typ: n.Out.Type, index: len(r.columns)})
	return nil
}

// seriesBounds brings the bounds and the step to types that go together.
func (a *analysis) seriesBounds(n *logical.Series, f *ast.Unnest, bounds []plan.Expr, args []ast.Expr) (err error) {
	t, step := types.NewTimestamp(types.MaxTimestampPrecision), types.Of(types.Duration)
	if len(bounds) == 3 {
		bounds[2] = fixedStep(bounds[2])
	}
	if isNumber(bounds[0]) && isNumber(bounds[1]) {
		t = types.Of(types.BigInt)
		if len(bounds) == 3 && !isNumber(bounds[2]) {
			return sqlerr.At(args[2].Position(), sqlerr.DatatypeMismatch, "the step of a series of whole numbers is one")
		}
		if len(bounds) == 2 {
			bounds, args = append(bounds, &plan.Const{Typ: t, Int: 1}), append(args, args[1])
		}
		step = t
	}
	if len(bounds) != 3 || bounds[2].Type() != step && step.Kind == types.Duration {
		return sqlerr.At(f.Pos, sqlerr.DatatypeMismatch, "%s is of whole numbers, or of times with a step like INTERVAL '1' DAY", strings.ToUpper(f.Func))
	}
	for i, want := range []types.Type{t, t, step} {
		if !function.Castable(bounds[i].Type(), want) && bounds[i].Type() != want {
			return sqlerr.At(args[i].Position(), sqlerr.DatatypeMismatch, "a series of %s is not supported", bounds[i].Type())
		}
		if bounds[i], err = a.to(args[i], bounds[i], want); err != nil {
			return err
		}
	}
	n.From, n.To, n.Step, n.Out.Type = bounds[0], bounds[1], bounds[2], t
	return nil
}

// fixedStep gives a constant interval without months as a length.
func fixedStep(x plan.Expr) plan.Expr {
	c, ok := x.(*plan.Const)
	if !ok || c.Null || c.Typ.Kind != types.Interval {
		return x
	}
	if v := value.UnpackInterval(value.Int128{Hi: c.WideHi, Lo: c.WideLo}); v.Months != 0 {
		return x
	}
	return &plan.Const{Typ: types.Of(types.Duration), Int: c.WideHi}
}

func isNumber(e plan.Expr) bool { return e.Type().IsInteger() || e.Type().Kind == types.Null }
