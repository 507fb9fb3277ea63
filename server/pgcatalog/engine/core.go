package engine

import (
	"slices"
	"strconv"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// boundCore is a SELECT … FROM … WHERE … GROUP BY … with the keys of its ORDER BY.
type boundCore struct {
	scope    *scope
	from     producer
	items    []node
	groups   []node
	grouped  bool
	having   *node
	order    []sortKey
	on       []node // of DISTINCT ON
	distinct bool
	calls    []*aggregateCall
	columns  []Column
}

func (b *binding) core(c *syntax.Core, order []syntax.Sort, around *scope) *boundQuery {
	s := &scope{around: around}
	out := &boundCore{scope: s, distinct: c.Distinct}
	out.from = b.from(c.From, c.Where, s)
	s.group = &grouping{}
	out.selectList(b, c)
	for _, g := range c.Group {
		out.groups = append(out.groups, b.groupKey(g, c, out, s))
	}
	if c.Having != nil {
		n := b.conditionOf("HAVING", b.expr(c.Having, s), c.Having)
		out.having = &n
	}
	for _, k := range order {
		out.order = append(out.order, sortKey{out.key(b, k.X, s), k.Descending, k.NullsFirst})
	}
	for _, x := range c.DistinctOn {
		out.on = append(out.on, out.key(b, x, s))
	}
	out.calls = s.group.calls
	out.grouped = len(c.Group) > 0 || c.Having != nil || len(out.calls) > 0
	if out.grouped {
		b.checkGrouped(c, order, out)
	}
	return &boundQuery{out.columns, out.rows}
}

// selectList binds the values, and names them as PostgreSQL does.
func (c *boundCore) selectList(b *binding, tree *syntax.Core) {
	s := c.scope
	s.rowsOK = true
	defer func() { s.rowsOK = false }()
	for _, item := range tree.Items {
		if star, ok := item.X.(*syntax.Star); ok {
			c.star(b, star)
			continue
		}
		n := b.expr(item.X, s)
		if n.param > 0 {
			n = b.settled(n)
		}
		name := item.Name
		if name == "" {
			name = nameOf(item.X)
		}
		c.items = append(c.items, n)
		c.columns = append(c.columns, Column{name, n.typ, n.fields})
	}
}

// star puts all columns in its place: of all sources, of one, or of a record.
func (c *boundCore) star(b *binding, star *syntax.Star) {
	s := c.scope
	if star.X != nil {
		record := b.expr(star.X, s)
		for i, f := range record.fields {
			c.items = append(c.items, strict(record, f.Type, func(v Value) Value { return v.(Record)[i] }))
			c.columns = append(c.columns, f)
		}
		return
	}
	sources := s.sources
	if len(star.Qualifiers) > 0 {
		name := star.Qualifiers[len(star.Qualifiers)-1]
		src, up := s.named(name)
		if src == nil || up > 0 {
			Fail(sqlerr.At(star.Offset(), sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", name))
		}
		sources = []*source{src}
	} else if len(sources) == 0 {
		Fail(sqlerr.At(star.Offset(), sqlerr.SyntaxError, "SELECT * with no tables specified is not valid"))
	}
	for _, src := range sources {
		for i, col := range src.shown() {
			if len(star.Qualifiers) == 0 && src.merged[col.Name] {
				continue
			}
			s.used |= only(src.at)
			c.items = append(c.items, columnNode(place{source: src.at, column: i, typ: col.Type, fields: col.Fields}))
			c.columns = append(c.columns, col)
		}
	}
}

// key is a key of ORDER BY or DISTINCT ON: a column of the result by its number or name, or any value.
func (c *boundCore) key(b *binding, x syntax.Expr, s *scope) node {
	if i := outputColumn(x, c.columns); i >= 0 {
		return c.items[i]
	}
	return b.settled(b.expr(x, s))
}

// groupKey is a key of GROUP BY: a column of the sources, else one of the result by its number or name.
func (b *binding) groupKey(x syntax.Expr, c *syntax.Core, out *boundCore, s *scope) node {
	if col, ok := x.(*syntax.Column); ok && len(s.own(col)) > 0 {
		return b.expr(x, s)
	}
	if i := outputColumn(x, out.columns); i >= 0 {
		return out.items[i]
	}
	return b.settled(b.expr(x, s))
}

// rows computes the SELECT within the frame of the scope around it.
func (c *boundCore) rows(around *frame) [][]Value {
	f := &frame{run: around.run, around: around, rows: make([][]Value, len(c.scope.sources)), slots: make([]Value, c.scope.slots)}
	var list []result
	if c.grouped || len(c.scope.window) > 0 {
		for _, g := range c.frames(f) {
			list = c.results(g, list)
		}
	} else {
		c.from(f, func() bool {
			list = c.results(f, list)
			return true
		})
	}
	return c.finish(list)
}

// result is a row with its keys.
type result struct{ row, keys, on []Value }

// results adds the rows that a frame gives: one, or as many as the calls that give rows have.
func (c *boundCore) results(f *frame, list []result) []result {
	giving := c.scope.giving
	if len(giving) == 0 {
		return append(list, c.result(f))
	}
	given, most := make([][][]Value, len(giving)), 0
	for i, g := range giving {
		given[i] = g.rows(f)
		most = max(most, len(given[i]))
	}
	for n := range most {
		f.run.step()
		for i, g := range giving {
			f.slots[g.slot] = nil
			if n < len(given[i]) {
				f.slots[g.slot] = oneValue(given[i][n])
			}
		}
		list = append(list, c.result(f))
	}
	return list
}

func oneValue(row []Value) Value {
	if len(row) == 1 {
		return row[0]
	}
	return Record(row)
}

func (c *boundCore) result(f *frame) result {
	r := result{row: all(c.items, f)}
	if len(c.order) > 0 {
		r.keys = make([]Value, len(c.order))
		for i := range c.order {
			r.keys[i] = c.order[i].eval(f)
		}
	}
	if len(c.on) > 0 {
		r.on = all(c.on, f)
	}
	return r
}

// finish is DISTINCT, ORDER BY and DISTINCT ON.
func (c *boundCore) finish(list []result) [][]Value {
	if c.distinct {
		list = unique(list, func(r result) string { return keyOf(r.row) })
	}
	if len(c.order) > 0 {
		slices.SortStableFunc(list, func(a, d result) int { return compareSorted(a.keys, d.keys, c.order) })
	}
	if len(c.on) > 0 {
		list = unique(list, func(r result) string { return keyOf(r.on) })
	}
	out := make([][]Value, len(list))
	for i, r := range list {
		out[i] = r.row
	}
	return out
}

func unique(list []result, key func(result) string) []result {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(r result) bool {
		k := key(r)
		known := seen[k]
		seen[k] = true
		return known
	})
}

// frames are those of the rows, or of the groups: then each has the rows of its first.
func (c *boundCore) frames(f *frame) []*frame {
	var list []*frame
	c.from(f, func() bool {
		list = append(list, &frame{run: f.run, around: f.around, rows: slices.Clone(f.rows), slots: make([]Value, len(f.slots))})
		return true
	})
	if c.grouped {
		list = c.groupsOf(f, list)
	}
	for _, w := range c.scope.window {
		w.number(list)
	}
	return list
}

func (c *boundCore) groupsOf(f *frame, list []*frame) (out []*frame) {
	members := map[string][]*frame{}
	var order []string
	for _, row := range list {
		key := keyOf(all(c.groups, row))
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], row)
	}
	if len(c.groups) == 0 && len(order) == 0 { // one group, though it has no rows
		order = []string{""}
	}
	for _, key := range order {
		g := c.emptyGroup(f)
		if len(members[key]) > 0 {
			g = members[key][0]
		}
		for _, call := range c.calls {
			g.slots[call.slot] = call.of(members[key])
		}
		if c.having == nil || c.having.eval(g) == true {
			out = append(out, g)
		}
	}
	return out
}

