package logical

import (
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Diverted is a stream whose records that cannot be read are written elsewhere.
type Diverted struct {
	// Stream is db.name of the stream that is read.
	Stream string
	// To takes the columns that Exprs make of plan.DivertedColumns; it has no input.
	To    *Write
	Exprs []plan.Expr
}

// Out is the columns that are written.
func (d *Diverted) Out() types.Schema { return d.To.Declared }
