package plan

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/types"
)

func (o *Filter) Schema() types.Schema           { return o.Out }
func (o *Project) Schema() types.Schema          { return o.Out }
func (o *AssignWindow) Schema() types.Schema     { return o.Out }
func (o *PartialAggregate) Schema() types.Schema { return o.Out }
func (o *GroupAggregate) Schema() types.Schema   { return o.Out }
func (o *WindowAggregate) Schema() types.Schema  { return o.Out }

func (o *ChangelogNormalize) Schema() types.Schema { return o.Out }
func (o *UpsertChanges) Schema() types.Schema      { return o.Out }
func (o *Limit) Schema() types.Schema              { return o.Out }
func (o *FinalRows) Schema() types.Schema          { return o.Out }
func (o *Sort) Schema() types.Schema               { return o.Out }

func (o *GroupAggregate) ID() OperatorID  { return o.Op }
func (o *WindowAggregate) ID() OperatorID { return o.Op }
func (o *FinalRows) ID() OperatorID       { return o.Op }
func (o *Sort) ID() OperatorID            { return o.Op }

func (o *ChangelogNormalize) ID() OperatorID { return o.Op }

// NeedBefore implements Updater.
func (o *GroupAggregate) NeedBefore() { o.EmitBefore = true }

// NeedBefore implements Updater.
func (o *ChangelogNormalize) NeedBefore() { o.EmitBefore = true }

// StateSchema lists the columns that are kept, those of the key first.
func (o *ChangelogNormalize) StateSchema() string {
	parts := make([]string, 0, len(o.Out))
	for _, c := range append(slices.Clone(o.Keys), o.Values()...) {
		parts = append(parts, o.Out[c].Name+" "+o.Out[c].Type.Stored())
	}
	return strings.Join(parts, ", ")
}

// Values are the columns that are not of the key.
func (o *ChangelogNormalize) Values() (out []int) {
	for c := range o.Out {
		if !slices.Contains(o.Keys, c) {
			out = append(out, c)
		}
	}
	return out
}

// StateSchema lists the accumulators and their types; the key is part of the ID.
func (o *GroupAggregate) StateSchema() string { return stateSchema(o.Aggs) }

// StateSchema lists the accumulators and their types; the key and window are part of the ID.
func (o *WindowAggregate) StateSchema() string { return stateSchema(o.Aggs) }

// StateSchema: each row with how often it is there.
func (o *FinalRows) StateSchema() string { return "rows" }

// StateSchema: rows, of which nothing outlives the task.
func (o *Sort) StateSchema() string { return "rows" }

func (o *Filter) Describe() string {
	if o.Changes {
		return "filter " + o.Pred.String() + ", a row that passes no longer is deleted"
	}
	return "filter " + o.Pred.String()
}

func (o *Project) Describe() string { return "project " + joinExprs(o.Exprs) }

func (w Window) String() string {
	if w.Kind == Tumble {
		return fmt.Sprintf("tumble(#%d, %s)", w.Time, w.Size)
	}
	return fmt.Sprintf("hop(#%d, %s, %s)", w.Time, w.Slide, w.Size)
}

func (o *AssignWindow) Describe() string { return "assign window " + o.Window.String() }

func (o *PartialAggregate) Describe() string {
	return describeAggregate("partial aggregate", o.Keys, o.Window, o.Aggs)
}

func (o *GroupAggregate) Describe() string {
	if o.Final {
		return describeAggregate("group aggregate (final)", o.Keys, nil, o.Aggs)
	}
	return describeAggregate("group aggregate (updating)", o.Keys, nil, o.Aggs)
}

func (o *WindowAggregate) Describe() string {
	return describeAggregate("window aggregate (final)", o.Keys, &o.Window, o.Aggs)
}

func (o *ChangelogNormalize) Describe() string {
	return fmt.Sprintf("newest row of %s by (%s)", o.Name, columnNames(o.Out, o.Keys))
}

func (o *UpsertChanges) Describe() string {
	return fmt.Sprintf("changes by (%s)", columnNames(o.Out, o.Keys))
}

func columnNames(s types.Schema, columns []int) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = s[c].Name
	}
	return strings.Join(names, ", ")
}

func (o *Limit) Describe() string { return fmt.Sprintf("limit %d offset %d", o.Count, o.Offset) }

func (o *FinalRows) Describe() string { return "final rows" }

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

func describeAggregate(what string, keys []int, w *Window, aggs []Agg) string {
	var b strings.Builder
	b.WriteString(what)
	fmt.Fprintf(&b, " by %v", keys)
	if w != nil {
		b.WriteString(" over " + w.String())
	}
	for _, a := range aggs {
		b.WriteString(" " + a.String())
	}
	return b.String()
}

func (a Agg) String() string {
	s := a.Kind.String()
	if a.Kind != CountStar {
		s = fmt.Sprintf("%s(#%d)", s, a.Arg)
	}
	if a.Merge {
		s = "merge " + s
	}
	return s + " " + a.Typ.String()
}
