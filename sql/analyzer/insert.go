package analyzer

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Insert compiles INSERT INTO … SELECT ….
func Insert(in Input, i *ast.Insert) (*logical.Statement, error) {
	a := newAnalysis(in)
	return a.insert(i)
}

func (a *analysis) insert(i *ast.Insert) (*logical.Statement, error) {
	in := a.Input
	a.job = true
	target, err := in.Find(i.Table, true)
	if err != nil {
		return nil, err
	}
	w, err := a.sink(target, i)
	if err != nil {
		return nil, err
	}
	if err := a.divertLate(i); err != nil {
		return nil, err
	}
	r, err := a.query(i.Query)
	if err != nil {
		return nil, err
	}
	if err := a.coerceToTarget(r, w.Keys, target, i); err != nil {
		return nil, err
	}
	if err := takes(w, catalog.DeclarationOf(a.Connectors, target), r, i); err != nil {
		return nil, err
	}
	w.Input = r.node
	if err := a.checkRandom(w); err != nil {
		return nil, err
	}
	out := &logical.Statement{Root: w, Reads: a.streams, Writes: []string{target.FullName()}, Functions: a.functions, Diverted: a.diverted}
	a.takeLate(out, w)
	for _, d := range a.diverted {
		out.Writes = merged(out.Writes, []string{d.To.Name})
	}
	return out, nil
}

// Target is what writes to a relation by its primary key, if it has one, without regard to
// a job's settings.
func Target(d *catalog.Declaration, r *catalog.Relation) *logical.Write {
	w := &logical.Write{Name: r.FullName(), Relation: r.Name, Connector: d.Name, Properties: d.Values(r).Map(), Declared: r.Sunk(),
		Keys: keyColumns(r), Delivery: conf.AtLeastOnce}
	if len(w.Keys) > 0 {
		w.Mode = plan.Upsert
	}
	for _, col := range r.WrittenMetadata() {
		w.Metadata = append(w.Metadata, r.Clause(col.Name).Metadata)
	}
	return w
}

func (a *analysis) sink(target *catalog.Relation, i *ast.Insert) (*logical.Write, error) {
	if target.Kind == catalog.View {
		return nil, sqlerr.At(i.Table.Pos, sqlerr.WrongObjectType, "%s is a derived stream or view; it cannot be written to", target.FullName())
	}
	d := catalog.DeclarationOf(a.Connectors, target)
	if why := d.CheckWrite(target); why != "" {
		refusal := sqlerr.At(i.Table.Pos, sqlerr.WrongObjectType, "%s cannot be written to: %s", target.FullName(), why)
		if d.Sink == nil && d.Lookup {
			refusal.Code = sqlerr.FeatureNotSupported
			return nil, refusal.WithHint("Write to a topic, and load it from there.")
		}
		return nil, refusal
	}
	w := Target(d, target)
	w.Delivery = a.delivery(d.Values(target))
	if _, values := i.Query.(*ast.Values); w.Delivery == conf.ExactlyOnce && !values && !conf.EnableCheckpoint.Get(a.Settings) {
		return nil, sqlerr.At(
			i.Table.Pos, sqlerr.InvalidParameter,
			"%s wants exactly-once delivery, which needs checkpoints: transactions are committed with them", w.Name,
		).
			WithHint("Set %q=\"true\", or %q=%q for this job.", conf.EnableCheckpoint.Name(), conf.DeliveryGuarantee.Name(), conf.AtLeastOnce)
	}
	return w, nil
}

// delivery is what the job asks for, else what the sink's stream does.
func (a *analysis) delivery(options *conf.Values) string {
	if conf.DeliveryGuarantee.IsSet(a.Settings) {
		return conf.DeliveryGuarantee.Get(a.Settings)
	}
	return conf.SinkDelivery.Get(options)
}

