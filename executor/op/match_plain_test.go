package op

import (
	"fmt"
	"slices"
	"strings"

	"slipway/executor/executortest"
	"slipway/sql/pattern"
	"slipway/sql/plan"
)

// plainMatcher finds matches by trying every way in the order of preference, and by going back where one
// fails. It has nothing in common with the automaton but the pattern's tree.
type plainMatcher struct {
	c    *matchCase
	rows []executortest.Tuple // of a partition, in their order
	from int                  // the first row of the match
	to   int                  // the first row that cannot belong to it
	path []plainRow
	best []plainRow
	end  int // of the best
	took int
	// found: a match is given, else a row that belongs to none.
	found bool
}

type plainRow struct {
	row, variable int
	excluded      bool
}

// maxTries is when a seed is given up: going back is exponential.
const maxTries = 200_000

// match tries a pattern at a row; then is what follows it, and tells whether to stop.
func (m *plainMatcher) match(p *pattern.Pattern, excluded bool, at int, forbidden []int, then func(at int, forbidden []int) bool) bool {
	if m.took++; m.took > maxTries {
		return true
	}
	excluded = excluded || p.Excluded
	switch p.Kind {
	case pattern.Variable:
		return m.one(p.Variable, nil, excluded, at, forbidden, then)
	case pattern.Pass:
		return m.one(-1, p.Not, excluded, at, forbidden, then)
	case pattern.NotNext:
		return then(at, append(slices.Clone(forbidden), p.Variable))
	case pattern.Elapsed:
		return at == m.to && then(len(m.rows)+1, forbidden)
	case pattern.Sequence:
		return m.sequence(p.Parts, excluded, at, forbidden, then)
	case pattern.Choice:
		for i := range p.Parts {
			if m.match(&p.Parts[i], excluded, at, forbidden, then) {
				return true
			}
		}
		return false
	}
	return m.repeat(p, 0, excluded, at, forbidden, then)
}

func (m *plainMatcher) sequence(parts []pattern.Pattern, excluded bool, at int, forbidden []int, then func(int, []int) bool) bool {
	if len(parts) == 0 {
		return then(at, forbidden)
	}
	return m.match(&parts[0], excluded, at, forbidden, func(at int, forbidden []int) bool { return m.sequence(parts[1:], excluded, at, forbidden, then) })
}

// repeat has made so many iterations.
func (m *plainMatcher) repeat(p *pattern.Pattern, n int, excluded bool, at int, forbidden []int, then func(int, []int) bool) bool {
	again := func() bool {
		if p.Max != pattern.Unbounded && n >= p.Max {
			return false
		}
		return m.match(&p.Parts[0], excluded, at, forbidden, func(next int, forbidden []int) bool {
			if next == at && n >= p.Min {
				return then(next, forbidden)
			}
			return m.repeat(p, n+1, excluded, next, forbidden, then)
		})
	}
	if n < p.Min {
		return again()
	}
	if p.Reluctant {
		return then(at, forbidden) || again()
	}
	return again() || then(at, forbidden)
}

// one takes a row for a variable, or passes it over.
func (m *plainMatcher) one(variable int, not []int, excluded bool, at int, forbidden []int, then func(int, []int) bool) bool {
	if at >= m.to || variable >= 0 && !m.meets(variable, at) {
		return false
	}
	for _, v := range slices.Concat(not, forbidden) {
		if m.meets(v, at) || m.fails(v, at) {
			return false
		}
	}
	if variable >= 0 {
		m.path = append(m.path, plainRow{at, variable, excluded})
		defer func(n int) { m.path = m.path[:n] }(len(m.path) - 1)
	}
	return then(at+1, nil)
}

// value is v of a row.
func (m *plainMatcher) value(row int) (int64, bool) {
	if row < 0 || row >= len(m.rows) {
		return 0, false
	}
	x, ok := m.rows[row][2].(int64)
	return x, ok
}

// of lists the rows of a path that belong to a variable; -1: all.
func of(path []plainRow, variable int) (out []int) {
	for _, r := range path {
		if variable < 0 || r.variable == variable {
			out = append(out, r.row)
		}
	}
	return out
}

// fails tells that the condition of a variable cannot be computed. Without what it asks of the row alone it is not.
func (m *plainMatcher) fails(variable, at int) bool {
	c := m.c.conds[variable]
	if c.kind != condFails || c.own && m.rows[at][3+variable] != true {
		return false
	}
	rows := of(append(slices.Clone(m.path), plainRow{row: at, variable: variable}), c.other)
	if len(rows) == 0 {
		return false
	}
	x, ok := m.value(rows[len(rows)-1])
	return ok && x > 1
}

// meets tells whether a row meets the condition of a variable behind the rows of the path.
func (m *plainMatcher) meets(variable, at int) bool {
	c := m.c.conds[variable]
	if c.own && m.rows[at][3+variable] != true {
		return false
	}
	path := append(slices.Clone(m.path), plainRow{row: at, variable: variable})
	x, ok := m.value(at)
	switch rows := of(path, c.other); c.kind {
	case condPrev:
		y, there := m.value(at - c.n)
		return ok && there && x > y
	case condNext:
		y, there := m.value(at + c.n)
		return ok && there && x < y
	case condBehind:
		if len(rows) <= c.offset {
			return false
		}
		y, there := m.value(rows[len(rows)-1-c.offset] + c.n)
		return ok && there && x != y
	case condLast:
		if len(rows) <= c.n {
			return false
		}
		y, there := m.value(rows[len(rows)-1-c.n])
		return ok && there && x >= y
	case condFirst:
		if len(rows) <= c.n {
			return false
		}
		y, there := m.value(rows[c.n])
		return ok && there && x <= y
	case condCount:
		return len(rows) <= c.n
	case condDistinct:
		return m.aggregate(plan.MatchValue{Agg: plan.Count, Distinct: true}, rows).(int64) <= int64(c.n)
	case condFails:
		if len(rows) == 0 {
			return false
		}
		y, there := m.value(rows[len(rows)-1])
		return there && y <= 1
	case condSum:
		sum, any := int64(0), false
		for _, r := range rows {
			if y, there := m.value(r); there {
				sum, any = sum+y, true
			}
		}
		return any && sum <= int64(c.n)
	}
	return true
}

