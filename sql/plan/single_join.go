package plan

import (
	"fmt"
	"slices"
	"time"

	"slipway/sql/types"
)

// SingleJoin gives each row of port 0 with the row of port 1 whose keys are equal, or with NULL
// where there is none. Of several rows of a key the first one that is there counts, and if there
// are still several when all have had time to come it is an error, 21000.
type SingleJoin struct {
	Op OperatorID
	// LeftKeys and RightKeys are columns of the ports, of equal types, that must be equal; NULL
	// equals nothing. None: there is one row for all.
	LeftKeys, RightKeys []int
	// Unique: there are never several.
	Unique bool
	// RightAppends: no row of the right port is taken back.
	RightAppends bool
	// EmitBefore: somebody needs the old version of a changed row.
	EmitBefore bool
	// Final: both inputs end, and the rows are given then.
	Final bool
	// TTL is the time after which a row that was not given again is forgotten; 0 keeps it for ever.
	TTL time.Duration
	// Width is how many of Out's columns are the left port's.
	Width int
	Out   types.Schema
}

var _ = tag[SingleJoin]("single_join")

func (o *SingleJoin) Schema() types.Schema { return o.Out }

func (o *SingleJoin) ID() OperatorID { return o.Op }

// StateSchema lists the types of the columns that are kept of either side.
func (o *SingleJoin) StateSchema() string {
	return storedTypes(o.Out[:o.Width]) + " / " + storedTypes(o.Out[o.Width:])
}

func (o *SingleJoin) Describe() string {
	text := fmt.Sprintf("single join by (%s) = (%s)", columnNames(o.Out, o.LeftKeys), columnNames(o.Out[o.Width:], o.RightKeys))
	if len(o.LeftKeys) == 0 {
		text = "single join of one row with all rows"
	}
	if o.Final {
		text += " (final)"
	}
	return text
}

func (o *SingleJoin) Inputs() int { return 2 }

// Reads: which of several right rows is the first is seen by all of their columns.
func (o *SingleJoin) Reads(port int, wanted Columns) []int {
	if port == 0 {
		return append(slices.Clone(wanted[:o.Width]).List(), o.LeftKeys...)
	}
	return append(slices.Clone(wanted[o.Width:]).List(), o.RightKeys...)
}

func (o *SingleJoin) Passes(port int) []int {
	if port == 0 {
		return append(SamePlaces(o.Width), computed(len(o.Out)-o.Width)...)
	}
	return append(computed(o.Width), SamePlaces(len(o.Out)-o.Width)...)
}

func (o *SingleJoin) Needs() Needs { return Needs{} }
