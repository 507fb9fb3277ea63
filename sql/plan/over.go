package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// RankKind says how the rows of a partition are numbered. Its numbers are stored.
type RankKind uint8

const (
	// RowNumber counts rows.
	RowNumber RankKind = iota
	// RankWithGaps gives equal rows one number, and counts them all in the next.
	RankWithGaps
	// DenseRank gives equal rows one number, and the next number to those behind them.
	DenseRank
)

// Emission says when an operator over partitions gives its rows. Its numbers are stored.
type Emission uint8

const (
	// WithChanges: at once, and corrected by what comes later.
	WithChanges Emission = iota
	// AtEnd of a bounded input.
	AtEnd
	// AtWindowEnd: when the watermark has reached the end of the window that a partition is of.
	AtWindowEnd
	// AtTime: a row when the watermark has passed its time, by which rows are ordered.
	AtTime
	// AsTheyCome: at once, for good: rows are in the order in which they come.
	AsTheyCome
)

var emissionNames = [...]string{"updating", "final", "final, at the end of its window", "append, by event time", "append, as rows come"}

func (w Emission) String() string { return emissionNames[w] }

// Order is partitions of rows, and the order within each; of equal rows the one that came
// first is in front.
type Order struct {
	Partition []int
	Keys      []SortKey
	// Latest: without keys, the row that came last is in front.
	Latest bool
}

// Columns are those that the order is made of.
func (o *Order) Columns() []int {
	out := slices.Clone(o.Partition)
	for _, k := range o.Keys {
		out = append(out, k.Column)
	}
	return out
}

func (o *Order) describe() string {
	text := ""
	if len(o.Partition) > 0 {
		text = fmt.Sprintf(" by %v", o.Partition)
	}
	if len(o.Keys) > 0 {
		text += " ordered by " + describeKeys(o.Keys)
	}
	if o.Latest {
		text += " the latest first"
	}
	return text
}

func describeKeys(keys []SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("#%d%s", k.Column, k.Direction())
	}
	return strings.Join(parts, ", ")
}

// Rank gives of each partition the rows at the places Offset+1 to Limit. Output: the columns of
// the input, then the place BIGINT if Number is set.
type Rank struct {
	Op            OperatorID
	Kind          RankKind
	Order         Order
	Offset, Limit int64
	Number        bool
	When          Emission
	// End is the column with the end of the window, for AtWindowEnd.
	End int
	// InputUpdates: the input takes rows back, so that those behind Limit are kept too.
	InputUpdates bool
	// EmitBefore: somebody needs the old version of a changed row.
	EmitBefore bool
	// TTL is the idle time after which a partition is forgotten; 0 keeps it for ever.
	TTL time.Duration
	Out types.Schema
	// Late: see LateRows.
	Late []int
}

var _ = tag[Rank]("rank")

func (o *Rank) Schema() types.Schema { return o.Out }

func (o *Rank) ID() OperatorID { return o.Op }

// Width is the number of columns of the input.
func (o *Rank) Width() int {
	if o.Number {
		return len(o.Out) - 1
	}
	return len(o.Out)
}

// StateSchema: the rows, and which of them are kept.
func (o *Rank) StateSchema() string {
	text := "rows of " + storedColumns(o.Out[:o.Width()])
	if !o.InputUpdates {
		text += fmt.Sprintf("; rank %d to %d", o.Kind, o.Limit)
	}
	return text
}

func (o *Rank) Describe() string {
	return fmt.Sprintf("places %d to %d (%s)%s", o.Offset+1, o.Limit, o.When, o.Order.describe())
}

func (o *Rank) Inputs() int { return 1 }

// Reads: equal rows are one, so every column counts.
func (o *Rank) Reads(int, Columns) []int { return withLate(SamePlaces(o.Width()), o.Late) }

func (o *Rank) Passes(int) []int {
	return append(SamePlaces(o.Width()), computed(len(o.Out)-o.Width())...)
}

func (o *Rank) Needs() Needs { return Needs{Watermarks: o.When == AtWindowEnd, Timers: true} }

// FrameUnit says what a frame counts. Its numbers are stored.
type FrameUnit uint8

const (
	FrameRows FrameUnit = iota
	FrameRange
	FrameGroups
)

// BoundKind is one of the five ends of a frame, in their order. Its numbers are stored.
type BoundKind uint8

const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a frame.
type Bound struct {
	Kind BoundKind
	// By is how far Preceding and Following are: a number of rows or groups, or of RANGE a
	// distance as the key of the order is held (microseconds, days, units of the last digit);
	// ByFloat that of a DOUBLE.
	By      int64
	ByFloat float64
	// Months: By is a number of months.
	Months bool
}

// Exclusion says which rows of a frame are not seen. Its numbers are stored.
type Exclusion uint8

const (
	ExcludeNothing Exclusion = iota
	ExcludeCurrentRow
	// ExcludeGroup leaves out the current row and its equals in the order.
	ExcludeGroup
	// ExcludeTies leaves out its equals alone.
	ExcludeTies
)

