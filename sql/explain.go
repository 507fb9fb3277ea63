package sql

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Explain prints what a statement means, as a tree of relations with the result first, then
// how it runs, as stages with the sources first. Both are in the names of the user: a column
// that the compiler made is shown as what it holds. Nothing is ever stored of it.
func Explain(f *plan.Dataflow) []string { return ExplainWith(f, nil) }

// Notes says more of an operator of a running job, by its stage and its number in it; the number
// behind the last is the end of the stage. Empty: nothing.
type Notes func(stage, op int) string

// ExplainWith is Explain with notes; nil for none.
func ExplainWith(f *plan.Dataflow, notes Notes) []string {
	x := &explainer{flow: f, ends: map[int][]string{}, notes: notes}
	x.line("logical plan")
	for _, l := range f.Logical {
		x.line("  %s", l)
	}
	x.line("physical plan")
	for i := range f.Stages {
		x.stage(&f.Stages[i])
	}
	return append(x.out, result(f))
}

type explainer struct {
	flow  *plan.Dataflow
	ends  map[int][]string // by stage: how its output columns are called
	out   []string
	notes Notes
	lines []Line
}

// Line is a source, an operator or a sink of a dataflow.
type Line struct {
	Stage, Place int             // in the dataflow, and in the stage
	Kind         string          // "source", "operator" or "sink"
	Text         string          // as EXPLAIN has it
	ID           plan.OperatorID // empty of an operator without state
}

// Lines lists what a dataflow consists of, in its order.
func Lines(f *plan.Dataflow) []Line {
	x := &explainer{flow: f, ends: map[int][]string{}}
	for i := range f.Stages {
		x.stage(&f.Stages[i])
	}
	return x.lines
}

// lists adds one to the lines.
func (x *explainer) lists(stage int, kind, text string, id plan.OperatorID) {
	place := 0
	if n := len(x.lines); n > 0 && x.lines[n-1].Stage == stage {
		place = x.lines[n-1].Place + 1
	}
	x.lines = append(x.lines, Line{stage, place, kind, text, id})
}

// note adds what a running job says of an operator.
func (x *explainer) note(stage, op int) {
	if x.notes == nil {
		return
	}
	if text := x.notes(stage, op); text != "" {
		x.line("    now: %s", text)
	}
}

// kept says what an operator remembers, and what bounds it.
func (x *explainer) kept(o plan.Op) {
	k, ok := o.(plan.Keeper)
	if !ok {
		return
	}
	x.line("    %s", k.Keeps())
	if k.Keeps().Unbounded() {
		x.line("    warning: it grows with every row; %s", BoundOf(k.Keeps()))
	}
}

// BoundOf says what would bound state that grows.
func BoundOf(k plan.Kept) string {
	return cmp.Or(k.Bounds, strconv.Quote(conf.StateTTL.Name())+" forgets what is idle")
}

func (x *explainer) line(format string, args ...any) {
	x.out = append(x.out, fmt.Sprintf(format, args...))
}

func (x *explainer) stage(s *plan.Stage) {
	head := fmt.Sprintf("stage %d: %s", s.ID, s.Name)
	var ports [2][]string
	for _, e := range x.flow.Edges {
		if e.To == s.ID {
			ports[e.Port] = x.ends[e.From]
			if e.Diverted {
				ports[e.Port] = logical.ColumnNames(plan.DivertedColumns())
				head += ", " + refused(&x.flow.Stages[e.From])
			}
			if e.Late {
				ports[e.Port] = logical.ColumnNames(x.flow.Carried(e))
				head += ", what comes late"
			}
			head += fmt.Sprintf(", from stage %d by %s", e.From, e.By)
			if e.By == plan.Hash {
				head += " (" + logical.Pick(ports[e.Port], e.Keys) + ")"
			}
		}
	}
	names := ports[0]
	if len(s.Ops) > 0 && joins(s.Ops[0]) {
		names = slices.Concat(ports[0], ports[1])
	}
	x.out = append(x.out, head)
	if s.Source != nil {
		names = logical.ColumnNames(s.Source.Out)
		if s.Source.ArrivalColumn != "" {
			names[len(s.Source.Columns)+len(s.Source.Metadata)] = "PROCTIME()"
		}
		x.source(s.Source, names)
		x.lists(s.ID, "source", fmt.Sprintf("%s (%s)", s.Source.Name, s.Source.Connector), s.Source.Op)
	}
	for i, o := range s.Ops {
		text := ""
		text, names = operator(o, names)
		id := plan.OperatorID("")
		line := text
		if st, ok := o.(plan.Stateful); ok {
			id = st.ID()
			line += "  [" + string(id) + "]"
		}
		x.lists(s.ID, "operator", text, id)
		x.out = append(x.out, "  "+line)
		x.kept(o)
		x.note(s.ID, i)
	}
	if s.Sink != nil {
		x.lists(s.ID, "sink", fmt.Sprintf("%s (%s)", s.Sink.Name, s.Sink.Connector), s.Sink.Op)
		x.line("  sink %s (%s): %s, %s  [%s]", s.Sink.Name, s.Sink.Connector, s.Sink.Mode, strings.ReplaceAll(s.Sink.Delivery, "_", " "), s.Sink.Op)
	}
	x.note(s.ID, len(s.Ops))
	x.ends[s.ID] = names
}

