package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// SemiJoin tells of each row of the left input whether it has a partner in the right one: a
// row that equals it and for which On is true. EXISTS and IN are made of it.
type SemiJoin struct {
	Identity    Identity
	Kind        plan.SemiKind
	Left, Right Node
	Equal       []Pair
	On          plan.Expr // over the columns of both; nil for nothing
	// Unknown: where nothing is true and On is NULL for some row, it is not known whether
	// there is a partner (IN with NULLs). Without On it is the equality of the one pair of
	// columns that may be NULL.
	Unknown bool
	known   knownSchema
}

// Schema is the columns of the left input, with Mark and one that says whether there is a partner.
func (j *SemiJoin) Schema() types.Schema {
	if j.Kind != plan.Mark {
		return j.Left.Schema()
	}
	return j.known.get(j, j.Left, nil, Left, func() types.Schema {
		return append(slices.Clone(j.Left.Schema()), types.Column{Name: "found", Type: types.Of(types.Boolean)})
	})
}

func (j *SemiJoin) Inputs() []Node { return []Node{j.Left, j.Right} }

func (j *SemiJoin) WithInputs(in []Node) Node {
	out := *j
	out.Left, out.Right = in[0], in[1]
	return &out
}

// Traits: a row that has found its partner stays; that none will come is known at the end.
// It may be given late, so its event time says nothing behind. Of a row that comes alone, and
// goes as it came, all columns are fixed.
func (j *SemiJoin) Traits(in []Traits) Traits {
	t := in[0]
	t.Bounded = in[0].Bounded && in[1].Bounded
	t.EventTimes, t.Window, t.Upsert = nil, nil, nil
	if !in[0].Updating() {
		t.Fixed = plan.AllColumns(len(j.Left.Schema())).List()
	}
	if in[0].Updating() || in[1].Updating() || j.Kind != plan.Semi && !t.Bounded {
		t.Changelog = Retract
	}
	return t
}

func (j *SemiJoin) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(j.meaning(in)), Columns: in[0].Columns}
	if j.Kind == plan.Mark {
		l.Columns = append(slices.Clone(l.Columns), bounded("found by "+j.meaning(in)))
	}
	return l
}

// Meaning is both inputs and what makes their rows meet.
func (j *SemiJoin) Meaning(in []Lineage) (kind, meaning string) { return "semi", j.meaning(in) }

func (j *SemiJoin) meaning(in []Lineage) string {
	join := Join{Equal: j.Equal, On: j.On, AsOf: -1}
	return fmt.Sprintf("%s %t; %s", j.Kind, j.Unknown, join.meaning(in))
}

func (j *SemiJoin) Identified(id Identity) Node {
	out := *j
	out.Identity = id
	return &out
}

func (j *SemiJoin) Describe(in [][]string) (string, []string) {
	terms := equalTerms(j.Equal, in)
	if j.On != nil {
		terms = append(terms, Show(j.On, slices.Concat(in[0], in[1])))
	}
	line, names := j.Kind.String()+" join", in[0]
	if len(terms) > 0 {
		line += " on " + strings.Join(terms, " and ")
	}
	if j.Unknown {
		line += "; NULL is unknown"
	}
	if j.Kind == plan.Mark {
		names = append(slices.Clone(names), "found")
	}
	return line, names
}
