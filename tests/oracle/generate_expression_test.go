package oracle

import (
	"fmt"
	"strconv"
)

// column picks a name of a kind; nil if there is none.
func (g *generator) column(k valueKind, names []name) *name {
	var fit []name
	for _, n := range names {
		if n.valueKind == k {
			fit = append(fit, n)
		}
	}
	if len(fit) == 0 {
		g.below(1)
		return nil
	}
	return &fit[g.below(len(fit))]
}

// leaf is a name of a kind, or a constant where there is none.
func (g *generator) leaf(k valueKind, names []name) text {
	if c := g.column(k, names); c != nil {
		return c.text
	}
	return g.constant(k)
}

func (g *generator) constant(k valueKind) text {
	switch k {
	case exactNumber:
		return alike([]string{"0.00", "1.50", "2.25", "10.00"}[g.below(4)])
	case word:
		return alike([]string{"''", "'a'", "'ab'", "'B'"}[g.below(4)])
	case truth:
		return alike([]string{"true", "false"}[g.below(2)])
	case moment:
		return alike(fmt.Sprintf("cast('2026-01-01 00:00:%02d' as timestamp(3))", g.below(60)))
	}
	return alike(strconv.Itoa(g.below(4)))
}

// typeName is a type in both dialects.
func typeName(k valueKind) text {
	return []text{{"bigint", "bigint"}, {"decimal(20,2)", "numeric(20,2)"}, {"string", "text"}, {"boolean", "boolean"}, {"timestamp(3)", "timestamp(3)"}}[k]
}

// expression is a value of a kind over names.
func (g *generator) expression(k valueKind, names []name, depth int) text {
	sub := func(k valueKind) text { return g.expression(k, names, depth-1) }
	if k == truth && depth > 0 {
		return g.condition(names, depth)
	}
	if depth <= 0 || !g.chance(35) {
		if g.chance(12) {
			return g.constant(k)
		}
		return g.leaf(k, names)
	}
	switch n := g.below(8); {
	case n == 0 && g.has("CASE", 60):
		return form("case when %s then %s else %s end", sub(truth), sub(k), sub(k))
	case n == 1:
		return form("coalesce(%s, %s)", sub(k), sub(k))
	case n == 2:
		return form("nullif(%s, %s)", sub(k), sub(k))
	case n == 3 && g.has("CASE", 60):
		return form("case when %s then %s end", sub(truth), sub(k))
	}
	switch k {
	case number:
		return g.arithmetic(sub)
	case exactNumber:
		return form("(%s %s %s)", sub(exactNumber), []string{"+", "-"}[g.below(2)], sub([]valueKind{exactNumber, number}[g.below(2)]))
	case word:
		switch g.below(4) {
		case 0:
			return form("upper(%s)", sub(word))
		case 1:
			return form("(%s || %s)", sub(word), sub(word))
		case 2:
			return form("substring(%s, 1, %s)", sub(word), strconv.Itoa(g.below(3)))
		}
		return form("cast(%s as %s)", sub(number), typeName(word))
	}
	return g.leaf(k, names)
}

func (g *generator) arithmetic(sub func(valueKind) text) text {
	switch g.below(6) {
	case 0:
		return form("(%s + %s)", sub(number), sub(number))
	case 1:
		return form("(%s - %s)", sub(number), sub(number))
	case 2:
		return form("(%s * %s)", sub(number), strconv.Itoa(1+g.below(3)))
	case 3:
		return form("abs(%s)", sub(number))
	case 4:
		return form("(%s %% %s)", sub(number), strconv.Itoa(2+g.below(2)))
	}
	return form("char_length(%s)", sub(word))
}

// condition is a truth value.
func (g *generator) condition(names []name, depth int) text {
	sub := func(k valueKind) text { return g.expression(k, names, depth-1) }
	k := []valueKind{number, number, word, exactNumber, moment}[g.below(5)]
	switch g.below(12) {
	case 0, 1, 2:
		return form("%s %s %s", sub(k), g.comparison(), sub(k))
	case 3:
		return form("%s is null", sub(k))
	case 4:
		return form("%s is not null", sub(k))
	case 5:
		return form("(%s and %s)", g.condition(names, depth-1), g.condition(names, depth-1))
	case 6:
		return form("(%s or %s)", g.condition(names, depth-1), g.condition(names, depth-1))
	case 7:
		return form("not (%s)", g.condition(names, depth-1))
	case 8:
		return form("%s between %s and %s", sub(k), sub(k), sub(k))
	case 9:
		return form("%s in (%s, %s)", sub(k), g.constant(k), g.constant(k))
	case 10:
		return form("%s like %s", sub(word), []string{"'a%'", "'%b'", "'_'"}[g.below(3)])
	}
	return form("%s is distinct from %s", sub(k), sub(k))
}
