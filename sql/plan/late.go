package plan

import "slices"

// LateReason stands in LateRows.LateColumns for the text that says why a row is late.
const LateReason = -1

// LateRows is an operator that rows may reach when their windows have ended.
type LateRows interface {
	Op
	// LateColumns are the columns of the input, or LateReason, that such a row is written with to
	// the Late edges of its stage; nil: it is dropped.
	LateColumns() []int
}

// LateColumns implements LateRows.
func (o *WindowAggregate) LateColumns() []int { return o.Late }

// LateColumns implements LateRows.
func (o *WindowUpdates) LateColumns() []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionAggregate) LateColumns() []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionUpdates) LateColumns() []int { return o.Late }

// LateColumns implements LateRows.
func (o *SessionWindow) LateColumns() []int { return o.Late }

// withLate adds those columns to others that are read.
func withLate(reads, late []int) []int {
	for _, c := range late {
		if c != LateReason && !slices.Contains(reads, c) {
			reads = append(reads, c)
		}
	}
	return reads
}
