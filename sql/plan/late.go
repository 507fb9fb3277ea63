package plan

import "slices"

// LateReason stands in LateRows.LateColumns for the text that says why a row is late.
const LateReason = -1

// LateRows is an operator that rows may reach when their windows have ended, or when event time has passed them.
type LateRows interface {
	Op
	// LateColumns are the columns of an input, or LateReason, that such a row is written with to
	// the Late edges of its stage; nil: it is dropped. An input may have columns for it alone, behind those that
	// are kept and given.
	LateColumns(port int) []int
}

// LateColumns implements LateRows.
func (o *WindowAggregate) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *WindowUpdates) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionAggregate) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionUpdates) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionWindow) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionRowUpdates) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *Over) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *Rank) LateColumns(int) []int { return o.Late }

// LateColumns implements LateRows.
func (o *IntervalJoin) LateColumns(port int) []int { return [...]TimedSide{o.Left, o.Right}[port].Late }

// LateColumns implements LateRows: a version is never late.
func (o *TemporalJoin) LateColumns(port int) []int { return [...]TimedSide{o.Left, o.Right}[port].Late }

// LateColumns implements LateRows.
func (o *SetOp) LateColumns(port int) []int { return [...][]int{o.LeftLate, o.RightLate}[port] }

// withLate adds those columns to others that are read.
func withLate(reads, late []int) []int {
	for _, c := range late {
		if c != LateReason && !slices.Contains(reads, c) {
			reads = append(reads, c)
		}
	}
	return reads
}
