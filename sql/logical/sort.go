package logical

import (
	"fmt"
	"math"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Sort is the rows of a bounded input in order; rows with equal keys as they came.
type Sort struct {
	Identity Identity
	Input    Node
	Keys     []plan.SortKey
	// Top: only so many rows are wanted; 0: all.
	Top int64
}

func (s *Sort) Schema() types.Schema { return s.Input.Schema() }
func (s *Sort) Inputs() []Node       { return []Node{s.Input} }

func (s *Sort) WithInputs(in []Node) Node {
	out := *s
	out.Input = in[0]
	return &out
}

func (s *Sort) Traits(in []Traits) Traits                   { return in[0] }
func (s *Sort) Lineage(in []Lineage) Lineage                { return in[0] }
func (s *Sort) Meaning(in []Lineage) (kind, meaning string) { return "sort", in[0].Rows }

func (s *Sort) Identified(id Identity) Node {
	out := *s
	out.Identity = id
	return &out
}

func (s *Sort) Describe(in [][]string) (string, []string) {
	return ShowSort(s.Keys, s.Top, in[0]), in[0]
}

// ShowSort writes keys as ORDER BY has them.
func ShowSort(keys []plan.SortKey, top int64, in []string) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = NameOf(in, k.Column) + k.Direction()
	}
	text := "sort by " + strings.Join(parts, ", ")
	if top > 0 {
		text += fmt.Sprintf(", the first %d", top)
	}
	return text
}

// Limit leaves Offset rows out and ends behind Count more.
type Limit struct {
	Input         Node
	Count, Offset int64 // Count is math.MaxInt64 for all
}

func (l *Limit) Schema() types.Schema { return l.Input.Schema() }
func (l *Limit) Inputs() []Node       { return []Node{l.Input} }

func (l *Limit) WithInputs(in []Node) Node {
	return &Limit{Input: in[0], Count: l.Count, Offset: l.Offset}
}

// Traits: of rows that are corrected it counts the corrections.
func (l *Limit) Traits(in []Traits) Traits {
	t := in[0]
	if l.Count <= 1 && t.Changelog == Append {
		t.Unique = append([][]int{{}}, t.Unique...)
	}
	return t
}

func (l *Limit) Lineage(in []Lineage) Lineage { return in[0] }

func (l *Limit) Describe(in [][]string) (string, []string) {
	var parts []string
	if l.Count < math.MaxInt64 {
		parts = append(parts, fmt.Sprintf("limit %d", l.Count))
	}
	if l.Offset > 0 || parts == nil {
		parts = append(parts, fmt.Sprintf("offset %d", l.Offset))
	}
	return strings.Join(parts, " "), in[0]
}
