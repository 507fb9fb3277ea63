package parser

import "slipway/sql/ast"

// similarTo is what SIMILAR TO, which is read as REGEXP, has of its own.
type similarTo struct {
	end    int // the token behind the pattern
	escape *ast.Literal
}

// behindNotOr is a place that is known, or one behind the word NOT.
func behindNotOr(where func(*rewriter) bool) func(*rewriter) bool {
	return func(r *rewriter) bool { return r.prev().is("NOT") || where(r) }
}

// readSimilar looks where the pattern ends, since its ESCAPE is none of the grammar's.
func readSimilar(r *rewriter, c *cursor) (any, error) {
	to := &r.toks[r.i+1]
	*to = token{kind: opToken, made: true, start: to.start, end: to.end, value: "TO", upper: "TO"} // no operand to what stands behind it
	c.i += 2
	end := c.until(func(i int) bool { return c.toks[i].isAny("ESCAPE", "AND", "OR", "XOR", ",") })
	if r.similar == nil {
		r.similar = map[int]*similarTo{}
	}
	r.similar[c.i] = &similarTo{end: end}
	return nil, nil
}

// behindSimilar tells the ESCAPE of a SIMILAR TO from that of LIKE.
func behindSimilar(r *rewriter) bool { return r.similarEndingAt(r.i) != nil }

func (r *rewriter) similarEndingAt(end int) *similarTo {
	for _, s := range r.similar {
		if s.end == end && s.escape == nil {
			return s
		}
	}
	return nil
}

// readEscape reads ESCAPE 'c' behind SIMILAR TO.
func readEscape(r *rewriter, c *cursor) (any, error) {
	s := r.similarEndingAt(r.i)
	c.i++
	if t := c.peek(); !t.isString() && t.kind != stringToken {
		return nil, c.unexpected().WithHint("Expected one character in quotes here.")
	}
	s.escape = &ast.Literal{Pos: c.pos(), Kind: ast.StringLiteral, Text: c.peek().value}
	c.i++
	return nil, nil
}

// similarOf gives what is known of a SIMILAR TO by its pattern's first token; nil: it is REGEXP or its like.
func (r *rewriter) similarOf(pattern int) *similarTo {
	for pattern > r.from && r.toks[pattern-1].is("(") {
		pattern--
	}
	return r.similar[pattern]
}

// hasSimilar tells SUBSTRING(s SIMILAR pattern ESCAPE e) from a plain call.
func hasSimilar(r *rewriter) bool { return r.wordInCall(r.i, "SIMILAR") && r.wordInCall(r.i, "ESCAPE") }

// readSimilarSubstring reads SUBSTRING(s SIMILAR pattern ESCAPE e): a call with these in their order.
func readSimilarSubstring(_ *rewriter, c *cursor) (any, error) {
	f := &ast.FuncCall{Pos: c.pos(), Name: "substring", FilterPos: ast.NoPos}
	in := c.within(c.closing(c.i + 1))
	in.i = c.i + 2
	for _, word := range []string{"SIMILAR", "ESCAPE", ""} {
		x, err := in.expr(in.until(func(i int) bool { return in.toks[i].is(word) }))
		if err != nil {
			return nil, err
		}
		f.Args = append(f.Args, x)
		if word == "" {
			break
		}
		if err := in.expect(word); err != nil {
			return nil, err
		}
	}
	c.i = in.to + 1
	return f, in.end()
}
