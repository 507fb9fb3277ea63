package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// text is a piece of a query in both dialects.
type text struct{ ours, theirs string }

// alike is a piece that both dialects write alike.
func alike(s string) text { return text{s, s} }

// form puts pieces into a format, of %s alone; what is no text is the same in both.
func form(format string, args ...any) text {
	ours, theirs := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		ours[i], theirs[i] = a, a
		switch a := a.(type) {
		case text:
			ours[i], theirs[i] = a.ours, a.theirs
		case source:
			ours[i], theirs[i] = a.ours, a.theirs
		case name:
			ours[i], theirs[i] = a.ours, a.theirs
		}
	}
	return text{fmt.Sprintf(format, ours...), fmt.Sprintf(format, theirs...)}
}

func join(list []text, sep string) text {
	var ours, theirs []string
	for _, t := range list {
		ours, theirs = append(ours, t.ours), append(theirs, t.theirs)
	}
	return text{strings.Join(ours, sep), strings.Join(theirs, sep)}
}

// valueKind is what a value is.
type valueKind int

const (
	number valueKind = iota
	exactNumber
	word
	truth
	moment
	floating // of results alone
)

// name is one that an expression can use.
type name struct {
	text
	valueKind
}

// source is what stands in FROM.
type source struct {
	text
	names []name
	// unique: the id in names is in one row alone; timed: rows come by names' ts.
	unique, timed bool
}

// feature is a part of the language that queries are made of. Those that are off are made only
// if they are asked for; what is refused of them is counted, and of the others a fault.
type feature struct {
	off bool
	// final: only a bounded query has it.
	final bool
}

// generator makes a query of choices.
type generator struct {
	*choices
	all     bool // also features that are off
	used    map[string]bool
	final   bool // a bounded query alone has what is used
	ordered bool // rows come in an order
	aliases int
	ctes    []source
}

// has decides whether the query has a feature.
func (g *generator) has(what string, percent int) bool {
	f, ok := features[what]
	if !ok {
		panic("no feature " + what)
	}
	if !g.chance(percent) || f.off && !g.all {
		return false
	}
	g.use(what)
	return true
}

// use notes that the query has a feature.
func (g *generator) use(what string) {
	g.used[what] = true
	g.final = g.final || features[what].final
}

func (g *generator) alias() string {
	g.aliases++
	return fmt.Sprintf("r%d", g.aliases)
}

// generated is a query and what is to be known of it.
type generated struct {
	text
	used    []string
	final   bool
	ordered bool
}

func generate(c *choices, all bool) generated {
	g := &generator{choices: c, all: all, used: map[string]bool{}}
	q := g.statement()
	var used []string
	for f := range g.used {
		used = append(used, f)
	}
	slices.Sort(used)
	return generated{text: q, used: used, final: g.final, ordered: g.ordered}
}

// statement is a whole query.
func (g *generator) statement() text {
	with := alike("")
	if g.has("WITH", 8) {
		q, kinds := g.query(1, nil)
		g.ctes = append(g.ctes, source{text: alike("c1"), names: outputs("", kinds)})
		with = form("with c1 as (%s) ", q)
	}
	q, kinds := g.query(2, nil)
	if g.has("ORDER BY", 10) {
		g.ordered = true
		q = form("%s order by %s", q, g.everyColumn(len(kinds)))
	} else if g.has("ORDER BY … LIMIT", 10) {
		g.ordered = true
		q = form("%s order by %s%s", q, g.everyColumn(len(kinds)), g.limit())
	}
	return form("%s%s", with, q)
}

func (g *generator) limit() text {
	if g.has("OFFSET", 20) {
		return alike(fmt.Sprintf(" limit %d offset %d", g.below(8), g.below(5)))
	}
	return alike(fmt.Sprintf(" limit %d", g.below(12)))
}

// everyColumn orders by all columns, so that rows that tie are alike.
func (g *generator) everyColumn(n int) text {
	var keys []text
	for i := range n {
		keys = append(keys, alike(fmt.Sprintf("%d%s", i+1, g.direction())))
	}
	return join(keys, ", ")
}

func (g *generator) direction() string {
	return []string{" asc", " desc"}[g.below(2)] + []string{" nulls first", " nulls last"}[g.below(2)]
}

// outputs are the columns of a query as one that reads it sees them.
func outputs(alias string, kinds []valueKind) (out []name) {
	if alias != "" {
		alias += "."
	}
	for i, k := range kinds {
		out = append(out, name{alike(fmt.Sprintf("%sc%d", alias, i)), k})
	}
	return out
}

// query is a SELECT or a set operation of two; kinds, if given, are those of its columns.
func (g *generator) query(depth int, kinds []valueKind) (text, []valueKind) {
	if depth > 0 && !slices.Contains(kinds, floating) {
		for _, op := range []string{"UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"} {
			if !g.has(op, 3) {
				continue
			}
			if kinds == nil {
				kinds = []valueKind{number, word}[:1+g.below(2)]
			}
			left, _ := g.query(depth-1, kinds)
			right, _ := g.query(depth-1, kinds)
			return form("(%s) %s (%s)", left, strings.ToLower(op), right), kinds
		}
	}
	return g.selects(depth, kinds)
}

