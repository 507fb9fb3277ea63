package engine

import (
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