func (c *boundCore) emptyGroup(f *frame) *frame {
	g := &frame{run: f.run, around: f.around, slots: make([]Value, len(f.slots))}
	for _, src := range c.scope.sources {
		g.rows = append(g.rows, make([]Value, len(src.columns)))
	}
	return g
}

// checkGrouped refuses columns that have more than one value in a group.
func (b *binding) checkGrouped(c *syntax.Core, order []syntax.Sort, out *boundCore) {
	keys := c.Group
	for _, k := range keys {
		if i := outputColumn(k, out.columns); i >= 0 && i < len(c.Items) {
			keys = append(slices.Clone(keys), c.Items[i].X)
		}
	}
	g := groupCheck{scope: out.scope, keys: keys}
	for _, item := range c.Items {
		g.check(item.X)
	}
	for _, k := range order {
		if outputColumn(k.X, out.columns) < 0 {
			g.check(k.X)
		}
	}
	if c.Having != nil {
		g.check(c.Having)
	}
}

func (g *groupCheck) ungrouped(c *syntax.Column) {
	name := c.Name
	if own := g.scope.own(c); len(own) > 0 {
		name = g.scope.sources[own[0].source].name + "." + name
	}
	Fail(sqlerr.At(c.Offset(), sqlerr.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function", name))
}