// Frame is the rows round a row that a call sees.
type Frame struct {
	Unit       FrameUnit
	Start, End Bound
	Exclude    Exclusion
}

// Stored gives the stored form.
func (f Frame) Stored() string {
	text := fmt.Sprintf("frame %d %d %d %g %d %d %g", f.Unit, f.Start.Kind, f.Start.By, f.Start.ByFloat, f.End.Kind, f.End.By, f.End.ByFloat)
	if f.Start.Months || f.End.Months {
		text += fmt.Sprintf(" months %t %t", f.Start.Months, f.End.Months)
	}
	if f.Exclude != ExcludeNothing {
		text += fmt.Sprintf(" exclude %d", f.Exclude)
	}
	return text
}

// OverCall is one call of an Over.
type OverCall struct {
	// Func is the name of a function that wants OVER, empty for an aggregate.
	Func string
	Agg  Agg
	// N is the distance of LAG and LEAD, the number of NTILE and NTH_VALUE.
	N int64
	// Default is the column that LAG and LEAD give where there is no such row; -1 for NULL.
	Default int
	Frame   Frame
	// IgnoreNulls: rows whose argument is NULL are passed over.
	IgnoreNulls bool
}

// Over adds to each row what its calls give of the rows round it in its partition. Output: the
// columns of the input, then one per call.
type Over struct {
	Op           OperatorID
	Order        Order
	Calls        []OverCall
	When         Emission
	End          int // the column with the end of the window, for AtWindowEnd
	InputUpdates bool
	EmitBefore   bool
	TTL          time.Duration
	Out          types.Schema
	Late         []int // see LateRows
}

var _ = tag[Over]("over")

func (o *Over) Schema() types.Schema { return o.Out }

func (o *Over) ID() OperatorID { return o.Op }

// Width is the number of columns of the input.
func (o *Over) Width() int { return len(o.Out) - len(o.Calls) }

// StateSchema: the rows, and what is computed of them.
func (o *Over) StateSchema() string {
	text := "rows of " + storedColumns(o.Out[:o.Width()])
	for _, c := range o.Calls {
		text += "; " + c.Func + " " + c.Agg.Stored() + " " + c.Frame.Stored()
		if c.IgnoreNulls {
			text += " ignore nulls"
		}
	}
	return text
}

func (o *Over) Describe() string {
	calls := make([]string, len(o.Calls))
	for i, c := range o.Calls {
		calls[i] = c.String()
	}
	return fmt.Sprintf("over (%s)%s: %s", o.When, o.Order.describe(), strings.Join(calls, ", "))
}

func (c OverCall) String() string {
	if c.Func == "" {
		return c.Agg.String()
	}
	if c.Agg.Arg < 0 {
		return c.Func
	}
	text := fmt.Sprintf("%s(#%d)", c.Func, c.Agg.Arg)
	if c.IgnoreNulls {
		text += " ignore nulls"
	}
	return text
}

func (o *Over) Inputs() int { return 1 }

// Reads: equal rows are one, so every column counts.
func (o *Over) Reads(int, Columns) []int { return withLate(SamePlaces(o.Width()), o.Late) }

func (o *Over) Passes(int) []int {
	return append(SamePlaces(o.Width()), computed(len(o.Calls))...)
}

func (o *Over) Needs() Needs {
	return Needs{Watermarks: o.When == AtWindowEnd || o.When == AtTime, Timers: true}
}

// Keeps implements Keeper: of an input that takes nothing back only the first rows are kept.
func (o *Rank) Keeps() Kept {
	k := Kept{Each: "row", Bytes: bytesOf(o.Out) + ofOrder, Until: untilGiven(o.When, o.TTL), Grows: o.Limit > 1<<20}
	if !o.InputUpdates && o.Limit <= 1<<20 {
		k.Each = fmt.Sprintf("row of the first %d of a partition", o.Limit)
	}
	return k
}

// Keeps implements Keeper.
func (o *Over) Keeps() Kept {
	k := Kept{Each: "row", Bytes: bytesOf(o.Out) + ofOrder, Until: untilGiven(o.When, o.TTL), Grows: !o.InputUpdates}
	if o.When != AtTime && o.When != AsTheyCome {
		return k
	}
	k.Each, k.Grows = "partition and row that later ones look at", false
	for _, c := range o.Calls {
		all := c.Func == "" && c.Frame.Start.Kind == UnboundedPreceding
		switch {
		case all && c.Agg.Param != "":
			k.Each, k.Grows = "row", true
		case all && c.Agg.Distinct && !k.Grows:
			k.Each = "partition, value of DISTINCT and row that later ones look at"
		}
	}
	return k
}

// ofOrder is about what the place of a row in an order takes.
const ofOrder = chainOf + textBytes + 48

// untilGiven is when rows go.
func untilGiven(w Emission, ttl time.Duration) string {
	if w == AtWindowEnd {
		return "its window has ended"
	}
	return orEnd(w == AtEnd, idle(ttl))
}
