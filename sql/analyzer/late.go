package analyzer

import (
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// lateRows is where a job's rows go that come when their windows have ended.
type lateRows struct {
	pos    int // of the job's INSERT
	target *catalog.Relation
	to     *logical.Write
	used   bool // by a window
}

// divertLate finds the stream that takes late rows, if the job wants that.
func (a *analysis) divertLate(i *ast.Insert) error {
	if conf.Late.Get(a.Settings) != "divert" {
		return nil
	}
	pos, name := i.Table.Pos, conf.LateTo.Get(a.Settings)
	if name == "" {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "%q=\"divert\" needs %q: the stream that takes late rows", conf.Late.Name(), conf.LateTo.Name())
	}
	target, err := a.sideStream(pos, name, a.Database)
	if err != nil {
		return err
	}
	to, err := a.sideWrite(pos, target, "late rows")
	if err != nil {
		return err
	}
	to.Identity = logical.Identity{Meaning: "late to " + to.Name, Nth: 1}
	a.late = &lateRows{pos: pos, target: target, to: to}
	return nil
}

// takeLate lets what leaves late rows out find where they go.
func (a *analysis) takeLate(st *logical.Statement, w *logical.Write) {
	if a.late == nil {
		return
	}
	w.Late, st.Late, st.LatePos = a.late.target.Columns, a.late.to, a.late.pos
	st.Writes = merged(st.Writes, []string{st.Late.Name})
	if !a.late.used {
		st.NoLate = sqlerr.At(a.late.pos, sqlerr.FeatureNotSupported, "%q=\"divert\": no row of this query comes late that %s has a column for", conf.Late.Name(), st.Late.Name).
			WithHint("Rows come late for windows, for joins that bound event times or ask for a version, and for OVER and ORDER BY in the order of event time.")
	}
}

// lateColumns fills the columns of the stream for late rows by their names from those of the rows in
// front of a window; the others are NULL, and nil stands for the reason.
func (a *analysis) lateColumns(r *relation) ([]plan.Expr, error) {
	if a.late == nil {
		return nil, nil
	}
	known, out := 0, make([]plan.Expr, len(a.late.target.Columns))
	for i, col := range a.late.target.Columns {
		x, err := a.lateColumn(r, col)
		if err != nil {
			return nil, err
		}
		if _, missing := x.(*plan.Const); !missing || logical.OriginOf(col) >= 0 {
			known++
		}
		out[i] = x
	}
	if known == 0 {
		return nil, sqlerr.At(a.late.pos, sqlerr.DatatypeMismatch, "%s has no column of the rows that come late", a.late.to.Name).
			WithHint("Its columns are any of %s and reason.", visibleNames(r))
	}
	a.late.used = true
	return out, nil
}

func (a *analysis) lateColumn(r *relation, col types.Column) (plan.Expr, error) {
	for _, c := range r.columns {
		if c.hidden || !strings.EqualFold(c.name, col.Name) {
			continue
		}
		if !function.Assignable(c.typ, col.Type) {
			return nil, sqlerr.At(a.late.pos, sqlerr.DatatypeMismatch, "column %q of %s is %s, and of a late row it is %s", col.Name, a.late.to.Name, col.Type, c.typ)
		}
		at := r.at(c.index)
		return logical.LateColumn(at.Index, types.Column{Name: at.Name, Type: c.typ}, col.Type), nil
	}
	if logical.IsLateReason(col) {
		return nil, nil
	}
	if col.NotNull && logical.OriginOf(col) < 0 {
		return nil, sqlerr.At(a.late.pos, sqlerr.NotNullViolation, "column %q of %s takes no NULL, and a late row has no such column", col.Name, a.late.to.Name)
	}
	return &plan.Const{Typ: col.Type, Null: true}, nil
}

func visibleNames(r *relation) string {
	var names []string
	for _, c := range r.columns {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}

// lateWindow fills the columns of late rows where rows are put into windows.
func (a *analysis) lateWindow(r *relation) (err error) {
	if !r.loose {
		r.late, err = a.lateColumns(r)
	}
	return err
}

// lateGroups does it where they are in windows already, and refuses what does not know which
// window of a row is its last.
func (g *grouping) lateGroups(r *relation, timeKey int) (err error) {
	if r.window == nil {
		if w := r.traits.Window; timeKey >= 0 && w.Kind != plan.Session {
			g.late, err = g.a.lateColumns(r)
		}
		return err
	}
	g.late = r.late
	if g.late == nil || r.window.Kind == plan.Tumble || r.window.Kind == plan.Session || g.a.updates(r.window) != nil {
		return nil
	}
	for _, f := range g.calls {
		for _, part := range g.refs[f.String()].parts {
			if x := g.aggs[part]; x.Distinct || x.Values {
				return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s over a window of which a row has several is not supported with %q=\"divert\": it keeps its values", strings.ToUpper(f.Name), conf.Late.Name())
			}
		}
	}
	return nil
}
