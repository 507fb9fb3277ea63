package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Input is what a query is compiled against.
type Input struct {
	Snapshot   *catalog.Snapshot
	Database   string
	Settings   *conf.Values // of the job
	Connectors map[string]catalog.Connector
	// Args are the values of $1, $2 …; a NULL of no type takes the type of its first use, in place.
	Args []plan.Expr
	// Session are the values of current_user and its like, by function name.
	Session map[string]plan.Expr
	Reading
}

// Reading is how a SELECT reads its streams.
type Reading struct {
	// From is where it begins in a stream that does not say.
	From string
	// Bounded: it ends behind what is there when it begins, and Wait later.
	Bounded bool
	Wait    time.Duration
}

// analysis is the work on one statement.
type analysis struct {
	Input
	args    []plan.Expr
	session map[string]plan.Expr
	flow    *plan.Dataflow
	views   []string // being expanded
	ctes    *cte     // in sight, the innermost first
	job     bool     // an INSERT, which runs for ever
	nodes   int      // expressions compiled so far
	ids     map[plan.OperatorID]int
}

// relation is a query's rows: the ends of some stages, with the same columns.
type relation struct {
	tails   []int
	columns []scopeColumn
	// time is the column of event time, -1 if there is none.
	time    int
	window  *plan.Window
	updates bool
	// windowed: the time column is the bound of windows that are final.
	windowed bool
	// start is the column of the other bound of those windows, -1 if there is none.
	start int
	// untimed says why the declared event time is none, for the window that asks.
	untimed error
	// base is the identity of the rows: where they come from and what was left out.
	base string
	// updater makes the updates, to be told who reads them.
	updater plan.Updater
	// keyed names the stream with PRIMARY KEY of which the updates are; empty if an
	// aggregate makes them.
	keyed string
	// fixed lists the columns that are the same in all versions of a row.
	fixed []int
	// hashed lists the columns by whose values the rows are spread over tasks; nil if
	// they are not.
	hashed []int
}

func (r *relation) schema() types.Schema {
	out := make(types.Schema, 0, len(r.columns))
	for _, c := range r.columns {
		out = append(out, types.Column{Name: c.name, Type: c.typ})
	}
	return out
}

func (r *relation) scope() *scope { return &scope{columns: r.columns} }

// Query compiles a SELECT: the last stage has no sink.
func Query(in Input, q ast.Query) (*plan.Dataflow, error) {
	a := newAnalysis(in)
	r, err := a.query(q)
	if err != nil {
		return nil, err
	}
	a.cast(r, visible(r.schema()))
	if r.updates {
		a.wantBefore(r) // who follows is told what goes
	}
	if len(r.tails) > 1 || !a.gathers(r.tails[0]) {
		a.single(r)
	}
	a.bound()
	a.flow.Output = r.schema()
	a.flow.Updating = r.updates
	a.flow.Limited = limited(q)
	return a.flow, nil
}

// limited tells whether a query's own LIMIT counts its rows.
func limited(q ast.Query) bool {
	switch q := q.(type) {
	case *ast.Select:
		return q.Limit != nil
	case *ast.SetOp:
		return q.Limit != nil
	case *ast.With:
		return limited(q.Body)
	}
	return false
}

// visible gives bare NULLs a type that a client knows.
func visible(s types.Schema) types.Schema {
	for i := range s {
		if s[i].Type.Kind == types.Null {
			s[i].Type = types.Of(types.String)
		}
	}
	return s
}

func newAnalysis(in Input) *analysis {
	a := &analysis{Input: in, args: in.Args, session: in.Session, flow: &plan.Dataflow{}, ids: map[plan.OperatorID]int{}}
	return a
}

func (a *analysis) stage(name string) *plan.Stage {
	a.flow.Stages = append(a.flow.Stages, plan.Stage{ID: len(a.flow.Stages), Name: name})
	return &a.flow.Stages[len(a.flow.Stages)-1]
}

