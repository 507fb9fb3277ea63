package engine

import "slices"

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
