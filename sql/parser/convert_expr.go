package parser

import (
	"fmt"
	"strconv"
	"strings"

	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

func (c *converter) optional(n tast.ExprNode) ast.Expr {
	if n == nil {
		return nil
	}
	return c.expr(n)
}

func (c *converter) exprs(list []tast.ExprNode) []ast.Expr {
	if len(list) == 0 {
		return nil
	}
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = c.expr(e)
	}
	return out
}

// expr converts an expression; nil after an error.
func (c *converter) expr(n tast.ExprNode) ast.Expr {
	if c.err != nil {
		return nil
	}
	e := c.node(n)
	if c.err != nil {
		return nil
	}
	return e
}

func (c *converter) node(n tast.ExprNode) ast.Expr {
	switch n := n.(type) {
	case *value:
		return c.literal(n)
	case *param:
		return c.param(n)
	case *tast.ColumnNameExpr:
		return c.column(n)
	case *tast.ParenthesesExpr:
		return c.expr(n.Expr)
	case *tast.BinaryOperationExpr:
		return c.binary(n)
	case *tast.UnaryOperationExpr:
		return c.unary(n)
	case *tast.BetweenExpr:
		return &ast.Between{Pos: c.pos(n), X: c.expr(n.Expr), Low: c.expr(n.Left), High: c.expr(n.Right), Not: n.Not}
	case *tast.IsNullExpr:
		return &ast.Is{Pos: c.pos(n), X: c.expr(n.Expr), What: ast.IsNull, Not: n.Not}
	case *tast.IsTruthExpr:
		return c.isTruth(n)
	case *tast.PatternLikeOrIlikeExpr:
		return c.like(n)
	case *tast.PatternRegexpExpr:
		return c.regexp(n)
	case *tast.PatternInExpr:
		return c.in(n)
	case *tast.ExistsSubqueryExpr:
		return &ast.Exists{Pos: c.pos(n), Query: c.subquery(n.Sel), Not: n.Not}
	case *tast.SubqueryExpr:
		return &ast.Subquery{Pos: c.pos(n), Query: c.subquery(n)}
	case *tast.CaseExpr:
		return c.caseExpr(n)
	case *tast.FuncCallExpr:
		return c.call(n)
	case *tast.AggregateFuncExpr:
		return c.aggregate(n)
	case *tast.PositionExpr:
		return &ast.Literal{Pos: c.pos(n), Kind: ast.IntLiteral, Text: strconv.Itoa(n.N)}
	case *tast.RowExpr:
		return &ast.Row{Pos: c.pos(n), Items: c.exprs(n.Values)}
	case *tast.CompareSubqueryExpr:
		return c.quantified(n)
	default:
		c.refuseNode(n)
	}
	return nil
}

