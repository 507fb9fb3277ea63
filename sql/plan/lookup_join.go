package plan

import (
	"fmt"
	"time"

	"slipway/sql/types"
)

// LookupTable is a table that stays outside and is asked for rows by key.
type LookupTable struct {
	// Name is db.name of the declaration.
	Name, Connector string
	// Declared is every column of the declaration, Columns the indexes of those that are read, in
	// the order of Out.
	Declared types.Schema
	Columns  []int
	// Keys are the columns, among those that are read, by which rows are found.
	Keys []int
	// Where, if set, is what the table may be told beside the key, over the columns that are read:
	// comparisons with constants. The join looks at it again.
	Where      Expr `plan:"optional"`
	Properties map[string]string
	Out        types.Schema
}

// LookupJoin gives each row of its input, which is never corrected, with the rows that the table
// has for it when it comes. Rows go on in their order, if Limits does not say otherwise.
//
// Out is the columns of the input, then those of the table.
type LookupJoin struct {
	Table LookupTable
	// Keys are the columns of the input that equal those of the table.
	Keys []int
	// Keep: a row for which there is none is given too, with NULL beside it.
	Keep bool
	// On is what must be true besides, over Out; nil for nothing.
	On     Expr `plan:"optional"`
	Limits LookupLimits
	Out    types.Schema
}

// LookupLimits are how a table is asked.
type LookupLimits struct {
	// Requests is how many may be under way at a time, Batch how many keys one asks for at most.
	Requests, Batch int
	// CacheRows and CacheTTL bound what is kept of what was found; no rows: nothing is.
	CacheRows int
	CacheTTL  time.Duration
	// AbsentUncached: a key for which there is no row is asked for again.
	AbsentUncached bool
	// Attempts is how often the table is asked for a key before the job fails, Timeout how long an
	// answer may take; 0: however long.
	Attempts int
	Timeout  time.Duration
	// Unordered: rows go on as soon as they have their answers, between two watermarks.
	Unordered bool
}

var _ = tag[LookupJoin]("lookup_join")

func (o *LookupJoin) Schema() types.Schema { return o.Out }

// Width is how many columns the input has.
func (o *LookupJoin) Width() int { return len(o.Out) - len(o.Table.Out) }

func (o *LookupJoin) Describe() string {
	line := fmt.Sprintf("%slookup join%s; %s is asked for up to %d keys a request, %d requests at a time", keptSides(o.Keep, false),
		joinTerms(o.Out, o.Width(), o.Keys, o.Table.Keys), o.Table.Name, max(1, o.Limits.Batch), o.Limits.Requests)
	if o.Limits.CacheRows > 0 {
		line += fmt.Sprintf(", %d rows kept for %s", o.Limits.CacheRows, o.Limits.CacheTTL)
	}
	if o.Table.Where != nil {
		line += ", where " + o.Table.Where.String()
	}
	if o.Limits.Unordered {
		line += ", in any order"
	}
	if o.On != nil {
		line += "; if " + o.On.String()
	}
	return line
}

func (o *LookupJoin) Inputs() int { return 1 }

func (o *LookupJoin) Reads(_ int, wanted Columns) []int {
	return append(joinReads(0, wanted, o.Width(), len(o.Out), o.On), o.Keys...)
}

func (o *LookupJoin) Passes(int) []int { return joinPasses(0, o.Width(), len(o.Out), false) }

func (o *LookupJoin) Needs() Needs { return Needs{} }
