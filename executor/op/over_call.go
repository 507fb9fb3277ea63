package op

import (
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
}

// overCall is a call, with the accumulator that computes it.
type overCall struct {
	plan.OverCall
	// accs are the accumulators of one frame, in the one row of scratch; sum those of all rows so
	// far, in a row of totals.
	accs, sum *accumulators
	scratch   *state.Table
}

// soFar is what is known of the rows of a partition that are no longer there.
type soFar struct {
	rows, groups int64
	// totals has the accumulators of the calls that see all former rows, in row id.
	totals *state.Table
	id     int32
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
		}
		c.list = append(c.list, call)
	}
	return c, nil
}

// open makes room for the accumulators of one frame.
func (c *overCalls) open(s *state.Store) error {
	for i := range c.list {
		call := &c.list[i]
		if call.accs == nil {
			continue
		}
		call.scratch = s.Scratch().Table("", state.Layout{Words: call.accs.words, Refs: call.accs.refs})
		_, _, err := call.scratch.Upsert(&column.Batch{Rows: 1}, nil, []uint64{0}, nil, call.accs.init, nil, nil)
		if err != nil {
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
	return c.Func == "" && c.Frame.Start.Kind == plan.UnboundedPreceding && c.Frame.End.Kind == plan.CurrentRow
}

func (c *overCalls) call(call *overCall, b *column.Batch, from int, past *soFar, v *column.Vector) error {
	switch call.Func {
	case "":
		if past.totals != nil && call.sum != nil {
			return c.carry(call, b, from, past, v)
		}
		return c.aggregate(call, b, v)
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

// valueOf is the calls that give the value of another row.
func (c *overCalls) valueOf(call *overCall, b *column.Batch, from int, v *column.Vector) {
	arg := b.Cols[call.Agg.Arg]
	for i := from; i < b.Rows; i++ {
		switch at := c.rowOf(call, i, from, b.Rows); {
		case at >= 0:
			c.one[0] = int32(at)
			v.AppendRows(arg, c.one[:], 0)
		case call.Default >= 0:
			c.one[0] = int32(i)
			v.AppendRows(b.Cols[call.Default], c.one[:], 0)
		default:
			v.AppendNull()
		}
	}
}

// rowOf is the row whose value is given for row i, -1 for none.
func (c *overCalls) rowOf(call *overCall, i, from, n int) int {
	distance := int(call.N)
	switch call.Func {
	case "lag":
		return i - min(distance, i+1)
	case "lead":
		if i+distance < n {
			return i + distance
		}
		return -1
	}
	lo, hi := int(c.frames.lo[i-from]), int(c.frames.hi[i-from])
	at := lo
	switch call.Func {
	case "last":
		at = hi - 1
	case "nth":
		at = lo + distance - 1
	}
	if at < lo || at >= hi {
		return -1
	}
	return at
}

// aggregate goes from frame to frame: rows that come in are added; those that go are taken back
// where the result is then the same to the last bit, else the frame is computed anew.
func (c *overCalls) aggregate(call *overCall, b *column.Batch, v *column.Vector) error {
	acc := &call.accs.list[0]
	exact := acc.change != nil && call.Agg.Typ.Physical() != types.PhysicalFloat64
	lo, hi := int32(0), int32(0)
	if err := c.reset(call); err != nil {
		return err
	}
	for i := range c.frames.lo {
		l, h := c.frames.lo[i], c.frames.hi[i]
		var err error
		switch {
		case l > lo && (!exact || l >= hi):
			err, lo, hi = c.reset(call), l, l
		case l > lo:
			err, lo = c.takeBack(call, b, lo, l), l
		}
		if err == nil && h > hi {
			err, hi = call.accs.update(call.scratch, c.same[:h-hi], b, c.sel[hi:h]), h
		}
		if err != nil {
			return err
		}
		c.row[0] = call.scratch.Acc(0)
		acc.emit(call.scratch, acc.at, c.row[:], v)
	}
	return call.scratch.Compact()
}

// takeBack takes rows out of the frame.
func (c *overCalls) takeBack(call *overCall, b *column.Batch, from, to int32) error {
	c.back.Rows, c.back.Cols = b.Rows, b.Cols
	for len(c.back.Kinds) < b.Rows {
		c.back.Kinds = append(c.back.Kinds, column.Delete)
	}
	return call.accs.update(call.scratch, c.same[:to-from], &c.back, c.sel[from:to])
}

// reset empties the frame.
func (c *overCalls) reset(call *overCall) (err error) {
	w := call.scratch.Write(0)
	for _, r := range call.accs.refs {
		if w[r], err = call.scratch.Put(w[r], nil); err != nil {
			return err
		}
	}
	clear(w)
	copy(w, call.accs.init)
	return nil
}

// carry goes on with the accumulators of all rows so far; equal rows have one result.
func (c *overCalls) carry(call *overCall, b *column.Batch, from int, past *soFar, v *column.Vector) error {
	acc := &call.sum.list[0]
	for i := range b.Rows {
		c.same[i] = past.id
	}
	defer clear(c.same[:b.Rows])
	next := int32(from)
	for i := range c.frames.lo {
		if h := c.frames.hi[i]; h > next {
			if err := call.sum.update(past.totals, c.same[next:h], b, c.sel[next:h]); err != nil {
				return err
			}
			next = h
		}
		c.row[0] = past.totals.Acc(past.id)
		acc.emit(past.totals, acc.at, c.row[:], v)
	}
	return nil
}

// groups is how many different rows, in the order, there are from some number on.
func (c *overCalls) groups(from int) int {
	return len(c.peers.starts) - 1 - int(c.peers.group[from])
}
