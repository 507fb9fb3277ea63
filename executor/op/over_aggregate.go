package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// ofNoKeys is the hash of a group without keys.
var ofNoKeys = column.HashColumns(nil, &column.Batch{Rows: 1}, nil)[0]

// aggregate goes from frame to frame: rows that come in are added; those that go are taken back
// where the result is then the same to the last bit, else the frame is computed anew.
func (c *overCalls) aggregate(call *overCall, b *column.Batch, from int, v *column.Vector) error {
	if err := c.reset(call); err != nil {
		return err
	}
	var err error
	switch exact := call.exact(); {
	case call.Frame.Exclude == plan.ExcludeNothing:
		err = c.slide(call, exact, b, v)
	case exact:
		err = c.slideWithout(call, b, from, v)
	default:
		err = c.anew(call, b, from, v)
	}
	if err != nil {
		return err
	}
	if call.apart != nil {
		call.apart.prune()
	}
	return call.scratch.Compact()
}

// exact tells that what is added and taken back leaves no trace.
func (c *overCall) exact() bool {
	acc := &c.accs.list[0]
	if acc.read != nil {
		return acc.list == noList // of a list it is not known which of equal texts goes
	}
	return acc.change != nil && c.Agg.Typ.Physical() != types.PhysicalFloat64
}

func (c *overCalls) slide(call *overCall, exact bool, b *column.Batch, v *column.Vector) error {
	lo, hi := int32(0), int32(0)
	for i := range c.frames.lo {
		l, h := c.frames.lo[i], c.frames.hi[i]
		var err error
		switch {
		case l > lo && (!exact || l >= hi):
			err, lo, hi = c.reset(call), l, l
		case l > lo:
			if err, lo = c.takeBack(call, b, lo, l), l; call.accs.faults.skips(err) {
				err, hi = c.reset(call), l
			}
		}
		if err == nil && h > hi {
			err, hi = c.take(call, b, hi, h), h
		}
		if err != nil {
			return err
		}
		c.result(call.accs, call.apart, call.scratch, 0, v)
	}
	return nil
}

// slideWithout takes out of each frame what it excludes, and puts it in again.
func (c *overCalls) slideWithout(call *overCall, b *column.Batch, from int, v *column.Vector) error {
	at := frameParts{}
	for i := range c.frames.lo {
		next := c.frames.parts(&c.peers, from+i, int(c.frames.lo[i]), int(c.frames.hi[i]))
		if err := c.goTo(call, b, &at, &next); err != nil {
			return err
		}
		c.result(call.accs, call.apart, call.scratch, 0, v)
		at = next
	}
	return nil
}

// goTo takes back the rows that are in one frame alone, and takes those of the other; all of them where taking back fails and that
// is to be skipped.
func (c *overCalls) goTo(call *overCall, b *column.Batch, at, next *frameParts) error {
	err := c.eachBut(at, next, func(lo, hi int32) error { return c.takeBack(call, b, lo, hi) })
	if call.accs.faults.skips(err) {
		at, err = &frameParts{}, c.reset(call)
	}
	if err != nil {
		return err
	}
	return c.eachBut(next, at, func(lo, hi int32) error { return c.take(call, b, lo, hi) })
}

// eachBut gives the rows of one frame that another does not have.
func (c *overCalls) eachBut(of, but *frameParts, do func(lo, hi int32) error) error {
	for _, x := range of.list[:of.n] {
		lo := x.lo
		for _, y := range but.list[:but.n] {
			if y.hi <= lo || y.lo >= x.hi {
				continue
			}
			if lo < y.lo {
				if err := do(lo, y.lo); err != nil {
					return err
				}
			}
			lo = y.hi
		}
		if lo < x.hi {
			if err := do(lo, x.hi); err != nil {
				return err
			}
		}
	}
	return nil
}

// anew computes each frame by itself.
func (c *overCalls) anew(call *overCall, b *column.Batch, from int, v *column.Vector) error {
	for i := range c.frames.lo {
		if err := c.reset(call); err != nil {
			return err
		}
		s := c.frames.parts(&c.peers, from+i, int(c.frames.lo[i]), int(c.frames.hi[i]))
		for _, x := range s.list[:s.n] {
			if err := c.take(call, b, x.lo, x.hi); err != nil {
				return err
			}
		}
		c.result(call.accs, call.apart, call.scratch, 0, v)
	}
	return nil
}

// take takes rows into the frame.
func (c *overCalls) take(call *overCall, b *column.Batch, from, to int32) error {
	return c.update(call.accs, call.apart, call.scratch, ofNoKeys, b, from, to)
}

// takeBack takes rows out of the frame.
func (c *overCalls) takeBack(call *overCall, b *column.Batch, from, to int32) error {
	c.back.Rows, c.back.Cols = b.Rows, b.Cols
	for len(c.back.Kinds) < b.Rows {
		c.back.Kinds = append(c.back.Kinds, column.Delete)
	}
	return c.update(call.accs, call.apart, call.scratch, ofNoKeys, &c.back, from, to)
}

// update takes rows of one partition into the accumulators that c.same names, and into what is beside them.
func (c *overCalls) update(accs *accumulators, at *beside, t *state.Table, hash uint64, b *column.Batch, from, to int32) error {
	ids, sel := c.same[:to-from], c.sel[from:to]
	if at != nil {
		c.found.ids, c.found.hashes = ids, slices.Grow(c.found.hashes[:0], b.Rows)
		for range b.Rows {
			c.found.hashes = append(c.found.hashes, hash)
		}
		if err := accs.enter(at, t, &c.found, b, sel); err != nil {
			return err
		}
	}
	return accs.update(t, ids, b, sel)
}

// result appends the result of the accumulators in a row of a table.
func (c *overCalls) result(accs *accumulators, at *beside, t *state.Table, id int32, v *column.Vector) {
	acc := &accs.list[0]
	c.row[0] = t.Acc(id)
	if acc.read == nil {
		acc.emit(t, acc.at, c.row[:], v)
		return
	}
	c.one[0] = id
	accs.keys.gather(c.one[:], groupKey(t))
	s, m := accs.sorted[acc.sorted], at.sorted[acc.sorted]
	acc.read(acc, s, m, accs.keys.find(m)[0], c.row[0][acc.at:], v)
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
	if call.apart != nil {
		call.apart.clear()
	}
	return nil
}

// clear forgets all of it.
func (at *beside) clear() {
	for _, t := range at.distinct {
		t.Clear()
	}
	for _, m := range at.sorted {
		for _, key := range m.AppendKeys(nil) {
			for id := m.First(key); id != state.Absent; {
				next := m.Next(id)
				m.Remove(id)
				id = next
			}
		}
		m.Prune()
	}
}

// carry goes on with the accumulators of all rows so far; equal rows have one result.
func (c *overCalls) carry(call *overCall, b *column.Batch, from int, past *soFar, v *column.Vector) error {
	for i := range b.Rows {
		c.same[i] = past.id
	}
	defer clear(c.same[:b.Rows])
	next := int32(from)
	for i := range c.frames.lo {
		if h := c.frames.hi[i]; h > next {
			if err := c.update(call.sum, call.apartSum, past.totals, past.hash, b, next, h); err != nil {
				return err
			}
			next = h
		}
		c.result(call.sum, call.apartSum, past.totals, past.id, v)
	}
	return nil
}
