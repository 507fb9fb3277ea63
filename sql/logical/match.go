package logical

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Pattern is a row pattern: a variable, or parts that follow one another or stand for one
// another, from Min to Max times (Max -1: without end).
type Pattern struct {
	Variable    string // empty if it has parts
	Parts       []Pattern
	Alternative bool // one of the parts, else all of them in order
	Min, Max    int
	Reluctant   bool // as few as possible, else as many
}

func (p Pattern) String() string {
	text := p.Variable
	if text == "" {
		glue := " "
		if p.Alternative {
			glue = " | "
		}
		parts := make([]string, len(p.Parts))
		for i, x := range p.Parts {
			parts[i] = x.String()
		}
		text = "(" + strings.Join(parts, glue) + ")"
	}
	if p.Min != 1 || p.Max != 1 {
		text += fmt.Sprintf("{%d,%d}", p.Min, p.Max)
	}
	if p.Reluctant {
		text += "?"
	}
	return text
}

// Define is what a row must be to stand for a variable. Pred reads the columns of the
// input; a column of the variable's own row has its number, one of variable v (in the order
// of Match.Variables) has (v+1) * width more.
type Define struct {
	Variable string
	Pred     plan.Expr
}

// Match is MATCH_RECOGNIZE, one row per match: the partition's columns, then the measures.
// No analyzer makes one yet.
type Match struct {
	Identity  Identity
	Input     Node
	Order     Order
	Pattern   Pattern
	Variables []string
	Defines   []Define
	Measures  []plan.Expr // columns are those of Define
	Names     []string    // of the measures
	// Within, if positive, is how long a match may take.
	Within time.Duration
}

func (m *Match) Schema() types.Schema {
	in := m.Input.Schema()
	var out types.Schema
	for _, c := range m.Order.Partition {
		out = append(out, in[c])
	}
	for i, x := range m.Measures {
		out = append(out, types.Column{Name: m.Names[i], Type: x.Type()})
	}
	return out
}

func (m *Match) Inputs() []Node { return []Node{m.Input} }

func (m *Match) WithInputs(in []Node) Node {
	out := *m
	out.Input = in[0]
	return &out
}

// Traits: a match is final. It reads rows that are not corrected, by time.
func (m *Match) Traits(in []Traits) Traits { return Traits{Bounded: in[0].Bounded} }

func (m *Match) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(m.meaning(in))}
	for _, c := range m.Order.Partition {
		l.Columns = append(l.Columns, in[0].Columns[c])
	}
	for i := range m.Measures {
		l.Columns = append(l.Columns, bounded(fmt.Sprintf("%d of %s", i, m.meaning(in))))
	}
	return l
}

// Meaning is the rows, their order, the pattern and what its variables stand for.
func (m *Match) Meaning(in []Lineage) (kind, meaning string) { return "match", m.meaning(in) }

func (m *Match) meaning(in []Lineage) string {
	text := fmt.Sprintf("%s match %s pattern %s within %s", in[0].Rows, m.Order.meaning(&in[0]), m.Pattern, m.Within)
	all := m.ofVariables(&in[0])
	for _, d := range m.Defines {
		text += "; " + d.Variable + " " + all.Of(d.Pred)
	}
	return text
}

// ofVariables has the lineage of the columns that Define speaks of.
func (m *Match) ofVariables(l *Lineage) Lineage {
	out := Lineage{Columns: slices.Clone(l.Columns)}
	for _, v := range m.Variables {
		for _, c := range l.Columns {
			out.Columns = append(out.Columns, v+" "+c)
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
	line := "match" + m.Order.describe(in[0]) + ": " + m.Pattern.String()
	if m.Within > 0 {
		line += fmt.Sprintf(" within %s", m.Within)
	}
	return line, ColumnNames(m.Schema())
}
