package analyzer

import (
	"cmp"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// asOf is FOR SYSTEM_TIME AS OF behind the right side of a join: rows of the left side meet the
// version that held then. Nil: the join has none.
type asOf struct {
	at      *ast.AsOf
	name    string // of the versioned stream
	keys    string // its key, in words
	column  int    // event time of the left side; -1: processing time
	lookup  bool   // the right side is a table outside
	version int    // of the right one
	cond    int    // column of the right side that is true of versions that hold, -1: all do
}

func misplacedAsOf(pos int) error {
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF stands only behind the right side of JOIN and LEFT JOIN")
}

// versionsRef is a table, or a query in its place, as of a time.
type versionsRef struct {
	AsOf  *ast.AsOf
	plain ast.TableRef // without it
	name  string
}

// versionsOf is a table as of a time, nil if it is none.
func versionsOf(ref ast.TableRef) *versionsRef {
	switch t := ref.(type) {
	case *ast.TableName:
		if t.AsOf != nil {
			plain := *t
			plain.AsOf = nil
			return &versionsRef{t.AsOf, &plain, t.Name.Name}
		}
	case *ast.SubqueryRef:
		if t.AsOf != nil {
			plain := *t
			plain.AsOf = nil
			return &versionsRef{t.AsOf, &plain, cmp.Or(t.Alias, "the subquery")}
		}
	}
	return nil
}

// rightSide is the right side of a join.
func (a *analysis) rightSide(ref *ast.Join, l *relation) (*relation, *asOf, error) {
	t := versionsOf(ref.R)
	if t == nil {
		r, err := a.side(ref.R)
		return r, nil, err
	}
	if ref.Kind != ast.InnerJoin && ref.Kind != ast.LeftJoin {
		return nil, nil, misplacedAsOf(t.AsOf.Pos)
	}
	if l.traits.Updating() {
		l.replace(a.withRowTimes(l.node))
	}
	column, err := a.moment(t.AsOf, l)
	if err != nil {
		return nil, nil, err
	}
	if table, ok := ref.R.(*ast.TableName); ok && column < 0 {
		if r, v, err := a.lookup(table, l); r != nil || err != nil {
			return r, v, err
		}
	}
	r, err := a.side(t.plain)
	if err != nil || column < 0 && r.traits.Bounded { // what ends has one version
		return r, nil, err
	}
	if column < 0 {
		if err := appendOnly(l, t.AsOf); err != nil {
			return nil, nil, err
		}
	}
	v := &asOf{at: t.AsOf, name: t.name, column: column, cond: -1}
	return r, v, a.readVersions(r, t, v)
}

// appendOnly refuses a left side that is corrected, and of which no time says what its rows have met.
func appendOnly(l *relation, at *ast.AsOf) error {
	if !l.traits.Updating() {
		return nil
	}
	return l.insteadAppend(sqlerr.At(at.Pos, sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF behind a result that changes is not supported").
		WithHint("A row that is taken back would have to meet the version that it has met, which AS OF an event time (WATERMARK FOR) of the stream tells. " +
			"JOIN without it corrects rows with each version, or join before the aggregate."))
}

// withRowTimes lets the streams whose corrected rows a relation gives say how far event time is.
func (a *analysis) withRowTimes(n logical.Node) logical.Node {
	switch n := n.(type) {
	case *logical.Scan:
		rel := a.relationOf(n)
		if rel == nil || n.Bounded || n.Table || n.Watermark != nil {
			return n
		}
		out := *n
		out.Watermark = a.watermarkOf(rel, n)
		return &out
	case *logical.Filter, *logical.Project:
		return logical.MapInputs(n, a.withRowTimes)
	case *logical.Join:
		if n.Temporal() {
			return n.WithInputs([]logical.Node{a.withRowTimes(n.Left), n.Right})
		}
	}
	return n
}

// moment is what AS OF says: a column of the left side, or -1 for the time when a row comes.
func (a *analysis) moment(at *ast.AsOf, l *relation) (column int, err error) {
	if f, ok := at.X.(*ast.FuncCall); ok && f.Name == "proctime" {
		return -1, nil
	}
	x, err := a.expr(at.X, l.scope())
	if err != nil {
		return 0, err
	}
	switch x := x.(type) {
	case *plan.Call:
		if len(x.Args) == 0 && function.VolatilityOf(x.Func) != function.Immutable {
			return -1, nil
		}
	case *plan.Column:
		if isClock(l.node, x.Index) {
			return -1, nil
		}
		if l.isTime(x.Index) || slices.Contains(l.traits.RowTimes, x.Index) {
			return x.Index, nil
		}
		if err := appendOnly(l, at); err != nil && l.traits.RowTimes == nil {
			return 0, err
		}
	}
	return 0, sqlerr.At(at.X.Position(), sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF takes the event time of the left side, or PROCTIME()").
		WithHint("Declare WATERMARK FOR the column in the stream of the left side.")
}

// isClock tells that a column holds the time when its row came, or was computed.
func isClock(n logical.Node, column int) bool {
	switch n := n.(type) {
	case *logical.Scan:
		return n.Arrival && column == n.ArrivalAt()
	case *logical.Filter:
		return isClock(n.Input, column)
	case *logical.Project:
		switch x := n.Exprs[column].(type) {
		case *plan.Column:
			return isClock(n.Input, x.Index)
		case *plan.Call:
			return len(x.Args) == 0 && function.VolatilityOf(x.Func) != function.Immutable
		}
	}
	return false
}

// readVersions makes the right side one that is read as it changes.
func (a *analysis) readVersions(r *relation, t *versionsRef, v *asOf) error {
	if v.column < 0 {
		return a.readNewest(r, t, v)
	}
	found := a.versionsByTime(r.node)
	_, stream := r.node.(*logical.Scan)
	switch {
	case found.node == nil && (stream || !r.traits.Updating()):
		return withoutVersions(t, stream)
	case found.node == nil:
		return sqlerr.At(t.plain.Position(), sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF needs a stream whose rows have versions, and %s is a result: when its rows came to hold is not known", t.name).
			WithHint("Choose the last row of each key by ROW_NUMBER() OVER (PARTITION BY … ORDER BY its event time DESC) = 1, or let a job write it to a stream with PRIMARY KEY, and join that. " +
				"AS OF PROCTIME() takes the row as it is then. JOIN without FOR SYSTEM_TIME AS OF corrects rows with each change.")
	case found.time < 0:
		return sqlerr.At(t.plain.Position(), sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF an event time needs one in %s, too", t.name).
			WithHint("Declare WATERMARK FOR a TIMESTAMP column of %s: from when a version holds; or use AS OF PROCTIME().", t.name)
	}
	v.version, v.cond = found.time, found.cond
	v.names(found.node, stream)
	r.replace(found.node)
	return nil
}

// readNewest makes the right side one whose rows are met as they are when a row comes.
func (a *analysis) readNewest(r *relation, t *versionsRef, v *asOf) error {
	scan, stream := r.node.(*logical.Scan)
	if stream {
		if newest := a.records(scan); newest.node != nil && !scan.Changes {
			r.replace(withoutTime(newest.node))
		}
	}
	if keyOf(r.traits) == nil {
		if r.traits.Updating() && !stream {
			return sqlerr.At(t.plain.Position(), sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF needs rows that a key tells apart, and %s has none", t.name).
				WithHint("A result has one where it is grouped by columns that it gives, or is the first row of a ROW_NUMBER() for each. JOIN without FOR SYSTEM_TIME AS OF corrects rows with each change.")
		}
		return withoutVersions(t, stream)
	}
	v.names(r.node, stream)
	return nil
}

// withoutTime are versions in the order in which they come.
func withoutTime(n logical.Node) logical.Node {
	if s, ok := n.(*logical.Scan); ok {
		out := *s
		out.Watermark = nil
		return &out
	}
	v := *n.(*logical.Versions)
	v.Time = -1
	return &v
}

func withoutVersions(t *versionsRef, stream bool) error {
	e := sqlerr.At(t.plain.Position(), sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF needs a stream whose rows have versions, and %s is none", t.name)
	if !stream {
		return e.WithHint("Choose the last row of each key by ROW_NUMBER() OVER (PARTITION BY … ORDER BY its event time DESC) = 1: each row is then a version.")
	}
	return e.WithHint("Declare PRIMARY KEY in %s: each of its records is then a version of its key's row.", t.name)
}

// names notes what the columns of the key are called.
func (v *asOf) names(n logical.Node, declared bool) {
	v.keys = "key (" + logical.Pick(logical.ColumnNames(n.Schema()), keyOf(logical.TraitsOf(n))) + ")"
	if declared {
		v.keys = "PRIMARY " + strings.ToUpper(v.keys[:3]) + v.keys[3:]
	}
}

// meet makes a join one of rows and versions.
func (v *asOf) meet(r *relation) {
	if v == nil {
		return
	}
	j := *r.node.(*logical.Join)
	j.AsOf, j.Version, j.Newest = v.column, v.version, v.column < 0
	r.replace(&j)
}

// holds is the condition that a version is a row, over the columns of a join of so many columns on the
// left.
func (v *asOf) holds(width int) []plan.Expr {
	if v == nil || v.cond < 0 {
		return nil
	}
	return []plan.Expr{&plan.Column{Index: width + v.cond, Name: condName, Typ: types.Of(types.Boolean)}}
}

// visible takes away the column of that condition, which is the last one.
func (v *asOf) visible(out *relation, n logical.Node) logical.Node {
	if v == nil || v.cond < 0 {
		return n
	}
	return &logical.Project{Input: n, Exprs: out.all(), Out: n.Schema()[:len(out.columns)]}
}

// byKey makes a join one that finds versions by their key, and refuses one that does not say which
// row's version is meant.
func (v *asOf) byKey(n logical.Node) (logical.Node, error) {
	if v == nil {
		return n, nil
	}
	if p, ok := n.(*logical.Project); ok { // of keys that are computed
		in, err := v.byKey(p.Input)
		if err != nil {
			return n, err
		}
		return p.WithInputs([]logical.Node{in}), nil
	}
	if v.lookup {
		return v.byColumns(n.(*logical.Join))
	}
	j, ok := n.(*logical.Join).ByVersion()
	if !ok {
		return n, sqlerr.At(v.at.Pos, sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF needs an equality with the whole %s of %s in ON", v.keys, v.name)
	}
	return j, nil
}
