package op

import (
	"slipway/executor/column"
	"slipway/sql/plan"
)

// valueOf is the calls that give the value of another row.
func (c *overCalls) valueOf(call *overCall, b *column.Batch, from int, v *column.Vector) {
	arg := b.Cols[call.Agg.Arg]
	for i := from; i < b.Rows; i++ {
		switch at := c.rowOf(call, arg, i, from, b.Rows); {
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
func (c *overCalls) rowOf(call *overCall, arg *column.Vector, i, from, n int) int {
	s, number := frameParts{}, int(call.N)
	switch {
	case call.Func == "lag" && number == 0, call.Func == "lead" && number == 0:
		return i // itself, be it NULL
	case call.Func == "lag":
		s = frameParts{list: [3]segment{{0, int32(i)}}, n: 1}
		number = -number
	case call.Func == "lead":
		s = frameParts{list: [3]segment{{int32(i) + 1, int32(n)}}, n: 1}
	default:
		s = c.frames.parts(&c.peers, i, int(c.frames.lo[i-from]), int(c.frames.hi[i-from]))
		if call.Func == "last" {
			number = -1
		}
	}
	if call.IgnoreNulls {
		return s.present(arg, number)
	}
	return s.row(number)
}

// segment is rows that follow one another, from lo on, below hi.
type segment struct{ lo, hi int32 }

// frameParts is a frame out of whose middle rows are taken.
type frameParts struct {
	list [3]segment
	n    int
}

// parts are what is seen of the frame of row i.
func (f *frames) parts(p *peers, i, lo, hi int) (out frameParts) {
	switch f.of.Exclude {
	case plan.ExcludeCurrentRow:
		out.add(lo, min(hi, i))
		out.add(max(lo, i+1), hi)
	case plan.ExcludeGroup:
		out.add(lo, min(hi, p.start(i)))
		out.add(max(lo, p.end(i)), hi)
	case plan.ExcludeTies:
		out.add(lo, min(hi, p.start(i)))
		out.add(max(lo, i), min(hi, i+1))
		out.add(max(lo, p.end(i)), hi)
	default:
		out.add(lo, hi)
	}
	return out
}

func (s *frameParts) add(lo, hi int) {
	if lo < hi {
		s.list[s.n] = segment{int32(lo), int32(hi)}
		s.n++
	}
}

// row is the one of a number, from 1 from the front on, from -1 from the back; -1 if there is none.
func (s *frameParts) row(number int) int {
	if number < 0 {
		for k := s.n - 1; k >= 0; k-- {
			x := s.list[k]
			if rows := int(x.hi - x.lo); -number > rows {
				number += rows
				continue
			}
			return int(x.hi) + number
		}
		return -1
	}
	for _, x := range s.list[:s.n] {
		if rows := int(x.hi - x.lo); number > rows {
			number -= rows
			continue
		}
		return int(x.lo) + number - 1
	}
	return -1
}

// present does it among the rows that have a value.
func (s *frameParts) present(v *column.Vector, number int) int {
	for k := range s.n {
		x, step, at := s.list[k], int32(1), int32(0)
		if at = x.lo; number < 0 {
			x = s.list[s.n-1-k]
			step, at = -1, x.hi-1
		}
		for ; at >= x.lo && at < x.hi; at += step {
			if v.Null(int(at)) {
				continue
			}
			if number -= int(step); number == 0 {
				return int(at)
			}
		}
	}
	return -1
}