// coerceToTarget brings the query's columns to the target's, in its order.
func (a *analysis) coerceToTarget(r *relation, keys []int, target *catalog.Relation, i *ast.Insert) error {
	given := slices.DeleteFunc(slices.Clone(r.columns), func(c scopeColumn) bool { return c.hidden })
	sunk, want := target.Sunk(), len(i.Columns)
	if want == 0 {
		want = len(sunk)
	}
	if len(given) != want {
		return sqlerr.At(i.Query.Position(), sqlerr.SyntaxError, "INSERT INTO %s takes %d columns, the query gives %d", target.FullName(), want, len(given)).
			WithDetail("The target's columns are %s.", target.Written())
	}
	order, err := targets(target, i)
	if err != nil {
		return err
	}
	exprs := make([]plan.Expr, len(sunk))
	for c, col := range sunk {
		col.NotNull = col.NotNull || slices.Contains(keys, c)
		n := slices.Index(order, c)
		if n < 0 {
			exprs[c], err = a.omitted(col, target, i)
		} else {
			exprs[c], err = assigned(r, given[n], col, target, itemPos(i.Query, n))
		}
		if err != nil {
			return err
		}
	}
	r.project(exprs, sunk)
	return nil
}

// omitted is the value of a column that INSERT does not name.
func (a *analysis) omitted(col types.Column, target *catalog.Relation, i *ast.Insert) (plan.Expr, error) {
	if target.Clause(col.Name).Default != "" {
		return a.defaultOf(target, col)
	}
	if col.NotNull {
		return nil, sqlerr.At(i.Table.Pos, sqlerr.NotNullViolation, "column %q of %s takes no NULL and is not given", col.Name, target.FullName())
	}
	return &plan.Const{Typ: col.Type, Null: true}, nil
}

// assigned brings a column of the query to one of the target.
func assigned(r *relation, from scopeColumn, col types.Column, target *catalog.Relation, pos int) (plan.Expr, error) {
	if col.NotNull && alwaysNull(r.node, from.index) {
		return nil, sqlerr.At(pos, sqlerr.NotNullViolation, "column %q of %s takes no NULL", col.Name, target.FullName())
	}
	if !function.Assignable(from.typ, col.Type) {
		return nil, sqlerr.At(
			pos, sqlerr.DatatypeMismatch, "column %q is of type %s but expression is of type %s", col.Name, col.Type, from.typ,
		).WithHint("Use CAST.")
	}
	x := plan.Expr(r.at(from.index))
	if from.typ != col.Type {
		x = &plan.Cast{Arg: x, Typ: col.Type, Whole: col.Type.IsInteger()}
	}
	return x, nil
}

// alwaysNull tells that a column of the query is the constant NULL.
func alwaysNull(n logical.Node, column int) bool {
	switch n := n.(type) {
	case *logical.Project:
		c, ok := n.Exprs[column].(*plan.Const)
		return ok && c.Null
	case *logical.CountedSetOp:
		return alwaysNull(n.Left, column) && alwaysNull(n.Right, column)
	case *logical.SetOp:
		return !slices.ContainsFunc(n.In, func(x logical.Node) bool { return !alwaysNull(x, column) })
	}
	return false
}

// itemPos is where the n-th expression of the select list stands.
func itemPos(q ast.Query, n int) int {
	switch q := q.(type) {
	case *ast.Select:
		if n < len(q.Items) {
			return q.Items[n].X.Position()
		}
	case *ast.With:
		return itemPos(q.Body, n)
	case *ast.SetOp:
		return itemPos(q.L, n)
	}
	return q.Position()
}

// takes decides how the target takes the rows of the query.
func takes(w *logical.Write, d *catalog.Declaration, r *relation, i *ast.Insert) error {
	switch {
	case conf.SinkChangelog.Get(d.Read(w.Properties)) == "append":
		w.Mode, w.Keys = plan.AppendChanges, nil
	case len(w.Keys) > 0:
		w.Mode = plan.Upsert
	case r.traits.Updating() && d.Sink.NeedsKey:
		e := sqlerr.At(i.Table.Pos, sqlerr.FeatureNotSupported, "the query's result changes, but %s has no PRIMARY KEY to correct rows by", w.Name).
			WithHint("Add PRIMARY KEY (…) to the stream, or \"sink.changelog\"=\"append\" to take every change as a row, or aggregate over a window.")
		return r.insteadAppend(e)
	case r.traits.Updating():
		w.Mode = plan.AppendChanges
	}
	return nil
}