// add puts an operator behind the relation.
func (a *analysis) add(r *relation, o plan.Op) {
	for _, t := range r.tails {
		a.flow.Stages[t].Ops = append(a.flow.Stages[t].Ops, o)
	}
}

// exchange ends the relation's stages and begins one behind edges.
func (a *analysis) exchange(r *relation, name string, by plan.Partitioning, keys []int) {
	s := a.stage(name)
	for _, t := range r.tails {
		a.flow.Edges = append(a.flow.Edges, plan.Edge{From: t, To: s.ID, By: by, Keys: keys})
	}
	r.tails = []int{s.ID}
}

// single brings all rows to one task, in which the order is whole.
func (a *analysis) single(r *relation) {
	if len(r.tails) != 1 || !a.alone(r.tails[0]) {
		a.exchange(r, "result", plan.Single, nil)
	}
}

// alone tells a stage that has one task and does not end before its input: behind a Limit
// an operator that waits for the end needs a stage of its own.
func (a *analysis) alone(stage int) bool {
	return a.gathers(stage) && !slices.ContainsFunc(a.flow.Stages[stage].Ops, func(o plan.Op) bool { _, ok := o.(*plan.Limit); return ok })
}

// gathers tells a stage to which all rows come.
func (a *analysis) gathers(stage int) bool {
	return slices.ContainsFunc(a.flow.Edges, func(e plan.Edge) bool { return e.To == stage && e.By == plan.Single })
}

func (a *analysis) query(q ast.Query) (*relation, error) {
	switch q := q.(type) {
	case *ast.Select:
		return a.selectQuery(q)
	case *ast.With:
		return a.with(q)
	case *ast.SetOp:
		return a.union(q)
	case *ast.Values:
		return nil, sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "VALUES stands only in INSERT")
	}
	return nil, sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "this query is not supported")
}

func (a *analysis) union(q *ast.SetOp) (*relation, error) {
	if q.Kind != ast.UnionAll {
		name := map[ast.SetOpKind]string{ast.Union: "UNION without ALL", ast.Except: "EXCEPT", ast.ExceptAll: "EXCEPT ALL", ast.Intersect: "INTERSECT", ast.IntersectAll: "INTERSECT ALL"}[q.Kind]
		return nil, sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "%s is not supported", name).WithHint("UNION ALL is.")
	}
	l, err := a.query(q.L)
	if err != nil {
		return nil, err
	}
	r, err := a.query(q.R)
	if err != nil {
		return nil, err
	}
	if len(l.columns) != len(r.columns) {
		return nil, sqlerr.At(q.R.Position(), sqlerr.SyntaxError, "each UNION query must have the same number of columns")
	}
	want := make(types.Schema, len(l.columns))
	for i := range l.columns {
		t, ok := function.Common(l.columns[i].typ, r.columns[i].typ)
		if !ok {
			return nil, sqlerr.At(q.R.Position(), sqlerr.DatatypeMismatch, "UNION types %s and %s cannot be matched", l.columns[i].typ, r.columns[i].typ)
		}
		want[i] = types.Column{Name: l.columns[i].name, Type: t}
	}
	a.cast(l, want)
	a.cast(r, want)
	out := &relation{tails: append(l.tails, r.tails...), columns: l.columns, time: -1, start: -1, updates: l.updates || r.updates, base: brief(l.base + " union " + r.base)}
	for i := range out.columns {
		out.columns[i].origin = brief(l.columns[i].origin + " union " + r.columns[i].origin)
	}
	if l.time == r.time { // one watermark for both: the slower one's
		out.time, out.windowed = l.time, l.windowed && r.windowed
	}
	if out.updates {
		out.keyed = cmpOr(l.keyed, r.keyed)
		return nil, out.insteadAppend(sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "UNION ALL of results that change is not supported"))
	}
	o, err := a.unionOrder(out, q.OrderBy)
	if err != nil {
		return nil, err
	}
	return out, a.tail(out, q.Tail, o)
}