// find looks for the match that begins with a row.
func (m *plainMatcher) find(from int) bool {
	m.from, m.to, m.path, m.best, m.end = from, from, nil, nil, -1
	start := m.rows[from][1].(int64)
	for m.to < len(m.rows) && (m.c.plan.Within == 0 || m.rows[m.to][1].(int64) < start+micros(m.c.plan.Within)) {
		m.to++
	}
	m.match(&m.c.pattern, false, from, nil, func(at int, forbidden []int) bool {
		if len(forbidden) > 0 {
			return false
		}
		if m.end < 0 || at < m.end {
			m.best, m.end = slices.Clone(m.path), at
		}
		return !m.c.plan.Earliest
	})
	return m.end >= 0
}

// all gives the matches of the rows of a partition, in the order of their first rows.
func (m *plainMatcher) all() (out []string) {
	matched := map[int]bool{}
	for at, number := 0, 0; at < len(m.rows); {
		if !m.find(at) {
			if m.c.plan.Unmatched && !matched[at] {
				out = append(out, m.row(at, nil, -1, 0))
			}
			at++
			continue
		}
		number++
		m.found = true
		for _, r := range m.best {
			matched[r.row] = true
		}
		out = append(out, m.shown(number)...)
		m.found = false
		at = m.next(at)
	}
	return out
}

func (m *plainMatcher) next(at int) int {
	p := m.c.plan
	if len(m.best) == 0 || p.Skip == plan.SkipToNext {
		return at + 1
	}
	if p.Skip == plan.SkipPastLast {
		return m.best[len(m.best)-1].row + 1
	}
	rows := of(m.best, p.SkipTo[0])
	if p.Skip == plan.SkipToFirst {
		return rows[0]
	}
	return rows[len(rows)-1]
}

// shown are the rows that a match is given as.
func (m *plainMatcher) shown(number int) (out []string) {
	switch {
	case len(m.best) == 0:
		if !m.c.plan.OmitEmpty {
			out = append(out, m.row(m.from, nil, -1, number))
		}
	case !m.c.plan.AllRows:
		out = append(out, m.row(m.from, m.best, m.best[len(m.best)-1].variable, number))
	default:
		for i, r := range m.best {
			if !r.excluded {
				out = append(out, m.row(r.row, m.best[:i+1], r.variable, number))
			}
		}
	}
	return out
}

func (m *plainMatcher) row(given int, path []plainRow, variable, number int) string {
	r := executortest.Tuple{m.rows[given][0]}
	if m.c.plan.AllRows {
		r = append(r, m.rows[given][1])
	}
	for _, v := range m.c.plan.Measures {
		r = append(r, m.measure(v, path, variable, number))
	}
	return "+I " + r.String()
}

func (m *plainMatcher) measure(v plan.MatchValue, path []plainRow, variable, number int) any {
	if v.Final {
		if path = m.best; len(path) > 0 {
			variable = path[len(path)-1].variable
		}
	}
	one := -1
	if v.Of != nil {
		one = v.Of[0]
	}
	rows := of(path, one)
	at := -1
	switch v.Kind {
	case plan.MatchNumber:
		return int64(number)
	case plan.MatchFound:
		return m.found
	case plan.MatchClassifier:
		if variable < 0 {
			return nil
		}
		return fmt.Sprintf("v%d", variable)
	case plan.MatchAggregate:
		return m.aggregate(v, rows)
	case plan.MatchFirst:
		if len(rows) > v.Offset {
			at = rows[v.Offset] - v.Back
		}
	case plan.MatchLast:
		if len(rows) > v.Offset {
			at = rows[len(rows)-1-v.Offset] - v.Back
		}
	}
	if at < 0 || at >= len(m.rows) {
		return nil
	}
	return m.rows[at][v.Column]
}

func (m *plainMatcher) aggregate(v plan.MatchValue, rows []int) any {
	k := v.Agg
	var list []int64
	for _, r := range rows {
		if x, ok := m.value(r); ok && !(v.Distinct && slices.Contains(list, x)) {
			list = append(list, x)
		}
	}
	switch {
	case k == plan.CountStar:
		return int64(len(rows))
	case k == plan.Count:
		return int64(len(list))
	case len(list) == 0:
		return nil
	case k == plan.Min:
		return slices.Min(list)
	case k == plan.Max:
		return slices.Max(list)
	}
	sum := int64(0)
	for _, x := range list {
		sum += x
	}
	return sum
}

// ofKey are those of some rows that were given of a key.
func ofKey(list []string, key any) (out []string) {
	for _, s := range list {
		if strings.HasPrefix(s, "+I "+executortest.Tuple{key}.String()[:len(executortest.Tuple{key}.String())-1]) {
			out = append(out, s)
		}
	}
	return out
}