// Constants gives the rows of INSERT … VALUES as typed expressions, one after the other. A
// row is lent until take returns.
func Constants(in Input, target *catalog.Relation, i *ast.Insert, take func(row []plan.Expr) error) error {
	v, ok := i.Query.(*ast.Values)
	if !ok {
		return fmt.Errorf("analyzer: not VALUES")
	}
	r, err := newRowMaker(in, target, i)
	if err != nil {
		return err
	}
	for _, row := range v.Rows {
		if len(row) != len(r.order) {
			return wrongCount(target, i, row, len(r.order), v.Pos)
		}
		if err := r.row(row, take); err != nil {
			return err
		}
	}
	return nil
}

// Given gives rows as Constants does, of values that come without a statement: next gives those of the columns that i names, until
// io.EOF.
func Given(in Input, target *catalog.Relation, i *ast.Insert, next func() ([]plan.Expr, error), take func(row []plan.Expr) error) error {
	r, err := newRowMaker(in, target, i)
	if err != nil {
		return err
	}
	values := make([]ast.Expr, len(r.order))
	for n := range values {
		values[n] = &ast.Param{N: n + 1, Pos: ast.NoPos}
	}
	for {
		if r.a.args, err = next(); err == io.EOF {
			return nil
		}
		if err == nil {
			err = r.row(values, take)
		}
		if err != nil {
			return err
		}
	}
}

// Taken are the columns that INSERT names, or all that a sink takes, in the order in which values for them come.
func Taken(target *catalog.Relation, i *ast.Insert) (out types.Schema, err error) {
	order, err := targets(target, i)
	for _, c := range order {
		out = append(out, target.Sunk()[c])
	}
	return out, err
}

// rowMaker makes rows of a relation out of values.
type rowMaker struct {
	a               *analysis
	sunk            types.Schema
	order           []int       // of the columns that values come for
	exprs, defaults []plan.Expr // by column
}

func newRowMaker(in Input, target *catalog.Relation, i *ast.Insert) (*rowMaker, error) {
	a := newAnalysis(in)
	if _, err := a.sink(target, i); err != nil {
		return nil, err
	}
	order, err := targets(target, i)
	if err != nil {
		return nil, err
	}
	r := &rowMaker{a: a, sunk: target.Sunk(), order: order}
	r.exprs = make([]plan.Expr, len(r.sunk))
	for c, col := range r.sunk { // of what INSERT does not name
		if r.exprs[c] = plan.Expr(&plan.Const{Typ: col.Type, Null: true}); target.Clause(col.Name).Default != "" {
			if r.exprs[c], err = a.defaultOf(target, col); err != nil {
				return nil, err
			}
		}
	}
	r.defaults = slices.Clone(r.exprs)
	return r, nil
}

// row makes one of as many values as there are columns for them. It is lent to take.
func (r *rowMaker) row(values []ast.Expr, take func(row []plan.Expr) error) (err error) {
	r.a.nodes = 0 // no row unfolds another
	for n, e := range values {
		c := r.order[n]
		if l, ok := e.(*ast.Literal); ok && l.Kind == ast.NullLiteral && l.Text == ast.Default {
			r.exprs[c] = r.defaults[c]
			continue
		}
		if r.exprs[c], err = r.a.constant(e, r.sunk[c]); err != nil {
			return err
		}
	}
	if err := r.a.checkRandomRow(r.exprs); err != nil {
		return err
	}
	return take(r.exprs)
}