// cast brings the relation's columns to the types of a schema.
func (a *analysis) cast(r *relation, want types.Schema) {
	exprs := make([]plan.Expr, len(want))
	changed := false
	for i, c := range r.columns {
		exprs[i] = &plan.Column{Index: c.index, Name: c.name, Typ: c.typ}
		if c.typ != want[i].Type {
			exprs[i] = &plan.Cast{Arg: exprs[i], Typ: want[i].Type}
			changed = true
		}
	}
	if changed {
		a.project(r, exprs, want)
	}
}

// project replaces the relation's columns.
func (a *analysis) project(r *relation, exprs []plan.Expr, out types.Schema) {
	a.add(r, &plan.Project{Exprs: exprs, Out: out})
	origins := make([]string, len(exprs))
	for i, e := range exprs {
		origins[i] = r.origin(e)
	}
	place := func(old int) int {
		return slices.IndexFunc(exprs, func(e plan.Expr) bool { c, ok := e.(*plan.Column); return ok && c.Index == old })
	}
	if r.time >= 0 {
		r.time = place(r.time)
	}
	if r.start >= 0 {
		r.start = place(r.start)
	}
	if r.hashed != nil {
		hashed := []int{}
		for _, h := range r.hashed {
			hashed = append(hashed, place(h)) // -1: lost
		}
		r.hashed = hashed
	}
	r.fixed = r.stillFixed(exprs)
	r.columns = nil
	for i, c := range out {
		r.columns = append(r.columns, scopeColumn{name: c.Name, typ: c.Type, index: i, origin: origins[i]})
	}
}

// tail adds ORDER BY, LIMIT and OFFSET.
func (a *analysis) tail(r *relation, t ast.Tail, o order) error {
	l, err := a.limit(r, t)
	if err != nil {
		return err
	}
	a.sort(r, o, l)
	if l != nil {
		a.single(r)
		a.add(r, l)
	}
	a.narrow(r, len(r.columns)-o.hidden)
	return nil
}

// limit reads LIMIT and OFFSET; nil if there are none.
func (a *analysis) limit(r *relation, t ast.Tail) (*plan.Limit, error) {
	if t.Limit == nil && t.Offset == nil {
		return nil, nil
	}
	l := &plan.Limit{Count: 1<<63 - 1, Out: r.schema()}
	for _, x := range []struct {
		e  ast.Expr
		to *int64
	}{{t.Limit, &l.Count}, {t.Offset, &l.Offset}} {
		if x.e == nil {
			continue
		}
		v, err := a.expr(x.e, &scope{})
		if err != nil {
			return nil, err
		}
		c, ok := v.(*plan.Const)
		if ok && c.Null {
			a.learn(c, types.Of(types.BigInt))
			continue
		}
		if !ok || !c.Typ.IsInteger() || c.Int < 0 {
			return nil, sqlerr.At(x.e.Position(), sqlerr.InvalidParameter, "LIMIT and OFFSET take whole numbers")
		}
		*x.to = c.Int
	}
	if a.job {
		return nil, sqlerr.At(cmpPos(t.Limit, t.Offset), sqlerr.FeatureNotSupported, "LIMIT in a stream job is not supported: what it has counted would not survive a restart")
	}
	return l, nil
}

func cmpPos(list ...ast.Expr) int {
	for _, e := range list {
		if e != nil {
			return e.Position()
		}
	}
	return ast.NoPos
}

