package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// features are those that queries are made of, by name.
var features = map[string]*feature{
	"WHERE": {}, "DISTINCT": {}, "GROUP BY": {}, "GROUP BY an expression": {}, "aggregate of all": {final: true}, "HAVING": {}, "CASE": {},
	"COUNT(…)": {}, "SUM": {}, "MIN, MAX": {}, "WITH": {}, "subquery in FROM": {}, "UNION ALL": {}, "ORDER BY": {final: true}, "TUMBLE": {},
	"stream with PRIMARY KEY": {},

	"inner join": {off: true}, "left join": {off: true}, "right join": {off: true}, "full join": {off: true}, "cross join": {off: true},
	"comma join": {off: true}, "USING": {off: true}, "join condition beyond equality": {off: true},
	"ORDER BY … LIMIT": {off: true}, "OFFSET": {off: true}, "VALUES": {off: true},
	"UNION": {}, "INTERSECT": {}, "EXCEPT": {}, "INTERSECT ALL": {}, "EXCEPT ALL": {},
	"FILTER": {off: true}, "COUNT(DISTINCT …)": {off: true}, "SUM(DISTINCT …)": {off: true}, "BOOL_AND, BOOL_OR": {off: true},
	"ROLLUP": {off: true}, "CUBE": {off: true}, "GROUPING SETS": {off: true},
	"IN (SELECT …)": {off: true}, "NOT IN (SELECT …)": {off: true}, "correlated IN": {off: true}, "EXISTS": {off: true}, "NOT EXISTS": {off: true},
	"scalar subquery": {off: true, final: true}, "scalar subquery in WHERE": {off: true, final: true}, "correlated scalar subquery": {off: true, final: true}, "ANY or ALL": {off: true},
	"subquery under OR": {off: true},
	"ranked rows":       {off: true}, "OVER": {off: true, final: true},
}

// from is what stands behind FROM: one item, or up to four that are joined.
func (g *generator) from(depth int) source {
	s := g.item(depth)
	if g.has("USING", 5) {
		return g.using(s, g.item(min(depth, 1)-1))
	}
	for range 3 {
		kind := ""
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

// item is a table, a subquery or a list of rows.
func (g *generator) item(depth int) source {
	alias := g.alias()
	switch {
	case depth > 0 && g.has("subquery in FROM", 15):
		q, kinds := g.query(depth-1, nil)
		return source{text: form("(%s) as %s", q, alias), names: outputs(alias, kinds)}
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

// ranked is the first rows of each group, by a total order.
func (g *generator) ranked(depth int, kinds []valueKind) (text, []valueKind) {
	alias := g.alias()
	inner := g.alias()
	t := g.table([]string{"t0", "t1", "u0"}[g.below(3)], inner)
	partition := []string{"partition by " + inner + ".a ", "partition by " + inner + ".s ", ""}[g.below(3)]
	key := inner + "." + []string{"b", "d", "s", "ts"}[g.below(4)] + g.direction()
	by := fmt.Sprintf("row_number() over (%sorder by %s, %s.id%s)", partition, key, inner, g.direction())
	names := append(tableNames(alias), name{alike(alias + ".rn"), number})
	if g.chance(50) {
		names = names[:len(names)-1]
	}
	items, kinds := g.items(names, kinds, 0)
	first := fmt.Sprint(1 + g.below(4))
	return form("select %s from (select %s.*, %s as rn from %s) as %s where %s.rn <= %s", items, inner, by, t, alias, alias, first), kinds
}

// over is a SELECT with window functions over frames that do not depend on how ties are broken.
func (g *generator) over(from source, where text, kinds []valueKind) (text, []valueKind) {
	names := slices.Clone(from.names)
	for range 2 {
		window := form("partition by %s", g.leaf([]valueKind{number, word, truth}[g.below(3)], from.names))
		if g.chance(60) {
			window = form("%s order by %s%s", window, g.leaf([]valueKind{number, exactNumber, moment}[g.below(3)], from.names), g.direction())
		}
		call := g.call([]valueKind{number, exactNumber}[0], from.names)
		if strings.Contains(call.ours, "distinct") {
			call = alike("count(*)")
		}
		if g.chance(30) {
			call = alike([]string{"rank()", "dense_rank()"}[g.below(2)])
		}
		names = append(names, name{form("%s over (%s)", call, window), number})
	}
	slices.Reverse(names)
	items, kinds := g.items(names, kinds, 0)
	return form("select %s from %s%s", items, from, where), kinds
}

// windowed groups by windows of event time.
func (g *generator) windowed(kinds []valueKind) (text, []valueKind) {
	alias := g.alias()
	table := fmt.Sprintf("t%d", g.below(4))
	size := fmt.Sprint(5 + 5*g.below(4))
	begin := fmt.Sprintf("date_bin('%s second', ts, timestamp '2000-01-01')", size)
	from := text{
		fmt.Sprintf("table(tumble(table %s, descriptor(ts), interval '%s' second)) as %s", table, size, alias),
		fmt.Sprintf("(select *, %s as window_start, %s + interval '%s second' as window_end from %s) as %s", begin, begin, size, table, alias),
	}
	names := tableNames(alias)
	keys := []name{{alike(alias + ".window_start"), moment}, {alike(alias + ".window_end"), moment}}
	if g.chance(60) {
		keys = append(keys, names[1+g.below(3)])
	}
	where := g.where(source{names: names}, 0)
	items, kinds := g.items(g.aggregates(names, keys), kinds, 0)
	return form("select %s from %s%s group by %s", items, from, where, join(texts(keys), ", ")), kinds
}
