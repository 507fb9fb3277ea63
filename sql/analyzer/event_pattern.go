package analyzer

import (
	"errors"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// eventPattern finds events of streams that follow one another: for each event that may be the first of a match
// the one that is complete first. Its columns are those of its stream, for each element that must come: of its
// last event.
func (a *analysis) eventPattern(t *ast.EventPattern) (*relation, error) {
	if t.Alias != "" {
		return nil, sqlerr.At(t.AliasPos, sqlerr.SyntaxError, "a PATTERN takes no alias").WithHint("Its columns are named by its elements: e1.x.")
	}
	r, streams, err := a.events(t)
	if err != nil {
		return nil, err
	}
	m := &matching{a: a, r: r, streams: streams, numbers: map[string]int{}, sets: map[string][]int{}, node: logical.Match{Skip: plan.SkipToNext, Earliest: true}}
	if m.node.Time, err = r.streamTime(t.Pos); err != nil {
		return nil, err
	}
	if t.Within != nil {
		if m.node.Within, err = withinOf(t.Within); err != nil {
			return nil, err
		}
	}
	if err := m.elements(t); err != nil {
		return nil, err
	}
	if streams != nil {
		m.node.Order = []plan.SortKey{{Column: eventStreamColumn}}
	}
	if err := m.partitionEvents(t); err != nil {
		return nil, err
	}
	if m.node.Pattern, err = eventTree(t.Elements); err != nil {
		return nil, err
	}
	if err := m.compile(t.Pos); err != nil {
		return nil, notNextLast(t.Pos, err)
	}
	if m.node.Within == 0 && hasElapsed(m.node.States) {
		return nil, sqlerr.At(t.Pos, sqlerr.SyntaxError, "a PATTERN that ends with what must not come needs WITHIN").WithHint("PATTERN (…) WITHIN ('10' minute)")
	}
	return m.eventColumns(t.Elements), nil
}

// elements resolves the conditions: each sees its own event and those of elements in front of it.
func (m *matching) elements(t *ast.EventPattern) error {
	for _, e := range t.Elements {
		if _, known := m.numbers[strings.ToLower(e.Name.Name)]; known {
			return sqlerr.At(e.Name.Pos, sqlerr.SyntaxError, "there are two elements %q", e.Name.Name)
		}
		n, err := m.variable(e.Name.Pos, e.Name.Name)
		if err != nil {
			return err
		}
		if e.Cond != nil {
			if err := m.condition(n, e.Cond); err != nil {
				return err
			}
		}
		if v := &m.node.Variables[n]; m.streams != nil && v.Own < 0 {
			v.Own = m.asks(n, nil)
		}
		if e.Link.Not() { // which has no event that others could name
			delete(m.numbers, strings.ToLower(e.Name.Name))
		}
	}
	m.compact()
	return nil
}

// eventTree is the pattern of the elements.
func eventTree(list []ast.EventElement) (pattern.Pattern, error) {
	out := pattern.Pattern{Kind: pattern.Sequence}
	var never []int // between the events in front and those behind
	for i, e := range list {
		last, before := i == len(list)-1, i > 0 && list[i-1].Link == ast.NotFollowedBy
		if e.Link.Not() && (e.Min != 1 || e.Max != 1) {
			return out, sqlerr.At(e.LinkPos, sqlerr.FeatureNotSupported, "TIMES and ONEORMORE of an element that must not come are not supported")
		}
		switch e.Link {
		case ast.NotFollowedBy:
			if never = append(never, i); last {
				out.Parts = append(out.Parts, passes(never), pattern.Pattern{Kind: pattern.Elapsed})
			}
		case ast.NotNextEvent:
			if before {
				return out, behindNever(e)
			}
			if out.Parts = append(out.Parts, pattern.Pattern{Kind: pattern.NotNext, Variable: i}); last {
				next := pattern.Pattern{Kind: pattern.Sequence, Parts: []pattern.Pattern{out.Parts[len(out.Parts)-1], {Kind: pattern.Pass}}}
				out.Parts[len(out.Parts)-1] = pattern.Pattern{Kind: pattern.Choice, Parts: []pattern.Pattern{next, {Kind: pattern.Elapsed}}}
			}
		case ast.FollowedBy:
			out.Parts = append(out.Parts, passes(never), repeated(e, i, true))
			never = nil
		default:
			if before {
				return out, behindNever(e)
			}
			out.Parts = append(out.Parts, repeated(e, i, e.Link == ast.FirstEvent))
		}
	}
	return out, nil
}

func behindNever(e ast.EventElement) error {
	return sqlerr.At(e.LinkPos, sqlerr.FeatureNotSupported, "behind NOTFOLLOWEDBY an element comes at any time").WithHint("Write FOLLOWEDBY.")
}

// passes are events that belong to no element, as few as possible, among which some do not come.
func passes(never []int) pattern.Pattern {
	return pattern.Pattern{Kind: pattern.Repeat, Max: pattern.Unbounded, Reluctant: true, Parts: []pattern.Pattern{{Kind: pattern.Pass, Not: never}}}
}

// repeated is an element as often as it comes, as seldom as possible; relaxed: with others between.
func repeated(e ast.EventElement, n int, relaxed bool) pattern.Pattern {
	one := pattern.Pattern{Kind: pattern.Variable, Variable: n}
	if e.Min == 1 && e.Max == 1 {
		return one
	}
	again := one
	if relaxed {
		again = pattern.Pattern{Kind: pattern.Sequence, Parts: []pattern.Pattern{passes(nil), one}}
	}
	more := pattern.Pattern{Kind: pattern.Repeat, Min: e.Min - 1, Max: e.Max - 1, Reluctant: true, Parts: []pattern.Pattern{again}}
	if e.Max == ast.Unbounded {
		more.Max = pattern.Unbounded
	}
	if more.Max == 0 {
		return one
	}
	return pattern.Pattern{Kind: pattern.Sequence, Parts: []pattern.Pattern{one, more}}
}

// eventColumns gives the columns of each element that must come.
func (m *matching) eventColumns(list []ast.EventElement) *relation {
	m.define = -1
	conditions := m.node.Values
	m.node.Values = nil
	var exprs []plan.Expr
	var out types.Schema
	var named []string
	for i, e := range list {
		if e.Link.Not() {
			continue
		}
		for _, column := range m.visible(strings.ToLower(e.Name.Name)) {
			if column.shown() {
				exprs = append(exprs, m.value(plan.MatchValue{Kind: plan.MatchLast, Of: []int{i}, Column: m.timed(column.index), Typ: column.typ}))
				out, named = append(out, types.Column{Name: column.name, Type: column.typ}), append(named, strings.ToLower(e.Name.Name))
			}
		}
	}
	m.node.Measures, m.node.Values = m.node.Values, conditions
	r := m.relation(exprs, out)
	for i := range r.columns {
		r.columns[i].qualifier = named[i]
	}
	return r
}

// timed is a column, or if that is the event time of one of several streams that of all.
func (m *matching) timed(column int) int {
	if m.streams != nil && slices.Contains(m.streams.times, column) {
		return eventTimeColumn
	}
	return column
}

// hasElapsed tells an automaton that the end of its time alone completes in some way.
func hasElapsed(states []plan.MatchState) bool {
	for _, s := range states {
		for _, n := range s.Next {
			if n == plan.MatchElapsed {
				return true
			}
		}
	}
	return false
}

// notNextLast is the error of a pattern in which nothing follows what must not be next.
func notNextLast(pos int, err error) error {
	if errors.Is(err, pattern.ErrNotNext) {
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "NOTNEXT in front of NOTFOLLOWEDBY at the end of a PATTERN is not supported")
	}
	return err
}
