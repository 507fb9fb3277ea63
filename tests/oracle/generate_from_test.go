package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// features are those that queries are made of, by name.
var features = map[string]*feature{
	"WHERE": {}, "DISTINCT": {}, "GROUP BY": {}, "GROUP BY an expression": {}, "aggregate of all": {}, "HAVING": {}, "CASE": {},
	"COUNT(…)": {}, "SUM": {}, "MIN, MAX": {}, "WITH": {}, "subquery in FROM": {}, "UNION ALL": {}, "ORDER BY": {final: true}, "TUMBLE": {},
	"stream with PRIMARY KEY": {},

	"inner join": {}, "left join": {}, "right join": {}, "full join": {}, "cross join": {final: true},
	"comma join": {final: true}, "USING": {}, "join condition beyond equality": {},
	"ORDER BY … LIMIT": {}, "OFFSET": {}, "VALUES": {},
	"UNION": {}, "INTERSECT": {}, "EXCEPT": {}, "INTERSECT ALL": {}, "EXCEPT ALL": {},
	"FILTER": {}, "COUNT(DISTINCT …)": {}, "SUM(DISTINCT …)": {}, "BOOL_AND, BOOL_OR": {},
	"ROLLUP": {}, "CUBE": {}, "GROUPING SETS": {},
	"IN (SELECT …)": {}, "NOT IN (SELECT …)": {}, "correlated IN": {}, "EXISTS": {}, "NOT EXISTS": {},
	"scalar subquery": {}, "scalar subquery in WHERE": {}, "correlated scalar subquery": {}, "ANY or ALL": {},
	"subquery under OR": {},
	"row values IN":     {},
	"ranked rows":       {}, "RANK": {}, "DISTINCT ON": {}, "QUALIFY": {}, "LIMIT in a subquery": {},
	"OVER": {}, "OVER by time": {}, "LAG, LEAD": {}, "ROWS BETWEEN": {},
	"HOP": {}, "CUMULATE": {}, "SESSION": {}, "windows as keys": {}, "window of a window": {},
	"join by time": {}, "window join": {}, "LATERAL": {}, "NATURAL JOIN": {}, "generate_series": {},
	"STRING_AGG": {}, "variance": {}, "BIT_AND, BIT_OR, BIT_XOR": {},
	"WITHIN GROUP": {}, "FIRST_VALUE, LAST_VALUE": {}, "NTILE": {}, "GROUPS BETWEEN": {}, "RANGE BETWEEN": {}, "join of NULLs": {}, "LATERAL with LIMIT": {}, "LATERAL above an aggregate": {},
	"scalar subquery with LIMIT": {final: true},
	"EXCLUDE":                    {}, "RANGE by months": {}, "OVER: STRING_AGG": {},
}

// from is what stands behind FROM: one item, or up to four that are joined.
func (g *generator) from(depth int) source {
	s := g.item(depth)
	switch {
	case g.has("USING", 5):
		return g.using(s, g.item(min(depth, 1)-1))
	case g.has("NATURAL JOIN", 2):
		return g.natural()
	}
	for range 3 {
		kind := ""
		if s.timed && s.unique && g.has("join by time", 4) {
			s = g.joinedByTime(s)
			continue
		}
		for _, k := range []string{"inner join", "left join", "right join", "full join", "cross join"} {
			if kind == "" && g.has(k, 6) {
				kind = k
			}
		}
		if kind == "" {
			break
		}
		s = g.joined(s, kind, g.item(min(depth, 1)-1))
	}
	if g.has("LATERAL", 4) {
		return g.lateral(s)
	}
	if g.has("comma join", 4) {
		other := g.item(min(depth, 1) - 1)
		return source{text: form("%s, %s", s, other), names: slices.Concat(s.names, other.names)}
	}
	return s
}

func (g *generator) joined(left source, kind string, right source) source {
	names := slices.Concat(left.names, right.names)
	if kind == "cross join" {
		return source{text: form("%s cross join %s", left, right), names: names}
	}
	on := g.equal(left.names, right.names)
	if g.chance(25) {
		on = form("%s and %s", on, g.equal(left.names, right.names))
	}
	if g.has("join of NULLs", 6) {
		on = form("%s is not distinct from %s", g.leaf(number, left.names), g.leaf(number, right.names))
	}
	if kind != "full join" && g.has("join condition beyond equality", 20) {
		on = form("%s and %s", on, g.expression(truth, names, 1))
	}
	return source{text: form("%s %s %s on %s", left, kind, right, on), names: names}
}

// using joins two tables by a column that both have.
func (g *generator) using(left, right source) source {
	column := []string{"a", "s", "id", "d"}[g.below(4)]
	is := func(n name) bool { return strings.HasSuffix(n.ours, "."+column) }
	at := slices.IndexFunc(left.names, is)
	if at < 0 || !slices.ContainsFunc(right.names, is) || slices.ContainsFunc(left.names[at+1:], is) {
		return g.joined(left, "inner join", right)
	}
	kind := []string{"join", "left join", "right join", "full join"}[g.below(4)]
	names := []name{{alike(column), left.names[at].valueKind}}
	for _, n := range slices.Concat(left.names, right.names) {
		if !is(n) {
			names = append(names, n)
		}
	}
	return source{text: form("%s %s %s using (%s)", left, kind, right, column), names: names}
}

