package logical

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Order is rows of equal Partition columns, in the order of Keys.
type Order struct {
	Partition []int
	Keys      []plan.SortKey
}

func (o *Order) describe(in []string) string {
	text := ""
	if len(o.Partition) > 0 {
		text = " by " + Pick(in, o.Partition)
	}
	return text + " " + ShowSort(o.Keys, 0, in)
}

func (o *Order) meaning(l *Lineage) string {
	text := l.pick(o.Partition) + " order"
	for _, k := range o.Keys {
		text += fmt.Sprintf(" %s %t %t", l.Columns[k.Column], k.Desc, k.NullsFirst)
	}
	return text
}

// byTime tells rows that come in their order: by an event time, ascending.
func (o *Order) byTime(t Traits) bool {
	return len(o.Keys) > 0 && !o.Keys[0].Desc && slices.Contains(t.EventTimes, o.Keys[0].Column)
}

// Rank keeps the first Limit rows of each partition: top-N, and, with a Limit of 1, one row
// of each key. No analyzer makes one yet.
type Rank struct {
	Identity Identity
	Input    Node
	Order    Order
	Limit    int64
	// Number adds a last column BIGINT with the row's place in its partition, from 1.
	Number bool
}

var numberColumn = types.Column{Name: "row_number", Type: types.Of(types.BigInt)}

func (r *Rank) Schema() types.Schema {
	if r.Number {
		return append(slices.Clone(r.Input.Schema()), numberColumn)
	}
	return r.Input.Schema()
}

func (r *Rank) Inputs() []Node { return []Node{r.Input} }

func (r *Rank) WithInputs(in []Node) Node {
	out := *r
	out.Input = in[0]
	return &out
}

// Traits: the first row by time stays the first; within a window places are known when it
// has ended. Else a better row takes the place of another.
func (r *Rank) Traits(in []Traits) Traits {
	t := in[0]
	keep := r.Order.byTime(t) && r.Limit == 1
	ended := t.Window != nil && t.Window.Final && slices.Contains(r.Order.Partition, t.Window.End)
	if t.Updating() || !t.Bounded && !keep && !ended {
		t.Changelog, t.Upsert, t.EventTimes, t.Window = Retract, nil, nil, nil
	}
	t.Unique = slices.Clone(t.Unique)
	switch {
	case r.Limit == 1:
		t.Unique = append(t.Unique, r.Order.Partition)
	case r.Number:
		t.Unique = append(t.Unique, slices.Concat(r.Order.Partition, []int{len(r.Input.Schema())}))
	}
	return t
}

func (r *Rank) Lineage(in []Lineage) Lineage {
	l := Lineage{Rows: bounded(r.meaning(in)), Columns: in[0].Columns}
	if r.Number {
		l.Columns = append(slices.Clone(l.Columns), bounded("place in "+r.meaning(in)))
	}
	return l
}

// Meaning is the rows, their order and how many are kept.
func (r *Rank) Meaning(in []Lineage) (kind, meaning string) { return "rank", r.meaning(in) }

func (r *Rank) meaning(in []Lineage) string {
	return fmt.Sprintf("%s rank %d by %s", in[0].Rows, r.Limit, r.Order.meaning(&in[0]))
}

func (r *Rank) Identified(id Identity) Node {
	out := *r
	out.Identity = id
	return &out
}

func (r *Rank) Describe(in [][]string) (string, []string) {
	names := in[0]
	if r.Number {
		names = append(slices.Clone(names), numberColumn.Name)
	}
	return fmt.Sprintf("the first %d%s", r.Limit, r.Order.describe(in[0])), names
}

// Frame is the rows round a row that a call of Over sees: so many before it, or those of so
// long a time before it; up to the row itself.
type Frame struct {
	Rows  int64         // -1: not by number
	Range time.Duration // for Rows -1; negative: from the first row on
}

// Over adds to each row what aggregates give of the rows before it. No analyzer makes one
// yet.
type Over struct {
	Identity Identity
	Input    Node
	Order    Order
	Frame    Frame
	Calls    []Agg
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

// Traits: by time, a row's result is final when the watermark has passed it. Else a row that
// comes later changes those behind it.
func (o *Over) Traits(in []Traits) Traits {
	t := in[0]
	if t.Updating() || !t.Bounded && !o.Order.byTime(t) {
		t.Changelog, t.Upsert, t.EventTimes, t.Window = Retract, nil, nil, nil
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

// Meaning is the rows, their order, the frame and the calls.
func (o *Over) Meaning(in []Lineage) (kind, meaning string) { return "over", o.meaning(in) }

func (o *Over) meaning(in []Lineage) string {
	text := fmt.Sprintf("%s over %s frame %d %s", in[0].Rows, o.Order.meaning(&in[0]), o.Frame.Rows, o.Frame.Range)
	for _, c := range o.Calls {
		text += "; " + c.stored(in[0].Of)
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
		calls = append(calls, showAgg(c, in[0]))
	}
	return "over" + o.Order.describe(in[0]) + ": " + strings.Join(calls, ", "), append(names, calls...)
}
