package plan

import (
	"fmt"
	"time"

	"slipway/sql/types"
)

// TemporalJoin gives each row of the left input with the version that
// the row of its key had in the right input then. The right input is changes by Right.Keys, of which
// a later one replaces the one before, and a Delete may hold the key alone.
//
// In event time a version holds from its Right.Time until that of the next one, and a left row
// waits until the watermark has passed its Left.Time; one that comes behind it is late and left
// out. A Delete without a time holds from that of the newest version. In processing time (Newest) a
// left row meets at once the version that came last.
//
// Left rows are never corrected, but with Corrected, which is of event time: a row that is given or
// taken back behind the watermark meets the version of its time, of which those since TTL before the
// watermark are kept. What comes for earlier times is left out: rows stay as they were given. A version
// that comes behind the watermark is left out, and a Delete then ends the row from the watermark on.
//
// Out is the columns of the left input, then those of the right one.
type TemporalJoin struct {
	Op OperatorID
	// Left.Keep: a row for which there is no version is given with NULL beside it. Right.Keep
	// has no meaning, nor have the times with Newest.
	Left, Right TimedSide
	Newest      bool
	// On is what must be true besides of a row and its version, over Out; nil for nothing.
	On Expr `plan:"optional"`
	// Width is how many columns the left input has.
	Width int
	Out   types.Schema
	// Corrected: rows of the left input may be taken back.
	Corrected bool
	// TTL is for how long, in event time, with Corrected; 0: for ever.
	TTL time.Duration
}

var _ = tag[TemporalJoin]("temporal_join")

func (o *TemporalJoin) Schema() types.Schema { return o.Out }

func (o *TemporalJoin) ID() OperatorID { return o.Op }

// StateSchema lists the columns of rows that wait and of versions.
func (o *TemporalJoin) StateSchema() string {
	versions := storedColumns(o.Out[o.Width:])
	if o.Newest {
		return versions
	}
	if o.Corrected {
		versions += "; corrected"
	}
	return storedColumns(o.Out[:o.Width]) + "; " + versions
}

func (o *TemporalJoin) Describe() string {
	line := keptSides(o.Left.Keep, false) + "temporal join" + joinTerms(o.Out, o.Width, o.Left.Keys, o.Right.Keys)
	if o.Newest {
		line += "; the newest version when a row comes"
	} else {
		line += fmt.Sprintf("; the version of %s as of %s", o.Out[o.Width+o.Right.Time].Name, o.Out[o.Left.Time].Name)
	}
	if o.Corrected {
		line += ", also of rows that are corrected"
	}
	if o.On != nil {
		line += "; if " + o.On.String()
	}
	return line
}

func (o *TemporalJoin) Inputs() int { return 2 }

func (o *TemporalJoin) Reads(port int, wanted Columns) []int {
	side := o.Left
	if port == 1 {
		side = o.Right
	}
	in := append(joinReads(port, wanted, o.Width, len(o.Out), o.On), side.Keys...)
	if !o.Newest {
		in = append(in, side.Time)
	}
	return withLate(in, side.Late)
}

func (o *TemporalJoin) Passes(port int) []int {
	return joinPasses(port, o.Width, len(o.Out), port == 1 && o.Left.Keep)
}

// Needs: with time, the watermark of both inputs, and timers by which old versions go.
func (o *TemporalJoin) Needs() Needs { return Needs{Watermarks: !o.Newest, Timers: !o.Newest} }
