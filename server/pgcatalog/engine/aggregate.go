package engine

import (
	"slices"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// An aggregate is computed from the list of its argument's values, one for each row of a group; those rows are few.

// aggregateForm is an aggregate: its type by that of its argument, and its value of all values that are not NULL, or of all.
type aggregateForm struct {
	typ   func(Type) Type
	nulls bool // it takes NULLs too
	value func(rows []Value, more []Value, t Type) Value
}

// Knows tells calls that are no functions of a catalog: aggregates, and forms with rules of their own.
func Knows(name string) bool {
	return aggregates[name] != nil || slices.Contains([]string{"coalesce", "greatest", "least", "nullif"}, name)
}

func same(t Type) Type { return t }

func always(t Type) func(Type) Type { return func(Type) Type { return t } }

var aggregates = map[string]*aggregateForm{
	"count":     {typ: always(Int8), value: func(rows, _ []Value, _ Type) Value { return int64(len(rows)) }},
	"min":       {typ: same, value: best(-1)},
	"max":       {typ: same, value: best(1)},
	"sum":       {typ: sumType, value: sum},
	"avg":       {typ: always(Numeric), value: average},
	"bool_and":  {typ: always(Bool), value: allAre(true)},
	"every":     {typ: always(Bool), value: allAre(true)},
	"bool_or":   {typ: always(Bool), value: allAre(false)},
	"array_agg": {typ: Type.Array, nulls: true, value: listed},
	"string_agg": {typ: always(Text), value: func(rows, more []Value, t Type) Value {
		if len(rows) == 0 {
			return nil
		}
		out := textOf(rows[0], t)
		for i, v := range rows[1:] {
			if sep := more[i+1]; sep != nil {
				out += sep.(string)
			}
			out += textOf(v, t)
		}
		return out
	}},
}

func best(sign int) func(rows, more []Value, t Type) Value {
	return func(rows, _ []Value, _ Type) (out Value) {
		for _, v := range rows {
			if out == nil || compare(v, out)*sign > 0 {
				out = v
			}
		}
		return out
	}
}

func sumType(t Type) Type {
	switch t {
	case Int2, Int4:
		return Int8
	case Int8:
		return Numeric
	}
	return t
}

func sum(rows, _ []Value, t Type) Value {
	if len(rows) == 0 {
		return nil
	}
	whole, broken := int64(0), 0.0
	for _, v := range rows {
		whole += intOf(v)
		broken += numberOf(v)
	}
	if sumType(t) == Int8 {
		return whole
	}
	return broken
}

func average(rows, _ []Value, _ Type) Value {
	if len(rows) == 0 {
		return nil
	}
	total := 0.0
	for _, v := range rows {
		total += numberOf(v)
	}
	return total / float64(len(rows))
}

func allAre(wanted bool) func(rows, more []Value, t Type) Value {
	return func(rows, _ []Value, _ Type) Value {
		if len(rows) == 0 {
			return nil
		}
		return slices.Contains(rows, Value(!wanted)) != wanted
	}
}

func listed(rows, _ []Value, _ Type) Value {
	if len(rows) == 0 {
		return nil
	}
	return Array(slices.Clone(rows))
}

// grouping is what a SELECT with GROUP BY or aggregates computes of each group.
type grouping struct {
	calls []*aggregateCall
}

type aggregateCall struct {
	form     *aggregateForm
	slot     int
	star     bool
	distinct bool
	typ      Type
	args     []node
	filter   *node
	order    []sortKey
}

// aggregate binds the call of an aggregate: its value lies in a slot of the group's frame.
func (b *binding) aggregate(x *syntax.Call, s *scope) node {
	switch {
	case s.within:
		Fail(sqlerr.At(x.Offset(), sqlerr.GroupingError, "aggregate function calls cannot be nested"))
	case s.group == nil:
		Fail(sqlerr.At(x.Offset(), sqlerr.GroupingError, "aggregate functions are not allowed here"))
	}
	g := s.group
	s.within = true
	defer func() { s.within = false }()
	call := &aggregateCall{form: aggregates[x.Name], slot: s.slot(), star: x.Star, distinct: x.Distinct}
	for _, a := range x.Args {
		call.args = append(call.args, b.settled(b.expr(a, s)))
	}
	if len(call.args) == 0 && !x.Star {
		Fail(sqlerr.At(x.Offset(), sqlerr.UndefinedFunction, "function %s() does not exist", x.Name))
	}
	t := AnyType
	if !x.Star {
		t = call.args[0].typ
	}
	call.typ = t
	call.order = b.sortKeys(x.Order, s)
	if x.Filter != nil {
		n := b.condition(b.expr(x.Filter, s), x.Filter)
		call.filter = &n
	}
	g.calls = append(g.calls, call)
	return node{typ: call.form.typ(t), eval: func(f *frame) Value { return f.slots[call.slot] }}
}

// of computes the aggregate of the rows of a group.
func (c *aggregateCall) of(rows []*frame) Value {
	kept := make([]*frame, 0, len(rows))
	for _, f := range rows {
		if c.filter == nil || c.filter.eval(f) == true {
			kept = append(kept, f)
		}
	}
	if c.star {
		return int64(len(kept))
	}
	sortFrames(kept, c.order)
	values, more := make([]Value, 0, len(kept)), make([]Value, 0, len(kept))
	seen := map[string]bool{}
	for _, f := range kept {
		v := c.args[0].eval(f)
		if v == nil && !c.form.nulls {
			continue
		}
		if c.distinct {
			key := keyOf([]Value{v})
			if seen[key] {
				continue
			}
			seen[key] = true
		}
		values = append(values, v)
		if len(c.args) > 1 {
			more = append(more, c.args[1].eval(f))
		}
	}
	if c.distinct && len(c.order) == 0 {
		slices.SortStableFunc(values, compareNullable)
	}
	return c.form.value(values, more, c.typ)
}

// sortKey is a bound key of ORDER BY.
type sortKey struct {
	node
	descending, nullsFirst bool
}

func (b *binding) sortKeys(list []syntax.Sort, s *scope) []sortKey {
	out := make([]sortKey, len(list))
	for i, k := range list {
		out[i] = sortKey{b.settled(b.expr(k.X, s)), k.Descending, k.NullsFirst}
	}
	return out
}

func sortFrames(frames []*frame, keys []sortKey) {
	if len(keys) == 0 {
		return
	}
	values := map[*frame][]Value{}
	for _, f := range frames {
		list := make([]Value, len(keys))
		for i, k := range keys {
			list[i] = k.eval(f)
		}
		values[f] = list
	}
	slices.SortStableFunc(frames, func(a, c *frame) int { return compareSorted(values[a], values[c], keys) })
}

func compareSorted(a, c []Value, keys []sortKey) int {
	for i, k := range keys {
		if n := k.compare(a[i], c[i]); n != 0 {
			return n
		}
	}
	return 0
}

func (k *sortKey) compare(v, w Value) int {
	switch {
	case v == nil && w == nil:
		return 0
	case v == nil || w == nil:
		if (v == nil) == k.nullsFirst {
			return -1
		}
		return 1
	case k.descending:
		return compare(w, v)
	}
	return compare(v, w)
}

func compareNullable(v, w Value) int {
	k := sortKey{}
	return k.compare(v, w)
}

// windowCall numbers the rows of a SELECT within their partitions.
type windowCall struct {
	slot      int
	name      string
	partition []node
	order     []sortKey
}

func (b *binding) windowCall(x *syntax.Call, s *scope) node {
	if !slices.Contains([]string{"row_number", "rank", "dense_rank"}, x.Name) || len(x.Args) > 0 {
		Fail(sqlerr.At(x.Offset(), sqlerr.FeatureNotSupported, "the window function %s is not supported in queries of the catalog", x.Name).
			WithHint("There are row_number(), rank() and dense_rank()."))
	}
	w := &windowCall{slot: s.slot(), name: x.Name, partition: b.exprs(x.Over.Partition, s), order: b.sortKeys(x.Over.Order, s)}
	s.window = append(s.window, w)
	return node{typ: Int8, eval: func(f *frame) Value { return f.slots[w.slot] }}
}

// number puts the numbers of all rows into their slots.
func (w *windowCall) number(frames []*frame) {
	parts := map[string][]*frame{}
	for _, f := range frames {
		key := keyOf(all(w.partition, f))
		parts[key] = append(parts[key], f)
	}
	for _, part := range parts {
		sortFrames(part, w.order)
		rank, dense := int64(0), int64(0)
		for i, f := range part {
			if i == 0 || w.differ(part[i-1], f) {
				rank, dense = int64(i)+1, dense+1
			}
			f.slots[w.slot] = map[string]int64{"row_number": int64(i) + 1, "rank": rank, "dense_rank": dense}[w.name]
		}
	}
}

func (w *windowCall) differ(a, c *frame) bool {
	for _, k := range w.order {
		if k.compare(k.eval(a), k.eval(c)) != 0 {
			return true
		}
	}
	return false
}
