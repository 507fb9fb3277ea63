package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// createFunction reads CREATE FUNCTION behind these words.
func (c *cursor) createFunction(replace, aggregate bool) (*ast.CreateFunction, error) {
	s := &ast.CreateFunction{OrReplace: replace, Aggregate: aggregate, Language: ast.LanguageSQL, LanguagePos: ast.NoPos, BodyPos: ast.NoPos, PropertiesPos: ast.NoPos}
	var err error
	if s.IfNotExists, err = c.ifNotExists(); err != nil {
		return nil, err
	}
	if s.Name, err = c.name(); err != nil {
		return nil, err
	}
	if c.peek().is("AS") { // Hive and Flink name a class so
		return nil, c.unsupported("a function of a class").
			WithHint("Functions are written in SQL, or compiled to WebAssembly: CREATE FUNCTION f(x BIGINT) RETURNS BIGINT AS 'x + 1'.")
	}
	if s.Parameters, err = c.parameterList(); err != nil {
		return nil, err
	}
	if err := c.expect("RETURNS"); err != nil {
		return nil, err
	}
	if err := c.returns(s); err != nil {
		return nil, err
	}
	body := token{kind: endToken}
	for !c.done() {
		if err := c.functionClause(s, &body); err != nil {
			return nil, err
		}
	}
	return s, c.functionBody(s, body)
}

// returns reads what stands behind RETURNS: a type, or TABLE and columns.
func (c *cursor) returns(s *ast.CreateFunction) (err error) {
	if c.peek().is("SETOF") {
		return c.unsupported("RETURNS SETOF").WithHint("RETURNS TABLE (column type, …) gives rows.")
	}
	at := c.pos()
	if !c.accept("TABLE") {
		s.Returns, err = c.typeName()
		return err
	}
	if s.Aggregate {
		return sqlerr.At(at, sqlerr.InvalidFunction, "an aggregate gives one value")
	}
	s.Returns = ast.TypeName{Pos: at}
	if s.Columns, err = c.parameterList(); err == nil && len(s.Columns) == 0 {
		err = sqlerr.At(at, sqlerr.SyntaxError, "a table has at least one column")
	}
	return err
}

// parameterList reads ( name type, … ).
func (c *cursor) parameterList() (list []ast.Parameter, err error) {
	if err := c.expect("("); err != nil {
		return nil, err
	}
	for !c.accept(")") {
		if len(list) > 0 {
			if err := c.expect(","); err != nil {
				return nil, err
			}
		}
		if c.peek().isAny("OUT", "INOUT", "VARIADIC") && isName(c.ahead(1)) {
			return nil, c.unsupported("an " + c.peek().upper + " parameter").WithHint("A function takes values and gives one.")
		}
		var p ast.Parameter
		if p.Ident, err = c.folded(); err != nil {
			return nil, err
		}
		if p.Type, err = c.typeName(); err != nil {
			return nil, err
		}
		if c.peek().isAny("DEFAULT", "=") {
			return nil, c.unsupported("DEFAULT of a parameter").WithHint("Declare a second function of the name with fewer parameters.")
		}
		list = append(list, p)
	}
	return list, nil
}

// functionClause reads one of the clauses behind RETURNS, which stand in any order. body is set to the text behind AS.
func (c *cursor) functionClause(s *ast.CreateFunction, body *token) (err error) {
	t := c.peek()
	switch {
	case c.acceptAll("RETURNS", "NULL", "ON", "NULL", "INPUT"), c.accept("STRICT"):
		s.Strict = true
	case c.acceptAll("CALLED", "ON", "NULL", "INPUT"), c.accept("IMMUTABLE"), c.accept("DETERMINISTIC"), c.acceptAll("CONTAINS", "SQL"), c.acceptAll("NO", "SQL"):
	case t.isAny("VOLATILE", "STABLE"):
		return c.varying(t.upper)
	case t.is("NOT") && c.ahead(1).is("DETERMINISTIC"):
		return c.varying("NOT DETERMINISTIC")
	case c.accept("LANGUAGE"):
		return c.language(s)
	case c.accept("COMMENT"):
		s.Comment, err = c.str("the comment")
	case t.is("WITH") && s.PropertiesPos < 0:
		s.PropertiesPos = c.pos()
		c.i++
		s.Properties, err = c.properties()
	case t.is("RETURN") && s.Body == nil && body.kind == endToken:
		c.i++
		return c.returned(s)
	case t.is("AS") && s.Body == nil && body.kind == endToken:
		c.i++
		*body = c.peek()
		if !body.isString() {
			return c.unexpected().WithHint("Expected the body in quotes here: AS 'x + 1'. Without quotes it stands behind RETURN.")
		}
		s.BodyPos = c.pos()
		c.i++
	default:
		return c.unexpected().WithHint("Expected LANGUAGE, STRICT, COMMENT, WITH (…), AS 'body' or RETURN and an expression.")
	}
	return err
}

