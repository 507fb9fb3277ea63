package logical

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Order is rows of equal Partition columns, in the order of Keys; of equal ones the row that
// came first is in front.
type Order struct {
	Partition []int
	Keys      []plan.SortKey
	// Latest: without Keys, the row that came last is in front.
	Latest bool
}

func (o *Order) describe(in []string) string {
	text := ""
	if len(o.Partition) > 0 {
		text = " by " + Pick(in, o.Partition)
	}
	switch {
	case len(o.Keys) > 0:
		text += " " + ShowSort(o.Keys, 0, in)
	case o.Latest:
		text += " the latest first"
	}
	return text
}

func (o *Order) meaning(l *Lineage) string {
	text := l.pick(o.Partition) + " order"
	for _, k := range o.Keys {
		text += fmt.Sprintf(" %s %t %t", l.Columns[k.Column], k.Desc, k.NullsFirst)
	}
	if o.Latest {
		text += " latest"
	}
	return text
}

// byTime tells rows that come in their order: by an event time, ascending.
func (o *Order) byTime(t Traits) bool {
	return len(o.Keys) > 0 && !o.Keys[0].Desc && slices.Contains(t.EventTimes, o.Keys[0].Column)
}

// arrival tells rows that are in the order in which they come.
func (o *Order) arrival() bool { return len(o.Keys) == 0 && !o.Latest }

// When tells when the places of rows are known, of calls that look at no later row or at all.
func (o *Order) When(t Traits, backward bool) plan.Emission {
	switch {
	case t.Bounded:
		return plan.AtEnd
	case t.Updating():
		return plan.WithChanges
	case t.closes(o.Partition):
		return plan.AtWindowEnd
	case backward && o.byTime(t):
		return plan.AtTime
	case backward && o.arrival():
		return plan.AsTheyCome
	}
	return plan.WithChanges
}

// closes tells that rows of equal columns belong to one window, of which it is known when all
// its rows are there.
func (t *Traits) closes(columns []int) bool {
	return t.Window != nil && t.Window.Final && slices.Contains(columns, t.Window.End)
}

// placed derives what is known of rows that are given so.
func (o *Order) placed(t Traits, when plan.Emission) Traits {
	switch when {
	case plan.WithChanges:
		t.Changelog, t.Upsert, t.EventTimes, t.Window = Retract, nil, nil, nil
	case plan.AtWindowEnd:
		t.EventTimes = []int{t.Window.End}
	case plan.AtTime:
		t.EventTimes = []int{o.Keys[0].Column}
		if t.Window != nil && t.Window.Final && t.Window.End != o.Keys[0].Column {
			t.Window = nil
		}
	}
	t.Unique, t.Counted = slices.Clone(t.Unique), slices.Clone(t.Counted)
	return t
}

// Rank keeps of each partition the rows at the places Offset+1 to Limit: top-N, and, with a Limit
// of 1, one row of each key.
type Rank struct {
	Identity      Identity
	Input         Node
	Order         Order
	Kind          plan.RankKind
	Offset, Limit int64
	// Number adds a last column BIGINT with the row's place in its partition, from 1, by this name.
	Number string
}

func (r *Rank) Schema() types.Schema {
	if r.Number != "" {
		return append(slices.Clone(r.Input.Schema()), types.Column{Name: r.Number, Type: types.Of(types.BigInt)})
	}
	return r.Input.Schema()
}

func (r *Rank) Inputs() []Node { return []Node{r.Input} }

func (r *Rank) WithInputs(in []Node) Node {
	out := *r
	out.Input = in[0]
	return &out
}

// Traits: the first rows by time stay the first; within a window places are known when it
// has ended. Else a better row takes the place of another.
func (r *Rank) Traits(in []Traits) Traits {
	when := r.Order.When(in[0], true)
	t := r.Order.placed(in[0], when)
	if when == plan.WithChanges {
		t.Fixed = slices.Sorted(slices.Values(r.Order.Partition))
	}
	if r.Kind != plan.RowNumber {
		return t
	}
	if r.Number != "" {
		number := len(r.Input.Schema())
		t.Unique = append(t.Unique, slices.Concat(r.Order.Partition, []int{number}))
		t.Counted = append(t.Counted, number)
	}
	if r.Limit-r.Offset == 1 {
		t.Unique = append(t.Unique, r.Order.Partition)
	}
	return t
}

func (r *Rank) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(r.meaning(in)), Columns: in[0].Columns}
	if r.Number != "" {
		l.Columns = append(slices.Clone(l.Columns), bounded("place in "+r.meaning(in)))
	}
	return l
}

