package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Insert compiles INSERT INTO … SELECT ….
func Insert(in Input, i *ast.Insert) (*plan.Dataflow, error) {
	a := newAnalysis(in)
	a.job = true
	target, err := Find(in.Snapshot, in.Database, i.Table)
	if err != nil {
		return nil, err
	}
	sink, err := a.sink(target, i)
	if err != nil {
		return nil, err
	}
	r, err := a.query(i.Query)
	if err != nil {
		return nil, err
	}
	if err := a.fit(r, sink, target, i); err != nil {
		return nil, err
	}
	if err := a.attach(r, sink, target, i); err != nil {
		return nil, err
	}
	a.flow.Updating = r.updates
	a.flow.Writes = []string{target.FullName()}
	return a.flow, nil
}

func (a *analysis) sink(target *catalog.Relation, i *ast.Insert) (*plan.Sink, error) {
	if target.Kind == catalog.View {
		return nil, sqlerr.At(i.Table.Pos, sqlerr.WrongObjectType, "%s is a derived stream or view; it cannot be written to", target.FullName())
	}
	props := propertiesOf(target)
	connector := cmpOr(strings.ToLower(props[conf.Connector.Name()]), conf.Connector.Default)
	c := a.Connectors[connector]
	if c == nil || !c.Writable() {
		return nil, sqlerr.At(i.Table.Pos, sqlerr.WrongObjectType, "%s cannot be written to: connector %q only reads", target.FullName(), connector)
	}
	s := &plan.Sink{Op: a.id("sink", target.FullName()), Name: target.FullName(), Connector: connector, Properties: props, Schema: target.Columns, Delivery: a.delivery(props)}
	if _, values := i.Query.(*ast.Values); s.Delivery == conf.ExactlyOnce && !values && !conf.EnableCheckpoint.Get(a.Settings) {
		return nil, sqlerr.At(i.Table.Pos, sqlerr.InvalidParameter, "%s wants exactly-once delivery, which needs checkpoints: transactions are committed with them", target.FullName()).
			WithHint("Set %q=\"true\", or %q=%q for this job.", conf.EnableCheckpoint.Name(), conf.DeliveryGuarantee.Name(), conf.AtLeastOnce)
	}
	for _, k := range target.PrimaryKey {
		s.Keys = append(s.Keys, target.Columns.Index(k))
	}
	return s, nil
}

// delivery is what the job asks for, else what the sink's stream does.
func (a *analysis) delivery(props map[string]string) string {
	if conf.DeliveryGuarantee.IsSet(a.Settings) {
		return conf.DeliveryGuarantee.Get(a.Settings)
	}
	if strings.EqualFold(props[conf.SinkDelivery.Name()], conf.ExactlyOnce) {
		return conf.ExactlyOnce
	}
	return conf.AtLeastOnce
}

// fit brings the query's columns to the target's, in its order.
func (a *analysis) fit(r *relation, s *plan.Sink, target *catalog.Relation, i *ast.Insert) error {
	places := make([]int, len(target.Columns)) // target column -> query column, -1: NULL
	for c := range places {
		places[c] = -1
	}
	var visible []scopeColumn
	for _, c := range r.columns {
		if !c.hidden {
			visible = append(visible, c)
		}
	}
	want := len(target.Columns)
	if len(i.Columns) > 0 {
		want = len(i.Columns)
	}
	if len(visible) != want {
		return sqlerr.At(i.Query.Position(), sqlerr.SyntaxError, "INSERT INTO %s takes %d columns, the query gives %d", target.FullName(), want, len(visible)).
			WithDetail("The target's columns are %s.", target.Columns)
	}
	for n := range visible {
		c := n
		if len(i.Columns) > 0 {
			if c = target.Columns.Index(i.Columns[n].Name); c < 0 {
				return sqlerr.At(i.Columns[n].Pos, sqlerr.UndefinedColumn, "column %q of %s does not exist", i.Columns[n].Name, target.FullName())
			}
			if places[c] >= 0 {
				return sqlerr.At(i.Columns[n].Pos, sqlerr.DuplicateColumn, "column %q is named twice", i.Columns[n].Name)
			}
		}
		places[c] = n
	}
	exprs := make([]plan.Expr, len(target.Columns))
	for c, col := range target.Columns {
		if places[c] < 0 {
			if col.NotNull || slices.Contains(s.Keys, c) {
				return sqlerr.At(i.Table.Pos, sqlerr.NotNullViolation, "column %q of %s takes no NULL and is not given", col.Name, target.FullName())
			}
			exprs[c] = &plan.Const{Typ: col.Type, Null: true}
			continue
		}
		v := visible[places[c]]
		if (col.NotNull || slices.Contains(s.Keys, c)) && a.alwaysNull(r, v.index) {
			return sqlerr.At(itemPos(i.Query, places[c]), sqlerr.NotNullViolation, "column %q of %s takes no NULL", col.Name, target.FullName())
		}
		if !function.Assignable(v.typ, col.Type) {
			return sqlerr.At(itemPos(i.Query, places[c]), sqlerr.DatatypeMismatch, "column %q is of type %s but expression is of type %s", col.Name, col.Type, v.typ).WithHint("Use CAST.")
		}
		exprs[c] = &plan.Column{Index: v.index, Name: v.name, Typ: v.typ}
		if v.typ != col.Type {
			exprs[c] = &plan.Cast{Arg: exprs[c], Typ: col.Type, Whole: col.Type.IsInteger()}
		}
	}
	a.project(r, exprs, target.Columns)
	return nil
}