// natural joins two tables by the columns of one name.
func (g *generator) natural() source {
	var list []text
	names := []name{{alike("a"), number}}
	for side := range 2 {
		alias, other := g.alias(), []int{2, 3, 4, 5}[g.below(2)+2*side]
		list = append(list, alike(fmt.Sprintf("(select a, %s from t%d) as %s", columns[other].name, g.below(4), alias)))
		names = append(names, tableNames(alias)[other])
	}
	kind := []string{"join", "left join", "right join", "full join"}[g.below(4)]
	return source{text: form("%s natural %s %s", list[0], kind, list[1]), names: names}
}

// joinedByTime joins a stream of times with another whose times are near.
func (g *generator) joinedByTime(left source) source {
	right := g.table(fmt.Sprintf("t%d", g.below(4)), g.alias())
	kind := []string{"inner join", "left join", "right join"}[g.below(3)]
	mine, other := left.names[6].text, right.names[6].text
	on := form("%s and %s between %s - interval '%s' second and %s + interval '%s' second",
		g.equal(left.names, right.names), other, mine, fmt.Sprint(g.below(10)), mine, fmt.Sprint(g.below(10)))
	return source{text: form("%s %s %s on %s", left, kind, right, on), names: slices.Concat(left.names, right.names)}
}

// lateral joins with rows that are computed for each row.
func (g *generator) lateral(left source) source {
	alias, inner := g.alias(), g.item(0)
	where := form("where %s", g.equal(left.names, inner.names))
	names := []name{{alike(alias + ".c0"), number}}
	if g.chance(50) {
		q := form("select %s as c0 from %s %s", g.aggregate(number, inner.names), inner, where)
		if g.has("LATERAL above an aggregate", 40) {
			q = g.above(q)
		}
		return source{text: form("%s cross join lateral (%s) as %s", left, q, alias), names: slices.Concat(left.names, names)}
	}
	q := form("select %s as c0 from %s %s", g.expression(number, inner.names, 1), inner, where)
	if g.has("LATERAL with LIMIT", 40) {
		q = form("%s order by 1%s limit %s", q, g.direction(), fmt.Sprint(1+g.below(3)))
	}
	kind := []string{"join", "left join"}[g.below(2)]
	return source{text: form("%s %s lateral (%s) as %s on true", left, kind, q, alias), names: slices.Concat(left.names, names)}
}

// above is a query of the one row of another.
func (g *generator) above(q text) text {
	row := name{alike(g.alias() + ".c0"), number}
	from := form("from (%s) as %s", q, alike(strings.TrimSuffix(row.ours, ".c0")))
	switch g.below(4) {
	case 0:
		return form("select %s as c0 %s", g.aggregate(number, []name{row}), from)
	case 1:
		return form("select %s as c0 %s union all select %s", row, from, fmt.Sprint(g.below(10)))
	case 2:
		return form("select %s as c0 %s order by 1%s limit 1", row, from, g.direction())
	}
	return form("select sum(%s) over () as c0 %s", row, from)
}

// item is a table, a subquery or a list of rows.
func (g *generator) item(depth int) source {
	alias := g.alias()
	switch {
	case depth > 0 && g.has("subquery in FROM", 15):
		q, kinds := g.query(depth-1, nil)
		return source{text: form("(%s) as %s", q, alias), names: outputs(alias, kinds)}
	case depth > 0 && g.has("LIMIT in a subquery", 4):
		q, kinds := g.query(0, nil)
		return source{text: form("(%s order by %s%s) as %s", q, g.everyColumn(len(kinds)), g.limit(), alias), names: outputs(alias, kinds)}
	case g.has("generate_series", 2):
		call := fmt.Sprintf("generate_series(%d, %d) as %s (c0)", g.below(3), 2+g.below(4), alias)
		return source{text: alike(call), names: outputs(alias, []valueKind{number})}
	case g.has("VALUES", 4):
		rows := form("(1, 'a'), (2, 'b'), (%s, cast(null as %s))", fmt.Sprint(g.below(4)), typeName(word))
		return source{text: form("(values %s) as %s (c0, c1)", rows, alias), names: outputs(alias, []valueKind{number, word})}
	case len(g.ctes) > 0 && g.chance(50):
		c := g.ctes[0]
		var names []name
		for _, n := range c.names {
			names = append(names, name{alike(alias + "." + n.ours), n.valueKind})
		}
		return source{text: form("%s as %s", c.text, alias), names: names}
	case g.has("stream with PRIMARY KEY", 20):
		return g.table(fmt.Sprintf("u%d", g.below(2)), alias)
	}
	return g.table(fmt.Sprintf("t%d", g.below(4)), alias)
}

func (g *generator) table(table, alias string) source {
	return source{text: alike(table + " as " + alias), names: tableNames(alias), unique: true, timed: table[0] == 't'}
}

func tableNames(alias string) (out []name) {
	for i, k := range []valueKind{number, number, number, word, exactNumber, truth, moment} {
		out = append(out, name{alike(alias + "." + columns[i].name), k})
	}
	return out
}
