package syntax

import (
	"strconv"

	"slipway/sql/sqlerr"
)

// Levels of precedence, from the loosest ("Lexical Structure", Operator Precedence).
const (
	orLevel = iota + 1
	andLevel
	notLevel
	isLevel
	compareLevel
	rangeLevel // BETWEEN, IN, LIKE
	otherLevel // operators without a level of their own
	addLevel
	multiplyLevel
	powerLevel
	zoneLevel // AT TIME ZONE
	unaryLevel
)

func (p *parser) expr() (x Expr) {
	p.deeper(func() { x = p.climb(orLevel) })
	return x
}

// climb reads an operand and all operators behind it that bind at least so tightly.
func (p *parser) climb(least int) Expr {
	x := p.operand(least)
	for {
		more, ok := p.behind(x, least)
		if !ok {
			return x
		}
		x = more
	}
}

func (p *parser) operand(least int) Expr {
	t := p.peek()
	switch {
	case t.is("not") && least <= notLevel:
		p.i++
		var x Expr
		p.deeper(func() { x = p.climb(notLevel) })
		return &Unary{At(t.pos), "NOT", x}
	case t.isAny("-", "+", "~", "@"):
		p.i++
		var x Expr
		p.deeper(func() { x = p.climb(unaryLevel) })
		return &Unary{At(t.pos), t.text, x}
	}
	return p.postfix(p.atom())
}

var infixLevels = map[string]int{"or": orLevel, "and": andLevel, "=": compareLevel, "<": compareLevel, ">": compareLevel, "<=": compareLevel, ">=": compareLevel,
	"<>": compareLevel, "!=": compareLevel, "+": addLevel, "-": addLevel, "*": multiplyLevel, "/": multiplyLevel, "%": multiplyLevel, "^": powerLevel}

// behind reads one operator with its right side behind x; false if none follows that binds tightly enough.
func (p *parser) behind(x Expr, least int) (Expr, bool) {
	t := p.peek()
	switch {
	case t.kind == name:
		return p.wordBehind(x, least)
	case t.kind != operator || t.isAny(",", ")", "(", "]", "[", ";", ".", ":", "::"):
		return nil, false
	}
	level, known := infixLevels[t.text]
	if !known {
		level = otherLevel
	}
	if level < least {
		return nil, false
	}
	p.i++
	return p.right(x, t, level), true
}

// right reads the right side of an operator: a value, or ANY and ALL of an array or a query.
func (p *parser) right(x Expr, op token, level int) Expr {
	text := op.text
	if text == "!=" {
		text = "<>"
	}
	if t := p.peek(); t.isAny("any", "some", "all") && p.ahead(1).is("(") {
		p.i++
		q := &Quantified{At: At(op.pos), Op: text, All: t.is("all"), X: x}
		if p.beginsQuery(0) {
			p.expect("(")
			q.Query = p.query()
		} else {
			p.expect("(")
			q.Array = p.expr()
		}
		p.expect(")")
		return q
	}
	var y Expr
	p.deeper(func() { y = p.climb(level + 1) })
	return &Binary{At(op.pos), text, x, y}
}

// wordBehind reads an operator that is a word.
func (p *parser) wordBehind(x Expr, least int) (Expr, bool) {
	t := p.peek()
	at := At(t.pos)
	switch level := infixLevels[t.text]; {
	case level > 0 && level >= least: // OR, AND
		p.i++
		var y Expr
		p.deeper(func() { y = p.climb(level + 1) })
		return &Binary{at, map[string]string{"or": "OR", "and": "AND"}[t.text], x, y}, true
	case isLevel >= least && p.accept("isnull"):
		return &Is{At: at, X: x, What: "NULL"}, true
	case isLevel >= least && p.accept("notnull"):
		return &Is{At: at, X: x, What: "NULL", Not: true}, true
	case isLevel >= least && p.accept("is"):
		return p.isBehind(x, at), true
	case zoneLevel >= least && p.accept("at", "time", "zone"):
		return &Call{At: at, Name: "timezone", Args: []Expr{p.climb(zoneLevel + 1), x}}, true
	case p.accept("collate"): // all texts are compared by their bytes
		p.label()
		if p.accept(".") {
			p.label()
		}
		return x, true
	case otherLevel >= least && t.is("operator") && p.ahead(1).is("("):
		return p.namedOperator(x), true
	case rangeLevel >= least:
		return p.rangeBehind(x, at)
	}
	return nil, false
}

// namedOperator reads OPERATOR(schema.op) and its right side.
func (p *parser) namedOperator(x Expr) Expr {
	p.i += 2
	if p.peek().kind == name {
		p.label()
		p.expect(".")
	}
	op := p.peek()
	if op.kind != operator || op.is(")") {
		p.unexpected()
	}
	p.i++
	p.expect(")")
	return p.right(x, op, otherLevel)
}

