package engine

import (
	"slices"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// boundQuery is a query in its place: rows takes the frame of the scope around it.
type boundQuery struct {
	columns []Column
	rows    func(around *frame) [][]Value
}

// query binds a query within a scope; correlated tells that it names something there or further out.
func (b *binding) query(q *syntax.Query, around *scope) (out *boundQuery, correlated bool) {
	outer := &scope{around: around, ctes: map[string]*boundCTE{}}
	for _, c := range q.With {
		outer.ctes[c.Name] = b.cte(c, q.Recursive, outer)
	}
	core, plain := q.Body.(*syntax.Core)
	if plain {
		out = b.core(core, q.Order, outer)
	} else {
		out = b.ordered(b.body(q.Body, outer), q.Order)
	}
	return b.bounded(out, q, outer), outer.outside
}

// settledQuery is a query whose columns all have a type.
func (b *binding) settledQuery(q *syntax.Query, around *scope) (*boundQuery, bool) {
	out, correlated := b.query(q, around)
	columns := slices.Clone(out.columns)
	for i := range columns {
		if columns[i].Type == Unknown {
			columns[i].Type = Text
		}
	}
	return &boundQuery{columns, out.rows}, correlated
}

// subquery is a query as a part of a value.
func (b *binding) subquery(q *syntax.Query, s *scope) *boundQuery {
	group, giving, within := s.group, s.rowsOK, s.within
	s.group, s.rowsOK, s.within = nil, false, false
	defer func() { s.group, s.rowsOK, s.within = group, giving, within }()
	out, correlated := b.settledQuery(q, s)
	return &boundQuery{out.columns, b.remembered(out, correlated)}
}

// remembered keeps the rows of a query that names nothing around it for the whole run.
func (b *binding) remembered(q *boundQuery, correlated bool) func(*frame) [][]Value {
	if correlated {
		return q.rows
	}
	at := b.caches
	b.caches++
	return func(f *frame) [][]Value {
		if rows, ok := f.run.cached[at].([][]Value); ok {
			return rows
		}
		rows := q.rows(f)
		if rows == nil {
			rows = [][]Value{}
		}
		f.run.cached[at] = rows
		return rows
	}
}

func (b *binding) cte(c syntax.CTE, recursive bool, outer *scope) *boundCTE {
	if op, ok := c.Query.Body.(*syntax.SetOperation); ok && recursive {
		return b.recursive(c, op, outer)
	}
	q, correlated := b.settledQuery(c.Query, outer)
	if correlated {
		Fail(sqlerr.New(sqlerr.FeatureNotSupported, "WITH %s names columns of the query around it, which is not supported in queries of the catalog", c.Name))
	}
	return &boundCTE{renamed(q.columns, syntax.Alias{Columns: c.Columns}), b.remembered(q, correlated)}
}

// recursive is WITH RECURSIVE: rows of the left side, and of the right side over those that came last, until there are none.
func (b *binding) recursive(c syntax.CTE, op *syntax.SetOperation, outer *scope) *boundCTE {
	base := b.body(op.Left, outer)
	var last [][]Value
	self := &boundCTE{renamed(base.columns, syntax.Alias{Columns: c.Columns}), func(*frame) [][]Value { return last }}
	outer.ctes[c.Name] = self
	step := b.body(op.Right, outer)
	all := &boundQuery{self.columns, func(f *frame) [][]Value {
		caches := slices.Clone(f.run.cached)
		var out [][]Value
		seen := map[string]bool{}
		for last = base.rows(f); len(last) > 0; last = step.rows(f) {
			fresh := last
			if !op.All {
				fresh = slices.DeleteFunc(slices.Clone(last), func(r []Value) bool {
					key := keyOf(r)
					known := seen[key]
					seen[key] = true
					return known
				})
			}
			for range fresh {
				f.run.step()
			}
			out, last = append(out, fresh...), fresh
			copy(f.run.cached, caches)
		}
		return out
	}}
	return &boundCTE{self.columns, b.remembered(all, false)}
}

// body binds what stands at a side of UNION and its like.
func (b *binding) body(body syntax.Body, s *scope) *boundQuery {
	switch body := body.(type) {
	case *syntax.Core:
		return b.core(body, nil, s)
	case *syntax.Values:
		return b.values(body, s)
	case *syntax.SetOperation:
		return b.setOperation(body, s)
	case *syntax.Query:
		q, correlated := b.query(body, s)
		s.outside = s.outside || correlated
		return q
	}
	return nil
}

func (b *binding) values(v *syntax.Values, s *scope) *boundQuery {
	columns := make([]Column, len(v.Rows[0]))
	rows := make([][]node, len(v.Rows))
	for i, row := range v.Rows {
		rows[i] = b.exprs(row, &scope{around: s})
	}
	for c := range columns {
		list := make([]node, len(rows))
		for i := range rows {
			list[i] = rows[i][c]
		}
		list, t := b.common(list, offset(v.Rows[0][c]))
		columns[c] = Column{Name: "column" + itoa(c+1), Type: t}
		for i := range rows {
			rows[i][c] = list[i]
		}
	}
	return &boundQuery{columns, func(f *frame) [][]Value {
		inner := &frame{run: f.run, around: f}
		out := make([][]Value, len(rows))
		for i, row := range rows {
			out[i] = all(row, inner)
		}
		return out
	}}
}

func (b *binding) setOperation(op *syntax.SetOperation, s *scope) *boundQuery {
	left, right := b.body(op.Left, s), b.body(op.Right, s)
	if len(left.columns) != len(right.columns) {
		Fail(sqlerr.New(sqlerr.SyntaxError, "each %s query must have the same number of columns", op.Operation))
	}
	columns := slices.Clone(left.columns)
	for i := range columns {
		columns[i].Type = wider(left.columns[i].Type, right.columns[i].Type, -1)
	}
	l, r := b.converted(left, columns), b.converted(right, columns)
	return &boundQuery{columns, func(f *frame) [][]Value { return combine(op, l(f), r(f)) }}
}

// converted gives the rows of a query in the types of others.
func (b *binding) converted(q *boundQuery, to []Column) func(*frame) [][]Value {
	if slices.EqualFunc(q.columns, to, func(a, c Column) bool { return a.Type == c.Type }) {
		return q.rows
	}
	return func(f *frame) [][]Value {
		rows := q.rows(f)
		out := make([][]Value, len(rows))
		for i, row := range rows {
			out[i] = make([]Value, len(row))
			for c, v := range row {
				out[i][c] = b.cast(f.run.env, v, q.columns[c].Type, to[c].Type)
			}
		}
		return out
	}
}

func combine(op *syntax.SetOperation, left, right [][]Value) [][]Value {
	if op.Operation == syntax.Union {
		rows := slices.Concat(left, right)
		if op.All {
			return rows
		}
		return distinct(rows)
	}
	count := map[string]int{}
	for _, r := range right {
		count[keyOf(r)]++
	}
	var out [][]Value
	for _, r := range left {
		key := keyOf(r)
		found := count[key] > 0
		if op.All && found {
			count[key]--
		}
		if found == (op.Operation == syntax.Intersect) {
			out = append(out, r)
		}
	}
	if op.All {
		return out
	}
	return distinct(out)
}

func distinct(rows [][]Value) [][]Value {
	seen := make(map[string]bool, len(rows))
	return slices.DeleteFunc(slices.Clone(rows), func(r []Value) bool {
		key := keyOf(r)
		known := seen[key]
		seen[key] = true
		return known
	})
}

// ordered sorts the rows of a set operation or of VALUES: by columns of the result alone.
func (b *binding) ordered(q *boundQuery, order []syntax.Sort) *boundQuery {
	if len(order) == 0 {
		return q
	}
	at, keys := make([]int, len(order)), make([]sortKey, len(order))
	for i, k := range order {
		at[i] = outputColumn(k.X, q.columns)
		keys[i] = sortKey{descending: k.Descending, nullsFirst: k.NullsFirst}
		if at[i] < 0 {
			Fail(sqlerr.At(offset(k.X), sqlerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
				WithHint("Only result column names can be used, not expressions or functions."))
		}
	}
	return &boundQuery{q.columns, func(f *frame) [][]Value {
		rows := slices.Clone(q.rows(f))
		slices.SortStableFunc(rows, func(a, c []Value) int {
			for i, k := range keys {
				if n := k.compare(a[at[i]], c[at[i]]); n != 0 {
					return n
				}
			}
			return 0
		})
		return rows
	}}
}

// outputColumn finds the column of the result that a key of ORDER BY or GROUP BY is: its number, or its name alone; -1: none.
func outputColumn(x syntax.Expr, columns []Column) int {
	switch x := x.(type) {
	case *syntax.Literal:
		if x.Kind != syntax.Integer {
			return -1
		}
		n := atoi(x.Text)
		if n < 1 || n > len(columns) {
			Fail(sqlerr.At(x.Offset(), sqlerr.InvalidColumnRef, "ORDER BY position %s is not in select list", x.Text))
		}
		return n - 1
	case *syntax.Column:
		if len(x.Qualifiers) == 0 {
			return slices.IndexFunc(columns, func(c Column) bool { return c.Name == x.Name })
		}
	}
	return -1
}

// bounded is LIMIT and OFFSET.
func (b *binding) bounded(q *boundQuery, tree *syntax.Query, s *scope) *boundQuery {
	number := func(x syntax.Expr) node {
		if x == nil {
			return constantNode(nil, Int8)
		}
		return b.castNode(b.as(b.expr(x, &scope{around: s}), Int8), Int8)
	}
	limit, offset := number(tree.Limit), number(tree.Offset)
	return &boundQuery{q.columns, func(around *frame) [][]Value {
		f := &frame{run: around.run, around: around} // of the query's own scope
		inner := &frame{run: f.run, around: f}
		rows := q.rows(f)
		if n, ok := offset.eval(inner).(int64); ok {
			rows = rows[min(notNegative(n, "OFFSET"), int64(len(rows))):]
		}
		if n, ok := limit.eval(inner).(int64); ok {
			rows = rows[:min(notNegative(n, "LIMIT"), int64(len(rows)))]
		}
		return rows
	}}
}

func notNegative(n int64, clause string) int64 {
	if n < 0 {
		Fail(sqlerr.New("2201W", "%s must not be negative", clause))
	}
	return n
}

// scalar is a query as one value: NULL if it has no row.
func (b *binding) scalar(x *syntax.Scalar, s *scope) node {
	q := b.subquery(x.Query, s)
	if len(q.columns) != 1 {
		Fail(sqlerr.At(x.Offset(), sqlerr.SyntaxError, "subquery must return only one column"))
	}
	return node{typ: q.columns[0].Type, eval: func(f *frame) Value {
		switch rows := q.rows(f); len(rows) {
		case 0:
			return nil
		case 1:
			return rows[0][0]
		}
		Fail(sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression"))
		return nil
	}}
}

func (b *binding) arrayQuery(x *syntax.ArrayQuery, s *scope) node {
	q := b.subquery(x.Query, s)
	if len(q.columns) != 1 {
		Fail(sqlerr.At(x.Offset(), sqlerr.SyntaxError, "subquery must return only one column"))
	}
	return node{typ: q.columns[0].Type.Array(), eval: func(f *frame) Value { return firsts(q.rows(f), false) }}
}
