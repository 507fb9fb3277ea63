package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func readInterval(r *rewriter, c *cursor) (any, error) {
	c.i++
	return c.intervalValue(r.pos(r.i))
}

// textKinds are the literals that are a word and a string.
var textKinds = map[string]ast.LiteralKind{
	"DATE": ast.DateLiteral, "TIMESTAMP": ast.TimestampLiteral, "DATETIME": ast.TimestampLiteral, "TIME": ast.TimeLiteral,
}

func readTypedLiteral(r *rewriter, c *cursor) (any, error) {
	for c.i++; c.accept("WITHOUT") || c.accept("TIME") || c.accept("ZONE"); {
	}
	c.i++
	return &ast.Literal{Pos: r.pos(r.i), Kind: textKinds[r.cur().upper], Text: r.at(c.i - 1).value}, nil
}

// withDigits tells TIME(3) [WITH TIME ZONE] <text> from a call.
func withDigits(r *rewriter) bool {
	at := r.i + 4
	if r.at(r.i+2).kind != numberToken || !r.at(r.i+3).is(")") {
		return false
	}
	for r.at(at).isAny("WITH", "WITHOUT", "TIME", "ZONE") {
		at++
	}
	return r.at(at).isString()
}

// typedTexts are BOOLEAN 'true' and its like, which are conversions.
func typedTexts() (list []clause) {
	for _, begins := range []string{"TIMESTAMP|TIME WITH TIME ZONE <text>", "TIMESTAMPTZ|TIMESTAMP_LTZ|TIMETZ <text>"} {
		list = append(list, clause{begins, anywhere, readTextOfType, aValue})
	}
	list = append(list, clause{"TIMESTAMP|TIME|TIMESTAMPTZ|TIMESTAMP_LTZ|TIMETZ (", withDigits, readTextOfType, aValue})
	for word := range typeNames {
		if typedText(word) && textKinds[word] == 0 {
			list = append(list, clause{word + " <text>", startsValue, readTextOfType, aValue})
		}
	}
	return list
}

// typedText tells the words that make a value of a text behind them: DATE '2026-01-31'.
func typedText(upper string) bool {
	kind, ok := typeNames[upper]
	return ok && plainKind(kind) && kind != types.Interval // which has literals of its own
}

func readTextOfType(r *rewriter, c *cursor) (any, error) {
	inner := r.cursor(len(r.toks) - 1)
	typ, err := inner.typeName()
	if err != nil {
		return nil, err
	}
	behind := inner.i
	if typ.Type.Kind == types.TimestampTZ && !written(r.toks[r.i:behind]) { // as behind ::
		typ.Type.Precision = types.MaxTimestampPrecision
		typ.Text = typ.Type.String()
	}
	c.i = behind + 1
	at := r.pos(r.i)
	text := &ast.Literal{Pos: r.pos(behind), Kind: ast.StringLiteral, Text: r.toks[behind].value}
	return &ast.Cast{Pos: at, OpPos: at, X: text, Type: typ}, nil
}

// castCut is a conversion. The type of a CAST is known when its AS is reached.
type castCut struct {
	typ    ast.TypeName
	try    bool
	filled bool
	pos    int
	sign   int // where :: stands, else pos
}

func (h *castCut) node(c *converter, args []ast.Expr) ast.Expr {
	if len(args) == 1 {
		return &ast.Cast{Pos: h.pos, OpPos: h.sign, X: args[0], Type: h.typ, Try: h.try}
	}
	c.fail(sqlerr.At(h.pos, sqlerr.SyntaxError, "CAST takes one expression and a type: CAST(x AS type)"))
	return nil
}

func readCast(r *rewriter, c *cursor) (any, error) {
	c.i += 2
	cut := &castCut{try: r.cur().is("TRY_CAST"), pos: r.pos(r.i), sign: r.pos(r.i)}
	r.levels = append(r.levels, newBracket("CAST", -1))
	r.top().cast = cut
	return cut, nil
}

// rowCut is ROW(x, …).
type rowCut struct{ pos int }