func (p *parser) isBehind(x Expr, at At) Expr {
	is := &Is{At: at, X: x, Not: p.accept("not")}
	switch {
	case p.accept("null"):
		is.What = "NULL"
	case p.accept("true"):
		is.What = "TRUE"
	case p.accept("false"):
		is.What = "FALSE"
	case p.accept("unknown"):
		is.What = "UNKNOWN"
	case p.accept("distinct", "from"):
		is.What, is.From = "DISTINCT", p.climb(compareLevel)
	default:
		p.unexpected()
	}
	return is
}

// rangeBehind reads [NOT] IN, BETWEEN, LIKE, ILIKE.
func (p *parser) rangeBehind(x Expr, at At) (Expr, bool) {
	not := p.peek().is("not") && p.ahead(1).isAny("in", "between", "like", "ilike")
	if not {
		p.i++
	}
	switch {
	case p.accept("in"):
		return p.inBehind(x, not, at), true
	case p.accept("between"):
		b := &Between{At: at, X: x, Not: not, Symmetric: p.accept("symmetric")}
		if !b.Symmetric {
			p.accept("asymmetric")
		}
		b.Low = p.climb(otherLevel)
		p.expect("and")
		b.High = p.climb(otherLevel)
		return b, true
	case p.accept("like"):
		return p.likeBehind(x, "~~", not, at), true
	case p.accept("ilike"):
		return p.likeBehind(x, "~~*", not, at), true
	}
	return nil, false
}

func (p *parser) inBehind(x Expr, not bool, at At) Expr {
	in := &In{At: at, X: x, Not: not}
	if p.beginsQuery(1) {
		p.expect("(")
		in.Query = p.query()
	} else {
		p.expect("(")
		in.List = p.list()
	}
	p.expect(")")
	return in
}

func (p *parser) likeBehind(x Expr, op string, not bool, at At) Expr {
	if not {
		op = "!" + op
	}
	t := token{operator, op, int(at)}
	like := p.right(x, t, rangeLevel)
	if p.accept("escape") {
		escape := p.climb(otherLevel)
		if b, ok := like.(*Binary); ok {
			b.R = &Call{At: at, Name: "like_escape", Args: []Expr{b.R, escape}}
		}
	}
	return like
}

// postfix reads what stands behind an operand and binds tightest: casts, subscripts, fields.
func (p *parser) postfix(x Expr) Expr {
	for {
		t := p.peek()
		switch {
		case p.accept("::"):
			x = &Cast{At(t.pos), x, p.typeName()}
		case p.accept("["):
			x = p.subscript(x, At(t.pos))
		case p.accept("."):
			if p.accept("*") {
				x = &Star{At: At(t.pos), X: x}
			} else {
				x = &Field{At(t.pos), x, p.label()}
			}
		default:
			return x
		}
	}
}

func (p *parser) subscript(x Expr, at At) Expr {
	s := &Subscript{At: at, X: x}
	if !p.peek().is(":") {
		s.Index = p.expr()
	}
	if p.accept(":") {
		s.Slice = true
		if !p.peek().is("]") {
			s.Upper = p.expr()
		}
	}
	p.expect("]")
	return s
}

// atom reads a value without operators.
func (p *parser) atom() Expr {
	t := p.peek()
	at := At(t.pos)
	switch t.kind {
	case text:
		p.i++
		return &Literal{at, Text, t.text}
	case number:
		p.i++
		return numberLiteral(t)
	case param:
		p.i++
		return p.param(t)
	case operator:
		if t.is("(") {
			return p.bracket(at)
		}
		if t.is("*") {
			p.i++
			return &Star{At: at}
		}
	case name:
		return p.word(t)
	case quotedName:
		return p.named(t)
	}
	p.unexpected()
	return nil
}

func numberLiteral(t token) Expr {
	if _, err := strconv.ParseInt(t.text, 10, 64); err != nil {
		return &Literal{At(t.pos), Decimal, t.text}
	}
	return &Literal{At(t.pos), Integer, t.text}
}

// maxParams is that of the protocol: their number is 16 bits.
const maxParams = 1<<16 - 1

func (p *parser) param(t token) Expr {
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 || n > maxParams {
		p.fail(t.pos, sqlerr.UndefinedParameter, "there is no parameter $%s", t.text)
	}
	p.params = max(p.params, n)
	return &Param{At(t.pos), n}
}

// bracket reads (query), (x) or (x, y).
func (p *parser) bracket(at At) Expr {
	if p.beginsQuery(1) {
		if x, ok := p.bracketedQuery(at); ok {
			return x
		}
	}
	p.expect("(")
	list := p.list()
	p.expect(")")
	if len(list) == 1 {
		return list[0]
	}
	return &Row{at, list}
}

// bracketedQuery reads a query in brackets; not ok if the brackets hold a value that only begins with one, as ((SELECT 1) + 1).
func (p *parser) bracketedQuery(at At) (Expr, bool) {
	mark := p.i
	p.expect("(")
	if p.peek().is("(") && !p.wholeQuery() {
		p.i = mark
		return nil, false
	}
	q := p.query()
	p.expect(")")
	return &Scalar{at, q}, true
}

