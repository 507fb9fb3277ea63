package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// grouped is a SELECT with GROUP BY.
func (g *generator) grouped(from source, where text, kinds []valueKind) (text, []valueKind) {
	var keys []name
	for more := true; more; more = len(keys) < 3 && g.chance(35) {
		k := []valueKind{number, word, exactNumber, truth, moment}[g.below(5)]
		key := g.column(k, from.names)
		if key == nil {
			continue
		}
		if k == number && g.has("GROUP BY an expression", 15) {
			key = &name{form("(%s)", g.expression(number, from.names, 1)), number}
		}
		if !slices.ContainsFunc(keys, func(n name) bool { return n.ours == key.ours }) && !constant(key.ours) {
			keys = append(keys, *key)
		}
	}
	if len(keys) == 0 {
		g.use("aggregate of all")
		return g.total(from, where, kinds)
	}
	by := texts(keys)
	groups := join(by, ", ")
	switch {
	case g.has("ROLLUP", 5):
		groups = form("rollup (%s)", groups)
	case g.has("CUBE", 5):
		groups = form("cube (%s)", groups)
	case g.has("GROUPING SETS", 5):
		groups = form("grouping sets ((%s), (%s), ())", groups, by[0])
	}
	names := g.aggregates(from.names, keys)
	items, kinds := g.items(names, kinds, 0)
	having := alike("")
	if g.has("HAVING", 20) {
		having = form(" having %s", g.expression(truth, names, 1))
	}
	return form("select %s from %s%s group by %s%s", items, from, where, groups, having), kinds
}

// constant tells an expression without names, which is no key.
func constant(s string) bool { return !strings.ContainsAny(s, "r") }

func texts(list []name) (out []text) {
	for _, n := range list {
		out = append(out, n.text)
	}
	return out
}

// aggregates adds some aggregates to the keys.
func (g *generator) aggregates(names []name, keys []name) []name {
	out := slices.Clone(keys)
	for _, k := range []valueKind{number, number, word, exactNumber, truth, moment} {
		out = append(out, name{g.aggregate(k, names), k})
	}
	return out
}

func (g *generator) total(from source, where text, kinds []valueKind) (text, []valueKind) {
	names := g.aggregates(from.names, nil)
	items, kinds := g.items(names, kinds, 0)
	having := alike("")
	if g.has("HAVING", 10) {
		having = form(" having %s", g.expression(truth, names, 1))
	}
	return form("select %s from %s%s%s", items, from, where, having), kinds
}

// aggregate is one call that gives a kind, or what is made of one.
func (g *generator) aggregate(k valueKind, names []name) text {
	format, call := "%s", text{}
	switch {
	case k == number && g.has("variance", 8):
		spread := []string{"var_pop", "var_samp", "stddev_pop", "stddev_samp"}[g.below(4)]
		call = form("%s(%s)", spread, g.expression([]valueKind{number, exactNumber}[g.below(2)], names, 1))
		// Cut where no quotient of small numbers is: the two differ in the last digits.
		format = "cast(floor(1000 * %s + 0.1234567) as bigint)"
	case (k == number || k == exactNumber) && g.has("WITHIN GROUP", 6):
		direction := []string{"", " desc"}[g.below(2)]
		call = form("percentile_disc(0.%s) within group (order by %s%s)", fmt.Sprint(1+g.below(9)), g.expression(k, names, 1), direction)
	default:
		call = g.call(k, names)
	}
	if k == truth && !strings.HasPrefix(call.ours, "bool") {
		format = "(%s > " + fmt.Sprint(g.below(5)) + ")"
	}
	if g.has("FILTER", 12) {
		call = form("%s filter (where %s)", call, g.expression(truth, names, 1))
	}
	return form(format, call)
}

func (g *generator) call(k valueKind, names []name) text {
	switch {
	case k == number && g.has("SUM", 25), k == exactNumber && g.has("SUM", 60):
		return form("sum(%s%s)", g.distinct("SUM(DISTINCT …)", 20), g.expression(k, names, 1))
	case k == word && g.has("STRING_AGG", 30):
		e := g.expression(word, names, 1)
		return form("string_agg(%s, ',' order by %s)", e, e)
	case k == number && g.has("BIT_AND, BIT_OR, BIT_XOR", 5):
		return form("%s(cast(%s as bigint))", []string{"bit_and", "bit_or", "bit_xor"}[g.below(3)], g.expression(number, names, 1))
	case k == truth && g.has("BOOL_AND, BOOL_OR", 50):
		return form("%s(%s)", []string{"bool_and", "bool_or"}[g.below(2)], g.expression(truth, names, 1))
	case k == truth, k == number && g.chance(70):
		if g.has("COUNT(…)", 60) {
			arg := []valueKind{number, number, word, moment, truth}[g.below(5)]
			return form("count(%s%s)", g.distinct("COUNT(DISTINCT …)", 40), g.expression(arg, names, 1))
		}
		return alike("count(*)")
	}
	g.use("MIN, MAX")
	return form("%s(%s)", []string{"min", "max"}[g.below(2)], g.expression(k, names, 1))
}

func (g *generator) distinct(feature string, percent int) text {
	if g.has(feature, percent) {
		return alike("distinct ")
	}
	return alike("")
}
