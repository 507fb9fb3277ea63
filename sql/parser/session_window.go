package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// readSessionWindow gives SESSIONWINDOW … to the stream before it.
func readSessionWindow(r *rewriter, c *cursor) (any, error) {
	t, err := r.windowed("SESSIONWINDOW", "SESSIONWINDOW (INIT[…] END[…])")
	if err == nil {
		t.Sessions, err = c.sessionWindow()
	}
	return nil, err
}

// sessionWindow reads SESSIONWINDOW [name [AS]] ( parts ).
func (c *cursor) sessionWindow() (w *ast.SessionWindow, err error) {
	w = &ast.SessionWindow{Pos: c.pos()}
	c.i++
	if w.Name, err = c.windowName(); err != nil {
		return nil, err
	}
	end := c.closing(c.i)
	if end >= c.to {
		return nil, sqlerr.At(c.pos(), sqlerr.SyntaxError, "syntax error: this ( is never closed")
	}
	in := c.within(end)
	in.i++
	for !in.done() {
		if err := in.sessionPart(w); err != nil {
			return nil, err
		}
	}
	for _, b := range []struct {
		word string
		of   ast.SessionBound
	}{{"INIT", w.Init}, {"END", w.End}} {
		if b.of.Cond == nil {
			return nil, in.unexpected().WithHint("SESSIONWINDOW needs %s[condition]: SESSIONWINDOW (INIT[op = 'login'] END[op = 'logout'] KEYEDBY (id)).", b.word)
		}
	}
	c.i = end + 1
	return w, nil
}

// sessionPart reads one of INIT[…], END[…], KEYEDBY (…) and TIMEOUT t, each of which stands there once.
func (c *cursor) sessionPart(w *ast.SessionWindow) (err error) {
	at, t := c.pos(), c.peek()
	switch {
	case t.is("INIT") && w.Init.Cond == nil:
		w.Init, err = c.sessionBound()
	case t.is("END") && w.End.Cond == nil:
		w.End, err = c.sessionBound()
	case t.is("KEYEDBY") && w.KeyedBy == nil:
		w.KeyedBy, err = c.sessionKeys()
	case t.is("TIMEOUT") && w.Timeout == nil:
		c.i++
		w.Timeout, err = c.duration(at)
	case t.isAny("INIT", "END", "KEYEDBY", "TIMEOUT"):
		return sqlerr.At(at, sqlerr.SyntaxError, "SESSIONWINDOW has two %s", t.upper)
	case t.isAny("LENGTH", "INTERVAL"):
		return c.unsupported("SESSIONWINDOW with " + t.upper).WithHint("Sessions that a pause ends are GROUP BY k, SESSION(ts, INTERVAL '10' MINUTE).")
	default:
		return c.unexpected().WithHint("Expected INIT[condition], END[condition], KEYEDBY (column, …) or TIMEOUT '10' MINUTE.")
	}
	return err
}

// sessionBound reads INIT or END and [condition [EXCLUDE]].
func (c *cursor) sessionBound() (b ast.SessionBound, err error) {
	c.i++
	if err := c.expect("["); err != nil {
		return b, err
	}
	end := c.closingSquare()
	last := end - 1
	if b.Exclude = last > c.i && c.toks[last].is("EXCLUDE") && endsOperand(c.toks[last-1]); !b.Exclude {
		last = end
	}
	if b.Cond, err = c.expr(last); err != nil {
		return b, err
	}
	c.i = end
	return b, c.expect("]")
}

// closingSquare gives the index of the ] that closes the [ before the next token.
func (c *cursor) closingSquare() int {
	depth := 1
	for i := c.i; i < c.to; i++ {
		switch {
		case c.toks[i].is("["):
			depth++
		case c.toks[i].is("]"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return c.to
}

// sessionKeys reads KEYEDBY (key, …).
func (c *cursor) sessionKeys() ([]ast.Expr, error) {
	c.i++
	if !c.peek().is("(") {
		return nil, c.expect("(")
	}
	end := c.closing(c.i)
	in := c.within(end)
	in.i++
	list, err := in.exprList(nil)
	if err == nil {
		err = in.end()
	}
	c.i = end + 1
	return list, err
}

// namesSessions tells that the n tokens before a ( are SESSIONWINDOW [name [AS]].
func (p *postfix) namesSessions(n int) bool {
	if p.before(n).is("AS") {
		n--
	} else if p.before(n).is("SESSIONWINDOW") {
		return true
	}
	return n > 0 && isName(p.before(n)) && p.before(n-1).is("SESSIONWINDOW")
}
