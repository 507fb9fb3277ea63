package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// made is a name that the compiler gives.
func made(prefix string, n int) string { return fmt.Sprintf("%s%d", prefix, n) }

// scope is that of conditions and measures: what they name are values of a match.
func (m *matching) scope() *scope { return &scope{columns: m.visible(""), match: m} }

// defines resolves the conditions of the variables.
func (m *matching) defines(t *ast.MatchRecognize) error {
	for _, d := range t.Define {
		n, ok := m.numbers[strings.ToLower(d.Variable.Name)]
		if !ok {
			return sqlerr.At(d.Variable.Pos, sqlerr.UndefinedObject, "DEFINE names %q, which is no variable of the pattern", d.Variable.Name)
		}
		if err := m.condition(n, d.X); err != nil {
			return err
		}
	}
	m.compact()
	return nil
}

// condition resolves that of a variable. What hangs on a row alone becomes a column.
func (m *matching) condition(variable int, e ast.Expr) error {
	if err := noWindowCalls("DEFINE", e); err != nil {
		return err
	}
	if q := findQuery(e); q != nil {
		return sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "a subquery in DEFINE is not supported")
	}
	m.define = variable
	x, err := m.a.condition(e, m.scope())
	if err != nil {
		return err
	}
	var own, rest []plan.Expr
	for _, c := range logical.Conjuncts(x) {
		if m.ofRow(c) {
			own = append(own, plan.MapColumns(c, func(c *plan.Column) plan.Expr { return m.r.at(m.node.Values[c.Index].Column) }))
		} else {
			rest = append(rest, c)
		}
	}
	v := &m.node.Variables[variable]
	if len(own) > 0 {
		v.Own = m.asks(variable, joined(own))
	}
	if len(rest) > 0 {
		v.Cond = joined(rest)
	}
	return nil
}

// joined joins conditions by AND.
func joined(list []plan.Expr) plan.Expr {
	out := list[0]
	for _, x := range list[1:] {
		out = &plan.Call{Func: "and", Args: []plan.Expr{out, x}, Typ: types.Of(types.Boolean)}
	}
	return out
}

// ofRow tells a condition that reads nothing but the row itself.
func (m *matching) ofRow(e plan.Expr) bool {
	own := true
	plan.EachColumn(e, func(c *plan.Column) {
		v := m.node.Values[c.Index]
		own = own && v.Kind == plan.MatchCurrent && v.Back == 0
	})
	return own
}

// compact leaves the values that conditions still read.
func (m *matching) compact() {
	var kept []plan.MatchValue
	for i := range m.node.Variables {
		v := &m.node.Variables[i]
		if v.Cond == nil {
			continue
		}
		v.Cond = plan.MapColumns(v.Cond, func(c *plan.Column) plan.Expr {
			value := m.node.Values[c.Index]
			at := slices.IndexFunc(kept, func(k plan.MatchValue) bool { return sameValue(k, value) })
			if at < 0 {
				at, kept = len(kept), append(kept, value)
			}
			return &plan.Column{Index: at, Name: c.Name, Typ: c.Typ}
		})
	}
	m.node.Values = kept
}

func sameValue(a, b plan.MatchValue) bool {
	sets := slices.Equal(a.Of, b.Of) && (a.Of == nil) == (b.Of == nil)
	a.Of, b.Of = nil, nil
	return sets && a.Kind == b.Kind && a.Agg == b.Agg && a.Distinct == b.Distinct && a.Column == b.Column && a.Offset == b.Offset && a.Back == b.Back && a.Final == b.Final && a.Typ == b.Typ
}

// value is the column of a value.
func (m *matching) value(v plan.MatchValue) plan.Expr {
	at := slices.IndexFunc(m.node.Values, func(k plan.MatchValue) bool { return sameValue(k, v) })
	if at < 0 {
		at, m.node.Values = len(m.node.Values), append(m.node.Values, v)
	}
	return &plan.Column{Index: at, Name: made("r", at), Typ: v.Typ}
}

// expr resolves what means something else in a condition or a measure than elsewhere.
func (m *matching) expr(e ast.Expr) (x plan.Expr, ok bool, err error) {
	switch e := e.(type) {
	case *ast.ColumnRef:
		if m.unknown(e) {
			return nil, false, nil
		}
		x, err = m.navigate(e, plan.MatchValue{Kind: plan.MatchLast})
		return x, true, err
	case *ast.FuncCall:
		return m.call(e)
	}
	return nil, false, nil
}

