package parser

import "slipway/sql/ast"

// form finds how a statement is written whose two words are next.
func (c *cursor) form() (ast.Form, bool) {
	f, ok := ast.Forms[c.peek().upper+" "+c.ahead(1).upper]
	return f, ok && c.ahead(1).kind == wordToken && !c.ahead(2).is(".")
}

// formed reads a statement of two words and a clause.
func (c *cursor) formed(f ast.Form) (ast.Statement, error) {
	c.i += 2
	switch {
	case f.Clause == ast.MayHaveLike:
		like, err := c.like()
		return f.Make(like, nil), err
	case f.Clause == ast.HasJob || f.Clause == ast.MayHaveJob && c.peek().is("FOR"):
		if err := c.expect("FOR"); err != nil {
			return nil, err
		}
		job, err := c.forJob()
		return f.Make(nil, &job), err
	}
	return f.Make(nil, nil), nil
}
