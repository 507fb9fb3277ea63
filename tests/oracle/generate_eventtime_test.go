package oracle

import (
	"fmt"
	"slices"
)

// window is one of event time: its kind with its lengths in seconds, of rows of a table.
type window struct {
	kind        string
	table       string
	slide, size int // of a session slide is the gap
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

func (g *generator) window(kind string) window {
	w := window{kind: kind, table: fmt.Sprintf("t%d", g.below(4)), slide: 5 + 5*g.below(3)}
	w.size = w.slide
	if kind != "TUMBLE" {
		w.size *= 1 + g.below(3)
	}
	return w
}

// windowed groups by windows of event time.
func (g *generator) windowed(kind string, kinds []valueKind) (text, []valueKind) {
	w, alias := g.window(kind), g.alias()
	switch {
	case kind != "CUMULATE" && g.has("windows as keys", 25):
		return g.windowKeys(w, alias, kinds)
	case g.has("window of a window", 15):
		return g.windowTwice(w, alias, kinds)
	case kind != "SESSION" && g.has("window join", 15):
		return g.windowJoin(w, alias, kinds)
	}
	names, keys := tableNames(alias), bounds(alias)
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
	return form("select %s from %s%s group by %s", items, w.of(alias), where, join(texts(keys), ", ")), kinds
}

// bounds are the columns of a window.
func bounds(alias string) []name {
	return []name{{alike(alias + ".window_start"), moment}, {alike(alias + ".window_end"), moment}}
}

// windowKeys has the window among its keys, as a call.
func (g *generator) windowKeys(w window, alias string, kinds []valueKind) (text, []valueKind) {
	names := tableNames(alias)
	where := g.where(source{names: names}, 0)
	lengths := fmt.Sprintf("interval '%d' second", w.slide)
	if w.kind == "HOP" {
		lengths += fmt.Sprintf(", interval '%d' second", w.size)
	}
	word := map[string]string{"TUMBLE": "tumble", "HOP": "hop", "SESSION": "session"}[w.kind]
	keys, by := bounds(alias), text{fmt.Sprintf("%s(%s.ts, %s)", word, alias, lengths), alias + ".window_start, " + alias + ".window_end"}
	keys[0].ours, keys[1].ours = fmt.Sprintf("%s_start(%s.ts, %s)", word, alias, lengths), fmt.Sprintf("%s_end(%s.ts, %s)", word, alias, lengths)
	if w.kind == "SESSION" || g.chance(50) {
		keys = append(keys, names[1])
		by = form("%s, %s", by, names[1].text)
	}
	from := w
	from.table = fmt.Sprintf("(select %s.* from %s as %s%s)", alias, w.table, alias, where.theirs)
	items, kinds := g.items(g.aggregates(names, keys), kinds, 0)
	return form("select %s from %s group by %s", items, text{fmt.Sprintf("%s as %s%s", w.table, alias, where.ours), from.of(alias).theirs}, by), kinds
}

// windowTwice aggregates windows, and what they gave within the same windows.
func (g *generator) windowTwice(w window, alias string, kinds []valueKind) (text, []valueKind) {
	names, outer := tableNames(alias), g.alias()
	keys := append(bounds(alias), names[1])
	inner := form("select %s as c0, %s as c1, %s as c2, %s as c3 from %s group by %s",
		keys[0], keys[1], keys[2], g.aggregate(number, names), w.of(alias), join(texts(keys), ", "))
	read := outputs(outer, []valueKind{moment, moment, number, number})
	items, kinds := g.items(g.aggregates(read[2:], read[:2]), kinds, 0)
	return form("select %s from (%s) as %s group by %s, %s", items, inner, outer, read[0], read[1]), kinds
}

// windowJoin joins rows within the windows that both are in.
func (g *generator) windowJoin(w window, alias string, kinds []valueKind) (text, []valueKind) {
	other, second := w, g.alias()
	other.table = fmt.Sprintf("t%d", g.below(4))
	left, right := bounds(alias), bounds(second)
	on := form("%s = %s and %s = %s", left[0], right[0], left[1], right[1])
	if g.chance(70) {
		on = form("%s and %s", on, g.equal(tableNames(alias), tableNames(second)))
	}
	kind := []string{"join", "left join", "right join", "full join"}[g.below(4)]
	names := slices.Concat(left, right, tableNames(alias), tableNames(second))
	items, kinds := g.items(names, kinds, 0)
	return form("select %s from %s %s %s on %s", items, w.of(alias), kind, other.of(second), on), kinds
}

// of is the table with the windows that its rows are in.
func (w window) of(alias string) text {
	bin := func(n int) string { return fmt.Sprintf("date_bin('%d second', ts, timestamp '2000-01-01')", n) }
	form := func(ours, columns, rest string) text {
		return text{fmt.Sprintf("table(%s) as %s", ours, alias), fmt.Sprintf("(select x.*, %s from %s as x%s) as %s", columns, w.table, rest, alias)}
	}
	switch w.kind {
	case "HOP":
		return form(fmt.Sprintf("hop(table %s, descriptor(ts), interval '%d' second, interval '%d' second)", w.table, w.slide, w.size),
			fmt.Sprintf("w as window_start, w + interval '%d second' as window_end", w.size),
			fmt.Sprintf(", lateral generate_series(%s - interval '%d second', %s, interval '%d second') as w", bin(w.slide), w.size-w.slide, bin(w.slide), w.slide))
	case "CUMULATE":
		return form(fmt.Sprintf("cumulate(table %s, descriptor(ts), interval '%d' second, interval '%d' second)", w.table, w.slide, w.size),
			fmt.Sprintf("%s as window_start, w as window_end", bin(w.size)),
			fmt.Sprintf(", lateral generate_series(%s + interval '%d second', %s + interval '%d second', interval '%d second') as w",
				bin(w.slide), w.slide, bin(w.size), w.size, w.slide))
	case "SESSION":
		return w.sessions(alias)
	}
	return form(fmt.Sprintf("tumble(table %s, descriptor(ts), interval '%d' second)", w.table, w.slide),
		fmt.Sprintf("%s as window_start, %s + interval '%d second' as window_end", bin(w.slide), bin(w.slide), w.slide), "")
}

// sessions are those of column a: rows that are no further apart than a gap.
func (w window) sessions(alias string) text {
	begins := fmt.Sprintf("case when ts - lag(ts) over (partition by a order by ts, id) <= interval '%d second' then 0 else 1 end as begins", w.slide)
	numbered := fmt.Sprintf("select *, sum(begins) over (partition by a order by ts, id) as nr from (select *, %s from %s as v) as y", begins, w.table)
	bounds := fmt.Sprintf("min(ts) over (partition by a, nr) as window_start, max(ts) over (partition by a, nr) + interval '%d second' as window_end", w.slide)
	return text{
		fmt.Sprintf("table(session(table %s partition by a, descriptor(ts), interval '%d' second)) as %s", w.table, w.slide, alias),
		fmt.Sprintf("(select *, %s from (%s) as z) as %s", bounds, numbered, alias),
	}
}