func (a *analysis) selectQuery(q *ast.Select) (*relation, error) {
	if q.From == nil {
		return nil, sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "a query without FROM gives no stream")
	}
	r, err := a.from(q.From)
	if err != nil {
		return nil, err
	}
	if q, err = a.groupWindow(r, q); err != nil {
		return nil, err
	}
	if q.Distinct && r.window != nil {
		if q, err = distinctWindow(q); err != nil {
			return nil, err
		}
	}
	if q.Where != nil {
		if err := a.where(r, q.Where); err != nil {
			return nil, err
		}
	}
	q, hidden, err := a.withKeys(q)
	if err != nil {
		return nil, err
	}
	if len(q.GroupBy) > 0 || q.Having != nil || hasAggregate(q) || r.window != nil && r.window.Time < 0 {
		err = a.aggregate(r, q, hidden)
	} else {
		if r.window != nil {
			a.assign(r)
		}
		err = a.projection(r, q, r.scope(), hidden)
	}
	if err != nil {
		return nil, err
	}
	o, err := a.selectOrder(r, q, hidden)
	if err != nil {
		return nil, err
	}
	if q.Distinct {
		if err := a.distinct(r, q.Pos); err != nil {
			return nil, err
		}
	}
	return r, a.tail(r, q.Tail, o)
}

func (a *analysis) where(r *relation, e ast.Expr) error {
	if f := findAggregate(e); f != nil {
		return sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in WHERE")
	}
	x, err := a.condition(e, r.scope())
	if err != nil {
		return err
	}
	if r.updates {
		a.wantBefore(r)
	}
	r.base = brief(r.base + " where " + r.origin(x))
	a.add(r, &plan.Filter{Pred: x, Changes: r.updates, Out: r.schema()})
	return nil
}

// wantBefore tells the operator that makes the updates that somebody needs the old versions.
func (a *analysis) wantBefore(r *relation) {
	if r.updater != nil {
		r.updater.NeedBefore()
	}
}

func (a *analysis) from(ref ast.TableRef) (*relation, error) {
	switch ref := ref.(type) {
	case *ast.TableName:
		r, err := a.table(ref)
		if err == nil && ref.Window != nil {
			err = a.streamWindow(r, ref.Window)
		}
		return r, err
	case *ast.SubqueryRef:
		r, err := a.query(ref.Query)
		if err == nil {
			err = rename(r, ref.Columns)
		}
		return qualify(r, ref.Alias), err
	case *ast.TableFunc:
		return a.tableFunc(ref)
	case *ast.Join:
		return nil, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "joins are not supported yet")
	}
	return nil, sqlerr.At(ref.Position(), sqlerr.FeatureNotSupported, "this is not supported in FROM")
}

// rename gives the first columns that show other names.
func rename(r *relation, names []ast.Ident) error {
	for i := range r.columns {
		if c := &r.columns[i]; !c.hidden && len(names) > 0 {
			c.name, names = names[0].Name, names[1:]
		}
	}
	if len(names) > 0 {
		return sqlerr.At(names[0].Pos, sqlerr.InvalidColumnRef, "there is no column to be called %q: the query has fewer", names[0].Name)
	}
	return nil
}

func qualify(r *relation, alias string) *relation {
	if r == nil {
		return nil
	}
	for i := range r.columns {
		r.columns[i].qualifier, r.columns[i].db = strings.ToLower(alias), ""
	}
	return r
}

func (a *analysis) table(ref *ast.TableName) (*relation, error) {
	alias := ref.Alias
	if alias == "" {
		alias = ref.Name.Name
	}
	if c := a.ctes.find(strings.ToLower(ref.Name.Name)); c != nil && ref.DB == "" {
		r, err := a.named(c)
		return qualify(r, alias), err
	}
	rel, err := Find(a.Snapshot, a.Database, ref.Name)
	if err != nil {
		return nil, err
	}
	if rel.Kind == catalog.View {
		return a.view(ref, rel, alias)
	}
	r, err := a.source(ref, rel, alias)
	if err == nil && a.Bounded && r.updates {
		a.settle(r)
		r.time = timeColumn(rel)
	}
	return r, err
}

