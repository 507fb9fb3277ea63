package logical

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Match finds what of the rows of a partition, in the order of an event time, matches a pattern: for each match
// one row, or each of its rows, with the columns Given of the input and Measures behind them.
type Match struct {
	Identity  Identity
	Input     Node
	Partition []int
	Time      int
	Order     []plan.SortKey // of rows of equal times
	Pattern   pattern.Pattern
	States    []plan.MatchState // of the pattern
	// Variables ask of a row a BOOLEAN column of the input, and a condition over Values.
	Variables        []plan.MatchVariable
	Values, Measures []plan.MatchValue // over columns of the input
	Names            []string          // of Measures
	Given            []int
	AllRows          bool
	OmitEmpty        bool
	Unmatched        bool // rows that belong to no match are given, too
	Skip             plan.MatchSkip
	SkipTo           []int // variables
	Within           time.Duration
	Before           int // rows in front of a match that are read
	Earliest         bool
	// ByKey: Partition was found in the conditions. OneTask says why there is none.
	ByKey   bool
	OneTask string
}

func (m *Match) Schema() types.Schema {
	in := m.Input.Schema()
	var out types.Schema
	for _, c := range m.Given {
		out = append(out, in[c])
	}
	for i, v := range m.Measures {
		out = append(out, types.Column{Name: m.Names[i], Type: v.Typ})
	}
	return out
}

func (m *Match) Inputs() []Node { return []Node{m.Input} }

func (m *Match) WithInputs(in []Node) Node {
	out := *m
	out.Input = in[0]
	return &out
}

// looksAhead tells a match that waits for rows behind it, which come nobody knows when.
func (m *Match) looksAhead() bool { return plan.Ahead(m.Values) > 0 || plan.Ahead(m.Measures) > 0 }

// Traits: a match is final. If its time is bounded it comes at most so long behind its first row.
func (m *Match) Traits(in []Traits) Traits {
	t := Traits{Bounded: in[0].Bounded}
	if m.Within == 0 || m.looksAhead() || !slices.Contains(in[0].EventTimes, m.Time) {
		return t
	}
	if i := slices.Index(m.Given, m.Time); i >= 0 && m.AllRows {
		t.EventTimes = append(t.EventTimes, i)
	}
	for i, v := range m.Measures {
		if (v.Kind == plan.MatchFirst || v.Kind == plan.MatchLast) && v.Column == m.Time && v.Back == 0 {
			t.EventTimes = append(t.EventTimes, len(m.Given)+i)
		}
	}
	return t
}

func (m *Match) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(m.meaning(in))}
	for _, c := range m.Given {
		l.Columns = append(l.Columns, in[0].Columns[c])
	}
	for _, v := range m.Measures {
		l.Columns = append(l.Columns, bounded(m.show(v, in[0].Columns)+" of "+m.meaning(in)))
	}
	return l
}

// Meaning is the rows, their order, the pattern and what its variables stand for.
func (m *Match) Meaning(in []Lineage) (kind, meaning string) { return "match", m.meaning(in) }

func (m *Match) meaning(in []Lineage) string {
	of := in[0].Columns
	text := fmt.Sprintf("%s match by %s order %s pattern %s within %d skip %s all %t omit %t earliest %t", in[0].Rows, in[0].pick(m.Partition), of[m.Time],
		m.Pattern.Show(m.variables(nil)), m.Within.Microseconds(), m.Skip.Show(m.skipTo()), m.AllRows, m.OmitEmpty, m.Earliest)
	for _, k := range m.Order {
		text += ", " + of[k.Column] + k.Direction()
	}
	if m.Unmatched {
		text += " unmatched"
	}
	for _, v := range m.Variables {
		text += "; " + v.Name
		if v.Own >= 0 {
			text += " is " + of[v.Own]
		}
		if v.Cond != nil {
			text += " if " + plan.Stored(plan.MapColumns(v.Cond, func(c *plan.Column) plan.Expr {
				return &plan.Column{Name: m.show(m.Values[c.Index], of), Typ: c.Typ}
			}))
		}
	}
	return text
}

func (m *Match) show(v plan.MatchValue, names []string) string {
	return v.Show(func(c int) string { return NameOf(names, c) }, m.variables(nil))
}

func (m *Match) skipTo() []string {
	if m.SkipTo == nil {
		return nil
	}
	return m.variables(m.SkipTo)
}

// variables are the names of some variables; nil: of all.
func (m *Match) variables(list []int) (out []string) {
	for i, v := range m.Variables {
		if list == nil || slices.Contains(list, i) {
			out = append(out, v.Name)
		}
	}
	return out
}

func (m *Match) Identified(id Identity) Node {
	out := *m
	out.Identity = id
	return &out
}

func (m *Match) Describe(in [][]string) (string, []string) {
	line := "match " + m.Pattern.Show(m.variables(nil))
	if len(m.Partition) > 0 {
		line += " by " + Pick(in[0], m.Partition)
	}
	line += " order " + NameOf(in[0], m.Time)
	for _, k := range m.Order {
		line += ", " + NameOf(in[0], k.Column) + k.Direction()
	}
	if m.Within > 0 {
		line += fmt.Sprintf(" within %s", m.Within)
	}
	if m.Unmatched {
		line += ", with unmatched rows"
	}
	line += ", skip " + m.Skip.Show(m.skipTo())
	if m.OneTask != "" {
		line += ", in one task: " + m.OneTask
	}
	values := make([]string, len(m.Values))
	for i, v := range m.Values {
		values[i] = m.show(v, in[0])
	}
	for _, v := range m.Variables {
		var asks []string
		if v.Own >= 0 {
			asks = append(asks, NameOf(in[0], v.Own))
		}
		if v.Cond != nil {
			asks = append(asks, Show(v.Cond, values))
		}
		if asks != nil {
			line += "; " + v.Name + " as " + strings.Join(asks, " AND ")
		}
	}
	names := ColumnNames(m.Schema())
	for i, v := range m.Measures {
		names[len(m.Given)+i] = m.show(v, in[0])
	}
	return line, names
}

// At is the node over columns of its input that have moved.
func (m *Match) At(places plan.Places) *Match {
	out := *m
	out.Partition, out.Time, out.Given = places.All(m.Partition), places.Of(m.Time), places.All(m.Given)
	out.Variables = slices.Clone(m.Variables)
	for i := range out.Variables {
		out.Variables[i].Own = places.Of(m.Variables[i].Own)
	}
	out.Order = slices.Clone(m.Order)
	for i := range out.Order {
		out.Order[i].Column = places.Of(out.Order[i].Column)
	}
	moved := func(list []plan.MatchValue) []plan.MatchValue {
		list = slices.Clone(list)
		for i := range list {
			list[i].Column = places.Of(list[i].Column)
		}
		return list
	}
	out.Values, out.Measures = moved(m.Values), moved(m.Measures)
	return &out
}

// ByKey tells a tree with events that are matched by the values that tie them.
func ByKey(root Node) (found bool) {
	for _, part := range Parts(root) {
		Walk(part, func(n Node) bool {
			m, ok := n.(*Match)
			found = found || ok && m.ByKey
			return !found
		})
	}
	return found
}
