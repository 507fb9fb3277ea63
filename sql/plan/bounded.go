package plan

import (
	"fmt"
	"strings"

	"slipway/sql/types"
)

// FinalRows takes a bounded input that corrects rows and gives, at its end, those that
// are left. The changes of one row must come to one task.
type FinalRows struct {
	Op  OperatorID
	Out types.Schema
}

// SortKey is one key of a Sort.
type SortKey struct {
	Column           int
	Desc, NullsFirst bool
}

// Sort gives the rows of a bounded input in order when it has ended; rows with equal
// keys as they came.
type Sort struct {
	Op   OperatorID
	Keys []SortKey
	// Top: only so many rows are wanted; 0: all.
	Top int64
	Out types.Schema
}

// Limit ends the stream after Count rows, having skipped Offset; used by SELECT … LIMIT.
type Limit struct {
	Count, Offset int64
	Out           types.Schema
}

var _ = tag[FinalRows]("final_rows")

func (o *FinalRows) Schema() types.Schema { return o.Out }

func (o *FinalRows) ID() OperatorID { return o.Op }

// StateSchema: each row with how often it is there.
func (o *FinalRows) StateSchema() string { return "rows" }

func (o *FinalRows) Describe() string { return "final rows" }

func (o *FinalRows) Inputs() int { return 1 }

func (o *FinalRows) Reads(_ int, wanted Columns) []int { return wanted.List() }

func (o *FinalRows) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *FinalRows) Needs() Needs { return Needs{} }

var _ = tag[Sort]("sort")

func (o *Sort) Schema() types.Schema { return o.Out }

func (o *Sort) ID() OperatorID { return o.Op }

// StateSchema: rows, of which nothing outlives the task.
func (o *Sort) StateSchema() string { return "rows" }

func (o *Sort) Describe() string {
	parts := make([]string, len(o.Keys))
	for i, k := range o.Keys {
		parts[i] = fmt.Sprintf("#%d%s", k.Column, k.Direction())
	}
	return fmt.Sprintf("sort by %s, the first %d", strings.Join(parts, ", "), o.Top)
}

// Direction is what stands behind the key in ORDER BY where it is not the default.
func (k SortKey) Direction() string {
	switch {
	case k.Desc && k.NullsFirst:
		return " desc"
	case k.Desc:
		return " desc nulls last"
	case k.NullsFirst:
		return " nulls first"
	}
	return ""
}

func (o *Sort) Inputs() int { return 1 }

func (o *Sort) Reads(_ int, wanted Columns) []int {
	in := wanted.List()
	for _, k := range o.Keys {
		in = append(in, k.Column)
	}
	return in
}

func (o *Sort) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *Sort) Needs() Needs { return Needs{} }

var _ = tag[Limit]("limit")

func (o *Limit) Schema() types.Schema { return o.Out }

func (o *Limit) Describe() string { return fmt.Sprintf("limit %d offset %d", o.Count, o.Offset) }

func (o *Limit) Inputs() int { return 1 }

func (o *Limit) Reads(_ int, wanted Columns) []int { return wanted.List() }

func (o *Limit) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *Limit) Needs() Needs { return Needs{} }
