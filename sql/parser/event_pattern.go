package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// eventPattern reads PATTERN ( elements ) [WITHIN ('n' unit)] in the place of a table.
func (r *rewriter) eventPattern() error {
	c := r.cursor(r.to)
	p := &ast.EventPattern{Pos: c.pos(), AliasPos: ast.NoPos}
	c.i++
	end := c.closing(c.i)
	if end >= c.to {
		return sqlerr.At(c.pos(), sqlerr.SyntaxError, "syntax error: this ( is never closed")
	}
	in := c.within(end)
	in.i++
	if err := in.eventPartition(p); err != nil {
		return err
	}
	if err := in.eventElements(p); err != nil {
		return err
	}
	c.i = end + 1
	if c.accept("WITHIN") {
		var err error
		if p.Within, err = c.eventTime(); err != nil {
			return err
		}
	}
	r.top().expectTable, r.top().lastTable = false, nil
	p.AliasPos = r.aliasPos(c.i)
	r.cutOut(p, c.i, aName)
	return nil
}

// eventPartition reads PARTITION BY column, … in front of the elements.
func (c *cursor) eventPartition(p *ast.EventPattern) error {
	if !c.acceptAll("PARTITION", "BY") {
		return nil
	}
	for more := true; more; more = c.accept(",") {
		name, err := c.ident()
		if err != nil {
			return err
		}
		p.PartitionBy = append(p.PartitionBy, name)
	}
	return nil
}

// eventTime reads ('10' minute), or INTERVAL '10' MINUTE.
func (c *cursor) eventTime() (*ast.Literal, error) {
	at := c.pos()
	if c.accept("INTERVAL") {
		return c.interval(at)
	}
	if err := c.expect("("); err != nil {
		return nil, err
	}
	c.accept("INTERVAL")
	l, err := c.interval(c.pos())
	if err != nil {
		return nil, err
	}
	return l, c.expect(")")
}

// eventLinks are the words between elements.
var eventLinks = map[string]ast.EventLink{"FOLLOWEDBY": ast.FollowedBy, ",": ast.NextEvent, "NEXT": ast.NextEvent,
	"NOTFOLLOWEDBY": ast.NotFollowedBy, "NOTFOLLOWBY": ast.NotFollowedBy, "NOTNEXT": ast.NotNextEvent}

func (c *cursor) eventElements(p *ast.EventPattern) error {
	for link, at := ast.FirstEvent, c.pos(); ; {
		e, err := c.eventElement()
		if err != nil {
			return err
		}
		e.Link, e.LinkPos = link, at
		if p.Elements = append(p.Elements, e); c.done() {
			return nil
		}
		t := c.peek()
		next, ok := eventLinks[t.upper]
		if t.is(",") {
			next, ok = ast.NextEvent, true
		}
		if !ok {
			return c.unexpected().WithHint("Expected FOLLOWEDBY, NOTFOLLOWEDBY, NEXT or a comma, or NOTNEXT here.")
		}
		at = c.pos()
		link = next
		c.i++
	}
}

// eventElement reads name = table [condition] [TIMES(n)]; the table may stand in brackets of its own.
func (c *cursor) eventElement() (e ast.EventElement, err error) {
	e.Min, e.Max = 1, 1
	if e.Name, err = c.ident(); err != nil {
		return e, err
	}
	if err := c.expect("="); err != nil {
		return e, err
	}
	bracketed := c.accept("[") // as its syntax is printed: e1=[stream][condition]
	name, err := c.name()
	if err != nil {
		return e, err
	}
	if bracketed {
		if err := c.expect("]"); err != nil {
			return e, err
		}
	}
	e.Table = &ast.TableName{Name: name, AliasPos: ast.NoPos}
	for said := false; c.accept("["); {
		end := c.closingSquare()
		if c.peek().isAny("TIMES", "ONEORMORE") && !said {
			said = true
			err = c.eventTimes(&e)
		} else if e.Cond == nil && !said {
			e.Cond, err = c.expr(end)
		} else {
			return e, c.unexpected()
		}
		if err != nil {
			return e, err
		}
		if err := c.expect("]"); err != nil {
			return e, err
		}
	}
	return e, nil
}

// eventTimes reads ONEORMORE, TIMES(n) or TIMES(n, m).
func (c *cursor) eventTimes(e *ast.EventElement) (err error) {
	at := c.pos()
	if c.accept("ONEORMORE") {
		e.Max = ast.Unbounded
		return nil
	}
	if err := c.expect("TIMES", "("); err != nil {
		return err
	}
	if e.Min, err = c.quantity(); err != nil {
		return err
	}
	if e.Max = e.Min; c.accept(",") {
		if e.Max, err = c.quantity(); err != nil {
			return err
		}
	}
	if e.Min < 1 || e.Max < e.Min {
		return sqlerr.At(at, sqlerr.SyntaxError, "TIMES(n, m) needs 1 <= n <= m")
	}
	return c.expect(")")
}

// namesEvents tells the bracket of a PATTERN in the place of a table, behind n tokens.
func (p *postfix) namesEvents(n int) bool {
	return n > 1 && p.before(n).is("PATTERN") && p.before(n-1).isAny("FROM", "JOIN", ",")
}
