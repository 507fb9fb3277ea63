package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var joinKinds = map[ast.JoinKind]logical.JoinKind{ast.InnerJoin: logical.Inner, ast.CrossJoin: logical.Inner, ast.LeftJoin: logical.Left,
	ast.RightJoin: logical.Right, ast.FullJoin: logical.Full}

// join is two relations of FROM whose rows meet. The columns of the relation are those of the left
// one, then those of the right one; merged columns (USING, NATURAL) stand in front of them.
func (a *analysis) join(ref *ast.Join) (*relation, error) {
	if r, err := a.lateral(ref); r != nil || err != nil {
		return r, err
	}
	l, err := a.side(ref.L)
	if err != nil {
		return nil, err
	}
	r, versions, err := a.rightSide(ref, l)
	if err != nil {
		return nil, err
	}
	if err := tellApart(l, r, ref.R); err != nil {
		return nil, err
	}
	merged, err := mergedNames(ref, l, r)
	if err != nil {
		return nil, err
	}
	out := a.pairs(ref, l, r)
	versions.meet(out)
	conds, err := a.joinConditions(ref, out)
	if err != nil {
		return nil, err
	}
	for _, m := range merged {
		x, err := a.resolve(m.pos, "=", []plan.Expr{out.at(m.left), out.at(m.right)}, []ast.Expr{m.ref(), m.ref()})
		if err != nil {
			return nil, err
		}
		conds = append(conds, x)
	}
	conds = append(conds, versions.holds(len(l.columns))...)
	n, err := versions.byKey(out.node.(*logical.Join).Matching(conds))
	if err != nil {
		return nil, err
	}
	out.replace(versions.visible(out, n))
	if err := a.merge(out, joinKinds[ref.Kind], merged); err != nil {
		return nil, err
	}
	return out, a.joinTests(ref, out)
}

// side is one side of a join. The bounds of a window are columns of it.
func (a *analysis) side(ref ast.TableRef) (*relation, error) {
	r, err := a.from(ref)
	if err != nil || r.window == nil {
		return r, err
	}
	if r.windowName == "" && len(r.columns) > 0 {
		r.windowName = r.columns[0].qualifier
	}
	r.assignWindow()
	return r, nil
}

// tellApart refuses two relations of one name.
func tellApart(l, r *relation, ref ast.TableRef) error {
	names := map[string]bool{}
	for _, c := range l.columns {
		names[c.qualifier] = true
	}
	for _, c := range r.columns {
		if c.qualifier != "" && names[c.qualifier] {
			return sqlerr.At(ref.Position(), sqlerr.DuplicateAlias, "table name %q specified more than once", c.qualifier).
				WithHint("Give one of them another name: … AS x.")
		}
	}
	return nil
}

// pairs is the join without a condition.
func (a *analysis) pairs(ref *ast.Join, l, r *relation) *relation {
	a.parts++
	j := &logical.Join{Pos: ref.R.Position(), Kind: joinKinds[ref.Kind], Left: l.node, Right: r.node, AsOf: -1}
	if len(a.views) > 0 {
		j.Pos = ast.NoPos
	}
	width := len(l.columns)
	out := &relation{columns: slices.Concat(l.columns, r.columns), derived: slices.Concat(l.derived, moved(r.derived, width))}
	for i := width; i < len(out.columns); i++ {
		out.columns[i].index = i
	}
	out.replace(j)
	return out
}

// moved are names that are computed of columns which now stand behind so many others.
func moved(derived []scopeColumn, by int) []scopeColumn {
	out := slices.Clone(derived)
	for i := range out {
		out[i].computed = plan.MapColumns(out[i].computed, func(c *plan.Column) plan.Expr {
			to := *c
			to.Index += by
			return &to
		})
	}
	return out
}

// replace makes the relation one of another node with the same columns.
func (r *relation) replace(n logical.Node) { r.node, r.traits = n, logical.TraitsOf(n) }

// mergedColumn is a column that both sides have and that their rows meet by.
type mergedColumn struct {
	name        string
	pos         int
	left, right int // in the columns of both
}

func (m mergedColumn) ref() ast.Expr { return &ast.ColumnRef{Pos: m.pos, Parts: []string{m.name}} }

// mergedNames are the columns of USING, or those that a NATURAL join finds on both sides.
func mergedNames(ref *ast.Join, l, r *relation) (out []mergedColumn, err error) {
	names := ref.Using
	if ref.Natural {
		names = commonNames(l, r, ref.NaturalPos)
	}
	for _, n := range names {
		again := func(m mergedColumn) bool { return strings.EqualFold(m.name, n.Name) }
		if slices.ContainsFunc(out, again) {
			return nil, sqlerr.At(n.Pos, sqlerr.DuplicateColumn, "column name %q appears more than once in USING clause", n.Name)
		}
		left, err := usingColumn(l, n, "left")
		if err != nil {
			return nil, err
		}
		right, err := usingColumn(r, n, "right")
		if err != nil {
			return nil, err
		}
		out = append(out, mergedColumn{name: left.name, pos: n.Pos, left: left.index, right: len(l.columns) + right.index})
	}
	return out, nil
}

func usingColumn(r *relation, n ast.Ident, side string) (*scopeColumn, error) {
	c, err := r.scope().column(&ast.ColumnRef{Pos: n.Pos, Parts: []string{n.Name}})
	if err == nil {
		return c, nil
	}
	e := sqlerr.From(err)
	if e.Code == sqlerr.AmbiguousColumn {
		return nil, sqlerr.At(n.Pos, e.Code, "common column name %q appears more than once in %s table", n.Name, side)
	}
	out := sqlerr.At(n.Pos, e.Code, "column %q specified in USING clause does not exist in %s table", n.Name, side)
	out.Hint = e.Hint
	return nil, out
}

// commonNames are the columns that both sides show, in the order of the left one.
func commonNames(l, r *relation, pos int) (out []ast.Ident) {
	for _, c := range l.columns {
		same := func(x scopeColumn) bool { return x.shown() && strings.EqualFold(x.name, c.name) }
		if c.shown() && slices.ContainsFunc(r.columns, same) {
			out = append(out, ast.Ident{Pos: pos, Name: c.name})
		}
	}
	return out
}

// merge puts the merged columns in front. What they are made of is found by the name of its table
// alone.
func (a *analysis) merge(r *relation, kind logical.JoinKind, merged []mergedColumn) error {
	if len(merged) == 0 {
		return nil
	}
	columns, derived, exprs, schema := r.columns, r.derived, []plan.Expr(nil), types.Schema(nil)
	for _, m := range merged {
		x, err := a.mergedValue(r, kind, m)
		if err != nil {
			return err
		}
		exprs, schema = append(exprs, x), append(schema, types.Column{Name: m.name, Type: x.Type()})
		columns[m.left].merged, columns[m.right].merged = true, true
	}
	n := len(merged)
	r.project(slices.Concat(exprs, r.all()), slices.Concat(schema, r.schema()))
	for i, c := range columns {
		c.index = n + i
		r.columns[n+i] = c
	}
	r.derived = moved(derived, n)
	return nil
}

// mergedValue is the value of a merged column: that of the side that is always there.
func (a *analysis) mergedValue(r *relation, kind logical.JoinKind, m mergedColumn) (plan.Expr, error) {
	switch kind {
	case logical.Right:
		return r.at(m.right), nil
	case logical.Full:
		return a.resolve(m.pos, "coalesce", []plan.Expr{r.at(m.left), r.at(m.right)}, []ast.Expr{m.ref(), m.ref()})
	}
	return r.at(m.left), nil
}