// targets are the columns that INSERT names, in its order, or all; of those that a sink takes.
func targets(target *catalog.Relation, i *ast.Insert) ([]int, error) {
	var order []int
	sunk := target.Sunk()
	for _, n := range i.Columns {
		c := sunk.Index(n.Name)
		if c < 0 {
			return nil, notWritten(target, n)
		}
		if slices.Contains(order, c) {
			return nil, sqlerr.At(n.Pos, sqlerr.DuplicateColumn, "column %q is named twice", n.Name)
		}
		order = append(order, c)
	}
	if len(i.Columns) == 0 {
		for _, col := range target.Written() {
			order = append(order, sunk.Index(col.Name))
		}
	}
	return order, nil
}

// notWritten is why a column cannot be named in INSERT.
func notWritten(target *catalog.Relation, n ast.Ident) error {
	c := target.Clause(n.Name)
	switch {
	case c.Computed != "":
		return sqlerr.At(n.Pos, sqlerr.GeneratedAlways, "column %q of %s cannot be written: it is computed AS %s", n.Name, target.FullName(), c.Computed)
	case c.Virtual:
		return sqlerr.At(n.Pos, sqlerr.GeneratedAlways, "column %q of %s cannot be written: it is read of the record's %s", n.Name, target.FullName(), c.Metadata)
	}
	return sqlerr.At(n.Pos, sqlerr.UndefinedColumn, "column %q of %s does not exist", n.Name, target.FullName())
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// wrongCount points at the first value too many, or at the row that has too few.
func wrongCount(target *catalog.Relation, i *ast.Insert, row []ast.Expr, want, at int) error {
	if len(row) > 0 {
		at = row[min(want, len(row)-1)].Position()
	}
	e := sqlerr.At(at, sqlerr.SyntaxError, "INSERT INTO %s takes %s, the row has %d", target.FullName(), counted(want, "value"), len(row))
	if len(i.Columns) > 0 {
		return e
	}
	return e.WithDetail("The target's columns are %s.", target.Written()).WithHint(
		"INSERT INTO %s (…) names those that are given; the others are NULL.", target.FullName(),
	)
}

func (a *analysis) constant(e ast.Expr, col types.Column) (plan.Expr, error) {
	if x, ok, err := a.constructed(e, col); ok || err != nil {
		return x, err
	}
	x, err := a.expr(e, &scope{})
	if err != nil {
		return nil, err
	}
	if openArray(x, col.Type) {
		return &plan.Const{Typ: col.Type, Null: true}, nil
	}
	if c := emptyArray(x); c != nil && col.Type.Kind == types.Array {
		x = c
	}
	if c, ok := x.(*plan.Const); ok && c.Typ.IsText() && !col.Type.IsText() {
		if c.Null { // a driver's parameter that has no value
			return a.inferParam(c, col.Type), nil
		}
		if x, err = castText(e.Position(), c, col.Type, false); err != nil {
			return nil, err
		}
	}
	if !function.Assignable(x.Type(), col.Type) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "column %q is of type %s but expression is of type %s", col.Name, col.Type, x.Type())
	}
	given := x
	if x, err = a.to(e, x, col.Type); err != nil {
		return nil, err
	}
	if c, ok := x.(*plan.Cast); ok && x != given { // not one that the user wrote
		c.Whole = col.Type.IsInteger()
	}
	return x, nil
}

// WatermarkDelay reads the expression of WATERMARK FOR c AS c - INTERVAL '5' SECOND.
func WatermarkDelay(w *ast.WatermarkDef) (time.Duration, error) {
	wrong := func() (time.Duration, error) {
		return 0, sqlerr.At(w.X.Position(), sqlerr.FeatureNotSupported, "a watermark must read %s - INTERVAL '…' …", w.Column.Name)
	}
	x := w.X
	delay := time.Duration(0)
	if b, ok := x.(*ast.Binary); ok && b.Op == ast.Sub {
		l, ok := fixedLiteral(b.R)
		if !ok {
			return wrong()
		}
		var err error
		if delay, err = interval(l); err != nil {
			return 0, err
		}
		x = b.L
	}
	c, ok := x.(*ast.ColumnRef)
	if !ok || len(c.Parts) != 1 || !strings.EqualFold(c.Parts[0], w.Column.Name) || delay < 0 {
		return wrong()
	}
	return delay, nil
}