// Find looks a relation up.
func Find(s *catalog.Snapshot, database string, n ast.Name) (*catalog.Relation, error) {
	db := n.DB
	if db == "" {
		db = database
	}
	if r := s.Relation(db, n.Name); r != nil {
		return r, nil
	}
	e := sqlerr.At(n.Pos, sqlerr.UndefinedTable, "stream or table %q does not exist", db+"."+n.Name)
	var names []string
	for _, r := range s.Relations {
		if r.Database == db {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	if known := near.Name(n.Name, names); known != "" {
		e.WithHint("Perhaps you meant %q.", known)
	}
	return nil, e
}

// view inlines a view's query; faults in it have no place in the user's text.
func (a *analysis) view(ref *ast.TableName, rel *catalog.Relation, alias string) (*relation, error) {
	if slices.Contains(a.views, rel.FullName()) {
		return nil, sqlerr.At(ref.Pos, sqlerr.InvalidParameter, "view %s reads itself", rel.FullName())
	}
	q, err := parser.ParseQuery(rel.Query, nil)
	if err != nil {
		return nil, err
	}
	if len(a.views) == maxViewDepth {
		return nil, sqlerr.At(ref.Pos, sqlerr.TooComplex, "views are nested deeper than %d", maxViewDepth)
	}
	a.views = append(a.views, rel.FullName())
	database, ctes := a.Database, a.ctes
	a.Database, a.ctes = rel.Path, nil
	r, err := a.query(q)
	a.Database, a.ctes = database, ctes
	a.views = a.views[:len(a.views)-1]
	if err != nil {
		e := *sqlerr.From(err)
		e.Message, e.Position = fmt.Sprintf("in view %s: %s", rel.FullName(), e.Message), ref.Pos+1
		return nil, &e
	}
	a.reads(rel)
	return qualify(r, alias), nil
}

// source begins a stage with a declared stream; the optimizer narrows it to the columns
// that are needed.
func (a *analysis) source(ref *ast.TableName, rel *catalog.Relation, alias string) (*relation, error) {
	if len(a.flow.Stages) >= maxStages {
		return nil, sqlerr.At(ref.Pos, sqlerr.TooComplex, "the query reads more than %d streams, views and WITH resolved", maxStages).
			WithHint("A view or WITH that is named twice is computed twice; write a part of it into a stream of its own.")
	}
	props := propertiesOf(rel)
	connector := strings.ToLower(props[conf.Connector.Name()])
	if connector == "" {
		connector = conf.Connector.Default
	}
	c := a.Connectors[connector]
	if c == nil || !c.Readable() {
		return nil, sqlerr.At(ref.Pos, sqlerr.WrongObjectType, "%s cannot be read: connector %q only writes", rel.FullName(), connector)
	}
	if props[conf.OffsetStrategy.Name()] == "" && a.From != "" {
		props[conf.OffsetStrategy.Name()] = a.From
	}
	if conf.JobOnError.IsSet(a.Settings) {
		props[conf.OnError.Name()] = conf.JobOnError.Get(a.Settings)
	}
	src := &plan.Source{Op: a.id("source", rel.FullName()), Name: rel.FullName(), Connector: connector, Declared: rel.Columns, Properties: props}
	r := &relation{time: -1, start: -1, base: rel.FullName()}
	for i, col := range rel.Columns {
		r.columns = append(r.columns, scopeColumn{qualifier: strings.ToLower(alias), db: rel.Database, name: col.Name, typ: col.Type, index: i, origin: rel.FullName() + "." + strings.ToLower(col.Name)})
		src.Columns = append(src.Columns, i)
		src.Out = append(src.Out, col)
	}
	if r.time = rel.Columns.Index(eventTime(rel, props)); r.time >= 0 && rel.Columns[r.time].Type.Kind != types.Timestamp {
		r.untimed = sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "timefield %q of %s is %s: event time must be a TIMESTAMP column", rel.Columns[r.time].Name, rel.FullName(), rel.Columns[r.time].Type).
			WithHint("Declare it as TIMESTAMP; \"timeformat\" says how it is written.")
		r.time = -1
	}
	if r.time >= 0 {
		src.Watermark = &plan.WatermarkSpec{Column: r.time, Delay: a.delay(rel), IdleAfter: idleAfter(props)}
	}
	s := a.stage("read " + rel.Name)
	s.Source = src
	r.tails = []int{s.ID}
	a.reads(rel)
	if src.Keys = upsertKeys(rel, props); src.Keys != nil {
		a.normalize(r, src)
	}
	return r, nil
}

// reads notes what must not be dropped.
func (a *analysis) reads(rel *catalog.Relation) {
	if !slices.Contains(a.flow.Reads, rel.FullName()) {
		a.flow.Reads = append(a.flow.Reads, rel.FullName())
	}
}

func propertiesOf(rel *catalog.Relation) map[string]string {
	out := map[string]string{}
	for _, p := range rel.Properties {
		out[strings.ToLower(p.Key)] = p.Value
	}
	if f := strings.ToLower(out[conf.Format.Name()]); f != "" {
		out[conf.Format.Name()] = f
	}
	if v := out[conf.OnError.Name()]; v != "" {
		out[conf.OnError.Name()] = strings.ToLower(v)
	}
	out["row.format.fields"] = "\001"
	if rel.RowFormat != nil && rel.RowFormat.Fields != "" {
		out["row.format.fields"] = rel.RowFormat.Fields
	}
	return out
}

func eventTime(rel *catalog.Relation, props map[string]string) string {
	if rel.Watermark != nil {
		return rel.Watermark.Column
	}
	return props[conf.TimeField.Name()]
}

func (a *analysis) delay(rel *catalog.Relation) time.Duration {
	if rel.Watermark != nil {
		return rel.Watermark.Delay
	}
	return max(0, conf.MaxLag.Get(a.Settings))
}

func idleAfter(props map[string]string) time.Duration {
	v, _, err := conf.Parse(conf.Stream, []conf.Property{conf.P(conf.IdleTimeout.Name(), cmpOr(props[conf.IdleTimeout.Name()], conf.IdleTimeout.Default))})
	if err != nil {
		return 5 * time.Second
	}
	return conf.IdleTimeout.Get(v)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// arrival makes the source stamp the arrival time of each row, and gives its column.
func (a *analysis) arrival(r *relation, pos int) (int, error) {
	for _, t := range r.tails {
		s := &a.flow.Stages[t]
		if s.Source == nil || len(s.Ops) > 0 {
			return 0, sqlerr.At(pos, sqlerr.FeatureNotSupported, "a window over arrival time must stand directly on its stream").WithHint("Declare WATERMARK FOR a TIMESTAMP column to use event time.")
		}
	}
	typ := types.NewTimestamp(types.DefaultTimestamp)
	index := len(r.columns)
	for _, t := range r.tails {
		src := a.flow.Stages[t].Source
		index = len(src.Out)
		src.ArrivalColumn = "__arrival"
		src.Out = append(slices.Clone(src.Out), types.Column{Name: src.ArrivalColumn, Type: typ})
		src.Watermark = &plan.WatermarkSpec{Column: index, Arrival: true}
	}
	r.columns = append(r.columns, scopeColumn{name: "__arrival", typ: typ, index: index, hidden: true, origin: "arrival"})
	r.time = index
	return index, nil
}

func (a *analysis) streamWindow(r *relation, w *ast.StreamWindow) error {
	size, err := interval(w.Length)
	if err != nil {
		return err
	}
	slide := size
	if w.Slide != nil {
		if slide, err = interval(w.Slide); err != nil {
			return err
		}
	}
	if err := r.refuseWindow(w.Pos); err != nil {
		return err
	}
	if r.untimed != nil {
		return r.untimed
	}
	if r.time < 0 {
		if _, err := a.arrival(r, w.Pos); err != nil {
			return err
		}
	}
	return a.setWindow(r, w.Pos, r.time, size, slide, 0)
}

// setWindow gives the relation a window that is not assigned yet.
func (a *analysis) setWindow(r *relation, pos, timeColumn int, size, slide, offset time.Duration) error {
	if size < time.Millisecond || slide < time.Millisecond || slide > size {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s sliding by %s is not possible", size, slide).WithHint("Both must be at least a millisecond, and the slide no longer than the window.")
	}
	w := plan.Window{Kind: plan.Hop, Time: timeColumn, Size: size, Slide: slide, Offset: offset}
	if size == slide {
		w.Kind = plan.Tumble
	}
	if n := int64(size / w.Slice()); n > 10000 {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s sliding by %s would be cut into %d slices, 10000 are allowed", size, slide, n)
	}
	r.window = &w
	return nil
}

func (a *analysis) tableFunc(f *ast.TableFunc) (*relation, error) {
	if f.Func != "tumble" && f.Func != "hop" {
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s windows are not supported yet", strings.ToUpper(f.Func)).WithHint("TUMBLE and HOP are.")
	}
	r, err := a.from(f.Table)
	if err != nil {
		return nil, err
	}
	if f.Alias != "" {
		qualify(r, f.Alias)
	}
	size, err := interval(f.Size)
	if err != nil {
		return nil, err
	}
	slide, offset := size, time.Duration(0)
	if f.Slide != nil {
		if slide, err = interval(f.Slide); err != nil {
			return nil, err
		}
	}
	if f.Offset != nil {
		if offset, err = interval(f.Offset); err != nil {
			return nil, err
		}
	}
	at, err := a.timeOf(r, &ast.ColumnRef{Pos: f.Time.Pos, Parts: []string{f.Time.Name}})
	if err != nil {
		return nil, err
	}
	return r, a.setWindow(r, f.Pos, at, size, slide, offset)
}

// timeOf finds the time column of a window. A TIMESTAMP of a stream that declares no
// event time is taken as one, in order.
func (a *analysis) timeOf(r *relation, e ast.Expr) (int, error) {
	if err := r.refuseWindow(e.Position()); err != nil {
		return 0, err
	}
	if f, ok := e.(*ast.FuncCall); ok && f.Name == "proctime" {
		return a.arrival(r, f.Pos)
	}
	ref, ok := e.(*ast.ColumnRef)
	if !ok {
		return 0, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "a window's time must be a column or PROCTIME()")
	}
	c, err := r.scope().column(ref)
	if err != nil {
		return 0, err
	}
	if c.typ.Kind != types.Timestamp {
		return 0, sqlerr.At(ref.Pos, sqlerr.DatatypeMismatch, "a window's time must be a TIMESTAMP, %q is %s", ref.Column(), c.typ)
	}
	if c.index == r.time {
		return c.index, nil
	}
	for _, t := range r.tails {
		s := &a.flow.Stages[t]
		if r.time >= 0 || s.Source == nil || len(s.Ops) > 0 {
			return 0, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "column %q is not the event time of its stream", ref.Column()).WithHint("Declare WATERMARK FOR %s.", ref.Column())
		}
		s.Source.Watermark = &plan.WatermarkSpec{Column: c.index, Delay: max(0, conf.MaxLag.Get(a.Settings)), IdleAfter: idleAfter(s.Source.Properties)}
	}
	r.time = c.index
	return c.index, nil
}