func (h rowCut) node(_ *converter, args []ast.Expr) ast.Expr {
	return &ast.Row{Pos: h.pos, Items: args}
}

func readRow(r *rewriter, c *cursor) (any, error) {
	c.i += 2
	r.levels = append(r.levels, newBracket("ROW", -1))
	return rowCut{r.pos(r.i)}, nil
}

// readArrayQuery reads ARRAY(query).
func readArrayQuery(r *rewriter, c *cursor) (any, error) {
	c.i++
	x, err := c.expr(c.closing(c.i) + 1)
	sub, ok := x.(*ast.Subquery)
	if err != nil || !ok {
		return nil, err
	}
	return &ast.Subquery{Pos: r.pos(r.i), Query: sub.Query, Array: true}, nil
}

// elementsCut is ANY (array) or ALL.
type elementsCut struct {
	pos int
	all bool
}

func (h elementsCut) node(c *converter, args []ast.Expr) ast.Expr {
	if len(args) != 1 {
		c.fail(sqlerr.At(h.pos, sqlerr.SyntaxError, "one array stands in the brackets"))
		return nil
	}
	return &ast.Elements{Pos: h.pos, All: h.all, X: args[0]}
}

func readElements(r *rewriter, c *cursor) (any, error) {
	cut := elementsCut{r.pos(r.i), r.cur().is("ALL")}
	c.i += 2
	r.levels = append(r.levels, newBracket("ANY", -1))
	return cut, nil
}

// readDefault reads DEFAULT in a row of INSERT.
func readDefault(r *rewriter, c *cursor) (any, error) {
	c.i++
	return &ast.Literal{Pos: r.pos(r.i), Kind: ast.NullLiteral, Text: ast.Default}, nil
}

// distinctCut is IS [NOT] DISTINCT FROM, read as <=>.
type distinctCut struct{ not bool }

func readDistinct(r *rewriter, c *cursor) (any, error) {
	c.i++
	not := c.accept("NOT")
	c.i += 2
	return distinctCut{not}, nil
}

// unknownCut is UNKNOWN behind IS [NOT], which the grammar would take for IS NULL. It is
// read as <=> with a value of its own.
type unknownCut struct {
	not  bool
	what ast.IsKind
}

func (h unknownCut) node(*converter, []ast.Expr) ast.Expr { return &ast.Literal{Kind: ast.NullLiteral} }

func readUnknown(r *rewriter, c *cursor) (any, error) {
	c.i++
	not := c.accept("NOT")
	c.i++
	return unknownCut{not, ast.IsUnknown}, nil
}

// readIsJSON reads IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR], which stands as IS UNKNOWN does.
func readIsJSON(r *rewriter, c *cursor) (any, error) {
	c.i++
	cut := unknownCut{c.accept("NOT"), ast.IsJSON}
	c.i++
	switch {
	case c.accept("OBJECT"):
		cut.what = ast.IsJSONObject
	case c.accept("ARRAY"):
		cut.what = ast.IsJSONArray
	case c.accept("SCALAR"):
		cut.what = ast.IsJSONScalar
	default:
		c.accept("VALUE")
	}
	if c.peek().isAny("WITH", "WITHOUT") && (c.ahead(1).isAny("UNIQUE")) {
		return nil, r.unsupported("IS JSON … UNIQUE KEYS")
	}
	return cut, nil
}

// nullsCut is NULLS FIRST or NULLS LAST: one more key, which belongs to the one before it.
type nullsCut struct {
	at    int
	where ast.Nulls
}

func (h nullsCut) node(c *converter, _ []ast.Expr) ast.Expr {
	c.fail(sqlerr.At(h.at, sqlerr.SyntaxError, "NULLS FIRST and NULLS LAST stand behind a key of ORDER BY"))
	return nil
}

func readNulls(r *rewriter, c *cursor) (any, error) {
	c.i += 2
	where := ast.NullsFirst
	if r.next().is("LAST") {
		where = ast.NullsLast
	}
	return nullsCut{at: r.pos(r.i), where: where}, nil
}
