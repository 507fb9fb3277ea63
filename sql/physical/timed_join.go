package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// timedJoin chooses the operator of a join whose rows wait for their partners only so long; nil if
// it is none.
func (b *builder) timedJoin(n *logical.Join) *rows {
	if n.Temporal() {
		return b.temporalJoin(n)
	}
	l, r := logical.TraitsOf(n.Left), logical.TraitsOf(n.Right)
	if port, ok := n.Broadcast(l, r); ok {
		return b.broadcastJoin(n, port)
	}
	op := &plan.IntervalJoin{On: n.On, Width: len(n.Left.Schema()), Out: n.Schema()}
	switch {
	case n.Within != nil:
		op.Left.Time, op.Right.Time, op.Lower, op.Upper = n.Within.Left, n.Within.Right, n.Within.Lower, n.Within.Upper
	case n.SameWindow(l, r):
		op.Left.Time, op.Right.Time, op.Windows = l.Window.End, r.Window.End, true
		op.Left.Distinct, op.Right.Distinct = len(l.Unique) > 0, len(r.Unique) > 0
	default:
		return nil
	}
	op.Op, op.Left.Keys, op.Right.Keys = n.Identity.ID("join"), n.Keys(0), n.Keys(1)
	kind := joinKinds[n.Kind]
	op.Left.Keep, op.Right.Keep = kind.Keeps(0), kind.Keeps(1)
	out := b.sideBySide(n, func() *rows { return b.node(n.Right, wanted{}) }, op.Left.Keys, op.Right.Keys, func(late [2][]int) plan.Op {
		op.Left.Late, op.Right.Late = late[0], late[1]
		return op
	})
	switch {
	case !op.Right.Keep:
		out.hashed = slices.Clone(op.Left.Keys)
	case !op.Left.Keep:
		out.hashed = shiftedColumns(op.Right.Keys, op.Width)
	}
	return out
}

// temporalJoin hashes the rows of both sides by the key of the versions.
func (b *builder) temporalJoin(n *logical.Join) *rows {
	if t := lookupTable(n.Right); t != nil {
		return b.lookupJoin(n, t)
	}
	l, r := n.Keys(0)[:n.KeyPairs], n.Keys(1)[:n.KeyPairs]
	op := &plan.TemporalJoin{Op: n.Identity.ID("join"), Left: plan.TimedSide{Keys: l, Keep: n.Kind == logical.Left}, Right: plan.TimedSide{Keys: r},
		Newest: n.Newest, On: n.Rest(), Width: len(n.Left.Schema()), Out: n.Schema()}
	if !n.Newest {
		op.Left.Time, op.Right.Time = n.AsOf, n.Version
	}
	if left := logical.TraitsOf(n.Left); left.Updating() {
		op.Corrected, op.TTL = true, b.JoinTTL[1]
	}
	out := b.sideBySide(n, func() *rows { return b.versionsBy(n, r) }, l, r, func(late [2][]int) plan.Op {
		op.Left.Late = late[0]
		return op
	})
	out.hashed = slices.Clone(l)
	return out
}

// sideBySide brings the rows of both sides by their keys to an operator that is made with the columns of late
// ones; the right side is built behind the left one.
func (b *builder) sideBySide(n *logical.Join, right func() *rows, leftKeys, rightKeys []int, made func(late [2][]int) plan.Op) *rows {
	left := logical.TraitsOf(n.Left)
	l, r := b.node(n.Left, wanted{before: n.Temporal() && left.Updating()}), right()
	b.exactly(l, n.Left.Schema())
	b.exactly(r, n.Right.Schema())
	out := b.meet("join", [2]*rows{l, r}, [2][]int{leftKeys, rightKeys})
	if n.Temporal() { // a version gives no row
		out.ways = out.ways[:len(l.ways)+1]
	}
	op := made([2][]int{l.takeLate(), r.takeLate()})
	out.places, out.traits = plan.SamePlaces(len(op.Schema())), n.Traits([]logical.Traits{l.traits, r.traits})
	b.add(out, op)
	return out
}

// shiftedColumns are columns that stand behind so many others; -1 stands for none.
func shiftedColumns(list []int, by int) []int {
	out := slices.Clone(list)
	for i, c := range list {
		if c >= 0 {
			out[i] = c + by
		}
	}
	return out
}
