package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// isMemberSign tells the operators that read a part of JSON.
func isMemberSign(sign string) bool {
	return sign == "->" || sign == "->>" || sign == "#>" || sign == "#>>"
}

// memberCut is x -> y or one of its like: a call with both.
type memberCut struct {
	pos, sign int
	op        string
}

// node: a text that begins with $ is a path, as in MySQL, else a name.
func (h memberCut) node(c *converter, args []ast.Expr) ast.Expr {
	if len(args) != 2 {
		c.fail(sqlerr.At(h.sign, sqlerr.SyntaxError, "one value stands behind %s", h.op))
		return nil
	}
	f := &ast.FuncCall{Pos: h.pos, Name: h.op, Args: args, FilterPos: ast.NoPos}
	l, ok := args[1].(*ast.Literal)
	if !ok || h.op[0] == '#' || l.Kind != ast.StringLiteral || !strings.HasPrefix(l.Text, "$") {
		return f
	}
	if f.Name = "json_extract"; h.op == "->>" {
		return &ast.FuncCall{Pos: h.pos, Name: "json_unquote", Args: []ast.Expr{f}, FilterPos: ast.NoPos}
	}
	return f
}

// memberEnd is the index behind the operand: ARRAY[…], or one word, number, string or bracket.
func (p *postfix) memberEnd() int {
	if !p.peek().is("ARRAY") || !p.ahead(1).is("[") {
		return p.zoneEnd()
	}
	depth := 0
	for i := p.i + 1; i < p.to; i++ {
		switch t := p.toks[i]; {
		case t.is("["):
			depth++
		case t.is("]"):
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return p.to
}

// member reads x -> y, where y is one word, number, string or bracket.
func (p *postfix) member() error {
	sign := p.peek()
	from, err := p.operandBefore()
	if err != nil {
		return err
	}
	p.i++
	if t := p.peek(); t.has(noOperand) || t.kind == endToken || t.kind == opToken && !t.isAny("(", "-") {
		return p.unexpected().WithHint("Expected the name of a member, or the number of an element.")
	}
	if err := p.wrap(from, sign, memberCut{pos: p.posOf(from), sign: p.src.pos(sign.start), op: sign.upper}); err != nil {
		return err
	}
	p.out = append(p.out, made(",", sign))
	if p.peek().is("-") {
		p.pass()
	}
	for end := p.memberEnd(); p.i < end; {
		if err := p.step(); err != nil {
			return err
		}
	}
	p.close(sign, p.toks[p.i-1].end)
	if p.peek().is("::") {
		return p.unsupported(":: behind the operand of "+sign.upper).WithHint("In PostgreSQL it is of that operand alone: write (x %s y)::type.", sign.upper)
	}
	return nil
}