func (x *explainer) source(src *plan.Source, names []string) {
	x.line("  source %s (%s): %s  [%s]", src.Name, src.Connector, strings.Join(names, ", "), src.Op)
	if how := changelog(src, names); how != "" {
		x.line("    changelog %s", how)
	}
	if src.Bounded {
		x.line("    to the end that is there when it begins%s", describeWait(src.Wait))
	}
	if w := src.Watermark; w != nil {
		time := plan.Expr(&plan.Column{Index: w.Column})
		if w.Computed != nil {
			time = w.Computed
		}
		x.line("    event time %s%s", logical.Show(time, names), describeWatermark(w))
	}
}

// changelog says how records are read; empty where that is not in question.
func changelog(src *plan.Source, names []string) string {
	switch {
	case src.Changes:
		return "retract: records say what they do to rows"
	case src.Keys == nil && src.Properties[conf.SourceChangelog.Name()] == "":
		return ""
	case src.Keys == nil:
		return "append: every record is a row"
	}
	return fmt.Sprintf("upsert: the newest record per (%s) is the row, one without value deletes it", logical.Pick(names, src.Keys))
}

// operator gives the line of an operator, and how its output columns are called.
func operator(o plan.Op, in []string) (text string, out []string) {
	switch o := o.(type) {
	case *plan.Filter:
		text = "filter " + logical.Show(o.Pred, in)
		if o.Changes {
			text += ", a row that passes no longer is deleted"
		}
		return text, in
	case *plan.Project:
		list, out := logical.ShowProject(o.Exprs, o.Out, in)
		return "project " + list, out
	case *plan.AssignWindow:
		return "assign window " + logical.ShowWindow(o.Window, in), append(slices.Clone(in), "window_start", "window_end")
	case *plan.Series:
		return showSeries(o, in)
	case *plan.Expand:
		return showExpand(o, in), append(slices.Clone(in), logical.SetNumber.Name)
	case *plan.PartialAggregate:
		out = aggregated(o.Out, o.Keys, o.Aggs, in)
		if o.Window != nil && len(o.Keys) < len(out) {
			out[len(o.Keys)] = logical.NameOf(in, o.Window.Time) // its slice stands for the time from here on
		}
		return aggregate("partial aggregate", o.Keys, o.Window, o.Aggs, in), out
	case *plan.GroupAggregate:
		what := "group aggregate (updating)"
		if o.Final {
			what = "group aggregate (final)"
		}
		return aggregate(what, o.Keys, nil, o.Aggs, in), aggregated(o.Out, o.Keys, o.Aggs, in)
	case *plan.WindowAggregate:
		return aggregate("window aggregate (final)", o.Keys, &o.Window, o.Aggs, in), aggregated(o.Out, o.Keys, o.Aggs, in)
	case *plan.MarkDistinct:
		return showMarks(o.Keys, o.Args, o.Filters, o.WindowTime(), in)
	case *plan.SetOp:
		return setOp(o, in), in
	case *plan.Join:
		return join(o, in), in
	case *plan.WindowUpdates:
		return aggregate("window aggregate (updating"+o.When()+")", o.Keys, &o.Window, o.Aggs, in), aggregated(o.Out, o.Keys, o.Aggs, in)
	case *plan.SessionAggregate:
		return aggregate("session aggregate (final)", o.Keys, &o.Window, o.Aggs, in), aggregated(o.Out, o.Keys, o.Aggs, in)
	case *plan.SessionUpdates:
		return aggregate("session aggregate (updating"+o.When()+")", o.Keys, &o.Window, o.Aggs, in), aggregated(o.Out, o.Keys, o.Aggs, in)
	case *plan.SessionWindow:
		return sessions("assign window ", o.Window, o.Keys, in)
	case *plan.ConditionSession:
		assigned := append(slices.Clone(in), "window_start", "window_end", logical.SessionNumber.Name)
		return "assign sessions " + o.Sessions.Show(func(c int) string { return logical.NameOf(in, c) }), assigned
	case *plan.SessionChanges:
		return sessions("assign window (updating) ", o.Window, o.Keys, in)
	case *plan.SessionRowUpdates:
		return sessions("assign window (updating"+o.When()+") ", o.Window, o.Keys, in)
	case *plan.SemiJoin:
		return semiJoin(o, in)
	case *plan.SingleJoin:
		return singleJoin(o, in), in
	case *plan.Sort:
		return logical.ShowSort(o.Keys, o.Top, in), in
	case *plan.Rank:
		return explainRank(o, in)
	case *plan.Over:
		return explainOver(o, in)
	case *plan.UpsertChanges:
		return "changes by (" + logical.Pick(in, o.Keys) + ")", in
	}
	if out = logical.ColumnNames(o.Schema()); len(out) == len(in) {
		out = in
	}
	return o.Describe(), out
}

