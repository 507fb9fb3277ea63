package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// expr gives an expression its types; every conversion becomes a Cast.
func (a *analysis) expr(e ast.Expr, s *scope) (plan.Expr, error) {
	if a.nodes++; a.nodes > maxNodes {
		return nil, tooManyParts(e.Position())
	}
	if f, ok := e.(*ast.FuncCall); ok && f.Over != nil && s.overs[f.String()] != nil {
		return s.overs[f.String()], nil
	}
	if s.match != nil {
		if out, ok, err := s.match.expr(e); ok || err != nil {
			return out, err
		}
	}
	if s.groups != nil {
		if out, ok := a.grouped(e, s); ok {
			return out, nil
		}
	}
	switch e := e.(type) {
	case *ast.AtTimeZone:
		return a.atTimeZone(e, s)
	case *ast.IntervalRange:
		return intervalConst(e)
	case *ast.Literal:
		return literal(e)
	case *ast.ColumnRef:
		return a.columnRef(e, s)
	case *ast.Param:
		return a.param(e)
	case *ast.Unary:
		return a.unary(e, s)
	case *ast.Binary:
		return a.binary(e, s)
	case *ast.Like:
		return a.like(e, s)
	case *ast.Regexp:
		if e.Similar {
			return a.similar(e, s)
		}
		return a.negated(e.Not, e.Pos, s, "regexp", e.X, expressionOf(e))
	case *ast.Is:
		return a.isTest(e, s)
	case *ast.Between:
		return a.between(e, s)
	case *ast.In:
		return a.in(e, s)
	case *ast.Case:
		return a.caseOf("CASE", e, s)
	case *ast.Cast:
		return a.conversion(e, s)
	case *ast.FuncCall:
		return a.function(e, s)
	case *ast.JSONCall:
		return a.jsonCall(e, s)
	case *ast.Array, *ast.Map, *ast.Row, *ast.Subscript, *ast.Slice, *ast.Field:
		return a.nestedValue(e, s)
	case *ast.Exists, *ast.Subquery, *ast.Quantified:
		return a.nested(e, s)
	}
	return nil, noValue(e)
}

// noValue is the error of what is no value, or none here.
func noValue(e ast.Expr) error {
	switch e := e.(type) {
	case *ast.Elements:
		return sqlerr.At(e.Pos, sqlerr.SyntaxError, "ANY and ALL of an array stand behind a comparison")
	case *ast.Star:
		return sqlerr.At(e.Pos, sqlerr.SyntaxError, "* stands only in a select list")
	}
	return sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "this expression is not supported: %s", e)
}

func (a *analysis) like(e *ast.Like, s *scope) (plan.Expr, error) {
	name := "like"
	if e.ILike {
		name = "ilike"
	}
	args := []ast.Expr{e.X, e.Pattern}
	if e.Escape != '\\' {
		text := ""
		if e.Escape != 0 {
			text = string(e.Escape)
		}
		args = append(args, &ast.Literal{Pos: e.Pos, Kind: ast.StringLiteral, Text: text})
	}
	return a.negated(e.Not, e.Pos, s, name, args...)
}

func (a *analysis) similar(e *ast.Regexp, s *scope) (plan.Expr, error) {
	args := []ast.Expr{e.X, e.Pattern}
	if e.Escape != nil {
		args = append(args, e.Escape)
	}
	return a.negated(e.Not, e.Pos, s, "similar_to", args...)
}

// expressionOf is the regular expression of a match, with the flag of ~* in front.
func expressionOf(e *ast.Regexp) ast.Expr {
	const anyCase = "(?i)"
	if !e.AnyCase {
		return e.Pattern
	}
	if l, ok := e.Pattern.(*ast.Literal); ok && l.Kind == ast.StringLiteral {
		return &ast.Literal{Pos: l.Pos, Kind: l.Kind, Text: anyCase + l.Text}
	}
	flag := &ast.Literal{Pos: e.Pattern.Position(), Kind: ast.StringLiteral, Text: anyCase}
	return &ast.Binary{Pos: flag.Pos, OpPos: flag.Pos, Op: ast.Concat, L: flag, R: e.Pattern}
}

func (a *analysis) between(e *ast.Between, s *scope) (plan.Expr, error) {
	low := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Ge, L: e.X, R: e.Low}
	high := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Le, L: e.X, R: e.High}
	return a.negated(e.Not, e.Pos, s, "and", low, high)
}

