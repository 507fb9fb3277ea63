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
			window = form("%s order by %s%s", window, g.leaf([]valueKind{number, exactNumber, moment}[g.below(3)], from.names), g.direction())
		}
		call := g.call(number, from.names)
		if strings.Contains(call.ours, "distinct") {
			call = alike("count(*)")
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
		out = append(out, name{form("%s over (%s%s)", call, window, frame), number})
	}
	return out
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

// windowKind chooses a window of event time; "" is none.
func (g *generator) windowKind() string {
	for _, k := range []string{"TUMBLE", "HOP", "CUMULATE", "SESSION"} {
		if g.has(k, 4) {
			return k
		}
	}
	return ""
}

// windowed groups by windows of event time.
func (g *generator) windowed(kind string, kinds []valueKind) (text, []valueKind) {
	alias := g.alias()
	from := g.windows(kind, alias)
	names := tableNames(alias)
	keys := []name{{alike(alias + ".window_start"), moment}, {alike(alias + ".window_end"), moment}}
	switch {
	case kind == "SESSION":
		keys = append(keys, names[1])
	case g.chance(60):
		keys = append(keys, names[1+g.below(3)])
	}
	where := alike("")
	if kind != "SESSION" {
		where = g.where(source{names: names}, 0)
	}
	items, kinds := g.items(g.aggregates(names, keys), kinds, 0)
	return form("select %s from %s%s group by %s", items, from, where, join(texts(keys), ", ")), kinds
}

// windows is a table with the windows that its rows are in.
func (g *generator) windows(kind, alias string) text {
	table := fmt.Sprintf("t%d", g.below(4))
	slide := 5 + 5*g.below(3)
	size := slide * (1 + g.below(3))
	bin := func(n int) string { return fmt.Sprintf("date_bin('%d second', ts, timestamp '2000-01-01')", n) }
	form := func(ours, columns, rest string) text {
		return text{fmt.Sprintf("table(%s) as %s", ours, alias), fmt.Sprintf("(select x.*, %s from %s as x%s) as %s", columns, table, rest, alias)}
	}
	switch kind {
	case "HOP":
		return form(fmt.Sprintf("hop(table %s, descriptor(ts), interval '%d' second, interval '%d' second)", table, slide, size),
			fmt.Sprintf("w as window_start, w + interval '%d second' as window_end", size),
			fmt.Sprintf(", lateral generate_series(%s - interval '%d second', %s, interval '%d second') as w", bin(slide), size-slide, bin(slide), slide))
	case "CUMULATE":
		return form(fmt.Sprintf("cumulate(table %s, descriptor(ts), interval '%d' second, interval '%d' second)", table, slide, size),
			fmt.Sprintf("%s as window_start, w as window_end", bin(size)),
			fmt.Sprintf(", lateral generate_series(%s + interval '%d second', %s + interval '%d second', interval '%d second') as w", bin(slide), slide, bin(size), size, slide))
	case "SESSION":
		return sessions(table, alias, slide)
	}
	return form(fmt.Sprintf("tumble(table %s, descriptor(ts), interval '%d' second)", table, slide),
		fmt.Sprintf("%s as window_start, %s + interval '%d second' as window_end", bin(slide), bin(slide), slide), "")
}

// sessions are those of column a: rows that are no further apart than a gap.
func sessions(table, alias string, gap int) text {
	begins := fmt.Sprintf("case when ts - lag(ts) over (partition by a order by ts) <= interval '%d second' then 0 else 1 end as begins", gap)
	numbered := fmt.Sprintf("select *, sum(begins) over (partition by a order by ts, id) as nr from (select *, %s from %s) as y", begins, table)
	bounds := fmt.Sprintf("min(ts) over (partition by a, nr) as window_start, max(ts) over (partition by a, nr) + interval '%d second' as window_end", gap)
	return text{
		fmt.Sprintf("table(session(table %s partition by a, descriptor(ts), interval '%d' second)) as %s", table, gap, alias),
		fmt.Sprintf("(select *, %s from (%s) as z) as %s", bounds, numbered, alias),
	}
}
