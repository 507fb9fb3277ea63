package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/types"
)

// SingleJoin gives each row of the left input with the one row of the right input that equals
// it, and with NULL for its columns where there is none. Several are an error. A subquery in
// the place of a value is made of it.
type SingleJoin struct {
	Identity    Identity
	Left, Right Node
	Equal       []Pair
	known       knownSchema
}

// Schema is the columns of both.
func (j *SingleJoin) Schema() types.Schema {
	return j.known.get(j, j.Left, j.Right, Left, func() types.Schema { return slices.Concat(j.Left.Schema(), j.Right.Schema()) })
}

func (j *SingleJoin) Inputs() []Node { return []Node{j.Left, j.Right} }

func (j *SingleJoin) WithInputs(in []Node) Node {
	out := *j
	out.Left, out.Right = in[0], in[1]
	return &out
}

// Traits: a row stays with the columns of its own when another right row is the one.
func (j *SingleJoin) Traits(in []Traits) Traits {
	l := in[0]
	t := Traits{Bounded: l.Bounded && in[1].Bounded, Unique: l.Unique, Fixed: l.Fixed}
	if !l.Updating() {
		for c := range j.Left.Schema() {
			t.Fixed = append(t.Fixed[:c:c], c)
		}
	}
	if !t.Bounded {
		t.Changelog = Retract
	}
	return t
}

// Unique tells that there is one right row at most for each left one, as is known beforehand.
func (j *SingleJoin) Unique(right Traits) bool {
	return slices.ContainsFunc(right.Unique, func(set []int) bool {
		return !slices.ContainsFunc(set, func(c int) bool {
			return !slices.ContainsFunc(j.Equal, func(p Pair) bool { return p.Right == c })
		})
	})
}

func (j *SingleJoin) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(j.meaning(in)), Columns: slices.Clone(in[0].Columns)}
	for _, c := range in[1].Columns {
		l.Columns = append(l.Columns, bounded(c+" of "+in[1].Rows))
	}
	return l
}

// Meaning is both inputs and what makes their rows meet.
func (j *SingleJoin) Meaning(in []Lineage) (kind, meaning string) { return "single", j.meaning(in) }

func (j *SingleJoin) meaning(in []Lineage) string {
	join := Join{Equal: j.Equal, AsOf: -1}
	return fmt.Sprintf("single; %s", join.meaning(in))
}

func (j *SingleJoin) Identified(id Identity) Node {
	out := *j
	out.Identity = id
	return &out
}

func (j *SingleJoin) Describe(in [][]string) (string, []string) {
	line := "single join"
	if terms := equalTerms(j.Equal, in); len(terms) > 0 {
		line += " on " + strings.Join(terms, " and ")
	}
	return line, slices.Concat(in[0], in[1])
}
