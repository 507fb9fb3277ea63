package parser

// operand gives the first token of the operand whose last one is token i, or -1.
func (p *postfix) operand(i int) int {
	if i < 0 {
		return -1
	}
	t := p.out[i]
	switch {
	case t.is(")"):
		return p.bracketed(i)
	case t.is("END"):
		if from := p.caseOf(i); from >= 0 {
			return from
		}
	case t.kind == opToken, t.kind == endToken, t.kind == junkToken:
		return -1
	}
	if p.isString(t) {
		return p.typed(i)
	}
	if !isName(t) {
		return i
	}
	if t.kind == wordToken && p.before(i).kind == stringToken && i >= 2 && p.out[i-2].is("INTERVAL") {
		return i - 2
	}
	if t.has(noOperand) {
		return -1
	}
	return p.qualified(i)
}

// typed gives where the type in front of a text begins: DATE '2026-01-31'; the text itself if none is there.
func (p *postfix) typed(i int) int {
	before := p.before(i)
	switch {
	case before.kind != wordToken:
		return i
	case before.isAny("INTERVAL", "TIMESTAMPTZ", "TIMESTAMP_LTZ", "TIMETZ") || typedText(before.upper):
		return i - 1
	case i >= 4 && before.is("ZONE") && p.out[i-2].is("TIME") && p.out[i-3].is("WITH") && p.out[i-4].is("TIMESTAMP"):
		return i - 4
	}
	return i
}

func (p *postfix) before(i int) token {
	if i == 0 {
		return token{}
	}
	return p.out[i-1]
}

// qualified gives the first part of the name whose last part is token i.
func (p *postfix) qualified(i int) int {
	for i >= 2 && p.out[i-1].is(".") && isName(p.out[i-2]) {
		i -= 2
	}
	return i
}

// bracketed gives where (…) or f(…) or f(…) FILTER (…) OVER (…) begins that ends with token i.
func (p *postfix) bracketed(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if p.out[i].is(")") {
			depth++
		} else if p.out[i].is("(") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	if i <= 0 || p.out[i].cut != nil {
		return i
	}
	name := p.out[i-1]
	switch {
	case name.isAny("OVER", "FILTER"):
		return p.operand(i - 2)
	case name.kind == identToken && !p.isString(name), name.kind == wordToken && calls(name):
		return p.qualified(i - 1)
	}
	return i
}

// calls tells whether a word before a bracket is the name of a function.
func calls(t token) bool {
	if t.has(noOperand | noCall) {
		return false
	}
	return !t.has(reserved) || t.has(reservedCall|aggregateCall|windowCall) || t.isAny("EXISTS", "ROW")
}

// caseOf gives the CASE that ends with END at token i.
func (p *postfix) caseOf(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if p.out[i].is("END") {
			depth++
		} else if p.out[i].is("CASE") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