func setOp(o *plan.SetOp, in []string) string {
	switch {
	case o.Time >= 0:
		return o.Kind.String() + " of windows that end at " + logical.NameOf(in, o.Time)
	case o.Final:
		return o.Kind.String() + " (final)"
	}
	return o.Kind.String()
}

func showExpand(o *plan.Expand, in []string) string {
	list := make([]string, len(o.Sets))
	for i, s := range o.Sets {
		list[i] = "(" + logical.Pick(in, s.Nulls) + ")"
	}
	return fmt.Sprintf("each row for %d grouping sets, without %s", len(list), strings.Join(list, ", "))
}

// explainRank is the line of a rank, and how its columns are called.
func explainRank(o *plan.Rank, in []string) (string, []string) {
	out := slices.Clone(in)
	if o.Number {
		out = append(out, o.Out[len(in)].Name)
	}
	return logical.ShowPlaces(o.Kind, o.Offset, o.Limit) + explainOrder(o.Order, in) + " (" + o.When.String() + ")", out
}

// explainOver is that of calls with OVER.
func explainOver(o *plan.Over, in []string) (string, []string) {
	calls := make([]string, len(o.Calls))
	for i, c := range o.Calls {
		calls[i] = explainCall(c, in)
	}
	text := "over" + explainOrder(o.Order, in) + " (" + o.When.String() + ")"
	if len(calls) == 0 {
		text = "in order" + explainOrder(o.Order, in)
	} else {
		text += ": " + strings.Join(calls, ", ")
	}
	return text, append(slices.Clone(in), calls...)
}

func aggregate(what string, keys []int, w *plan.Window, aggs []plan.Agg, in []string) string {
	text := what
	if len(keys) > 0 {
		text += " by " + logical.Pick(in, keys)
	}
	if w != nil {
		text += " over " + logical.ShowWindow(*w, in)
	}
	list := make([]string, len(aggs))
	for i, a := range aggs {
		list[i] = showAgg(a, in)
	}
	if len(list) > 0 {
		text += ": " + strings.Join(list, ", ")
	}
	return text
}

func showAgg(a plan.Agg, in []string) string {
	text, changes := strings.CutSuffix(strings.ToLower(string(a.Kind)), "_of_changes")
	switch {
	case a.Merge:
		return logical.NameOf(in, a.Arg)
	case a.Kind != plan.CountStar:
		text += "(" + logical.ShowDistinct(a.Distinct) + logical.Pick(in, a.Args()) + showOrder(a.Order, in) + ")"
	}
	if changes {
		text += " over changes"
	}
	if a.Filter >= 0 {
		text += " filter (where " + logical.NameOf(in, a.Filter) + ")"
	}
	return text
}

