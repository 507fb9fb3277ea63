package syntax

// call reads f(…), also with the words that SQL has between the arguments of some.
func (p *parser) call() *Call {
	t := p.peek()
	c := &Call{At: At(t.pos), Name: p.label()}
	if p.accept(".") {
		c.Schema, c.Name = c.Name, p.label()
	}
	p.expect("(")
	p.deeper(func() { p.arguments(c) })
	p.expect(")")
	if p.accept("within", "group", "(") {
		p.expect("order")
		p.expect("by")
		c.Order = p.sorts()
		p.expect(")")
	}
	if p.accept("filter", "(") {
		p.expect("where")
		c.Filter = p.expr()
		p.expect(")")
	}
	if p.accept("over") {
		c.Over = p.window()
	}
	return c
}

func (p *parser) arguments(c *Call) {
	switch {
	case p.peek().is(")"):
		return
	case p.accept("*"):
		c.Star = true
		return
	case c.Schema == "" && p.wordedArguments(c):
		return
	}
	c.Distinct = p.accept("distinct")
	if !c.Distinct {
		p.accept("all")
	}
	for {
		p.accept("variadic")
		c.Args = append(c.Args, p.expr())
		if !p.accept(",") {
			break
		}
	}
	if p.accept("order", "by") {
		c.Order = p.sorts()
	}
}

// wordedArguments reads the forms of SQL that have words in place of commas, as the call that PostgreSQL makes of them
// ("String Functions and Operators", "Date/Time Functions and Operators").
func (p *parser) wordedArguments(c *Call) bool {
	switch c.Name {
	case "extract":
		field := p.peek()
		p.i++
		p.expect("from")
		c.Name, c.Args = "date_part", []Expr{&Literal{At(field.pos), Text, field.text}, p.expr()}
		return true
	case "position":
		in := p.climb(otherLevel) // IN would be an operator
		p.expect("in")
		c.Written, c.Name, c.Args = c.Name, "strpos", []Expr{p.climb(otherLevel), in}
		return true
	case "substring", "overlay":
		return p.stretch(c)
	case "trim":
		p.trimmed(c)
		return true
	}
	return false
}

// stretch reads (x FROM a FOR b) and (x PLACING y FROM a FOR b); with commas it leaves the arguments to others.
func (p *parser) stretch(c *Call) bool {
	mark := p.i
	c.Args = append(c.Args, p.expr())
	if p.peek().is(",") {
		p.i, c.Args = mark, nil
		return false
	}
	for _, word := range []string{"placing", "from", "for"} {
		if p.accept(word) {
			if word == "for" && len(c.Args) == 1 {
				c.Args = append(c.Args, &Literal{c.At, Integer, "1"})
			}
			c.Args = append(c.Args, p.expr())
		}
	}
	return true
}

func (p *parser) trimmed(c *Call) {
	c.Name = "btrim"
	for word, name := range map[string]string{"leading": "ltrim", "trailing": "rtrim", "both": "btrim"} {
		if p.accept(word) {
			c.Name = name
		}
	}
	if p.accept("from") {
		c.Args = []Expr{p.expr()}
		return
	}
	x := p.expr()
	switch {
	case p.accept("from"):
		c.Args = []Expr{p.expr(), x}
	case p.accept(","):
		c.Args = []Expr{x, p.expr()}
	default:
		c.Args = []Expr{x}
	}
}

func (p *parser) window() *Window {
	w := &Window{}
	p.expect("(")
	if p.accept("partition", "by") {
		w.Partition = p.list()
	}
	if p.accept("order", "by") {
		w.Order = p.sorts()
	}
	p.expect(")")
	return w
}
