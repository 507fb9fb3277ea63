package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// SemiKind is what a SemiJoin gives. Its number stands in encoded plans: it is never changed.
type SemiKind uint8

const (
	// Semi gives the left rows that have a partner.
	Semi SemiKind = 0
	// Anti gives those of which it is known that they have none.
	Anti SemiKind = 1
	// Mark gives all of them, with a last column BOOLEAN that says whether there is one.
	Mark SemiKind = 2
)

func (k SemiKind) String() string { return [...]string{"semi", "anti", "mark"}[k] }

// SemiJoin tells of each row of port 0 whether there is a row of port 1 with equal keys for
// which On is true. A result that changes is corrected: with the partners of a row it comes
// and goes, or (Mark) has another last column.
type SemiJoin struct {
	Op   OperatorID
	Kind SemiKind
	// LeftKeys and RightKeys are columns of the ports, of equal types, that must be equal; NULL
	// equals nothing.
	LeftKeys, RightKeys []int
	// On is over the columns of the left port, then those of the right one; nil: true.
	On Expr `plan:"optional"`
	// Unknown: a row for which On is true of nothing, and NULL for some row, has neither a
	// partner nor none (Mark: NULL). Without On the one key is compared so: then all rows of both
	// ports come to one task.
	Unknown bool
	// EmitBefore: somebody needs the old version of a changed row.
	EmitBefore bool
	// RightAppends: no row of the right port is taken back.
	RightAppends bool
	// Final: both inputs end, and the rows are given then.
	Final bool
	// TTL is the time after which a row that was not given again is forgotten; 0 keeps it for ever.
	TTL time.Duration
	// Right is the columns of the right port.
	Right types.Schema
	Out   types.Schema
}

var _ = tag[SemiJoin]("semi_join")

func (o *SemiJoin) Schema() types.Schema { return o.Out }

func (o *SemiJoin) ID() OperatorID { return o.Op }

// Width is the number of columns of the left port.
func (o *SemiJoin) Width() int {
	if o.Kind == Mark {
		return len(o.Out) - 1
	}
	return len(o.Out)
}

// StateSchema lists the types of the columns that are kept of either side.
func (o *SemiJoin) StateSchema() string {
	return storedTypes(o.Out[:o.Width()]) + " / " + storedTypes(o.Right)
}

func storedTypes(s types.Schema) string {
	parts := make([]string, len(s))
	for i, c := range s {
		parts[i] = c.Type.Stored()
	}
	return strings.Join(parts, ", ")
}

func (o *SemiJoin) Describe() string {
	text := fmt.Sprintf("%s join by (%s) = (%s)", o.Kind, columnNames(o.Out, o.LeftKeys), columnNames(o.Right, o.RightKeys))
	if len(o.LeftKeys) == 0 {
		text = fmt.Sprintf("%s join of all rows", o.Kind)
	}
	if o.On != nil {
		text += " on " + o.On.String()
	}
	if o.Unknown {
		text += ", NULL is unknown"
	}
	if o.Final {
		return text + " (final)"
	}
	return text
}

func (o *SemiJoin) Inputs() int { return 2 }

// Reads: of the right port only what decides.
func (o *SemiJoin) Reads(port int, wanted Columns) (list []int) {
	width := o.Width()
	if port == 0 {
		list = append(slices.Clone(wanted[:width]).List(), o.LeftKeys...)
	} else {
		list = slices.Clone(o.RightKeys)
	}
	if o.On == nil {
		return list
	}
	EachColumn(o.On, func(c *Column) {
		switch {
		case port == 0 && c.Index < width:
			list = append(list, c.Index)
		case port == 1 && c.Index >= width:
			list = append(list, c.Index-width)
		}
	})
	return list
}

func (o *SemiJoin) Passes(port int) []int {
	if port == 1 {
		return computed(len(o.Out))
	}
	return append(SamePlaces(o.Width()), computed(len(o.Out)-o.Width())...)
}

func (o *SemiJoin) Needs() Needs { return Needs{} }