// groupWindow recognises GROUP BY TUMBLE(ts, …) and HOP(ts, slide, size), and gives the
// query without it.
func (a *analysis) groupWindow(r *relation, q *ast.Select) (*ast.Select, error) {
	i := slices.IndexFunc(q.GroupBy, func(e ast.Expr) bool {
		f, ok := e.(*ast.FuncCall)
		return ok && (f.Name == "tumble" || f.Name == "hop")
	})
	if i < 0 {
		return q, nil
	}
	f := q.GroupBy[i].(*ast.FuncCall)
	want := map[string]int{"tumble": 2, "hop": 3}[f.Name]
	if len(f.Args) != want || r.window != nil {
		return nil, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s takes a time column and %d intervals, once", strings.ToUpper(f.Name), want-1)
	}
	at, err := a.timeOf(r, f.Args[0])
	if err != nil {
		return nil, err
	}
	var lengths []time.Duration
	for _, x := range f.Args[1:] {
		l, ok := x.(*ast.Literal)
		if !ok || l.Kind != ast.IntervalLiteral {
			return nil, sqlerr.At(x.Position(), sqlerr.SyntaxError, "an INTERVAL is needed here")
		}
		d, err := interval(l)
		if err != nil {
			return nil, err
		}
		lengths = append(lengths, d)
	}
	out := *q
	out.GroupBy = slices.Delete(slices.Clone(q.GroupBy), i, i+1)
	return &out, a.setWindow(r, f.Pos, at, lengths[len(lengths)-1], lengths[0], 0)
}

