package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Check refuses a tree for which there is no operator.
func Check(n logical.Node) (err error) {
	logical.Walk(n, func(n logical.Node) bool {
		if j, ok := n.(*logical.Join); ok && err == nil {
			err = checkJoin(j)
		}
		return err == nil
	})
	return err
}

// checkJoin: without an equality each row meets all others for ever, unless there is one at most on
// one side.
func checkJoin(n *logical.Join) error {
	l, r := logical.TraitsOf(n.Left), logical.TraitsOf(n.Right)
	_, broadcast := n.Broadcast(l, r)
	if len(n.Equal) > 0 || n.Within != nil || broadcast || l.Bounded && r.Bounded || l.One() || r.One() {
		return nil
	}
	return sqlerr.At(n.Pos, sqlerr.FeatureNotSupported, "this join has no equality of its two sides: every row would meet every other one, for ever").
		WithHint("Add an equality to ON or WHERE, as in a.id = b.id; or let the smaller stream be a table that ends, by \"source.bounded\"=\"true\".")
}

var joinKinds = map[logical.JoinKind]plan.JoinKind{logical.Inner: plan.InnerJoin, logical.Left: plan.LeftJoin, logical.Right: plan.RightJoin,
	logical.Full: plan.FullJoin}

// join brings rows of equal keys of both inputs to one task.
func (b *builder) join(n *logical.Join, w wanted) *rows {
	sides := make([]*rows, 2)
	op := &plan.Join{Op: n.Identity.ID("join"), Kind: joinKinds[n.Kind], Sides: make([]plan.JoinSide, 2), Left: len(n.Left.Schema()), On: n.On,
		EmitBefore: w.before, Out: n.Schema()}
	for port, input := range n.Inputs() {
		r := b.node(input, wanted{before: true})
		b.exactly(r, input.Schema())
		sides[port] = r
		op.Sides[port] = plan.JoinSide{Keys: n.Keys(port), Updates: r.traits.Updating(), Fixed: r.traits.Fixed, TTL: b.JoinTTL[port]}
	}
	out := b.meet("join", [2]*rows(sides), [2][]int{op.Sides[0].Keys, op.Sides[1].Keys})
	out.places, out.traits = plan.SamePlaces(len(op.Out)), n.Traits([]logical.Traits{sides[0].traits, sides[1].traits})
	op.Final = out.traits.Bounded
	op.EmitBefore = op.EmitBefore && out.traits.Updating()
	b.add(out, op)
	out.hashed, out.ways = joinedBy(op), waysOf(op, sides)
	return out
}

// joinedBy are the columns of a join's rows by whose values they lie in its tasks: the keys of the
// sides whose rows are always there.
func joinedBy(op *plan.Join) (out []int) {
	out = []int{}
	for port, s := range op.Sides {
		if otherNames(op, port) {
			continue
		}
		for _, k := range s.Keys {
			out = append(out, port*op.Left+k)
		}
	}
	return out
}

// waysOf are the ways of both sides, and those on which they met. A key of one side is named by that
// of the other where this one is always there.
func waysOf(op *plan.Join, sides []*rows) (out [][]int) {
	for port, r := range sides {
		for _, way := range append(r.ways, op.Sides[port].Keys) {
			moved := make([]int, len(way))
			for i, c := range way {
				moved[i] = named(op, port, c)
			}
			out = append(out, moved)
		}
	}
	return out
}

// named is the column of a join's rows that a column of one side is.
func named(op *plan.Join, port, c int) int {
	if at := slices.Index(op.Sides[port].Keys, c); otherNames(op, port) && at >= 0 {
		return (1-port)*op.Left + op.Sides[1-port].Keys[at]
	}
	if c < 0 {
		return c
	}
	return port*op.Left + c
}

// otherNames tells that the keys of a side are named by those of the other, which are always there.
func otherNames(op *plan.Join, port int) bool {
	return port == 1 && (op.Kind == plan.InnerJoin || op.Kind == plan.LeftJoin) || port == 0 && op.Kind == plan.RightJoin
}
