package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// OneRow is one row of one column, TRUE: what a query without FROM is computed over. It is given
// once, also by a job that is restored.
type OneRow struct {
	Identity Identity
	// Of is what is made of the row, in stored forms: by it a checkpoint knows that it was given.
	Of string
}

var oneRow = types.Schema{{Name: "one_row", Type: types.Of(types.Boolean)}}

func (o *OneRow) Schema() types.Schema   { return oneRow }
func (o *OneRow) Inputs() []Node         { return nil }
func (o *OneRow) WithInputs([]Node) Node { return o }

// Traits: there is one row at most.
func (o *OneRow) Traits([]Traits) Traits { return Traits{Bounded: true, Unique: [][]int{{}}} }

func (o *OneRow) Lineage([]Lineage) Lineage {
	return Lineage{Rows: bounded("one row of " + o.Of), Columns: []string{"one row"}}
}

// Meaning is what is made of the row.
func (o *OneRow) Meaning([]Lineage) (kind, meaning string) { return "values", bounded(o.Of) }

func (o *OneRow) Identified(id Identity) Node { return &OneRow{Identity: id, Of: o.Of} }

func (o *OneRow) Describe([][]string) (string, []string) { return "one row", ColumnNames(oneRow) }

// Values gives each row of the input several times, with the values of one of Rows behind its
// columns.
type Values struct {
	Input Node
	Rows  [][]plan.Expr // over the input's columns
	Out   types.Schema  // of the values
}

func (v *Values) Schema() types.Schema { return slices.Concat(v.Input.Schema(), v.Out) }
func (v *Values) Inputs() []Node       { return []Node{v.Input} }
func (v *Values) WithInputs(in []Node) Node {
	return &Values{Input: in[0], Rows: v.Rows, Out: v.Out}
}

// Traits: nothing tells the rows apart that are made of one.
func (v *Values) Traits(in []Traits) Traits { return unfolded(in[0], len(v.Rows) > 1) }

// unfolded are the traits of rows that come several times, or may.
func unfolded(t Traits, several bool) Traits {
	if several {
		t.Unique = nil
	}
	if t.Changelog == Upsert {
		t.Changelog, t.Upsert = Retract, nil
	}
	return t
}

func (v *Values) Lineage(in []Lineage) Lineage {
	var rows []string
	for _, r := range v.Rows {
		rows = append(rows, strings.Join(in[0].ofAll(r), ", "))
	}
	l := Lineage{Rows: bounded(in[0].Rows + " values " + strings.Join(rows, "; ")), Columns: slices.Clone(in[0].Columns)}
	for i := range v.Out {
		l.Columns = append(l.Columns, bounded(fmt.Sprintf("value %d of %s", i, l.Rows)))
	}
	return l
}

func (v *Values) Describe(in [][]string) (string, []string) {
	rows := make([]string, len(v.Rows))
	for i, r := range v.Rows {
		rows[i] = "(" + strings.Join(showAll(r, in[0]), ", ") + ")"
	}
	return "values " + strings.Join(rows, ", "), slices.Concat(in[0], ColumnNames(v.Out))
}

// Series gives each row of the input with the numbers, or times, from From to To, as many apart
// as Step says.
type Series struct {
	Input          Node
	From, To, Step plan.Expr // over the input's columns; BIGINT, or two TIMESTAMPs and an INTERVAL
	// Open: To itself is not among them.
	Open bool
	Out  types.Column
	// Outer: a row of which no number meets On is given with NULL in its place.
	Outer bool
	On    plan.Expr // over the columns of the output; nil: all do
}

func (s *Series) Schema() types.Schema { return append(slices.Clone(s.Input.Schema()), s.Out) }
func (s *Series) Inputs() []Node       { return []Node{s.Input} }

func (s *Series) WithInputs(in []Node) Node {
	out := *s
	out.Input = in[0]
	return &out
}

// Traits: the number tells rows apart that are made of one.
func (s *Series) Traits(in []Traits) Traits {
	t := unfolded(in[0], true)
	for _, set := range in[0].Unique {
		t.Unique = append(t.Unique, append(slices.Clone(set), len(s.Input.Schema())))
	}
	return t
}

func (s *Series) Lineage(in []Lineage) Lineage {
	of := bounded(fmt.Sprintf("series %t %s", s.Open, strings.Join(in[0].ofAll(s.bounds()), ", ")))
	l := Lineage{Rows: bounded(in[0].Rows + " " + of), Columns: append(slices.Clone(in[0].Columns), of)}
	if s.Outer {
		l.Rows = bounded(l.Rows + " outer")
	}
	if s.On != nil {
		l.Rows = bounded(l.Rows + " on " + l.Of(s.On))
	}
	return l
}

func (s *Series) bounds() []plan.Expr { return []plan.Expr{s.From, s.To, s.Step} }

func (s *Series) Describe(in [][]string) (string, []string) {
	name := "generate_series"
	if s.Open {
		name = "range"
	}
	text, names := name+"("+strings.Join(showAll(s.bounds(), in[0]), ", ")+")", append(slices.Clone(in[0]), s.Out.Name)
	switch {
	case s.On != nil:
		text += " where " + Show(s.On, names) + ", or NULL"
	case s.Outer:
		text += ", or NULL"
	}
	return text, names
}