// alwaysNull tells that a column of the query is the constant NULL.
func (a *analysis) alwaysNull(r *relation, index int) bool {
	for _, t := range r.tails {
		ops := a.flow.Stages[t].Ops
		if len(ops) == 0 {
			return false
		}
		p, ok := ops[len(ops)-1].(*plan.Project)
		if !ok {
			return false
		}
		if c, ok := p.Exprs[index].(*plan.Const); !ok || !c.Null {
			return false
		}
	}
	return true
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

// attach ends the dataflow with the sink. Rows of one primary key must come from one
// task, so that they leave in the order of their changes.
func (a *analysis) attach(r *relation, s *plan.Sink, target *catalog.Relation, i *ast.Insert) error {
	changelog := strings.ToLower(cmpOr(s.Properties[conf.SinkChangelog.Name()], "upsert"))
	switch {
	case changelog == "append":
		s.Mode, s.Keys = plan.AppendChanges, nil
	case len(s.Keys) > 0:
		s.Mode = plan.Upsert
	case r.updates && s.Connector == conf.Connector.Default:
		e := sqlerr.At(i.Table.Pos, sqlerr.FeatureNotSupported, "the query's result changes, but %s has no PRIMARY KEY to correct rows by", target.FullName()).
			WithHint("Add PRIMARY KEY (…) to the stream, or \"sink.changelog\"=\"append\" to take every change as a row, or aggregate over a window.")
		return r.insteadAppend(e)
	case r.updates:
		s.Mode = plan.AppendChanges
	}
	if s.Mode == plan.Upsert {
		a.dropNormalize(r, s.Keys)
	}
	moves := s.Mode == plan.Upsert && r.updates && !subset(s.Keys, r.fixed)
	if moves {
		a.wantBefore(r)
	}
	if s.Mode == plan.Upsert && !placed(r, s.Keys) {
		a.exchange(r, "write "+target.Name, plan.Hash, s.Keys)
	} else if len(r.tails) > 1 {
		a.exchange(r, "write "+target.Name, plan.Rebalance, nil)
	}
	if moves { // behind the exchange, where the rows of a key are
		a.add(r, &plan.UpsertChanges{Keys: s.Keys, Out: target.Columns})
	}
	a.flow.Stages[r.tails[0]].Sink = s
	return nil
}

// placed tells whether rows of equal keys are in one task already: every column they
// were spread by is among the keys.
func placed(r *relation, keys []int) bool {
	return r.hashed != nil && len(r.tails) == 1 && subset(r.hashed, keys)
}

// subset tells that all of a is in b.
func subset(a, b []int) bool {
	return !slices.ContainsFunc(a, func(x int) bool { return !slices.Contains(b, x) })
}

// Constants gives the rows of INSERT … VALUES as typed expressions, one after the other. A
// row is lent until take returns.
func Constants(in Input, target *catalog.Relation, i *ast.Insert, take func(row []plan.Expr) error) error {
	v, ok := i.Query.(*ast.Values)
	if !ok {
		return fmt.Errorf("analyzer: not VALUES")
	}
	a := newAnalysis(in)
	if _, err := a.sink(target, i); err != nil {
		return err
	}
	order, err := targets(target, i)
	if err != nil {
		return err
	}
	exprs := make([]plan.Expr, len(target.Columns))
	for c, col := range target.Columns {
		exprs[c] = &plan.Const{Typ: col.Type, Null: true} // of what INSERT does not name
	}
	for _, row := range v.Rows {
		if len(row) != len(order) {
			return wrongCount(target, i, row, len(order), v.Pos)
		}
		a.nodes = 0 // no row unfolds another
		for n, e := range row {
			if exprs[order[n]], err = a.constant(e, target.Columns[order[n]]); err != nil {
				return err
			}
		}
		if err := take(exprs); err != nil {
			return err
		}
	}
	return nil
}

// targets are the columns that INSERT names, in its order, or all.
func targets(target *catalog.Relation, i *ast.Insert) ([]int, error) {
	var order []int
	for _, n := range i.Columns {
		c := target.Columns.Index(n.Name)
		if c < 0 {
			return nil, sqlerr.At(n.Pos, sqlerr.UndefinedColumn, "column %q of %s does not exist", n.Name, target.FullName())
		}
		if slices.Contains(order, c) {
			return nil, sqlerr.At(n.Pos, sqlerr.DuplicateColumn, "column %q is named twice", n.Name)
		}
		order = append(order, c)
	}
	if len(i.Columns) == 0 {
		for c := range target.Columns {
			order = append(order, c)
		}
	}
	return order, nil
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
	return e.WithDetail("The target's columns are %s.", target.Columns).WithHint("INSERT INTO %s (…) names those that are given; the others are NULL.", target.FullName())
}

func (a *analysis) constant(e ast.Expr, col types.Column) (plan.Expr, error) {
	x, err := a.expr(e, &scope{})
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*plan.Const); ok && c.Typ.IsText() && !col.Type.IsText() {
		if c.Null { // a driver's parameter that has no value
			return a.learn(c, col.Type), nil
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
		l, ok := b.R.(*ast.Literal)
		if !ok || l.Kind != ast.IntervalLiteral {
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
