package parser

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	tidb "github.com/pingcap/tidb/pkg/parser"
	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	"github.com/pingcap/tidb/pkg/parser/terror"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// parsers holds idle TiDB parsers: making one costs more than most statements,
// and one may serve only one goroutine at a time.
var parsers = sync.Pool{New: func() any {
	p := tidb.New()
	p.SetSQLMode(mysql.ModeANSIQuotes | mysql.ModePipesAsConcat | mysql.ModeNoBackslashEscapes | mysql.ModeIgnoreSpace)
	return p
}}

// query reads the query between the next token and token to.
func (c *cursor) query(to int) (ast.Query, error) {
	if c.i >= to {
		return nil, c.unexpected()
	}
	r, err := newRewriter(c, to)
	if err == nil {
		err = r.run()
	}
	if err != nil {
		return nil, err
	}
	q, err := r.query(&converter{r: r})
	if err != nil {
		return nil, err
	}
	c.i = to
	return q, nil
}

// query reads what was rewritten.
func (r *rewriter) query(conv *converter) (q ast.Query, err error) {
	err = r.parse(r.out.String(), 0, func(stmt tast.StmtNode) error {
		q = conv.statement(stmt)
		return conv.done()
	})
	return q, err
}

// exprPrefix makes a query of an expression.
const exprPrefix = "SELECT "

// expr reads the expression between the next token and token to.
func (c *cursor) expr(to int) (ast.Expr, error) {
	if c.i >= to {
		return nil, c.unexpected()
	}
	r, err := newRewriter(c, to)
	if err != nil {
		return nil, err
	}
	r.bareExpr, r.levels[0].fn = true, "expression" // a FROM, an alias or a comma ends no expression
	if err := r.run(); err != nil {
		return nil, err
	}
	conv := &converter{r: r, shift: len(exprPrefix)}
	var e ast.Expr
	err = r.parse(exprPrefix+r.out.String(), len(exprPrefix), func(stmt tast.StmtNode) error {
		sel, ok := stmt.(*tast.SelectStmt)
		if !ok || !isBareExpr(sel) {
			return sqlerr.At(r.pos(r.from), sqlerr.SyntaxError, "syntax error: a single expression is expected here")
		}
		e = conv.expr(sel.Fields.Fields[0].Expr)
		return conv.done()
	})
	if err != nil {
		return nil, err
	}
	c.i = to
	return e, nil
}

// tablesPrefix makes a query of the tables of a FROM clause.
const tablesPrefix = "SELECT 1 FROM "

// tables reads what may stand behind FROM, between the next token and token to.
func (c *cursor) tables(to int) (t ast.TableRef, err error) {
	if c.i >= to {
		return nil, c.unexpected()
	}
	r, err := newRewriter(c, to)
	if err != nil {
		return nil, err
	}
	r.bareTables, r.top().inFrom, r.top().expectTable = true, true, true
	if err := r.run(); err != nil {
		return nil, err
	}
	conv := &converter{r: r, shift: len(tablesPrefix)}
	err = r.parse(tablesPrefix+r.out.String(), len(tablesPrefix), func(stmt tast.StmtNode) error {
		t = conv.join(stmt.(*tast.SelectStmt).From.TableRefs)
		return conv.done()
	})
	c.i = to
	return t, err
}

func isBareExpr(s *tast.SelectStmt) bool {
	return s.Kind == tast.SelectStmtKindSelect && len(s.Fields.Fields) == 1 && s.Fields.Fields[0].Expr != nil &&
		s.Fields.Fields[0].AsName.O == "" && s.From == nil && s.Where == nil && s.GroupBy == nil && s.Having == nil &&
		s.OrderBy == nil && s.Limit == nil && s.With == nil && !s.Distinct && s.SelectIntoOpt == nil && s.LockInfo == nil
}

// parse runs the TiDB parser over the rewritten text, of which the first shift
// bytes belong to no token, and hands the tree to use. The tree is valid until use
// returns: the parser's stack still refers to its nodes, and its next run writes to them.
func (r *rewriter) parse(text string, shift int, use func(tast.StmtNode) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			// The parser that failed is not put back: its state is unknown.
			err = sqlerr.At(r.pos(r.from), sqlerr.Internal, "this query cannot be read").WithCause(fmt.Errorf("parsing a query: %v", p))
		}
	}()
	p := parsers.Get().(*tidb.Parser)
	stmts, _, err := p.ParseSQL(text)
	if err != nil {
		at := stoppedAt(p)
		parsers.Put(p)
		return r.translate(err, text, at, shift)
	}
	if len(stmts) != 1 {
		parsers.Put(p)
		return sqlerr.At(r.pos(r.from), sqlerr.SyntaxError, "syntax error: one query is expected here")
	}
	err = use(stmts[0])
	parsers.Put(p)
	return err
}

// scanOffset leads to the place of the last token that the scanner of a TiDB parser has read. The
// library shows it in the texts of its messages only; no text is read here.
var scanOffset = func() []int {
	lexer, ok := reflect.TypeFor[tidb.Parser]().FieldByName("lexer")
	if !ok {
		return nil
	}
	offset, ok := lexer.Type.FieldByName("lastScanOffset")
	if !ok {
		return nil
	}
	return append(lexer.Index, offset.Index...)
}()

// stoppedAt gives the offset of the token at which a parser has stopped.
func stoppedAt(p *tidb.Parser) int {
	if scanOffset == nil {
		return 0
	}
	return int(reflect.ValueOf(p).Elem().FieldByIndex(scanOffset).Int())
}

// translate turns an error of the TiDB parser, which stopped at an offset of the text, into
// one in the user's text. Its own kind of error is about a value and has no place.
func (r *rewriter) translate(err error, text string, at, shift int) error {
	if _, ok := errors.AsType[*terror.Error](err); ok {
		return sqlerr.At(r.pos(r.from), sqlerr.SyntaxError, "syntax error in this query").
			WithDetail("%s", strings.ReplaceAll(err.Error(), cutMark, "")).WithCause(err)
	}
	if at >= len(text) {
		return r.explain(r.to)
	}
	return r.explain(r.token(at - shift))
}

// explain makes the syntax error at token i, with the hint that helps most.
func (r *rewriter) explain(i int) error {
	e := syntaxError(r.src, r.toks, i, r.to)
	t, prev := r.at(i), r.at(i-1)
	switch {
	case t.is("FROM") && prev.is(","):
		e.Hint = "There is a comma too many before FROM."
	case reservedHint(prev) != "" && (t.isAny(",", ")", "=", "<", ">") || t.is("FROM")):
		e.Hint = reservedHint(prev)
	case t.kind == identToken && t.isString() && r.dialect == quotedBody:
		e.Hint = stringInBody(t.value)
	case t.kind == stringToken && isName(prev):
		e.Hint = "A name is quoted with backticks or double quotes, a string with single quotes."
	}
	return e
}