// unknown tells a name that stands for no column, perhaps for something else.
func (m *matching) unknown(e *ast.ColumnRef) bool {
	_, err := m.rows("").column(e)
	return err != nil && m.variableOf(e) == "" && len(e.Parts) == 1
}

func (m *matching) call(f *ast.FuncCall) (x plan.Expr, ok bool, err error) {
	if f.Rows == ast.AllMatched && m.define >= 0 {
		return nil, true, sqlerr.At(f.Pos, sqlerr.SyntaxError, "FINAL stands in MEASURES: a condition knows the rows up to its own")
	}
	switch f.Name {
	case "first", "last", "prev", "next":
		x, err = m.navigation(f)
	case "classifier", "match_number":
		x, err = m.ofMatch(f)
	default:
		if function.KindOf(f.Name) != function.Aggregate {
			return nil, false, nil
		}
		x, err = m.aggregate(f)
	}
	return x, true, err
}

// ofMatch is CLASSIFIER() or MATCH_NUMBER().
func (m *matching) ofMatch(f *ast.FuncCall) (plan.Expr, error) {
	switch {
	case len(f.Args) > 0:
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s with arguments is not supported", strings.ToUpper(f.Name))
	case m.define >= 0:
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s stands in MEASURES", strings.ToUpper(f.Name))
	case f.Name == "match_number":
		return m.value(plan.MatchValue{Kind: plan.MatchNumber, Column: -1, Typ: types.Of(types.BigInt)}), nil
	}
	return m.value(plan.MatchValue{Kind: plan.MatchClassifier, Column: -1, Final: m.final(f), Typ: types.Of(types.String)}), nil
}

// final tells a call of all rows of the match: that is one behind FINAL, where rows are given one by one.
func (m *matching) final(f *ast.FuncCall) bool { return m.node.AllRows && f.Rows == ast.AllMatched }

// navigation is FIRST, LAST, PREV or NEXT, or one of the latter of one of the former.
func (m *matching) navigation(f *ast.FuncCall) (plan.Expr, error) {
	v := plan.MatchValue{Kind: plan.MatchLast, Final: m.final(f)}
	offset := 0
	if f.Name == "prev" || f.Name == "next" {
		offset = 1
	}
	if len(f.Args) == 0 || len(f.Args) > 2 {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes a value and perhaps a number of rows", strings.ToUpper(f.Name))
	}
	if len(f.Args) == 2 {
		var err error
		if offset, err = m.offset(f.Args[1]); err != nil {
			return nil, err
		}
	}
	arg := f.Args[0]
	switch f.Name {
	case "first":
		v.Kind, v.Offset = plan.MatchFirst, offset
	case "last":
		v.Offset = offset
	default:
		if v.Back = offset; f.Name == "next" {
			v.Back = -offset
		}
		inner, ok := arg.(*ast.FuncCall)
		if !ok || inner.Name != "first" && inner.Name != "last" {
			break
		}
		x, err := m.navigation(inner)
		if err != nil {
			return nil, err
		}
		found := m.node.Values[x.(*plan.Column).Index]
		found.Back = v.Back
		return m.value(found), nil
	}
	return m.navigate(arg, v)
}

// maxOffset bounds how far FIRST, LAST, PREV and NEXT reach.
const maxOffset = 100

func (m *matching) offset(e ast.Expr) (int, error) {
	x, err := m.a.expr(e, &scope{})
	if err != nil {
		return 0, err
	}
	c, ok := x.(*plan.Const)
	if !ok || c.Null || !c.Typ.IsInteger() || c.Int < 0 || c.Int > maxOffset {
		return 0, sqlerr.At(e.Position(), sqlerr.InvalidParameter, "the number of rows must be a constant from 0 to %d", maxOffset)
	}
	return int(c.Int), nil
}

// navigate is an expression over the columns of the row that a value says.
func (m *matching) navigate(e ast.Expr, v plan.MatchValue) (plan.Expr, error) {
	x, set, err := m.ofOne(e)
	if err != nil {
		return nil, err
	}
	v.Of, v.Column, v.Typ = set, m.column(x), x.Type()
	if v.Kind == plan.MatchLast && v.Offset == 0 && m.define >= 0 && (set == nil || slices.Contains(set, m.define)) {
		v.Kind, v.Of = plan.MatchCurrent, nil
	}
	return m.value(v), nil
}

// column is that of an expression over the rows.
func (m *matching) column(x plan.Expr) int {
	if c, ok := x.(*plan.Column); ok {
		return c.Index
	}
	schema := m.r.node.Schema()
	if p, ok := m.r.node.(*logical.Project); ok {
		for i := range p.Exprs {
			if strings.HasPrefix(schema[i].Name, "k") && logical.Made(schema[i].Name) && m.r.columns[i].hidden && plan.Stored(p.Exprs[i]) == plan.Stored(x) {
				return i
			}
		}
	}
	return m.hidden(made("k", len(m.r.columns)), func(int) plan.Expr { return x })
}