// refuseNode names an expression that the grammar knows and we do not.
func (c *converter) refuseNode(n tast.ExprNode) {
	switch n.(type) {
	case *tast.VariableExpr:
		c.refuse(c.pos(n), "a session variable in a query")
	case *tast.SetCollationExpr:
		c.refuse(c.pos(n), "COLLATE")
	default:
		c.refuse(c.pos(n), "this expression (%s)", strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."))
	}
}

func (c *converter) literal(n *value) ast.Expr {
	lit := &ast.Literal{Pos: c.pos(n)}
	switch v := n.v.(type) {
	case nil:
		lit.Kind = ast.NullLiteral
	case bool:
		lit.Kind, lit.Text = ast.BoolLiteral, strings.ToUpper(strconv.FormatBool(v))
	case int64:
		lit.Kind, lit.Text = ast.IntLiteral, strconv.FormatInt(v, 10)
	case uint64:
		lit.Kind, lit.Text = ast.IntLiteral, strconv.FormatUint(v, 10)
	case decimal:
		lit.Kind, lit.Text = ast.DecimalLiteral, string(v)
	case float64:
		lit.Kind, lit.Text = ast.FloatLiteral, strconv.FormatFloat(v, 'e', -1, 64)
	case string:
		lit.Kind, lit.Text = ast.StringLiteral, v
	default:
		c.refuse(lit.Pos, "this literal")
	}
	return lit
}

func (c *converter) param(n *param) ast.Expr {
	return &ast.Param{Pos: c.r.pos(c.r.token(n.offset - c.shift)), N: c.r.params[n.offset-c.shift]}
}

func (c *converter) column(n *tast.ColumnNameExpr) ast.Expr {
	ref := &ast.ColumnRef{Pos: c.pos(n)}
	for _, p := range []string{n.Name.Schema.O, n.Name.Table.O, n.Name.Name.O} {
		if p != "" {
			ref.Parts = append(ref.Parts, p)
		}
	}
	if strings.HasPrefix(ref.Column(), cutMark) {
		c.fail(sqlerr.At(ref.Pos, sqlerr.SyntaxError, "syntax error at or near \"%s\"", c.r.src.near(c.r.toks[c.tok(n)])))
	}
	return ref
}

var binaryOps = map[opcode.Op]ast.BinaryOp{
	opcode.LogicOr: ast.Or, opcode.LogicXor: ast.Xor, opcode.LogicAnd: ast.And, opcode.EQ: ast.Eq, opcode.NullEQ: ast.NullSafeEq,
	opcode.NE: ast.Ne, opcode.LT: ast.Lt, opcode.LE: ast.Le, opcode.GT: ast.Gt, opcode.GE: ast.Ge, opcode.Or: ast.BitOr,
	opcode.And: ast.BitAnd, opcode.LeftShift: ast.ShiftLeft, opcode.RightShift: ast.ShiftRight, opcode.Plus: ast.Add,
	opcode.Minus: ast.Sub, opcode.Mul: ast.Mul, opcode.Div: ast.Div, opcode.IntDiv: ast.IntDiv, opcode.Mod: ast.Mod,
	opcode.Xor: ast.BitXor,
}

func (c *converter) binary(n *tast.BinaryOperationExpr) ast.Expr {
	op, ok := binaryOps[n.Op]
	if !ok {
		c.refuse(c.pos(n), "the operator %s", n.Op)
		return nil
	}
	l := c.expr(n.L)
	if test, ok := c.unknown(n.R); ok && l != nil {
		return &ast.Is{Pos: l.Position(), X: l, What: test.what, Not: test.not}
	}
	negated := n.Op == opcode.NullEQ && c.isDistinct(n.R)
	r := c.expr(n.R)
	if c.err != nil {
		return nil
	}
	if c.isWithoutPath(op, n.R) {
		return &ast.FuncCall{Pos: l.Position(), Name: "jsonb_delete_path", Args: []ast.Expr{l, r}, FilterPos: ast.NoPos}
	}
	op = c.infixOf(op, l, r, n.R)
	b := &ast.Binary{Pos: l.Position(), OpPos: c.operatorPos(n.R, l.Position()), Op: op, L: l, R: r}
	b.OpenL, b.OpenR = op == ast.Sub && joins(n.L), op == ast.Sub && joins(n.R)
	if negated {
		return &ast.Unary{Pos: b.Pos, Op: ast.Not, X: b}
	}
	return b
}

// unknown tells the value that stands for UNKNOWN behind IS.
func (c *converter) unknown(right tast.ExprNode) (unknownCut, bool) {
	f, ok := right.(*tast.FuncCallExpr)
	if !ok {
		return unknownCut{}, false
	}
	cut, ok := c.r.cutOf(f.FnName.O).(unknownCut)
	return cut, ok
}

// isDistinct tells IS DISTINCT FROM, of which <=> is the opposite, by the piece before the right operand.
func (c *converter) isDistinct(right tast.Node) bool {
	i := c.r.pieceAt(right.OriginTextPosition()-c.shift) - 1
	for ; i >= 0; i-- {
		p := c.r.pieces[i]
		if p.cut >= 0 {
			cut, ok := c.r.cuts[p.cut].what.(distinctCut)
			if ok {
				c.r.take(int(p.cut))
			}
			return ok && !cut.not
		}
		if !c.r.toks[p.tok].isAny("(", "-", "+", "~", "!") {
			return false
		}
	}
	return false
}

// quantified converts x op ANY (query).
func (c *converter) quantified(n *tast.CompareSubqueryExpr) ast.Expr {
	op, ok := binaryOps[n.Op]
	if !ok || op == ast.NullSafeEq {
		c.refuse(c.pos(n), "comparison with ANY or ALL")
		return nil
	}
	q := &ast.Quantified{Pos: c.pos(n), Op: op, All: n.All, X: c.expr(n.L), Query: c.subquery(n.R)}
	i := c.tok(n.R) - 1
	for c.r.at(i).isAny("(", "ANY", "SOME", "ALL") {
		i--
	}
	q.OpPos = c.r.pos(max(i, c.r.from))
	return q
}

// operatorPos finds the operator before the right operand.
func (c *converter) operatorPos(right tast.Node, otherwise int) int {
	if i := c.operatorToken(right); i >= 0 {
		return c.r.pos(i)
	}
	return otherwise
}

// operatorToken gives the token of the operator before the right operand, or -1.
func (c *converter) operatorToken(right tast.Node) int {
	i := c.tok(right) - 1
	for i > c.r.from && c.r.toks[i].isAny("(", "NOT", "-", "~", "!") && !endsOperand(c.r.toks[i-1]) {
		i--
	}
	if t := c.r.toks[max(i, 0)]; i <= c.r.from || !isChainOperator(t) && !t.is("?") {
		return -1
	}
	return i
}

// anyCase tells ~* and !~* before a pattern.
func (c *converter) anyCase(pattern tast.Node) bool {
	i := c.tok(pattern) - 1
	for i > c.r.from && c.r.toks[i].is("(") {
		i--
	}
	return i > c.r.from && c.r.toks[i].isAny("~*", "!~*")
}

func (c *converter) unary(n *tast.UnaryOperationExpr) ast.Expr {
	x := c.expr(n.V)
	switch n.Op {
	case opcode.Plus:
		return x
	case opcode.Minus:
		return &ast.Unary{Pos: c.pos(n), Op: ast.Neg, X: x}
	case opcode.BitNeg:
		return &ast.Unary{Pos: c.pos(n), Op: ast.BitNot, X: x}
	case opcode.Not, opcode.Not2:
		return &ast.Unary{Pos: c.pos(n), Op: ast.Not, X: x}
	}
	c.refuse(c.pos(n), "the operator %s", n.Op)
	return nil
}

func (c *converter) isTruth(n *tast.IsTruthExpr) ast.Expr {
	what := ast.IsFalse
	if n.True != 0 {
		what = ast.IsTrue
	}
	return &ast.Is{Pos: c.pos(n), X: c.expr(n.Expr), What: what, Not: n.Not}
}

func (c *converter) like(n *tast.PatternLikeOrIlikeExpr) ast.Expr {
	l := &ast.Like{Pos: c.pos(n), X: c.expr(n.Expr), Pattern: c.expr(n.Pattern), Not: n.Not, ILike: !n.IsLike}
	l.Escape = rune(n.Escape)
	return l
}

func (c *converter) regexp(n *tast.PatternRegexpExpr) ast.Expr {
	e := &ast.Regexp{Pos: c.pos(n), X: c.expr(n.Expr), Pattern: c.expr(n.Pattern), Not: n.Not, AnyCase: c.anyCase(n.Pattern)}
	if s := c.r.similarOf(c.tok(n.Pattern)); s != nil {
		e.Similar, e.Escape = true, s.escape
	}
	return e
}

func (c *converter) in(n *tast.PatternInExpr) ast.Expr {
	in := &ast.In{Pos: c.pos(n), X: c.expr(n.Expr), Not: n.Not}
	if n.Sel != nil {
		in.Query = c.subquery(n.Sel)
		return in
	}
	in.List = c.exprs(n.List)
	return in
}

func (c *converter) subquery(n tast.ExprNode) ast.Query {
	s, ok := n.(*tast.SubqueryExpr)
	if !ok {
		c.refuse(c.pos(n), "this kind of subquery")
		return nil
	}
	return c.statement(s.Query)
}

func (c *converter) caseExpr(n *tast.CaseExpr) ast.Expr {
	e := &ast.Case{Pos: c.pos(n), Operand: c.optional(n.Value)}
	for _, w := range n.WhenClauses {
		e.Whens = append(e.Whens, ast.When{Cond: c.expr(w.Expr), Then: c.expr(w.Result)})
	}
	e.Else = c.optional(n.ElseClause)
	return e
}

func (c *converter) call(n *tast.FuncCallExpr) ast.Expr {
	if strings.HasPrefix(n.FnName.O, cutMark) && n.FnName.O != concatMark {
		return c.placeholder(n)
	}
	name, args := n.FnName.L, n.Args
	if n.Schema.O != "" {
		c.refuse(c.pos(n), "a function with a database before its name")
	}
	if name == tast.PasswordFunc {
		c.refuse(c.pos(n), "PASSWORD")
	}
	if name == "trim" {
		name, args = c.trim(n)
	}
	switch name {
	case "concat":
		return c.concat(args)
	case concatMark:
		name = "concat"
	case tast.DateLiteral, tast.TimestampLiteral, tast.TimeLiteral:
		c.refuse(c.pos(n), "this literal")
	}
	f := c.newCall(n, name)
	f.Args = c.exprs(args)
	return f
}

// newCall is a call with what is kept for it.
func (c *converter) newCall(n tast.Node, name string) *ast.FuncCall {
	f := &ast.FuncCall{Pos: c.pos(n), Name: name, FilterPos: ast.NoPos}
	tok := c.tok(n)
	if behind, ok := c.r.calls[tok]; ok {
		f.Filter, f.FilterPos, f.Over = behind.Filter, behind.FilterPos, behind.Over
		f.Nulls, f.JSONNulls, f.Columns, f.Names = behind.Nulls, behind.JSONNulls, behind.Columns, behind.Names
		f.Distinct, f.OrderBy, f.WithinGroup, f.Separator = behind.Distinct, behind.OrderBy, behind.WithinGroup, behind.Separator
		delete(c.r.calls, tok)
	}
	return f
}

// concat converts a || b, which the grammar makes a call.
func (c *converter) concat(args []tast.ExprNode) ast.Expr {
	l, r := c.expr(args[0]), c.expr(args[1])
	if c.err != nil {
		return nil
	}
	return &ast.Binary{Pos: l.Position(), OpPos: c.operatorPos(args[1], l.Position()), Op: ast.Concat, L: l, R: r}
}

// trimNames are the functions of a text, and of a text and the part that is taken away.
var trimNames = map[tast.TrimDirectionType][2]string{
	tast.TrimBothDefault: {"trim", "trim_both"}, tast.TrimBoth: {"trim", "trim_both"}, tast.TrimLeading: {"ltrim", "trim_first"}, tast.TrimTrailing: {"rtrim", "trim_last"},
}

// trim makes TRIM(LEADING FROM y) a call ltrim(y), and TRIM(LEADING x FROM y) trim_first(y, x). A plain call
// TRIM(y, x) stays as it is: what it means differs from one system to the next.
func (c *converter) trim(n *tast.FuncCallExpr) (string, []tast.ExprNode) {
	args, direction := n.Args, tast.TrimBothDefault
	if len(args) == 3 {
		if d, ok := args[2].(*tast.TrimDirectionExpr); ok {
			direction, args = d.Direction, args[:2]
			if v, ok := args[1].(*value); ok && v.v == nil {
				args = args[:1]
			}
		}
	}
	if len(args) != 2 || direction == tast.TrimBothDefault && !c.r.wordInCall(c.tok(n), "FROM") {
		return trimNames[direction][0], args
	}
	return trimNames[direction][1], args
}

// placeholder makes the node of a cut whose placeholder was read as a call.
func (c *converter) placeholder(n *tast.FuncCallExpr) ast.Expr {
	switch what := c.r.cutOf(n.FnName.O).(type) {
	case ast.Expr:
		return what
	case matchRowsCut:
		f := &ast.FuncCall{Pos: what.pos, Name: what.name, FilterPos: ast.NoPos, Rows: what.rows}
		c.arguments(f, n.Args)
		return f
	case standIn:
		args := c.exprs(n.Args)
		if c.err != nil {
			return nil
		}
		return what.node(c, args)
	}
	c.refuse(c.pos(n), "this expression")
	return nil
}

func (c *converter) aggregate(n *tast.AggregateFuncExpr) ast.Expr {
	f := c.newCall(n, strings.ToLower(n.F))
	f.Distinct = n.Distinct
	if t := c.r.toks[c.tok(n)]; t.has(aggregateCall) { // STDDEV, which the grammar calls STDDEV_POP
		f.Name = strings.ToLower(t.value)
	}
	if n.Order != nil {
		c.refuse(f.Pos, "ORDER BY inside %s", strings.ToUpper(n.F))
	}
	c.arguments(f, n.Args)
	return f
}

// arguments fills in the arguments; the mark of * stands for COUNT(*).
func (c *converter) arguments(f *ast.FuncCall, args []tast.ExprNode) {
	if len(args) == 1 {
		if col, ok := args[0].(*tast.ColumnNameExpr); ok && col.Name.Name.O == starMark {
			f.Star = true
			if f.Name != "count" {
				c.fail(sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s(*) does not exist; only COUNT takes *", f.Name))
			}
			return
		}
	}
	f.Args = c.exprs(args)
}