func (a *analysis) isTest(e *ast.Is, s *scope) (plan.Expr, error) {
	if e.What == ast.IsUnknown {
		x, err := a.expr(e.X, s)
		if err != nil {
			return nil, err
		}
		if k := x.Type().Kind; k != types.Boolean && k != types.Null {
			return nil, sqlerr.At(e.X.Position(), sqlerr.DatatypeMismatch, "what IS UNKNOWN tests must be BOOLEAN, this is %s", x.Type()).
				WithHint("IS NULL takes every type.")
		}
	}
	name := map[ast.IsKind]string{ast.IsNull: "is_null", ast.IsTrue: "is_true", ast.IsFalse: "is_false", ast.IsUnknown: "is_null",
		ast.IsJSON: "is_json", ast.IsJSONObject: "is_json_object", ast.IsJSONArray: "is_json_array", ast.IsJSONScalar: "is_json_scalar"}[e.What]
	return a.negated(e.Not, e.Pos, s, name, e.X)
}

// in is a tree of comparisons: NULL in the list keeps SQL's meaning so.
func (a *analysis) in(e *ast.In, s *scope) (plan.Expr, error) {
	if e.Query != nil {
		return a.nested(e, s)
	}
	tests := make([]plan.Expr, len(e.List))
	for i, item := range e.List {
		var err error
		if tests[i], err = a.equals(e, item, s); err != nil {
			return nil, err
		}
	}
	out := anyOf(tests)
	if e.Not {
		out = &plan.Call{Func: "not", Args: []plan.Expr{out}, Typ: out.Type()}
	}
	return out, nil
}

func tooManyParts(pos int) error {
	return sqlerr.At(pos, sqlerr.TooComplex, "the query's expressions unfold to more than %d parts", maxNodes)
}

// equals compares what IN tests with an item of its list.
func (a *analysis) equals(e *ast.In, item ast.Expr, s *scope) (plan.Expr, error) {
	if _, row := e.X.(*ast.Row); row {
		return a.rowComparison(&ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Eq, L: e.X, R: item}, s)
	}
	return a.call(e.Pos, s, "=", e.X, item)
}

// anyOf joins conditions by OR, halving, so that a long list is not a deep tree.
func anyOf(list []plan.Expr) plan.Expr {
	if len(list) == 1 {
		return list[0]
	}
	half := len(list) / 2
	return &plan.Call{Func: "or", Args: []plan.Expr{anyOf(list[:half]), anyOf(list[half:])}, Typ: types.Of(types.Boolean)}
}

func (a *analysis) negated(not bool, pos int, s *scope, name string, args ...ast.Expr) (plan.Expr, error) {
	x, err := a.call(pos, s, name, args...)
	if err != nil || !not {
		return x, err
	}
	return &plan.Call{Func: "not", Args: []plan.Expr{x}, Typ: types.Of(types.Boolean)}, nil
}

func (a *analysis) param(e *ast.Param) (plan.Expr, error) {
	if e.N < 1 || e.N > len(a.args) {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedParameter, "there is no parameter $%d", e.N)
	}
	return a.args[e.N-1], nil
}

func (a *analysis) unary(e *ast.Unary, s *scope) (plan.Expr, error) {
	switch e.Op {
	case ast.Not:
		return a.call(e.Pos, s, "not", e.X)
	case ast.Neg:
		if l, ok := e.X.(*ast.Literal); ok && (l.Kind == ast.IntLiteral || l.Kind == ast.DecimalLiteral) {
			return negative(l)
		}
		return a.call(e.Pos, s, "negate", e.X)
	}
	return a.call(e.Pos, s, "~", e.X)
}

var binaryNames = map[ast.BinaryOp]string{
	ast.Or: "or", ast.Xor: "xor", ast.And: "and",
	ast.Eq: "=", ast.NullSafeEq: "<=>", ast.Ne: "!=", ast.Lt: "<", ast.Le: "<=", ast.Gt: ">", ast.Ge: ">=",
	ast.Add: "+", ast.Sub: "-", ast.Mul: "*", ast.Div: "/", ast.IntDiv: "div", ast.Mod: "%", ast.Concat: "concat",
	ast.Contains: "@>", ast.ContainedBy: "<@", ast.Overlaps: "&&", ast.HasName: "?", ast.HasAnyName: "?|", ast.HasAllNames: "?&",
	ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.ShiftLeft: "<<", ast.ShiftRight: ">>",
}

