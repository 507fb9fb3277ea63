package op

import (
	"math"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// peers are the rows of a partition that are equal in its order, as groups.
type peers struct {
	group  []int32 // of each row
	starts []int32 // of each group its first row, and behind them the number of rows
}

// find compares neighbours by the columns of the order. Without any, rows that are not in the
// order of their arrival are all equal.
func (p *peers) find(b *column.Batch, keys []plan.SortKey, arrival bool) {
	p.group, p.starts = p.group[:0], p.starts[:0]
	for i := range b.Rows {
		if i == 0 || arrival || !equalBy(b, keys, i-1, i) {
			p.starts = append(p.starts, int32(i))
		}
		p.group = append(p.group, int32(len(p.starts)-1))
	}
	p.starts = append(p.starts, int32(b.Rows))
}

func equalBy(b *column.Batch, keys []plan.SortKey, i, j int) bool {
	for _, k := range keys {
		if !b.Cols[k.Column].Equal(i, j) {
			return false
		}
	}
	return true
}

func (p *peers) start(i int) int { return int(p.starts[p.group[i]]) }
func (p *peers) end(i int) int   { return int(p.starts[p.group[i]+1]) }

// frames are the rows that a call sees for each row of a partition: from lo on, below hi. Both
// never fall from row to row.
type frames struct {
	of     plan.Frame
	lo, hi []int32
}

// find computes them for the rows from some number on. An edge by months is that of a former row where that
// is later: a month before 31 March at 10 is before one before 30 March at 12.
func (f *frames) find(of plan.Frame, b *column.Batch, keys []plan.SortKey, p *peers, from int) {
	f.of, f.lo, f.hi = of, f.lo[:0], f.hi[:0]
	lo, hi := edge{bound: of.Start}, edge{bound: of.End, end: true}
	if of.Unit == plan.FrameRange && len(keys) == 1 {
		lo.measure(b, keys[0])
		hi.measure(b, keys[0])
	}
	begin := from
	if of.Start.Months || of.End.Months {
		begin = 0
	}
	for i := begin; i < b.Rows; i++ {
		l, h := lo.at(of.Unit, p, i, b.Rows), hi.at(of.Unit, p, i, b.Rows)
		if i >= from {
			f.lo, f.hi = append(f.lo, int32(l)), append(f.hi, int32(max(l, h)))
		}
	}
}

// edge is one end of frames: where they begin, or where they end.
type edge struct {
	bound plan.Bound
	end   bool
	next  int // where to go on
	key   *column.Vector
	desc  bool
}

func (e *edge) measure(b *column.Batch, k plan.SortKey) { e.key, e.desc = b.Cols[k.Column], k.Desc }

// at gives the edge of the frame of row i of n.
func (e *edge) at(unit plan.FrameUnit, p *peers, i, n int) int {
	switch e.bound.Kind {
	case plan.UnboundedPreceding:
		return 0
	case plan.UnboundedFollowing:
		return n
	}
	switch unit {
	case plan.FrameRows:
		return e.row(i, n)
	case plan.FrameGroups:
		return e.ofGroup(p, i, n)
	}
	if e.bound.Kind == plan.CurrentRow || e.key.Null(i) {
		if e.end {
			return p.end(i)
		}
		return p.start(i)
	}
	return e.distance(i, n)
}

// by is how many rows or groups the edge is away, those before it below 0.
func (e *edge) by() int {
	switch e.bound.Kind {
	case plan.Preceding:
		return -int(e.bound.By)
	case plan.Following:
		return int(e.bound.By)
	}
	return 0
}

func (e *edge) row(i, n int) int {
	at := i + e.by()
	if e.end {
		at++
	}
	return min(max(at, 0), n)
}

func (e *edge) ofGroup(p *peers, i, n int) int {
	g := int(p.group[i]) + e.by()
	if e.end {
		g++
	}
	switch last := len(p.starts) - 1; {
	case g < 0:
		return 0
	case g > last:
		return n
	}
	return int(p.starts[g])
}

// distance goes on to the first row that is not before the edge, or to the first behind it. Rows
// whose key is NULL are in no frame of others.
func (e *edge) distance(i, n int) int {
	for e.next < n && e.before(e.next, i) {
		e.next++
	}
	return e.next
}

func (e *edge) before(j, i int) bool {
	if e.key.Null(j) {
		return j < i
	}
	c := e.compare(j, i)
	return c < 0 || c == 0 && e.end
}

// compare orders row j and the edge of row i.
func (e *edge) compare(j, i int) int {
	down := (e.bound.Kind == plan.Preceding) != e.desc // the edge is at a lower key
	c := 0
	if e.key.Type.Physical() == types.PhysicalFloat64 {
		by := e.bound.ByFloat
		if down {
			by = -by
		}
		c = value.CompareFloat(e.key.Floats[j], e.key.Floats[i]+by)
	} else if e.bound.Months {
		c = compareInts(e.key.Ints[j], monthsAway(e.key.Ints[i], e.bound.By, down, e.key.Type))
	} else {
		c = compareInts(e.key.Ints[j], shifted(e.key.Ints[i], e.bound.By, down))
	}
	if e.desc {
		return -c
	}
	return c
}

// shifted is a key that is away by so much; the last one there is, where there is none.
func shifted(x, by int64, down bool) int64 {
	switch {
	case down && x < math.MinInt64+by:
		return math.MinInt64
	case down:
		return x - by
	case x > math.MaxInt64-by:
		return math.MaxInt64
	}
	return x + by
}

const (
	longestMonth = 31 * value.Day
	mostMonths   = 12 * 20000 // more than there are in any two times
)

// monthsAway is a time or a day that is so many months away.
func monthsAway(x, by int64, down bool, t types.Type) int64 {
	if by = min(by, mostMonths); down {
		by = -by
	}
	if t.Kind == types.Date {
		return value.AddMonths(x, by)
	}
	day := x / value.Day
	if x%value.Day < 0 {
		day--
	}
	return value.AddMonths(day, by)*value.Day + x - day*value.Day
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