// wholeQuery tells whether the bracket that opens here holds a query that goes on to the bracket around it, or to a set
// operation, ORDER BY or LIMIT.
func (p *parser) wholeQuery() bool {
	depth, i := 0, p.i
	for ; i < len(p.tokens)-1; i++ {
		if t := p.tokens[i]; t.is("(") {
			depth++
		} else if t.is(")") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	next := p.tokens[min(i+1, len(p.tokens)-1)]
	return next.isAny(")", "union", "intersect", "except", "order", "limit", "offset")
}

// word reads what begins with a word: forms of their own, calls, names.
func (p *parser) word(t token) Expr {
	at := At(t.pos)
	follow := p.ahead(1)
	switch {
	case t.is("null"):
		p.i++
		return &Literal{at, Null, ""}
	case t.isAny("true", "false"):
		p.i++
		return &Literal{at, Boolean, t.text}
	case t.is("case"):
		return p.caseOf(at)
	case t.is("cast") && follow.is("("):
		return p.cast(at)
	case t.is("exists") && follow.is("("):
		p.i++
		p.expect("(")
		q := p.query()
		p.expect(")")
		return &Exists{at, q}
	case t.is("array") && follow.isAny("[", "("):
		return p.array(at)
	case t.is("row") && follow.is("("):
		p.i += 2
		r := &Row{At: at}
		if !p.peek().is(")") {
			r.Items = p.list()
		}
		p.expect(")")
		return r
	case typeWords[t.text] && (follow.kind == text || follow.isAny("with", "without") && p.ahead(2).is("time") && p.ahead(4).kind == text):
		to := p.typeName()
		value := p.peek()
		p.i++
		x := Expr(&Literal{At(value.pos), Text, value.text})
		p.intervalFields(to)
		return &Cast{at, x, to}
	case specials[t.text] && !follow.is("(") && !follow.is("."):
		p.i++
		return &Call{At: at, Name: t.text}
	case p.isCall():
		return p.call()
	}
	return p.named(t)
}

// intervalFields passes over HOUR TO MINUTE behind a constant interval.
func (p *parser) intervalFields(of Type) {
	if of.Name != "interval" {
		return
	}
	for p.peek().isAny("year", "month", "day", "hour", "minute", "second", "to") {
		p.i++
	}
}

// named reads a column with the names in front of it.
func (p *parser) named(t token) Expr {
	c := &Column{At: At(t.pos), Name: p.name()}
	for p.peek().is(".") {
		p.i++
		if p.accept("*") {
			return &Star{At: c.At, Qualifiers: append(c.Qualifiers, c.Name)}
		}
		c.Qualifiers = append(c.Qualifiers, c.Name)
		c.Name = p.label()
	}
	return c
}

func (p *parser) caseOf(at At) Expr {
	p.expect("case")
	c := &Case{At: at}
	if !p.peek().is("when") {
		c.X = p.expr()
	}
	for p.accept("when") {
		w := When{If: p.expr()}
		p.expect("then")
		w.Then = p.expr()
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		p.unexpected()
	}
	if p.accept("else") {
		c.Else = p.expr()
	}
	p.expect("end")
	return c
}

func (p *parser) cast(at At) Expr {
	p.i += 2
	c := &Cast{At: at, X: p.expr()}
	p.expect("as")
	c.To = p.typeName()
	p.expect(")")
	return c
}

func (p *parser) array(at At) Expr {
	p.i++
	if p.accept("(") {
		q := p.query()
		p.expect(")")
		return &ArrayQuery{at, q}
	}
	p.expect("[")
	a := &ArrayList{At: at}
	if !p.peek().is("]") {
		a.Items = p.arrayItems()
	}
	p.expect("]")
	return a
}

// arrayItems reads values; one that is a bracket is an array within the array.
func (p *parser) arrayItems() (list []Expr) {
	for {
		if t := p.peek(); t.is("[") {
			p.deeper(func() {
				p.i++
				list = append(list, &ArrayList{At(t.pos), p.arrayItems()})
				p.expect("]")
			})
		} else {
			list = append(list, p.expr())
		}
		if !p.accept(",") {
			return list
		}
	}
}

// typeName reads a type: pg_catalog.int4[], character varying(20), timestamp with time zone.
func (p *parser) typeName() Type {
	t := Type{Pos: p.peek().pos, Name: p.label()}
	if p.accept(".") {
		t.Schema, t.Name = t.Name, p.label()
	}
	switch {
	case t.Name == "character" && p.accept("varying"), t.Name == "char" && p.accept("varying"):
		t.Name = "varchar"
	case t.Name == "double" && p.accept("precision"):
		t.Name = "float8"
	case t.Name == "bit" && p.accept("varying"):
		t.Name = "varbit"
	}
	if p.accept("(") {
		for t.Modifiers = append(t.Modifiers, p.integer()); p.accept(","); {
			t.Modifiers = append(t.Modifiers, p.integer())
		}
		p.expect(")")
	}
	if t.Name == "timestamp" || t.Name == "time" {
		if p.accept("with", "time", "zone") {
			t.Name += "tz"
		} else {
			p.accept("without", "time", "zone")
		}
	}
	for p.accept("[") {
		if p.peek().kind == number {
			p.i++
		}
		p.expect("]")
		t.Array = true
	}
	return t
}
