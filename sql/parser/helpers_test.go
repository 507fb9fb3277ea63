package parser

import (
	"strings"

	"slipway/sql/ast"
)

// split cuts a message as Parse does, without reading what it cuts.
func split(text string) ([]Source, error) {
	toks, err := lex(&source{text: text})
	if err != nil {
		return nil, err
	}
	var list []Source
	for from := 0; from < len(toks)-1; {
		to := statementEnd(toks, from)
		if to > from {
			list = append(list, sourceOf(text, toks[from:to]))
		}
		from = to + 1
	}
	return list, nil
}

// parseExpr reads an expression as it is read inside a clause.
func parseExpr(text string, m ast.OffsetMap) (ast.Expr, error) {
	c, err := inner(text, m)
	if err != nil {
		return nil, err
	}
	return c.expr(c.to)
}

// normalForm is that of every statement of a text.
func normalForm(text string) (string, error) {
	list, err := Parse(text)
	var parts []string
	for _, s := range list {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, "; "), err
}
