package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Expand gives each row once for each grouping set, with NULL in the columns of the others,
// and adds the set's number, from 0.
type Expand struct {
	Input Node
	Sets  []plan.GroupingSet
}

// SetNumber is the column that Expand adds.
var SetNumber = types.Column{Name: "grouping_set", Type: types.Of(types.BigInt)}

func (x *Expand) Schema() types.Schema { return append(slices.Clone(x.Input.Schema()), SetNumber) }
func (x *Expand) Inputs() []Node       { return []Node{x.Input} }

func (x *Expand) WithInputs(in []Node) Node { return &Expand{Input: in[0], Sets: x.Sets} }

// nulls tells the columns that are NULL in some set.
func (x *Expand) nulls(column int) bool {
	return slices.ContainsFunc(x.Sets, func(s plan.GroupingSet) bool { return slices.Contains(s.Nulls, column) })
}

// Traits: a row is there several times, told apart by the number of the set.
func (x *Expand) Traits(in []Traits) Traits {
	t, number := in[0], len(x.Input.Schema())
	sets := t.Unique
	t.Unique = nil
	for _, set := range sets {
		if !slices.ContainsFunc(set, x.nulls) {
			t.Unique = append(t.Unique, slices.Concat(set, []int{number}))
		}
	}
	t.Fixed = append(slices.Clone(t.Fixed), number)
	t.EventTimes = slices.DeleteFunc(slices.Clone(t.EventTimes), x.nulls)
	if w := t.Window; w != nil && (w.Start >= 0 && x.nulls(w.Start) || x.nulls(w.End)) {
		t.Window = nil
	}
	if t.Changelog == Upsert {
		t.Changelog, t.Upsert = Retract, nil
	}
	return t
}

func (x *Expand) Lineage(in []Lineage) Lineage {
	var sets []string
	for _, s := range x.Sets {
		sets = append(sets, "("+in[0].pick(s.Nulls)+")")
	}
	text := strings.Join(sets, ", ")
	l := Lineage{Rows: bounded(in[0].Rows + " expand without " + text), Columns: slices.Clone(in[0].Columns)}
	for i, c := range l.Columns {
		if x.nulls(i) {
			l.Columns[i] = bounded("in its sets " + c)
		}
	}
	l.Columns = append(l.Columns, bounded("number of sets without "+text))
	return l
}

func (x *Expand) Describe(in [][]string) (string, []string) {
	var sets []string
	for _, s := range x.Sets {
		sets = append(sets, "("+Pick(in[0], s.Nulls)+")")
	}
	return fmt.Sprintf("each row for %d grouping sets, without %s", len(x.Sets), strings.Join(sets, ", ")), append(slices.Clone(in[0]), SetNumber.Name)
}