// Meaning is the rows, their order and how many are kept.
func (r *Rank) Meaning(in []Lineage) (kind, meaning string) { return "rank", r.meaning(in) }

func (r *Rank) meaning(in []Lineage) string {
	return fmt.Sprintf("%s rank %d %d %d by %s", in[0].Rows, r.Kind, r.Offset, r.Limit, r.Order.meaning(&in[0]))
}

func (r *Rank) Identified(id Identity) Node {
	out := *r
	out.Identity = id
	return &out
}

var rankCalls = [...]string{"row_number()", "rank()", "dense_rank()"}

var rankNames = [...]string{"row", "rank", "dense rank"}

func (r *Rank) Describe(in [][]string) (string, []string) {
	names := in[0]
	if r.Number != "" {
		names = append(slices.Clone(names), rankCalls[r.Kind])
	}
	return ShowPlaces(r.Kind, r.Offset, r.Limit) + r.Order.describe(in[0]), names
}

// ShowPlaces writes which places of a partition are kept.
func ShowPlaces(kind plan.RankKind, offset, limit int64) string {
	name := rankNames[kind]
	if limit == math.MaxInt64 {
		return fmt.Sprintf("%s %d and those behind it", name, offset+1)
	}
	if offset == 0 {
		return fmt.Sprintf("%s 1 to %d", name, limit)
	}
	return fmt.Sprintf("%s %d to %d", name, offset+1, limit)
}

// Call is one call of an Over.
type Call struct {
	// Func is the name of a function that wants OVER, empty for an aggregate.
	Func string
	Agg
	// N is the distance of LAG and LEAD, the number of NTILE and NTH_VALUE.
	N int64
	// Default is what LAG and LEAD give where there is no such row; nil for NULL.
	Default plan.Expr
	Frame   plan.Frame
	// IgnoreNulls: rows whose argument is NULL are passed over.
	IgnoreNulls bool
}

// Map gives the call with other expressions in place of its own.
func (c Call) Map(f func(plan.Expr) plan.Expr) Call {
	c.Agg = c.Agg.Map(f)
	if c.Default != nil {
		c.Default = f(c.Default)
	}
	return c
}

// Stored is the stored form over the columns of the input: equal ones compute the same.
func (c Call) Stored() string { return c.stored(plan.Stored) }

func (c *Call) stored(of func(plan.Expr) string) string {
	text := fmt.Sprintf("; %s %s %d %s", c.Func, plan.Agg{Kind: c.Kind, Typ: c.Typ, Distinct: c.Distinct, Param: c.Param, Module: c.Module, Nulls: c.Nulls}.Stored(), c.N, c.Frame.Stored())
	for _, x := range []plan.Expr{c.Arg, c.Default} {
		if x != nil {
			text += " " + of(x)
		}
	}
	for _, x := range c.More {
		text += " " + of(x)
	}
	if c.IgnoreNulls {
		text += " ignore nulls"
	}
	return text + c.choice(of)
}

// ranks are the calls that number rows.
var ranks = map[string]plan.RankKind{"row_number": plan.RowNumber, "rank": plan.RankWithGaps, "dense_rank": plan.DenseRank}

// Rank tells a call that numbers rows.
func (c *Call) Rank() (plan.RankKind, bool) {
	k, ok := ranks[c.Func]
	return k, ok
}

// backward tells a call that needs no row behind the current one and its equals.
func (c *Call) backward() bool {
	if _, rank := c.Rank(); rank {
		return true
	}
	switch c.Func {
	case "percent_rank", "cume_dist", "ntile", "lead":
		return false
	case "lag":
		return !c.IgnoreNulls
	}
	if (c.Frame.Exclude != plan.ExcludeNothing || c.IgnoreNulls) && c.Frame.Start.Kind == plan.UnboundedPreceding {
		return false // more of the rows would have to be kept than accumulators
	}
	offset := c.Frame.Start.Kind == plan.Preceding || c.Frame.End.Kind == plan.Preceding
	switch {
	case c.Frame.End.Kind > plan.CurrentRow, c.Frame.Unit == plan.FrameGroups && offset:
		return false
	}
	return c.Frame.End.Kind == plan.CurrentRow || c.Frame.Start.Kind == plan.Preceding
}

// Over adds to each row what its calls give of the rows round it in its partition.
type Over struct {
	Identity Identity
	Input    Node
	Order    Order
	Calls    []Call
}

func (o *Over) Schema() types.Schema {
	out := slices.Clone(o.Input.Schema())
	for i, c := range o.Calls {
		out = append(out, types.Column{Name: fmt.Sprintf("r%d", i), Type: c.Typ})
	}
	return out
}