// distinctWindow makes SELECT DISTINCT over a window a GROUP BY of all it selects: it is
// about the rows of one window.
func distinctWindow(q *ast.Select) (*ast.Select, error) {
	if len(q.GroupBy) > 0 || q.Having != nil || hasAggregate(q) {
		return q, nil
	}
	out := *q
	out.Distinct, out.GroupBy = false, nil
	for _, item := range q.Items {
		switch x := item.X.(type) {
		case *ast.Star:
			return nil, sqlerr.At(x.Pos, sqlerr.FeatureNotSupported, "SELECT DISTINCT * over a window is not supported").WithHint("Name the columns.")
		case *ast.Literal:
		default:
			out.GroupBy = append(out.GroupBy, x)
		}
	}
	return &out, nil
}

// assign makes window_start and window_end columns.
func (a *analysis) assign(r *relation) {
	typ := types.NewTimestamp(types.DefaultTimestamp)
	n := len(r.columns)
	schema := append(r.schema(), types.Column{Name: "window_start", Type: typ}, types.Column{Name: "window_end", Type: typ})
	w := r.spell(r.window)
	a.add(r, &plan.AssignWindow{Window: *r.window, Out: schema})
	for i, name := range []string{"window_start", "window_end"} {
		r.columns = append(r.columns, scopeColumn{name: name, typ: typ, index: n + i, origin: name + " of " + w})
	}
	r.base = brief(r.base + " assign " + w)
	r.window = nil
}

