package plan

import "slipway/sql/types"

// BroadcastJoin keeps all rows of the input at port Table, which have come when the first row of
// the other input does, and gives each of these with those that it meets: whose keys are equal and
// for which On is true. Neither input corrects rows. What it keeps is no part of a checkpoint.
//
// Out is the columns of the left input, then those of the right one.
type BroadcastJoin struct {
	Op    OperatorID
	Table int
	// LeftKeys and RightKeys are columns that must be equal; none: every row meets all.
	LeftKeys, RightKeys []int
	// Keep: a row that meets none is given too, with NULL beside it.
	Keep bool
	On   Expr `plan:"optional"`
	// Width is how many columns the left input has.
	Width int
	Out   types.Schema
}

var _ = tag[BroadcastJoin]("broadcast_join")

func (o *BroadcastJoin) Schema() types.Schema { return o.Out }

func (o *BroadcastJoin) ID() OperatorID { return o.Op }

// StateSchema: rows, of which nothing outlives the task.
func (o *BroadcastJoin) StateSchema() string { return "rows" }

func (o *BroadcastJoin) Describe() string {
	line := keptSides(o.Keep && o.Table == 1, o.Keep && o.Table == 0) + "broadcast join" + joinTerms(o.Out, o.Width, o.LeftKeys, o.RightKeys)
	line += [...]string{"; the left side", "; the right side"}[o.Table] + " is loaded whole"
	if o.On != nil {
		line += "; if " + o.On.String()
	}
	return line
}

func (o *BroadcastJoin) Inputs() int { return 2 }

// Keys are those of the input at a port.
func (o *BroadcastJoin) Keys(port int) []int {
	if port == 0 {
		return o.LeftKeys
	}
	return o.RightKeys
}

func (o *BroadcastJoin) Reads(port int, wanted Columns) []int {
	return append(joinReads(port, wanted, o.Width, len(o.Out), o.On), o.Keys(port)...)
}

func (o *BroadcastJoin) Passes(port int) []int {
	return joinPasses(port, o.Width, len(o.Out), o.Keep && port == o.Table)
}

func (o *BroadcastJoin) Needs() Needs { return Needs{} }
