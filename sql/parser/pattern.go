package parser

import (
	"strconv"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// pattern reads a row pattern: choices between sequences of repeated terms.
func (c *cursor) pattern() (ast.Pattern, error) {
	at := c.pos()
	var items []ast.Pattern
	for {
		p, err := c.patternSequence()
		if err != nil {
			return nil, err
		}
		items = append(items, p)
		if !c.accept("|") {
			break
		}
	}
	if len(items) == 1 {
		return items[0], nil
	}
	return &ast.PatternChoice{Pos: at, Items: items}, nil
}

func (c *cursor) patternSequence() (ast.Pattern, error) {
	at := c.pos()
	var items []ast.Pattern
	for len(items) == 0 || isName(c.peek()) || c.peek().isAny("(", "{", "^", "$") {
		p, err := c.patternTerm()
		if err != nil {
			return nil, err
		}
		items = append(items, p)
	}
	if len(items) == 1 {
		return items[0], nil
	}
	return &ast.PatternSequence{Pos: at, Items: items}, nil
}

// patternTerm reads a variable, a bracket or {- … -}, and the quantifier behind it.
func (c *cursor) patternTerm() (ast.Pattern, error) {
	at := c.pos()
	var p ast.Pattern
	var err error
	switch {
	case c.peek().is("PERMUTE") && c.ahead(1).is("("):
		p, err = c.permute()
	case c.peek().isAny("^", "$"):
		return nil, c.unsupported("an anchor in a pattern").WithHint("The rows of a stream have no end, and of a partition those in front are not kept: nothing is matched to its first or last row.")
	case c.accept("("):
		if p, err = c.pattern(); err == nil {
			err = c.expect(")")
		}
	case c.acceptAll("{", "-"):
		var x ast.Pattern
		if x, err = c.pattern(); err == nil {
			err = c.expect("-", "}")
		}
		p = &ast.PatternExclude{Pos: at, X: x}
	case isName(c.peek()):
		var id ast.Ident
		id, err = c.ident()
		p = &ast.PatternVariable{Pos: at, Name: id.Name}
	default:
		err = c.unexpected().WithHint("Expected a variable of the pattern here.")
	}
	if err != nil {
		return nil, err
	}
	return c.quantified(p, at)
}

// permute reads PERMUTE(a, b, …).
func (c *cursor) permute() (ast.Pattern, error) {
	p := &ast.PatternPermute{Pos: c.pos()}
	c.i += 2
	for {
		item, err := c.pattern()
		if err != nil {
			return nil, err
		}
		if p.Items = append(p.Items, item); !c.accept(",") {
			break
		}
	}
	if len(p.Items) > maxPermuted {
		return nil, sqlerr.At(p.Pos, sqlerr.TooComplex, "PERMUTE takes at most %d patterns", maxPermuted)
	}
	return p, c.expect(")")
}

// maxPermuted bounds PERMUTE: n of them have n! orders.
const maxPermuted = 5

// quantified reads *, +, ?, {n}, {n,}, {,m} or {n,m} behind the term at a place, and the ? of a reluctant one.
func (c *cursor) quantified(p ast.Pattern, at int) (ast.Pattern, error) {
	q := &ast.PatternRepeat{Pos: at, X: p, Max: ast.Unbounded}
	switch {
	case c.accept("*"):
	case c.accept("+"):
		q.Min = 1
	case c.accept("?"):
		q.Max = 1
	case c.peek().is("{") && !c.ahead(1).is("-"):
		if err := c.times(q); err != nil {
			return nil, err
		}
	default:
		return p, nil
	}
	q.Reluctant = c.accept("?")
	return q, nil
}

// maxTimes bounds the numbers of a quantifier.
const maxTimes = 10_000

// times reads {n}, {n,}, {,m} or {n,m}.
func (c *cursor) times(q *ast.PatternRepeat) (err error) {
	at := c.pos()
	c.i++
	if !c.peek().is(",") {
		if q.Min, err = c.quantity(); err != nil {
			return err
		}
		q.Max = q.Min
	}
	if c.accept(",") {
		q.Max = ast.Unbounded
		if !c.peek().is("}") {
			if q.Max, err = c.quantity(); err != nil {
				return err
			}
		}
	}
	if q.Max != ast.Unbounded && (q.Max < q.Min || q.Max == 0) {
		return sqlerr.At(at, sqlerr.SyntaxError, "a quantifier {n,m} needs 0 <= n <= m and 1 <= m")
	}
	return c.expect("}")
}

func (c *cursor) quantity() (int, error) {
	t := c.peek()
	n, err := strconv.Atoi(t.value)
	if t.kind != numberToken || err != nil {
		return 0, c.unexpected().WithHint("Expected a number here.")
	}
	if n > maxTimes {
		return 0, sqlerr.At(c.pos(), sqlerr.TooComplex, "a quantifier has at most %d", maxTimes)
	}
	c.i++
	return n, nil
}