// variableOf is the variable that a name is qualified by; empty: none.
func (m *matching) variableOf(e *ast.ColumnRef) string {
	if len(e.Parts) < 2 {
		return ""
	}
	name := strings.ToLower(e.Parts[0])
	_, variable := m.numbers[name]
	_, set := m.sets[name]
	if variable || set {
		return name
	}
	return ""
}

// ofOne resolves an expression over the columns of one row, that of the variable which all its names are qualified by;
// a nil set stands for all rows.
func (m *matching) ofOne(e ast.Expr) (x plan.Expr, set []int, err error) {
	variable, seen := "", false
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ColumnRef:
			name := m.variableOf(n)
			if seen && name != variable {
				err = sqlerr.At(n.Pos, sqlerr.SyntaxError, "the columns in one call must be of one variable").WithHint("FIRST(a.x) - FIRST(b.x) has two calls.")
			}
			variable, seen = name, true
		case *ast.FuncCall:
			if slices.Contains([]string{"first", "last", "prev", "next", "classifier", "match_number"}, n.Name) || function.KindOf(n.Name) == function.Aggregate {
				err = sqlerr.At(n.Pos, sqlerr.FeatureNotSupported, "%s inside of another such call is not supported", strings.ToUpper(n.Name))
			}
		}
		return err == nil
	})
	if err != nil {
		return nil, nil, err
	}
	if variable != "" {
		set, _ = m.set(e.Position(), variable)
	}
	x, err = m.a.expr(e, m.rows(variable))
	return x, set, err
}

// rows is the scope of one row, whose columns are qualified by a variable.
func (m *matching) rows(variable string) *scope {
	s := &scope{columns: m.visible(variable)}
	for i := range s.columns {
		if variable != "" {
			s.columns[i].qualifier, s.columns[i].db = variable, ""
		}
	}
	return s
}

// aggregate is one over the rows of a variable, or over all.
func (m *matching) aggregate(f *ast.FuncCall) (plan.Expr, error) {
	if len(f.OrderBy) > 0 || f.Over != nil || f.Distinct && len(f.Args) > 1 {
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s with ORDER BY, OVER or DISTINCT of several values is not supported in MATCH_RECOGNIZE", strings.ToUpper(f.Name)).
			WithHint("DISTINCT of one value and FILTER are; ROW(a, b) is one value.")
	}
	f = filtered(f)
	variable, set := "", []int(nil)
	for _, arg := range f.Args {
		_, s, err := m.ofOne(arg)
		if err != nil {
			return nil, err
		}
		if set = s; s != nil {
			ast.Walk(arg, func(n ast.Node) bool {
				if c, ok := n.(*ast.ColumnRef); ok {
					variable = m.variableOf(c)
				}
				return true
			})
		}
	}
	call, err := m.a.aggregateCall(f, m.rows(variable))
	if err != nil {
		return nil, err
	}
	var parts []plan.Expr
	for _, p := range call.sig.Parts {
		kind := plan.AggKind(p.Func)
		if !kind.OfMatch() {
			return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s is not supported in MATCH_RECOGNIZE", strings.ToUpper(f.Name)).
				WithHint("COUNT, SUM, AVG, MIN and MAX are.")
		}
		v := plan.MatchValue{Kind: plan.MatchAggregate, Agg: kind, Of: set, Column: -1, Final: m.final(f), Typ: p.Result}
		v.Distinct = call.agg.Distinct && (kind == plan.Count || kind == plan.Sum)
		if call.agg.Arg != nil {
			v.Column = m.column(call.agg.Arg)
		}
		parts = append(parts, m.value(v))
	}
	return m.a.finish(call.sig, parts), nil
}

// filtered is a call with FILTER as one of values that are NULL where its condition is not met.
func filtered(f *ast.FuncCall) *ast.FuncCall {
	if f.Filter == nil {
		return f
	}
	out := *f
	out.Filter = nil
	value := ast.Expr(&ast.Literal{Pos: f.Pos, Kind: ast.IntLiteral, Text: "1"})
	if !f.Star && len(f.Args) > 0 {
		value = f.Args[0]
	}
	out.Star, out.Args = false, []ast.Expr{&ast.Case{Pos: f.Filter.Position(), Whens: []ast.When{{Cond: f.Filter, Then: value}}}}
	return &out
}
