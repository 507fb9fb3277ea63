package parser

// readQualify reads QUALIFY condition, which filters by calls with OVER, and gives it to the SELECT at hand.
func readQualify(r *rewriter, c *cursor) (any, error) {
	c.i++
	s := &r.selects[r.top().query]
	if s.qualify != nil {
		return nil, c.unexpected()
	}
	x, err := c.expr(c.endOfClause())
	s.qualify = x
	return nil, err
}

// endOfClause is where the clause at hand ends: at the next one, or with its SELECT.
func (c *cursor) endOfClause() int {
	depth := 0
	for i := c.i; i < c.to; i++ {
		switch t := c.toks[i]; {
		case t.isAny("(", "[", "{"):
			depth++
		case t.isAny(")", "]", "}"):
			if depth--; depth < 0 {
				return i
			}
		case depth == 0 && (t.isAny("LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "EMIT", ";") || t.is("ORDER") && c.toks[i+1].is("BY")):
			return i
		}
	}
	return c.to
}
