package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// ranked is the first rows of each group, by a total order.
func (g *generator) ranked(depth int, kinds []valueKind) (text, []valueKind) {
	alias, inner := g.alias(), g.alias()
	t := g.table([]string{"t0", "t1", "u0"}[g.below(3)], inner)
	by := fmt.Sprintf("row_number() over (%s%s)", g.partition(inner), g.totalOrder(inner))
	names := append(tableNames(alias), name{alike(alias + ".rn"), number})
	if g.chance(50) {
		names = names[:len(names)-1]
	}
	first := 1 + g.below(4)
	if g.has("QUALIFY", 15) {
		items, kinds := g.items(tableNames(inner), kinds, 0)
		return text{
			fmt.Sprintf("select %s from %s qualify %s <= %d", items.ours, t.ours, by, first),
			fmt.Sprintf("select %s from (select %s.*, %s as rn from %s) as %s where rn <= %d", items.theirs, inner, by, t.theirs, inner, first),
		}, kinds
	}
	items, kinds := g.items(names, kinds, 0)
	return form("select %s from (select %s.*, %s as rn from %s) as %s where %s.rn <= %s", items, inner, by, t, alias, alias, fmt.Sprint(first)), kinds
}

func (g *generator) partition(alias string) string {
	return []string{"partition by " + alias + ".a ", "partition by " + alias + ".s ", ""}[g.below(3)]
}

// totalOrder orders the rows of a table, so that none tie.
func (g *generator) totalOrder(alias string) string {
	return fmt.Sprintf("order by %s.%s%s, %s.id%s", alias, []string{"b", "d", "s", "ts"}[g.below(4)], g.direction(), alias, g.direction())
}

// first is the first rows of each group where some tie.
func (g *generator) first(kinds []valueKind) (text, []valueKind) {
	alias, inner := g.alias(), g.alias()
	t := g.table([]string{"t0", "t1", "u0"}[g.below(3)], inner)
	rank := []string{"rank", "dense_rank"}[g.below(2)]
	by := fmt.Sprintf("%s() over (%sorder by %s.%s%s)", rank, g.partition(inner), inner, []string{"b", "d", "s"}[g.below(3)], g.direction())
	items, kinds := g.items(append(tableNames(alias), name{alike(alias + ".rn"), number}), kinds, 0)
	return form("select %s from (select %s.*, %s as rn from %s) as %s where %s.rn <= %s", items, inner, by, t, alias, alias, fmt.Sprint(1+g.below(4))), kinds
}

// distinctOn is the first row of each group.
func (g *generator) distinctOn(kinds []valueKind) (text, []valueKind) {
	alias := g.alias()
	t := g.table([]string{"t0", "t1", "u0"}[g.below(3)], alias)
	key := alias + "." + []string{"a", "s"}[g.below(2)]
	items, kinds := g.items(tableNames(alias), kinds, 0)
	where := g.where(source{names: tableNames(alias)}, 0)
	order := strings.TrimPrefix(g.totalOrder(alias), "order by ")
	// ORDER BY belongs to DISTINCT ON: in brackets, so that it can be part of something else.
	return form("select * from (select distinct on (%s) %s from %s%s order by %s%s, %s) as %s", key, items, t, where, key, g.direction(), order, g.alias()), kinds
}

// over is a SELECT with window functions over frames that do not depend on how ties are broken.
func (g *generator) over(from source, where text, kinds []valueKind) (text, []valueKind) {
	names := slices.Clone(from.names)
	for range 2 {
		window := form("partition by %s", g.leaf([]valueKind{number, word, truth}[g.below(3)], from.names))
		if g.chance(60) {
			key := []valueKind{number, exactNumber, moment}[g.below(3)]
			window = form("%s order by %s%s%s", window, g.leaf(key, from.names), g.direction(), g.rangeFrame(key))
		}
		call := g.call(number, from.names)
		if strings.Contains(call.ours, "distinct") {
			call = alike("count(*)")
		}
		if g.has("FILTER", 20) {
			call = form("%s filter (where %s)", call, g.expression(truth, from.names, 1))
		}
		if g.chance(30) {
			call = alike([]string{"rank()", "dense_rank()"}[g.below(2)])
		}
		names = append(names, name{form("%s over (%s)", call, window), number})
	}
	if from.unique {
		names = append(names, g.overTotal(from)...)
	}
	slices.Reverse(names)
	items, kinds := g.items(names, kinds, 0)
	return form("select %s from %s%s", items, from, where), kinds
}