func showOrder(keys []plan.SortKey, in []string) string {
	var list []string
	for _, k := range keys {
		text := logical.NameOf(in, k.Column)
		if k.Desc {
			text += " desc"
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return ""
	}
	return " order by " + strings.Join(list, ", ")
}

// aggregated names an aggregate's output: the keys, perhaps a window, the results.
func aggregated(schema types.Schema, keys []int, aggs []plan.Agg, in []string) []string {
	out := logical.ColumnNames(schema)
	for i, k := range keys {
		out[i] = logical.NameOf(in, k)
	}
	for i, a := range aggs {
		if at := len(out) - len(aggs) + i; at >= len(keys) {
			out[at] = showAgg(a, in)
		}
	}
	return out
}

func describeWatermark(w *plan.WatermarkSpec) string {
	if w.Arrival {
		return " is the arrival time"
	}
	return fmt.Sprintf(", out of order by up to %s", w.Delay)
}

func describeWait(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s more", d)
}

func result(f *plan.Dataflow) string {
	if f.Bounded {
		return "result: bounded, final rows of what is there now"
	}
	if f.Updating {
		return "result: updating, rows already given are corrected"
	}
	return "result: final, rows are appended once"
}

// joins tells an operator that reads the columns of two inputs, one behind the other.
func joins(o plan.Op) bool {
	switch o.(type) {
	case *plan.Join, *plan.SemiJoin, *plan.SingleJoin:
		return true
	}
	return false
}

// join writes a join over the columns of both sides.
func join(o *plan.Join, in []string) string {
	text := o.Kind.String()
	var terms []string
	for i, k := range o.Sides[0].Keys {
		terms = append(terms, logical.NameOf(in, k)+" = "+logical.NameOf(in, o.Left+o.Sides[1].Keys[i]))
	}
	if o.On != nil {
		terms = append(terms, logical.Show(o.On, in))
	}
	if len(terms) > 0 {
		text += " on " + strings.Join(terms, " and ")
	}
	if o.Final {
		text += " (final)"
	}
	return text
}

// semiJoin and singleJoin show what subqueries run as; in are the columns of both sides.
func semiJoin(o *plan.SemiJoin, in []string) (text string, out []string) {
	width := o.Width()
	text = o.Kind.String() + " join" + keyTerms(o.LeftKeys, o.RightKeys, in, width)
	if o.On != nil {
		text += ", if " + logical.Show(o.On, in)
	}
	if o.Unknown {
		text += ", NULL is unknown"
	}
	if o.Final {
		text += " (final)"
	}
	out = slices.Clone(in[:min(width, len(in))])
	if o.Kind == plan.Mark {
		out = append(out, "found")
	}
	return text, out
}

func singleJoin(o *plan.SingleJoin, in []string) string {
	text := "single join" + keyTerms(o.LeftKeys, o.RightKeys, in, o.Width)
	if o.Final {
		text += " (final)"
	}
	return text
}

func keyTerms(left, right []int, in []string, width int) (text string) {
	for i, l := range left {
		text += " and " + logical.NameOf(in, l) + " = " + logical.NameOf(in, width+right[i])
	}
	if text == "" {
		return " of all rows"
	}
	return " on" + text[len(" and"):]
}

// sessions is the line of an operator that gives rows the bounds of their sessions.
func sessions(what string, w plan.Window, keys []int, in []string) (text string, out []string) {
	text = what + logical.ShowWindow(w, in)
	if len(keys) > 0 {
		text += " by " + logical.Pick(in, keys)
	}
	return text, append(slices.Clone(in), "window_start", "window_end")
}

// refused says what a stage leaves out.
func refused(s *plan.Stage) string {
	if s.Source == nil || s.Source.Properties[conf.OnError.Name()] != "divert" {
		return "what cannot be computed"
	}
	return "what the source refuses"
}

func showSeries(o *plan.Series, in []string) (text string, out []string) {
	out = append(in[:o.Keep:o.Keep], o.Out[o.Keep].Name)
	text = "series"
	if o.On != nil {
		text += " where " + logical.Show(o.On, out)
	}
	if o.Outer {
		text += ", or NULL"
	}
	return text, out
}