// selects is a SELECT.
func (g *generator) selects(depth int, kinds []valueKind) (text, []valueKind) {
	switch {
	case g.has("ranked rows", 6):
		return g.ranked(depth, kinds)
	case g.has("RANK", 3):
		return g.first(kinds)
	case g.has("DISTINCT ON", 3):
		return g.distinctOn(kinds)
	case g.has("OVER by time", 4):
		return g.overTime(kinds)
	}
	if w := g.windowKind(); w != "" {
		return g.windowed(w, kinds)
	}
	from := g.from(depth)
	where := g.where(from, depth)
	switch {
	case g.has("GROUP BY", 25):
		return g.grouped(from, where, kinds)
	case g.has("aggregate of all", 8):
		return g.total(from, where, kinds)
	case g.has("OVER", 6):
		return g.over(from, where, kinds)
	}
	distinct := alike("")
	if g.has("DISTINCT", 8) {
		distinct = alike("distinct ")
	}
	items, kinds := g.items(from.names, kinds, depth)
	return form("select %s%s from %s%s", distinct, items, from, where), kinds
}

// items is a select list over names.
func (g *generator) items(names []name, kinds []valueKind, depth int) (text, []valueKind) {
	if kinds == nil {
		for more := true; more; more = len(kinds) < 4 && g.chance(60) {
			kinds = append(kinds, []valueKind{number, number, word, exactNumber, truth, moment}[g.below(6)])
		}
	}
	var list []text
	for i, k := range kinds {
		e := g.expression(k, names, 2)
		if k == number && depth > 0 && g.has("scalar subquery", 4) {
			e = g.scalar(names)
		}
		list = append(list, form("%s as c%s", e, fmt.Sprint(i)))
	}
	return join(list, ", "), kinds
}

func (g *generator) where(from source, depth int) text {
	var list []text
	if g.has("WHERE", 35) {
		list = append(list, g.expression(truth, from.names, 2))
	}
	if depth > 0 {
		if p, ok := g.predicate(from.names); ok {
			list = append(list, p)
		}
	}
	if list == nil {
		return alike("")
	}
	return form(" where %s", join(list, " and "))
}

// predicate is a condition over a subquery.
func (g *generator) predicate(names []name) (text, bool) {
	switch {
	case g.has("IN (SELECT …)", 5):
		return form("%s in (%s)", g.expression(number, names, 1), g.list(names, false)), true
	case g.has("NOT IN (SELECT …)", 3):
		return form("%s not in (%s)", g.expression(number, names, 1), g.list(names, false)), true
	case g.has("correlated IN", 3):
		return form("%s in (%s)", g.expression(number, names, 1), g.list(names, true)), true
	case g.has("EXISTS", 4):
		return form("exists (%s)", g.list(names, true)), true
	case g.has("NOT EXISTS", 4):
		return form("not exists (%s)", g.list(names, true)), true
	case g.has("scalar subquery in WHERE", 4):
		return form("%s %s %s", g.expression(number, names, 1), g.comparison(), g.scalar(names)), true
	case g.has("ANY or ALL", 3):
		return form("%s %s %s (%s)", g.expression(number, names, 1), g.comparison(), []string{"any", "all"}[g.below(2)], g.list(names, false)), true
	case g.has("row values IN", 3):
		from := g.item(0)
		row := form("select %s, %s from %s", g.leaf(number, from.names), g.leaf(word, from.names), from)
		return form("(%s, %s) in (%s)", g.leaf(number, names), g.leaf(word, names), row), true
	case g.has("subquery under OR", 3):
		return form("(%s or %s in (%s))", g.expression(truth, names, 1), g.expression(number, names, 1), g.list(names, false)), true
	}
	return text{}, false
}

func (g *generator) comparison() string { return []string{"=", "<", ">", "<=", ">=", "<>"}[g.below(6)] }

// list is a subquery of one column.
func (g *generator) list(outer []name, correlated bool) text {
	from := g.item(0)
	var list []text
	if correlated {
		list = append(list, g.equal(outer, from.names))
	}
	if g.has("WHERE", 40) {
		list = append(list, g.expression(truth, from.names, 1))
	}
	where := alike("")
	if list != nil {
		where = form(" where %s", join(list, " and "))
	}
	return form("select %s from %s%s", g.expression(number, from.names, 1), from, where)
}

// scalar is a subquery of one row.
func (g *generator) scalar(outer []name) text {
	from := g.item(0)
	where := alike("")
	if g.has("correlated scalar subquery", 50) {
		where = form(" where %s", g.equal(outer, from.names))
	}
	if g.has("scalar subquery with LIMIT", 20) {
		return form("(select %s from %s%s order by 1%s limit 1)", g.expression(number, from.names, 1), from, where, g.direction())
	}
	return form("(select %s from %s%s)", g.aggregate(number, from.names), from, where)
}

// equal is an equality of a name of each side.
func (g *generator) equal(left, right []name) text {
	k := []valueKind{number, number, word, exactNumber}[g.below(4)]
	return form("%s = %s", g.leaf(k, left), g.leaf(k, right))
}