func (a *analysis) binary(e *ast.Binary, s *scope) (plan.Expr, error) {
	if list, ok := e.R.(*ast.Elements); ok {
		return a.ofElements(e, list, s)
	}
	if comparesRows(e) {
		return a.rowComparison(e, s)
	}
	if (e.OpenL || e.OpenR) && a.takesFromJSON(e, s) {
		return a.expr(closer(e), s)
	}
	if e.Op == ast.Add || e.Op == ast.Sub || e.Op == ast.Mul || e.Op == ast.Div {
		return a.timeArithmetic(e, s)
	}
	name, ok := binaryNames[e.Op]
	if !ok {
		return nil, sqlerr.At(e.OpPos, sqlerr.FeatureNotSupported, "this operator is not supported: %s", e)
	}
	return a.call(e.OpPos, s, name, e.L, e.R)
}

// sessionWords are the functions of the session that stand without brackets.
var sessionWords = map[string]bool{"current_catalog": true, "current_schema": true, "current_user": true, "session_user": true, "user": true}

func (a *analysis) columnRef(e *ast.ColumnRef, s *scope) (plan.Expr, error) {
	c, err := s.column(e)
	word := strings.ToLower(e.Column())
	if v, ok := a.session[word]; err != nil && ok && len(e.Parts) == 1 && sessionWords[word] {
		return v, nil
	}
	if x := s.alias(e); err != nil && x != nil {
		return a.expr(x, &scope{columns: s.columns, groups: s.groups, overs: s.overs})
	}
	if err != nil && len(e.Parts) > 1 {
		if x, ok, err := a.path(e, s); ok || err != nil {
			return x, err
		}
	}
	if err != nil {
		return a.fromOuter(e, err)
	}
	if s.groups != nil {
		name := strings.Join(e.Parts, ".")
		return nil, sqlerr.At(e.Pos, sqlerr.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function", name)
	}
	if c.computed != nil {
		return c.computed, nil
	}
	return &plan.Column{Index: c.index, Name: c.name, Typ: c.typ}, nil
}

// grouped finds what the aggregate below has computed.
func (a *analysis) grouped(e ast.Expr, s *scope) (plan.Expr, bool) {
	g := s.groups
	if f, ok := e.(*ast.FuncCall); ok && !isGrouping(f) {
		if bound := g.windowBound(f); bound != nil {
			return bound, true
		}
		if out, ok := g.aggs[e.String()]; ok {
			return out, true
		}
	}
	if c, ok := e.(*ast.ColumnRef); ok {
		if bound := g.windowColumn(c.Column()); bound != nil {
			return bound, true
		}
	}
	return g.key(a, e, s)
}

// key recognises an expression of GROUP BY by what it computes, however it is spelled.
func (g *groupScope) key(a *analysis, e ast.Expr, s *scope) (plan.Expr, bool) {
	_, constant := e.(*ast.Literal)
	_, column := e.(*ast.ColumnRef)
	if constant || !column && !g.computed {
		return nil, false
	}
	lifting := a.lifting
	a.lifting = nil
	x, err := a.expr(e, &scope{columns: s.columns})
	a.lifting = lifting
	if err != nil {
		return nil, false
	}
	out, ok := g.keys[plan.Stored(x)]
	return out, ok
}

// condition is an expression that must be BOOLEAN.
func (a *analysis) condition(e ast.Expr, s *scope) (plan.Expr, error) {
	x, err := a.expr(e, s)
	if err != nil {
		return nil, err
	}
	if k := x.Type().Kind; k != types.Boolean && k != types.Null {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "a condition must be BOOLEAN, this is %s", x.Type()).
			WithHint("Compare it with something, or use CAST.")
	}
	return a.to(e, x, types.Of(types.Boolean))
}

// to brings a value to a type; a constant text is read now, so that a wrong one is
// found at once.
func (a *analysis) to(e ast.Expr, x plan.Expr, t types.Type) (plan.Expr, error) {
	if x.Type() == t {
		return x, nil
	}
	if c, ok := x.(*plan.Const); ok {
		switch {
		case c.Null:
			return a.inferParam(c, t), nil
		case c.Typ.IsText() && !t.IsText():
			return castText(e.Position(), c, t, false)
		}
	}
	return &plan.Cast{Arg: x, Typ: t}, nil
}

// inferParam gives a NULL its type. If it stands for a parameter whose type the client left
// open, its first use decides: Args then holds the typed NULL, for the caller to read.
func (a *analysis) inferParam(c *plan.Const, t types.Type) *plan.Const {
	typed := &plan.Const{Typ: t, Null: true}
	for i, arg := range a.args {
		if c.Typ.Kind == types.Null && arg == plan.Expr(c) {
			a.args[i] = typed
		}
	}
	return typed
}

func typesOf(list []plan.Expr) []types.Type {
	out := make([]types.Type, len(list))
	for i, e := range list {
		out[i] = e.Type()
	}
	return out
}
