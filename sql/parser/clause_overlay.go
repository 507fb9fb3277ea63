package parser

import "slipway/sql/ast"

// hasPlacing tells OVERLAY(s PLACING new FROM n) from a plain call.
func hasPlacing(r *rewriter) bool {
	c := r.cursor(closing(r.toks, r.i+1, r.to))
	c.i = r.i + 2
	return !c.toks[c.until(func(i int) bool { return c.toks[i].is("PLACING") })].is(")")
}

// readOverlay reads OVERLAY(s PLACING new FROM n [FOR m]): a call with these in their order.
func readOverlay(_ *rewriter, c *cursor) (any, error) {
	f := &ast.FuncCall{Pos: c.pos(), Name: "overlay", FilterPos: ast.NoPos}
	in := c.within(c.closing(c.i + 1))
	in.i = c.i + 2
	for _, word := range []string{"PLACING", "FROM", "FOR", ""} {
		x, err := in.expr(in.until(func(i int) bool { return in.toks[i].is(word) }))
		if err != nil {
			return nil, err
		}
		f.Args = append(f.Args, x)
		if (word == "FOR" || word == "") && in.done() {
			break
		}
		if err := in.expect(word); err != nil {
			return nil, err
		}
	}
	c.i = in.to + 1
	return f, in.end()
}