func (o *Over) Inputs() []Node { return []Node{o.Input} }

func (o *Over) WithInputs(in []Node) Node {
	out := *o
	out.Input = in[0]
	return &out
}

// When tells when its rows are given.
func (o *Over) When(t Traits) plan.Emission {
	return o.Order.When(t, !slices.ContainsFunc(o.Calls, func(c Call) bool { return !c.backward() }))
}

// Traits: by time, a row's result is final when the watermark has passed it. Else a row that
// comes later changes those behind it, of which a call that numbers rows may only keep the partition.
func (o *Over) Traits(in []Traits) Traits {
	when := o.When(in[0])
	t := o.Order.placed(in[0], when)
	width, rank := len(o.Input.Schema()), len(o.Calls) == 1
	if rank {
		_, rank = o.Calls[0].Rank()
	}
	switch {
	case when != plan.WithChanges:
	case rank:
		t.Fixed = slices.Sorted(slices.Values(o.Order.Partition))
	case in[0].Changelog == Append:
		t.Fixed = plan.SamePlaces(width)
	}
	for i, c := range o.Calls {
		if c.Func == "row_number" {
			t.Unique = append(t.Unique, slices.Concat(o.Order.Partition, []int{width + i}))
			t.Counted = append(t.Counted, width+i)
		}
	}
	return t
}

func (o *Over) Lineage(in []Lineage) Lineage {
	text := o.meaning(in)
	l := Lineage{Rows: in[0].Rows, Columns: slices.Clone(in[0].Columns)}
	for i := range o.Calls {
		l.Columns = append(l.Columns, bounded(fmt.Sprintf("%d of %s", i, text)))
	}
	return l
}

// Meaning is the rows, their order and the calls.
func (o *Over) Meaning(in []Lineage) (kind, meaning string) { return "over", o.meaning(in) }

func (o *Over) meaning(in []Lineage) string {
	text := fmt.Sprintf("%s over %s", in[0].Rows, o.Order.meaning(&in[0]))
	for _, c := range o.Calls {
		text += c.stored(in[0].Of)
	}
	return text
}

func (o *Over) Identified(id Identity) Node {
	out := *o
	out.Identity = id
	return &out
}

func (o *Over) Describe(in [][]string) (string, []string) {
	names, calls := slices.Clone(in[0]), []string(nil)
	for _, c := range o.Calls {
		calls = append(calls, showCallOver(c, in[0]))
	}
	if len(calls) == 0 {
		return "in order" + o.Order.describe(in[0]) + ", as time goes on", names
	}
	return "over" + o.Order.describe(in[0]) + ": " + strings.Join(calls, ", "), append(names, calls...)
}

func showCallOver(c Call, in []string) string {
	text := showAgg(c.Agg, in)
	if c.Func != "" {
		arg := ""
		if c.Arg != nil {
			arg = Show(c.Arg, in)
		}
		text = c.Func + "(" + arg + ")" + ShowNulls(c.IgnoreNulls)
	}
	return text + ShowFrame(c.Frame)
}

var boundNames = [...]string{"unbounded preceding", "preceding", "current row", "following", "unbounded following"}

// ShowFrame writes a frame, but for that of all rows up to the current one.
func ShowFrame(f plan.Frame) string {
	if f == (plan.Frame{}) || f == RunningFrame {
		return ""
	}
	return fmt.Sprintf(" %s %s to %s", [...]string{"rows", "range", "groups"}[f.Unit], showBound(f.Start), showBound(f.End)) + excluded[f.Exclude]
}

var excluded = [...]string{"", " but for the current row", " but for its equals and itself", " but for its equals"}

// ShowNulls writes what becomes of NULLs.
func ShowNulls(ignored bool) string {
	if ignored {
		return " of rows that have one"
	}
	return ""
}

func showBound(b plan.Bound) string {
	text := boundNames[b.Kind]
	switch {
	case b.Months:
		return fmt.Sprintf("%d months %s", b.By, text)
	case b.ByFloat != 0:
		return fmt.Sprintf("%g %s", b.ByFloat, text)
	case b.Kind == plan.Preceding || b.Kind == plan.Following:
		return fmt.Sprintf("%d %s", b.By, text)
	}
	return text
}

// The frames of a call without one: with and without ORDER BY.
var (
	RunningFrame = plan.Frame{Unit: plan.FrameRange, End: plan.Bound{Kind: plan.CurrentRow}}
	WholeFrame   = plan.Frame{End: plan.Bound{Kind: plan.UnboundedFollowing}}
)