// overTotal are window functions that need a total order, over one table.
func (g *generator) overTotal(from source) (out []name) {
	alias, _, _ := strings.Cut(from.names[0].ours, ".")
	window := g.partition(alias) + g.totalOrder(alias)
	out = append(out, name{alike("row_number() over (" + window + ")"), number})
	if g.has("LAG, LEAD", 40) {
		call := form("%s(%s, %s)", []string{"lag", "lead"}[g.below(2)], g.leaf(number, from.names), fmt.Sprint(1+g.below(2)))
		out = append(out, name{form("%s over (%s)", call, window), number})
	}
	if g.has("ROWS BETWEEN", 40) {
		frame := fmt.Sprintf(" rows between %d preceding and %s", g.below(3), []string{"current row", "1 following", "unbounded following"}[g.below(3)])
		call := form("%s(%s)", []string{"sum", "count", "max", "min"}[g.below(4)], g.leaf(number, from.names))
		out = append(out, name{form("%s over (%s%s%s)", call, window, frame, g.exclusion()), number})
	}
	if g.has("OVER: STRING_AGG", 30) {
		frame := fmt.Sprintf(" rows between %d preceding and %d following", g.below(3), g.below(2))
		out = append(out, name{form("string_agg(%s, '-') over (%s%s%s)", g.leaf(word, from.names), window, frame, g.exclusion()), word})
	}
	if g.has("FIRST_VALUE, LAST_VALUE", 30) {
		call := form("%s(%s)", []string{"first_value", "last_value"}[g.below(2)], g.leaf(number, from.names))
		out = append(out, name{form("%s over (%s)", call, window), number})
	}
	if g.has("NTILE", 20) {
		out = append(out, name{alike(fmt.Sprintf("ntile(%d) over (%s)", 1+g.below(4), window)), number})
	}
	return append(out, g.overDistance(from, alias)...)
}

// overDistance are window functions of the rows, or of the groups of rows that tie, that are near.
func (g *generator) overDistance(from source, alias string) (out []name) {
	for _, mode := range []string{"RANGE", "GROUPS"} {
		if !g.has(mode+" BETWEEN", 15) {
			continue
		}
		end := []string{"current row", "1 following", "unbounded following"}[g.below(3)]
		frame := fmt.Sprintf("%s between %d preceding and %s", strings.ToLower(mode), g.below(3), end)
		order := fmt.Sprintf("order by %s.%s%s", alias, []string{"a", "b"}[g.below(2)], g.direction())
		call := form("%s(%s)", []string{"sum", "count", "max", "min"}[g.below(4)], g.leaf(number, from.names))
		out = append(out, name{form("%s over (%s%s %s)", call, g.partition(alias), order, frame), number})
	}
	return out
}

// rangeFrame is a frame of whole groups of equal rows.
func (g *generator) rangeFrame(key valueKind) string {
	switch {
	case key == moment && g.has("RANGE by months", 40):
		return fmt.Sprintf(" range between interval '%d' month preceding and interval '%d' month following", g.below(3), g.below(2)) + g.exclusion()
	case g.chance(30):
		return []string{" range between unbounded preceding and current row", " groups between 1 preceding and 2 following"}[g.below(2)] + g.exclusion()
	}
	return ""
}

func (g *generator) exclusion() string {
	if !g.has("EXCLUDE", 40) {
		return ""
	}
	return " exclude " + []string{"current row", "group", "ties", "no others"}[g.below(4)]
}

// overTime is a SELECT with window functions by event time, which also a result that grows has.
func (g *generator) overTime(kinds []valueKind) (text, []valueKind) {
	alias := g.alias()
	t := g.table([]string{"t0", "t1"}[g.below(2)], alias)
	window := fmt.Sprintf("%sorder by %s.ts", g.partition(alias), alias)
	frame := []string{"", "", " range between interval '10' second preceding and current row", " range between unbounded preceding and current row"}[g.below(4)]
	arg := g.leaf(number, t.names)
	names := append(tableNames(alias), name{form("%s(%s) over (%s%s)", []string{"sum", "count", "max", "min"}[g.below(4)], arg, window, frame), number})
	slices.Reverse(names)
	items, kinds := g.items(names, kinds, 0)
	return form("select %s from %s", items, t), kinds
}
