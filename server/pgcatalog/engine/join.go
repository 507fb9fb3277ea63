package engine

import (
	"slices"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

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
