package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// AggKind names an accumulator: what a function.Part says it is computed by, after an aggregate
// has been taken apart (AVG is SUM and COUNT and a division behind them). The name stands in
// operator ids and in state schemas: it is never changed.
type AggKind string

// The accumulators that are asked for beside those of aggregate functions, or by tests.
const (
	CountStar AggKind = "COUNT(*)"
	Count     AggKind = "COUNT"
	Sum       AggKind = "SUM"
	Min       AggKind = "MIN"
	Max       AggKind = "MAX"
)

// Agg is one aggregate over a column of the input. The partial results of Count
// and CountStar are merged by Sum without the NULL of an empty sum (Merge).
type Agg struct {
	Kind AggKind
	Arg  int // input column; -1 for CountStar
	Typ  types.Type
	// More are the input columns of the arguments behind the first.
	More []int
	// Distinct: rows of a group with equal arguments count as one, those with a NULL among
	// them not at all.
	Distinct bool
	// Order is that of the values which a list is made of.
	Order []SortKey
	// Param is a constant that the accumulator needs: the text between the values of a list, the
	// fraction of a percentile.
	Param string
	// Merge: Arg holds partial results of the same aggregate, to be combined.
	Merge bool
	// Module is that of an aggregate in WebAssembly, of which Kind is the full name and Typ the type of its state. Nulls: it is
	// given rows with NULL among the arguments too.
	Module *Module
	Nulls  bool
	// Filter is the input column of a BOOLEAN that must be true for the row to
	// count; -1 for none.
	Filter int
}

// PartialAggregate combines the rows of a batch (or of a few) that share the keys
// (and the window slice) before they are exchanged. It keeps no state across
// barriers: it emits everything before a barrier or a watermark passes. Output:
// the keys, then slice_start TIMESTAMP(6) if Window is set, then one partial per
// Agg. It passes rows through one by one where combining does not pay.
type PartialAggregate struct {
	Keys   []int
	Window *Window
	Aggs   []Agg
	Out    types.Schema
}

// GroupAggregate is the unwindowed GROUP BY: an updating result. For each changed
// key it emits UpdateBefore/UpdateAfter (Insert for a new key, Delete when its last
// row was retracted), the changes of one batch combined per key. Output: the keys,
// then one column per Agg.
type GroupAggregate struct {
	Op   OperatorID
	Keys []int
	Aggs []Agg
	// Empty are the numbers of the grouping sets without keys: the last of Keys is the set's number, and the group
	// with one of these and with NULL in all other keys is there also of no rows. So is the one group without keys.
	Empty []int64
	// InputUpdates: the input carries retractions.
	InputUpdates bool
	// EmitBefore: downstream needs UpdateBefore rows; an upsert sink does not.
	EmitBefore bool
	// Final: the input ends, and each group is given once, then.
	Final bool
	// Presence: nobody reads the aggregates, so a group that stays is not given again.
	Presence bool
	// TTL is the idle time after which a key is forgotten; 0 keeps it for ever.
	TTL time.Duration
	Out types.Schema
}

// WindowAggregate is GROUP BY over windows: each window is emitted once, when the
// watermark passes its end. A row all of whose windows have ended is late:
// dropped and counted. Output: the keys, window_start, window_end TIMESTAMP(3),
// then one column per Agg.
type WindowAggregate struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// Sliced: the input is PartialAggregate's; Window.Time is its slice_start.
	Sliced bool
	// Weight is the input column that says for how many rows a partial result stands,
	// to count late ones; -1 if each stands for itself.
	Weight int
	Aggs   []Agg
	Out    types.Schema
	// Late: see LateRows; nil of one that is Sliced.
	Late []int
}

func (a Agg) String() string {
	s := string(a.Kind)
	if a.Kind != CountStar {
		s = fmt.Sprintf("%s(%s)", s, a.arguments())
	}
	if a.Filter >= 0 {
		s += fmt.Sprintf(" filter #%d", a.Filter)
	}
	if a.Merge {
		s = "merge " + s
	}
	return s + " " + a.Typ.String()
}