func (c *cursor) varying(how string) error {
	return c.unsupported("a function that is " + how).
		WithHint("A function gives the same for the same arguments: rows that are computed again after a failure would differ.")
}

func (c *cursor) language(s *ast.CreateFunction) error {
	s.LanguagePos = c.pos()
	t := c.peek()
	if t.kind != wordToken && !t.isString() {
		return c.unexpected().WithHint("Expected SQL or wasm here.")
	}
	switch s.Language = strings.ToLower(t.value); s.Language {
	case ast.LanguageSQL, ast.LanguageWasm:
		c.i++
		return nil
	}
	return c.unsupported("LANGUAGE " + t.value).WithHint("Functions are written in SQL, or compiled to WebAssembly: LANGUAGE wasm.")
}

// returned reads the expression behind RETURN, with which the statement ends.
func (c *cursor) returned(s *ast.CreateFunction) (err error) {
	if c.done() {
		return c.unexpected().WithHint("Expected an expression here.")
	}
	s.BodyPos = c.pos()
	s.BodyText = c.src.text[c.peek().start:c.toks[c.to-1].end]
	s.Body, err = withoutParams(c, func() (ast.Expr, error) { return c.expr(c.to) })
	return err
}

// functionBody reads what stands in the text behind AS.
func (c *cursor) functionBody(s *ast.CreateFunction, body token) (err error) {
	switch {
	case s.Language != ast.LanguageWasm && s.Columns != nil:
		return sqlerr.At(s.Returns.Pos, sqlerr.FeatureNotSupported, "RETURNS TABLE of a function in SQL is not supported").
			WithHint("LANGUAGE wasm can give rows; in SQL a view does, and UNNEST of an array.")
	case s.Language != ast.LanguageWasm && s.Aggregate:
		return sqlerr.At(s.Name.Pos, sqlerr.FeatureNotSupported, "an aggregate in SQL is not supported").
			WithHint("LANGUAGE wasm can compute one; CREATE FUNCTION declares a function of the values of one row.")
	case s.Language == ast.LanguageWasm && s.Body != nil:
		return sqlerr.At(s.BodyPos, sqlerr.SyntaxError, "a function in wasm has no expression").WithHint("Its module stands behind AS.")
	case s.Body != nil:
		return nil
	case body.kind == endToken:
		return c.unexpected().WithHint("Expected AS 'body' or RETURN and an expression.")
	case s.Language == ast.LanguageWasm:
		s.Module = body.value
		return nil
	}
	text, m := c.content(body)
	s.BodyText = text
	s.Body, err = ParseExpr(text, m)
	return err
}

// ParseExpr reads an expression that stood at the offsets m leads to, RETURN or SELECT in front of it or not. It is for
// the bodies of functions.
func ParseExpr(text string, m ast.OffsetMap) (ast.Expr, error) {
	c, err := inner(text, m)
	if err != nil {
		return nil, err
	}
	c.noParams = true
	if c.peek().isAny("SELECT", "RETURN") {
		c.i++
	}
	if c.done() {
		return nil, c.unexpected().WithHint("The body of a function is an expression.")
	}
	return c.expr(c.to)
}

// dropFunction reads DROP FUNCTION behind these words.
func (c *cursor) dropFunction() (*ast.DropFunction, error) {
	s := &ast.DropFunction{IfExists: c.ifExists()}
	var err error
	s.Functions, err = dropped(c, c.functionName)
	return s, err
}

// functionName reads name [(types)].
func (c *cursor) functionName() (f ast.FunctionName, err error) {
	if f.Name, err = c.name(); err != nil || !c.accept("(") {
		return f, err
	}
	f.Typed = true
	for !c.accept(")") {
		if len(f.Types) > 0 {
			if err := c.expect(","); err != nil {
				return f, err
			}
		}
		t, err := c.typeName()
		if err != nil {
			return f, err
		}
		f.Types = append(f.Types, t)
	}
	return f, nil
}
