package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// overCalls computes calls for the rows of a partition, which lie in a batch in their order.
type overCalls struct {
	list    []overCall
	keys    []plan.SortKey
	arrival bool // no two rows are equal in the order
	peers   peers
	frames  frames
	one     [1]int32
	row     [1][]uint64
	same    []int32 // row 0 of scratch, as often as needed
	sel     []int32
	back    column.Batch // the partition, to be taken back
	found   keyed        // of each row of the partition the row of accumulators, and its hash
}

// overCall is a call, with the accumulator that computes it.
type overCall struct {
	plan.OverCall
	// accs are the accumulators of one frame, in the one row of scratch; sum those of all rows so
	// far, in a row of totals.
	accs, sum *accumulators
	scratch   *state.Table
	// What aggregates over DISTINCT values, and those that are read from values, have beside them.
	apart, apartSum *beside
}

// soFar is what is known of the rows of a partition that are no longer there.
type soFar struct {
	rows, groups int64
	// totals has the accumulators of the calls that see all former rows, in row id.
	totals *state.Table
	id     int32
	hash   uint64 // of the partition
}

func newOverCalls(calls []plan.OverCall, o *plan.Order, arrival bool, in types.Schema) (*overCalls, error) {
	c := &overCalls{keys: o.Keys, arrival: arrival || o.Latest}
	for _, x := range calls {
		call := overCall{OverCall: x}
		if x.Func == "" {
			var err error
			if call.accs, err = newAccumulators([]plan.Agg{x.Agg}, in, 0); err != nil {
				return nil, err
			}
			call.accs.layBeside(nil, in, true)
		}
		c.list = append(c.list, call)
	}
	return c, nil
}

// open makes room for the accumulators of one frame.
func (c *overCalls) open(env *executor.Env) error {
	s := env.State
	for i := range c.list {
		call := &c.list[i]
		if call.accs == nil {
			continue
		}
		call.accs.faults = aggregateFaults{env: env, changes: call.exact(), again: true}
		if call.sum != nil {
			call.sum.faults = aggregateFaults{env: env}
		}
		scratch := s.Scratch()
		call.scratch = scratch.Table("", state.Layout{Words: call.accs.words, Refs: call.accs.refs})
		_, _, err := call.scratch.Upsert(&column.Batch{Rows: 1}, nil, []uint64{ofNoKeys}, nil, call.accs.init, nil, nil)
		if err != nil {
			return err
		}
		if !call.accs.apart() {
			continue
		}
		if call.apart, err = call.accs.openBeside(scratch, ""); err != nil {
			return err
		}
	}
	return nil
}

// compute appends the results for the rows from some number on to columns of out that begin at
// `at`, one for each call.
func (c *overCalls) compute(b *column.Batch, from int, past *soFar, out *column.Batch, at int) error {
	c.peers.find(b, c.keys, c.arrival)
	for i := len(c.same); i < b.Rows; i++ {
		c.same, c.sel = append(c.same, 0), append(c.sel, int32(i))
	}
	for i := range c.list {
		call, v := &c.list[i], out.Cols[at+i]
		if call.accs != nil {
			call.accs.faults.next = int32(from)
		}
		if call.framed() && (i == 0 || c.frames.of != call.Frame || len(c.frames.lo) != b.Rows-from || !c.list[i-1].framed()) {
			c.frames.find(call.Frame, b, c.keys, &c.peers, from)
		}
		if err := c.call(call, b, from, past, v); err != nil {
			return err
		}
	}
	return nil
}

// framed tells a call that looks at its frame.
func (c *overCall) framed() bool {
	switch c.Func {
	case "", "first", "last", "nth":
		return true
	}
	return false
}

// carried tells an aggregate of all rows so far, which need not be there any more.
func (c *overCall) carried() bool {
	f := &c.Frame
	return c.Func == "" && f.Start.Kind == plan.UnboundedPreceding && f.End.Kind == plan.CurrentRow && f.Exclude == plan.ExcludeNothing
}

func (c *overCalls) call(call *overCall, b *column.Batch, from int, past *soFar, v *column.Vector) error {
	switch call.Func {
	case "":
		if past.totals != nil && call.sum != nil {
			return c.carry(call, b, from, past, v)
		}
		return c.aggregate(call, b, from, v)
	case "lag", "lead", "first", "last", "nth":
		c.valueOf(call, b, from, v)
	case "percent_rank", "cume_dist":
		c.shares(call, b.Rows, from, v)
	default:
		c.numbers(call, b.Rows, from, past, v)
	}
	return nil
}

// numbers are the calls that give whole numbers.
func (c *overCalls) numbers(call *overCall, n, from int, past *soFar, v *column.Vector) {
	for i := from; i < n; i++ {
		x := int64(1)
		switch {
		case call.Func == "row_number":
			x = past.rows + int64(i-from) + 1
		case call.Func == "ntile":
			x = tile(int64(i), int64(n), call.N)
		case c.arrival: // a rank without an order: all rows are equal, also those that come later
		case call.Func == "rank":
			x = past.rows + int64(c.peers.start(i)-from) + 1
		default:
			x = past.groups + int64(c.peers.group[i]-c.peers.group[from]) + 1
		}
		v.AppendInt(x)
	}
}

// tile is the bucket, from 1, of row i of n rows in so many buckets: the first ones are larger.
func tile(i, n, buckets int64) int64 {
	least, more := n/buckets, n%buckets
	if large := more * (least + 1); i >= large {
		return more + (i-large)/least + 1
	}
	return i/(least+1) + 1
}

func (c *overCalls) shares(call *overCall, n, from int, v *column.Vector) {
	for i := from; i < n; i++ {
		x := float64(c.peers.end(i)) / float64(n)
		if call.Func == "percent_rank" {
			x = 0
			if n > 1 {
				x = float64(c.peers.start(i)) / float64(n-1)
			}
		}
		v.Floats = append(v.Floats, x)
	}
}

// groups is how many different rows, in the order, there are from some number on.
func (c *overCalls) groups(from int) int {
	return len(c.peers.starts) - 1 - int(c.peers.group[from])
}
