package engine

import (
	"regexp"
	"slices"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// producer gives the rows of some sources, one after another: it sets them in the frame and calls yield, until that is false.
type producer func(f *frame, yield func() bool) bool

// unit is what is placed in the nested loops as a whole: a source, or an outer join.
type unit struct {
	has     set // its sources
	depends set // sources that it is computed from
	table   *Table
	source  *source
	// make takes the conditions that hold behind it, and the sources that are known in front of it.
	make func(conditions []condition, known set) producer
}

// condition is a part of WHERE or ON that AND ties to the others.
type condition struct {
	node
	// equal is set for column = value: of which source and column, by which value.
	equals []equality
}

type equality struct {
	source, column int
	value          node
}

// from binds FROM and WHERE; the producer gives all combinations that hold.
func (b *binding) from(list []syntax.Source, where syntax.Expr, s *scope) producer {
	var units []unit
	var conditions []condition
	for _, src := range list {
		u, c := b.source(src, s)
		units, conditions = append(units, u...), append(conditions, c...)
	}
	if where != nil {
		conditions = append(conditions, b.conditions("WHERE", where, s)...)
	}
	return b.product(units, conditions, 0)
}

// conditions splits a condition at its ANDs.
func (b *binding) conditions(what string, x syntax.Expr, s *scope) []condition {
	if and, ok := x.(*syntax.Binary); ok && and.Op == "AND" {
		return append(b.conditions(what, and.L, s), b.conditions(what, and.R, s)...)
	}
	n := b.bound(x, s)
	needs, outside := n.needs, n.outside
	n = b.conditionOf(what, n, x)
	n.needs, n.outside = needs, outside
	return []condition{{node: n, equals: b.equalities(x, s)}}
}

// equalities finds column = value in a condition, both ways round.
func (b *binding) equalities(x syntax.Expr, s *scope) (out []equality) {
	eq, ok := x.(*syntax.Binary)
	if ok && eq.Op == "~" {
		eq, ok = wholeName(eq)
	}
	if !ok || eq.Op != "=" {
		return nil
	}
	for _, pair := range [][2]syntax.Expr{{eq.L, eq.R}, {eq.R, eq.L}} {
		c, ok := pair[0].(*syntax.Column)
		if !ok {
			continue
		}
		p, found := s.column(c)
		if !found || p.up > 0 {
			continue
		}
		v := b.bound(pair[1], s)
		needs, outside := v.needs, v.outside
		if v = b.as(v, p.typ); comparable(v.typ) != comparable(p.typ) || needs&only(p.source) != 0 {
			continue
		}
		v.needs, v.outside = needs, outside
		out = append(out, equality{p.source, p.column, v})
	}
	return out
}

// plainName finds patterns of psql that only one name fits: that of \d name.
var plainName = regexp.MustCompile(`^\^\(([a-z0-9_]+)\)\$$`)

// wholeName is a pattern that only one name fits as a comparison with that.
func wholeName(match *syntax.Binary) (*syntax.Binary, bool) {
	pattern, ok := match.R.(*syntax.Literal)
	if !ok || pattern.Kind != syntax.Text {
		return nil, false
	}
	name := plainName.FindStringSubmatch(pattern.Text)
	if name == nil {
		return nil, false
	}
	return &syntax.Binary{At: match.At, Op: "=", L: match.L, R: &syntax.Literal{At: pattern.At, Kind: syntax.Text, Text: name[1]}}, true
}

// source binds one source of FROM: units, and the conditions of inner joins.
func (b *binding) source(src syntax.Source, s *scope) ([]unit, []condition) {
	switch src := src.(type) {
	case *syntax.Table:
		return []unit{b.table(src, s)}, nil
	case *syntax.Derived:
		return []unit{b.derived(src, s)}, nil
	case *syntax.Function:
		return []unit{b.function(src, s)}, nil
	case *syntax.Join:
		if src.Kind == syntax.Inner {
			return b.inner(src, s)
		}
		return []unit{b.outer(src, s)}, nil
	}
	return nil, nil
}

func (b *binding) table(t *syntax.Table, s *scope) unit {
	name := t.Alias.Name
	if name == "" {
		name = t.Name
	}
	if t.Schema == "" {
		if c := s.cte(t.Name); c != nil {
			at := s.add(&source{name: name, columns: renamed(c.columns, t.Alias)}, t.Pos).at
			return rowsUnit(at, 0, c.rows)
		}
	}
	table := b.catalog.Table(t.Schema, t.Name)
	if table == nil {
		full := t.Name
		if t.Schema != "" {
			full = t.Schema + "." + full
		}
		Fail(sqlerr.At(t.Pos, sqlerr.UndefinedTable, "relation %q does not exist", full))
	}
	at := s.add(&source{name: name, schema: table.Schema, columns: renamed(table.Columns, t.Alias), hidden: table.Hidden}, t.Pos)
	u := unit{has: only(at.at), table: table, source: at}
	u.make = func(conditions []condition, _ set) producer {
		return walk(at.at, func(f *frame) [][]Value { return table.Rows(f.run.env) }, conditions)
	}
	return u
}

func renamed(columns []Column, a syntax.Alias) []Column {
	if len(a.Columns) == 0 {
		return columns
	}
	out := slices.Clone(columns)
	for i := range min(len(out), len(a.Columns)) {
		out[i].Name = a.Columns[i]
	}
	return out
}

// rowsUnit walks the rows that something gives.
func rowsUnit(at int, depends set, rows func(*frame) [][]Value) unit {
	return unit{has: only(at), depends: depends &^ only(at), make: func(conditions []condition, _ set) producer { return walk(at, rows, conditions) }}
}

// walk gives the rows of one source that hold.
func walk(at int, rows func(*frame) [][]Value, conditions []condition) producer {
	return func(f *frame, yield func() bool) bool {
		for _, row := range rows(f) {
			f.run.step()
			f.rows[at] = row
			if holds(f, conditions) && !yield() {
				return false
			}
		}
		return true
	}
}

func holds(f *frame, conditions []condition) bool {
	for i := range conditions {
		if conditions[i].eval(f) != true {
			return false
		}
	}
	return true
}

// derived binds a query in FROM. Only behind LATERAL it sees the sources in front of it.
func (b *binding) derived(d *syntax.Derived, s *scope) unit {
	if !d.Lateral {
		blank := &scope{around: s.around, ctes: ctesOf(s)}
		q, correlated := b.settledQuery(d.Query, blank)
		s.outside = s.outside || correlated
		rows := b.remembered(q, correlated)
		at := s.add(&source{name: d.Alias.Name, columns: renamed(q.columns, d.Alias)}, 0).at
		return rowsUnit(at, 0, func(f *frame) [][]Value { return rows(&frame{run: f.run, around: f.around}) })
	}
	used := s.used
	s.used = 0
	q, correlated := b.settledQuery(d.Query, s)
	depends := s.used
	s.used |= used
	at := s.add(&source{name: d.Alias.Name, columns: renamed(q.columns, d.Alias)}, 0).at
	return rowsUnit(at, depends, b.remembered(q, correlated))
}

// ctesOf are all that a scope sees, the nearest of a name.
func ctesOf(s *scope) map[string]*boundCTE {
	out := map[string]*boundCTE{}
	for ; s != nil; s = s.around {
		for name, c := range s.ctes {
			if out[name] == nil {
				out[name] = c
			}
		}
	}
	return out
}

// function is a call in FROM: its rows, or its value as one row. Its arguments may name the sources in front of it.
func (b *binding) function(x *syntax.Function, s *scope) unit {
	used := s.used
	s.used = 0
	args := b.exprs(x.Call.Args, s)
	var columns []Column
	var rows func(*frame) [][]Value
	if b.isPlain(x.Call, args) {
		n := b.settled(b.expr(x.Call, s))
		columns = []Column{{x.Call.Name, n.typ, n.fields}}
		rows = func(f *frame) [][]Value { return [][]Value{{n.eval(f)}} }
	} else {
		fn := b.resolve(x.Call, args)
		args = b.fitted(fn, args)
		columns, rows = slices.Clone(columnsOf(fn, args)), rowsOf(fn, args)
	}
	depends := s.used
	s.used |= used
	whole := len(columns) == 1
	if x.Ordinality {
		columns, rows, whole = append(columns, Column{Name: "ordinality", Type: Int8}), numbered(rows), false
	}
	name := x.Alias.Name
	if name == "" {
		name = x.Call.Name
	} else if whole && len(x.Alias.Columns) == 0 {
		columns[0].Name = name
	}
	columns = typed(renamed(columns, x.Alias), x.Alias)
	at := s.add(&source{name: name, columns: columns, whole: whole}, x.Call.Offset()).at
	return rowsUnit(at, depends, rows)
}

// typed gives columns the types of AS t(a int).
func typed(columns []Column, a syntax.Alias) []Column {
	for i, t := range a.Types {
		if i < len(columns) {
			columns[i].Type = resolveType(t)
		}
	}
	return columns
}

func numbered(rows func(*frame) [][]Value) func(*frame) [][]Value {
	return func(f *frame) [][]Value {
		out := slices.Clone(rows(f))
		for i, r := range out {
			out[i] = append(slices.Clone(r), int64(i)+1)
		}
		return out
	}
}

// isPlain tells a call that gives one value.
func (b *binding) isPlain(x *syntax.Call, args []node) bool {
	switch x.Name {
	case "coalesce", "greatest", "least", "nullif":
		return true
	}
	return b.resolve(x, args).Rows == nil
}

// inner takes an inner join apart: its sides stand beside one another, its condition beside those of WHERE.
func (b *binding) inner(j *syntax.Join, s *scope) ([]unit, []condition) {
	first := len(s.sources)
	left, conditions := b.source(j.Left, s)
	middle := len(s.sources)
	right, more := b.source(j.Right, s)
	conditions = append(conditions, more...)
	if on := b.joinCondition(j, s, first, middle); on != nil {
		conditions = append(conditions, b.conditions("JOIN/ON", on, s)...)
	}
	b.merge(j, s, first, middle)
	return append(left, right...), conditions
}

// joinCondition is ON, or what USING and NATURAL stand for.
func (b *binding) joinCondition(j *syntax.Join, s *scope, first, middle int) syntax.Expr {
	names := j.Using
	if j.Natural {
		names = commonNames(s.sources[first:middle], s.sources[middle:])
	}
	on := j.On
	for _, name := range names {
		side := func(list []*source) syntax.Expr {
			for _, src := range list {
				if slices.ContainsFunc(src.columns, func(c Column) bool { return c.Name == name }) && !src.merged[name] {
					return &syntax.Column{Qualifiers: []string{src.name}, Name: name}
				}
			}
			Fail(sqlerr.New(sqlerr.UndefinedColumn, "column %q specified in USING clause does not exist in both tables", name))
			return nil
		}
		equal := syntax.Expr(&syntax.Binary{Op: "=", L: side(s.sources[first:middle]), R: side(s.sources[middle:])})
		if on != nil {
			equal = &syntax.Binary{Op: "AND", L: on, R: equal}
		}
		on = equal
	}
	return on
}

func commonNames(left, right []*source) (names []string) {
	for _, l := range left {
		for _, c := range l.shown() {
			for _, r := range right {
				if slices.ContainsFunc(r.shown(), func(d Column) bool { return d.Name == c.Name }) {
					names = append(names, c.Name)
				}
			}
		}
	}
	return names
}

// merge hides the columns of USING on one side: the left one's, for a right join, else the right one's.
func (b *binding) merge(j *syntax.Join, s *scope, first, middle int) {
	names, hidden := j.Using, s.sources[middle:]
	if j.Natural {
		names = commonNames(s.sources[first:middle], s.sources[middle:])
	}
	if j.Kind == syntax.Right {
		hidden = s.sources[first:middle]
	}
	for _, src := range hidden {
		for _, name := range names {
			if src.merged == nil {
				src.merged = map[string]bool{}
			}
			src.merged[name] = true
		}
	}
}

// outer is a LEFT, RIGHT or FULL join as one unit.
func (b *binding) outer(j *syntax.Join, s *scope) unit {
	first := len(s.sources)
	leftUnits, leftConditions := b.source(j.Left, s)
	middle := len(s.sources)
	rightUnits, rightConditions := b.source(j.Right, s)
	var on []condition
	if x := b.joinCondition(j, s, first, middle); x != nil {
		on = b.conditions("JOIN/ON", x, s)
	}
	b.merge(j, s, first, middle)
	left, right := between(first, middle), between(middle, len(s.sources))
	widths := make([]int, len(s.sources))
	for i, src := range s.sources {
		widths[i] = len(src.columns)
	}
	kept, other := side{leftUnits, leftConditions, left, widths}, side{rightUnits, rightConditions, right, widths}
	if j.Kind == syntax.Right {
		kept, other = other, kept
	}
	return unit{has: left | right, make: func(conditions []condition, known set) producer {
		early, late := parted(conditions, kept.has, known)
		matches := b.product(other.units, append(slices.Clone(other.conditions), on...), known|kept.has)
		rows := b.product(kept.units, append(slices.Clone(kept.conditions), early...), known)
		p := leftJoin(rows, matches, other, late)
		if j.Kind == syntax.Full {
			rows = b.product(kept.units, kept.conditions, known)
			p = fullJoin(leftJoin(rows, matches, other, nil), b.product(other.units, other.conditions, known), b.product(kept.units, append(slices.Clone(kept.conditions), on...), known|other.has), kept, conditions)
		}
		return p
	}}
}

// side is one side of an outer join; widths are the columns of each source of the scope.
type side struct {
	units      []unit
	conditions []condition
	has        set
	widths     []int
}

func between(from, to int) (s set) {
	for i := from; i < to; i++ {
		s |= only(i)
	}
	return s
}

// parted finds the conditions that need nothing but the sources of one side, and what is known in front of it.
func parted(conditions []condition, has, known set) (early, late []condition) {
	for _, c := range conditions {
		if c.needs&^(has|known) == 0 && c.needs&has != 0 {
			early = append(early, c)
		} else {
			late = append(late, c)
		}
	}
	return early, late
}

// absent puts NULLs in place of a side's rows.
func (s *side) absent(f *frame) {
	for i, width := range s.widths {
		if s.has&only(i) != 0 {
			f.rows[i] = make([]Value, width)
		}
	}
}

func leftJoin(rows, matches producer, other side, late []condition) producer {
	return func(f *frame, yield func() bool) bool {
		return rows(f, func() bool {
			found := false
			if !matches(f, func() bool {
				found = true
				return !holds(f, late) || yield()
			}) {
				return false
			}
			if found {
				return true
			}
			other.absent(f)
			return !holds(f, late) || yield()
		})
	}
}

// fullJoin is a left join, and behind it the rows of the other side that match nothing.
func fullJoin(left, others, matches producer, kept side, conditions []condition) producer {
	return func(f *frame, yield func() bool) bool {
		if !left(f, func() bool { return !holds(f, conditions) || yield() }) {
			return false
		}
		return others(f, func() bool {
			found := false
			matches(f, func() bool { found = true; return false })
			if found {
				return true
			}
			kept.absent(f)
			return !holds(f, conditions) || yield()
		})
	}
}

// product nests the units into loops. Each time it takes the one that is found most easily by what is known then, and each
// condition stands where all that it needs is there for the first time.
func (b *binding) product(units []unit, conditions []condition, known set) producer {
	units, conditions = slices.Clone(units), slices.Clone(conditions)
	p := b.emptyProduct(&conditions, known)
	for len(units) > 0 {
		i := easiest(units, conditions, known)
		u := units[i]
		units = slices.Delete(units, i, i+1)
		known |= u.has
		var here []condition
		var equals []equality
		conditions = slices.DeleteFunc(conditions, func(c condition) bool {
			if c.needs&^known != 0 {
				return false
			}
			here = append(here, c)
			for _, e := range c.equals {
				if u.table != nil && e.source == u.source.at && e.value.needs&^(known&^u.has) == 0 {
					equals = append(equals, e)
				}
			}
			return true
		})
		next := u.make(here, known&^u.has)
		if len(equals) > 0 {
			next = b.lookUp(u, equals, here)
		}
		p = nested(p, next)
	}
	return p
}

// emptyProduct gives once, if the conditions hold that need nothing more than is known.
func (b *binding) emptyProduct(conditions *[]condition, known set) producer {
	var here []condition
	*conditions = slices.DeleteFunc(*conditions, func(c condition) bool {
		if c.needs&^known == 0 {
			here = append(here, c)
			return true
		}
		return false
	})
	return func(f *frame, yield func() bool) bool { return !holds(f, here) || yield() }
}

func nested(outer, inner producer) producer {
	return func(f *frame, yield func() bool) bool {
		return outer(f, func() bool { return inner(f, yield) })
	}
}

// easiest chooses the unit to be placed next: found by a key of its table, by a column that is equal to something known, or
// else in the order of the text. One that depends on others comes behind them.
func easiest(units []unit, conditions []condition, known set) int {
	best, least := -1, 0
	for i, u := range units {
		if u.depends&^known != 0 {
			continue
		}
		if cost := effort(u, conditions, known); best < 0 || cost < least {
			best, least = i, cost
		}
	}
	return max(best, 0)
}

func effort(u unit, conditions []condition, known set) int {
	cost := 3
	if u.table == nil {
		return cost - 1
	}
	for _, c := range conditions {
		for _, e := range c.equals {
			if e.source != u.source.at || e.value.needs&^known != 0 {
				continue
			}
			if u.table.Find[u.table.Columns[e.column].Name] != nil {
				return 0
			}
			cost = min(cost, 1)
		}
	}
	return cost
}

// lookUp finds rows by a column that is equal to something known: by the table itself, or by an index of the run.
func (b *binding) lookUp(u unit, equals []equality, conditions []condition) producer {
	e := equals[0]
	for _, other := range equals {
		if u.table.Find[u.table.Columns[other.column].Name] != nil {
			e = other
		}
	}
	find := u.table.Find[u.table.Columns[e.column].Name]
	return walk(u.source.at, func(f *frame) [][]Value {
		v := e.value.eval(f)
		switch {
		case v == nil:
			return nil
		case find != nil:
			return find(f.run.env, v)
		}
		return f.run.index(u.table, e.column)[keyOf([]Value{v})]
	}, conditions)
}

// index is made once a run, of a table's column.
func (r *run) index(t *Table, column int) map[string][][]Value {
	at := indexed{t, column}
	if r.indexes[at] == nil {
		m := map[string][][]Value{}
		for _, row := range t.Rows(r.env) {
			r.step()
			if v := row[column]; v != nil {
				key := keyOf([]Value{v})
				m[key] = append(m[key], row)
			}
		}
		r.indexes[at] = m
	}
	return r.indexes[at]
}
