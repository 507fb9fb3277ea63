package parser

import (
	"strings"

	"slipway/sql/ast"
)

// hasJSONClauses tells JSON_VALUE and its like with clauses behind the path from a plain call.
func hasJSONClauses(r *rewriter) bool {
	c := r.cursor(closing(r.toks, r.i+1, r.to))
	c.i = r.i + 2
	return c.until(c.beginsJSONClause) < c.to
}

// beginsJSONClause tells the first word of a clause behind an operand.
func (c *cursor) beginsJSONClause(i int) bool {
	t, next := c.toks[i], c.toks[i+1]
	switch {
	case !endsOperand(c.toks[i-1]):
		return false
	case t.isAny("NULL", "ERROR", "TRUE", "FALSE", "UNKNOWN"):
		return next.is("ON")
	case t.is("EMPTY"):
		return next.isAny("ON", "ARRAY", "OBJECT")
	case t.is("FORMAT"):
		return next.is("JSON")
	case t.isAny("KEEP", "OMIT"):
		return next.is("QUOTES")
	}
	return t.isAny("RETURNING", "WITH", "WITHOUT", "DEFAULT", "PASSING")
}

// readJSONCall reads JSON_VALUE(x, path clauses) and its like.
func readJSONCall(_ *rewriter, c *cursor) (any, error) {
	f := &ast.JSONCall{Pos: c.pos(), Func: strings.ToLower(c.peek().value)}
	in := c.within(c.closing(c.i + 1))
	in.i = c.i + 2
	var err error
	if f.X, err = in.expr(in.until(func(i int) bool { return in.isComma(i) || in.beginsJSONClause(i) })); err != nil {
		return nil, err
	}
	if in.peek().is("FORMAT") {
		return nil, in.unsupported("FORMAT JSON").WithHint("A text is read as JSON without it.")
	}
	if err := in.expect(","); err != nil {
		return nil, err
	}
	if f.Path, err = in.expr(in.until(in.beginsJSONClause)); err != nil {
		return nil, err
	}
	if f.Passing, err = in.jsonPassing(func(i int) bool { return in.beginsJSONClause(i) }); err != nil {
		return nil, err
	}
	if in.accept("RETURNING") {
		if f.Func == "json_exists" {
			in.i--
			return nil, in.unexpected()
		}
		typ, err := in.typeName()
		if err != nil {
			return nil, err
		}
		f.Returning = &typ
	}
	c.i = in.to + 1
	if err := in.jsonClauses(&f.JSONClauses, f.Func); err != nil {
		return nil, err
	}
	return f, in.end()
}

// jsonPassing reads PASSING x AS name, …, up to what ends it.
func (c *cursor) jsonPassing(ends func(int) bool) (list ast.JSONPassing, err error) {
	if !c.accept("PASSING") {
		return nil, nil
	}
	for {
		v := ast.JSONVariable{}
		if v.X, err = c.expr(c.until(func(i int) bool { return c.toks[i].is("AS") || c.isComma(i) || ends(i) })); err != nil {
			return nil, err
		}
		if err := c.expect("AS"); err != nil {
			return nil, err
		}
		if v.Name, err = c.ident(); err != nil {
			return nil, err
		}
		if list = append(list, v); !c.accept(",") {
			return list, nil
		}
	}
}

// jsonClauses reads what stands behind the path and the type.
func (c *cursor) jsonClauses(k *ast.JSONClauses, of string) error {
	switch t := c.peek(); {
	case t.is("FORMAT"):
		return c.unsupported("FORMAT JSON").WithHint("RETURNING JSON is JSON, RETURNING STRING its text.")
	}
	if of == "json_query" {
		if err := c.jsonForm(k); err != nil {
			return err
		}
	}
	for !c.done() {
		o, err := c.jsonOtherwise(of)
		if err != nil {
			return err
		}
		if err := c.expect("ON"); err != nil {
			return err
		}
		place := &k.OnError
		if of != "json_exists" && c.peek().is("EMPTY") {
			place = &k.OnEmpty
		} else if !c.peek().is("ERROR") {
			return c.unexpected()
		}
		if *place != nil || place == &k.OnEmpty && k.OnError != nil {
			return c.unexpected().WithHint("ON EMPTY stands once, and before ON ERROR.")
		}
		*place = o
		c.i++
	}
	return nil
}

// jsonForm reads WITH WRAPPER and OMIT QUOTES, and their like.
func (c *cursor) jsonForm(k *ast.JSONClauses) error {
	if t := c.peek(); t.isAny("WITH", "WITHOUT") {
		c.i++
		k.Wrapper = ast.WithoutWrapper
		if t.is("WITH") {
			k.Wrapper = ast.WithWrapper
			if c.accept("CONDITIONAL") {
				k.Wrapper = ast.WithConditionalWrapper
			} else {
				c.accept("UNCONDITIONAL")
			}
		}
		c.accept("ARRAY")
		if err := c.expect("WRAPPER"); err != nil {
			return err
		}
	}
	t := c.peek()
	if !t.isAny("KEEP", "OMIT") {
		return nil
	}
	if k.Wrapper > ast.WithoutWrapper {
		return c.unexpected().WithHint("QUOTES stands without a wrapper.")
	}
	k.Quotes = ast.KeepQuotes
	if t.is("OMIT") {
		k.Quotes = ast.OmitQuotes
	}
	c.i++
	if err := c.expect("QUOTES"); err != nil {
		return err
	}
	if c.acceptAll("ON", "SCALAR") {
		return c.expect("STRING")
	}
	return nil
}

// otherwiseWords are those that stand before ON, beside DEFAULT.
var otherwiseWords = map[string][]string{
	"json_value": {"NULL", "ERROR"}, "json_exists": {"TRUE", "FALSE", "UNKNOWN", "ERROR"}, "json_query": {"NULL", "ERROR"},
}

// jsonOtherwise reads what stands before ON EMPTY or ON ERROR.
func (c *cursor) jsonOtherwise(of string) (*ast.JSONOtherwise, error) {
	o := &ast.JSONOtherwise{Pos: c.pos()}
	t := c.peek()
	switch {
	case t.is("DEFAULT") && of != "json_exists":
		c.i++
		o.Word = "DEFAULT"
		var err error
		o.X, err = c.expr(c.until(func(i int) bool { return c.toks[i].is("ON") && c.toks[i+1].isAny("EMPTY", "ERROR") }))
		return o, err
	case t.is("EMPTY") && of == "json_query":
		c.i++
		o.Word = "EMPTY ARRAY"
		if c.accept("OBJECT") {
			o.Word = "EMPTY OBJECT"
		} else {
			c.accept("ARRAY")
		}
		return o, nil
	case t.isAny(otherwiseWords[of]...):
		c.i++
		o.Word = t.upper
		return o, nil
	}
	return nil, c.unexpected()
}