// projection computes the select list, of which the last `hidden` are keys of ORDER BY:
// they may use the names of the others.
func (a *analysis) projection(r *relation, q *ast.Select, s *scope, hidden int) error {
	var exprs []plan.Expr
	var out types.Schema
	named := &scope{columns: s.columns, groups: s.groups, aliases: q.Items}
	for n, item := range q.Items {
		if n >= len(q.Items)-hidden {
			s = named
		}
		if star, ok := item.X.(*ast.Star); ok {
			if s.groups != nil {
				return sqlerr.At(star.Pos, sqlerr.GroupingError, "* is not allowed with GROUP BY")
			}
			n := len(exprs)
			for _, c := range s.columns {
				if !c.hidden && (len(star.Parts) == 0 || strings.EqualFold(star.Parts[len(star.Parts)-1], c.qualifier)) {
					exprs = append(exprs, &plan.Column{Index: c.index, Name: c.name, Typ: c.typ})
					out = append(out, types.Column{Name: c.name, Type: c.typ})
				}
			}
			if len(exprs) == n {
				return sqlerr.At(star.Pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", strings.Join(star.Parts, "."))
			}
			continue
		}
		x, err := a.expr(item.X, s)
		if err != nil {
			return err
		}
		exprs = append(exprs, x)
		out = append(out, types.Column{Name: heading(item, len(out)), Type: x.Type()})
	}
	a.project(r, exprs, out)
	return nil
}

func heading(item ast.SelectItem, n int) string {
	if item.Alias != "" {
		return item.Alias
	}
	switch x := item.X.(type) {
	case *ast.ColumnRef:
		return x.Column()
	case *ast.FuncCall:
		return x.Name
	}
	return fmt.Sprintf("_c%d", n)
}