// arguments are the columns of the arguments.
func (a Agg) arguments() string {
	text := fmt.Sprintf("#%d", a.Arg)
	for _, c := range a.More {
		text += fmt.Sprintf(", #%d", c)
	}
	if a.Distinct {
		text = "distinct " + text
	}
	return text
}

// Args are the columns of all arguments.
func (a Agg) Args() []int {
	if a.Arg < 0 {
		return nil
	}
	return append([]int{a.Arg}, a.More...)
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

// readsAggregate: the keys and the arguments, whatever is wanted.
func readsAggregate(keys []int, aggs []Agg, own ...int) []int {
	list := slices.Concat(keys, own)
	for _, a := range aggs {
		list = append(append(list, a.Arg, a.Filter), a.More...)
		for _, k := range a.Order {
			list = append(list, k.Column)
		}
	}
	return slices.DeleteFunc(list, func(c int) bool { return c == -1 }) // for none
}

// passesKeys: the output begins with the keys, all else is computed.
func passesKeys(keys []int, out types.Schema) []int {
	return append(slices.Clone(keys), computed(len(out)-len(keys))...)
}

var _ = tag[PartialAggregate]("partial_aggregate")

func (o *PartialAggregate) Schema() types.Schema { return o.Out }

func (o *PartialAggregate) Describe() string {
	return describeAggregate("partial aggregate", o.Keys, o.Window, o.Aggs)
}

func (o *PartialAggregate) Inputs() int { return 1 }

func (o *PartialAggregate) Reads(int, Columns) []int {
	if o.Window != nil {
		return readsAggregate(o.Keys, o.Aggs, o.Window.Time)
	}
	return readsAggregate(o.Keys, o.Aggs)
}

func (o *PartialAggregate) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

func (o *PartialAggregate) Needs() Needs { return Needs{} }

var _ = tag[GroupAggregate]("group_aggregate")

func (o *GroupAggregate) Schema() types.Schema { return o.Out }

func (o *GroupAggregate) ID() OperatorID { return o.Op }

// StateSchema lists the accumulators and their types; the key is part of the ID.
func (o *GroupAggregate) StateSchema() string {
	schema := stateSchema(o.Aggs)
	if o.InputUpdates && slices.ContainsFunc(o.Aggs, func(a Agg) bool { return a.Distinct }) {
		schema += ", counts of values" // else it is only known which there were
	}
	return schema
}

func (o *GroupAggregate) Describe() string {
	if o.Final {
		return describeAggregate("group aggregate (final)", o.Keys, nil, o.Aggs)
	}
	return describeAggregate("group aggregate (updating)", o.Keys, nil, o.Aggs)
}

func (o *GroupAggregate) Inputs() int { return 1 }

func (o *GroupAggregate) Reads(int, Columns) []int {
	return readsAggregate(o.Keys, o.Aggs)
}

func (o *GroupAggregate) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

func (o *GroupAggregate) Needs() Needs { return Needs{} }

var _ = tag[WindowAggregate]("window_aggregate")

func (o *WindowAggregate) Schema() types.Schema { return o.Out }

func (o *WindowAggregate) ID() OperatorID { return o.Op }

// StateSchema lists the accumulators and their types; the key and window are part of the ID.
func (o *WindowAggregate) StateSchema() string { return stateSchema(o.Aggs) }

func (o *WindowAggregate) Describe() string {
	return describeAggregate("window aggregate (final)", o.Keys, &o.Window, o.Aggs)
}

func (o *WindowAggregate) Inputs() int { return 1 }

func (o *WindowAggregate) Reads(int, Columns) []int {
	return withLate(readsAggregate(o.Keys, o.Aggs, o.Window.Time, o.Weight), o.Late)
}

func (o *WindowAggregate) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

// Needs: a watermark ends windows.
func (o *WindowAggregate) Needs() Needs { return Needs{Watermarks: true} }
